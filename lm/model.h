/* A language model: its shape, its sites and its small vectors. Weights of the sites
 * stay in the file until a projector asks for them. */
#ifndef LM_MODEL_H
#define LM_MODEL_H

#include "base/arena.h"
#include "base/error.h"
#include "lm/model_file.h"
#include "lm/site.h"

#include <stdbool.h>
#include <stdint.h>

/* Hyper-parameters, checked against each other and against the tensors. */
struct model_shape {
    uint32_t layers, width, feed_forward, vocabulary;
    uint32_t heads, kv_heads, head_size;
    uint32_t rope_size;     /* leading components of a head that turn */
    uint32_t context;       /* what the model was trained for */
    uint32_t window;        /* of windowed layers; 0: none */
    uint32_t window_period; /* every n-th layer is global; 0: all layers alike */
    double rope_base, rope_base_local;
    double rope_factor; /* linear scaling of positions; 1: none */
    double norm_epsilon;
    double embedding_scale; /* gemma: sqrt(width) */
    bool rope_halves;       /* pairs (i, i + half) instead of (2i, 2i + 1) */
    bool gelu_gate;         /* GELU (tanh form) instead of SiLU */
};

struct architecture;

/* Vectors of a layer; NULL where the architecture has none. */
struct model_layer {
    const float *attention_norm, *feed_forward_norm;           /* (width) */
    const float *query_norm, *key_norm;                        /* (head_size) */
    const float *post_attention_norm, *post_feed_forward_norm; /* (width) */
    uint32_t site[ROLE_HEAD]; /* index of the site of each role */
    bool is_windowed;         /* attends to the last `window` positions only */
};

struct model {
    struct arena arena;
    struct model_file file;
    const struct architecture *architecture;
    struct model_shape shape;
    struct model_layer *layer; /* (shape.layers) */
    struct site *site;         /* (sites): layers in order, the head last */
    uint32_t sites;
    const float *output_norm;       /* (width) */
    const float *rope_factors;      /* (rope_size / 2) divisors, or NULL */
    const struct tensor *embedding; /* {width, vocabulary} */
    bool is_tied;                   /* the head reads the embedding */
};

enum error_code model_open(struct model *model, const char *path, struct error *err);
void model_close(struct model *model);

#endif
