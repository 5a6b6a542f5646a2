/* The two halves of a layer, by descriptor. A mixer looks across positions and owns
 * what a sequence remembers; a feed-forward looks at one position at a time. */
#ifndef LM_LAYER_H
#define LM_LAYER_H

#include "lm/transformer.h"

/* What one call hands to the layers. Buffers belong to the transformer. */
struct layer_run {
    const struct model *model;
    const struct kernel *kernel;
    struct projector *projector;
    const struct row_id *ids; /* (rows) */
    size_t rows;
    struct thread_team *team;
    uint32_t layer, context;
    const float *rope;   /* (context, rope_size / 2, 2): cosine, sine */
    void *const *memory; /* (sequences): this layer's memory of each */
    float *projected;    /* (rows, widest outputs of a site) */
    float *inner;        /* (rows, widest inputs of a site) */
    float *scores;       /* (threads, heads / kv_heads, context) */
};

struct mixer {
    const char *name;
    /* Bytes that one sequence remembers at one layer. */
    size_t (*memory_bytes)(const struct model *model, uint32_t context);
    /* y (rows, width) from x (rows, width). */
    enum error_code (*run)(struct layer_run *run, const float *x, float *y,
                           struct error *err);
    void (*cost)(const struct model *model, uint32_t layer, uint32_t position,
                 struct host_cost *cost);
};

struct feed_forward {
    const char *name;
    enum error_code (*run)(struct layer_run *run, const float *x, float *y,
                           struct error *err);
    void (*cost)(const struct model *model, uint32_t layer, struct host_cost *cost);
};

extern const struct mixer attention_mixer;
extern const struct feed_forward gated_feed_forward;

/* y = x / sqrt(mean(x^2) + epsilon) * weight; y may be x. */
void rms_norm(const struct kernel *kernel, float *y, const float *x,
              const float *weight, uint32_t width, double epsilon);
/* Operations of one such norm. */
void rms_norm_cost(uint32_t width, struct host_cost *cost);

#endif
