/* Small random models of every architecture as GGUF files, with a tiny vocabulary, so
 * that commands run on them too. What an architecture consists of stands in the plans
 * once more, apart from lm/architecture_table.c: the naive forward pass of the tests
 * reads it here. */
#ifndef TESTS_MODEL_BUILDER_H
#define TESTS_MODEL_BUILDER_H

#include "tests/gguf_builder.h"
#include "tests/tiny_vocabulary.h"

struct model_plan {
    const char *name; /* of the plan, and of its file */
    const char *architecture;
    uint32_t layers, width, feed_forward, context;
    uint32_t heads, kv_heads, head_size, rope_size;
    uint32_t window; /* 0: none */
    uint32_t period; /* every n-th layer sees everything; 0: none does */
    float rope_base, rope_base_local, rope_factor, epsilon;
    uint32_t query_scale; /* q is divided by the root of this */
    bool has_output, has_rope_factors, has_bias, has_head_norms, has_post_norms;
    bool rope_halves, gelu, scales_embedding, byte_level;
};

/* Ends with a NULL name. The first has the shape of stories260K. */
extern const struct model_plan model_plans[];
const struct model_plan *model_plan_find(const char *name);

/* What a file says otherwise than its plan. */
enum change_kind {
    CHANGE_NOTHING,
    LEAVE_OUT, /* the key or tensor `name` */
    SAY_WHOLE,
    SAY_REAL,
    SAY_TEXT,  /* value of key `name`, there or not */
    PUT_SHAPE, /* tensor `name` as (columns, rows), there or not */
    PUT_TYPE,  /* tensor `name` as zeros of type `whole` */
};
struct model_change {
    enum change_kind kind;
    const char *name;
    uint32_t whole, columns, rows;
    double real;
    const char *text;
};

/* The tiny vocabulary as metadata, less one key ("tokens", ...; "": none). */
void model_builder_vocabulary(struct gguf_builder *builder,
                              const struct tiny_vocabulary *tiny, const char *less);
/* change NULL: none. */
bool model_builder_write(const struct model_plan *plan,
                         const struct model_change *change, const char *path);

#endif
