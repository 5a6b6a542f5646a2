/* A transformer described by its numbers alone, and what a token of it costs. With
 * v positions visible, multiply-accumulates per token and layer are
 *
 *     softmax attention   v h (k + d): scores and mixing (Vaswani et al. 2017), h heads
 *                         with keys of k and values of d
 *     latent attention    v h (2 r + p): keys and values stay compressed to rank r and
 *                         p rotated components (DeepSeek-V2, arXiv 2405.04434, 2.1)
 *     linear attention    3 h k d: decay, write and read of h states (gated linear
 *                         attention, arXiv 2312.06635, eq. 3)
 *
 * and one for every weight of a projection that is used. Norms, softmax, RoPE, gates
 * and biases are left out. See notes/operations.md. */
#ifndef LM_OPERATION_PLAN_H
#define LM_OPERATION_PLAN_H

#include "base/arena.h"
#include "base/error.h"
#include "lm/site.h"

#include <stdbool.h>
#include <stdint.h>

struct plan_attention { /* heads 0: none */
    uint32_t heads, kv_heads, key_size, value_size;
    uint32_t window; /* sees the last `window` positions; 0: all */
    uint32_t sinks;  /* and the first `sinks` */
    /* Latent, kv_rank > 0: the last rope_size components of a key are shared by all
     * heads; query_rank 0: queries come straight from x. */
    uint32_t query_rank, kv_rank, rope_size;
    bool has_bias, has_output_bias; /* on q, k and v; on the output */
    bool has_head_norms;            /* on q and k */
};

struct plan_state {      /* linear attention; heads 0: none */
    uint32_t heads;      /* states kept */
    uint32_t kv_heads;   /* keys and values made; each serves heads / kv_heads states */
    uint32_t size;       /* of key and value */
    uint32_t gate_rank;  /* decay by two matrices of this rank; 0: tied to the key */
    bool is_beside;      /* uses the projections of the softmax attention beside it */
    bool has_bias;       /* on q, k and v */
    bool has_head_norms; /* on the output */
};

struct plan_feed_forward { /* gated: gate, up, down */
    uint32_t width;        /* of the dense one; 0: experts only */
    uint32_t experts, experts_used, shared_experts, expert_width;
    bool has_router_bias;
};

struct plan_layer {
    struct plan_attention attention;
    struct plan_state state;
    struct plan_feed_forward feed_forward;
    uint32_t norms; /* of the model's width */
};

struct operation_plan {
    struct arena arena;
    const char *architecture;
    struct plan_layer *layer; /* (layers) */
    uint32_t layers, width, vocabulary;
    uint32_t context; /* what it was made for; 0: not said */
    bool is_tied;     /* the head reads the embedding */
    /* Bytes per weight; the projections of layers may have others than the rest. */
    double weight_bytes, projection_bytes;
    double stored_bytes, stored_active_bytes; /* where a file says so; 0: not known */
};

enum {
    PLAN_ROUTER = ROLE_COUNT, /* scores of the experts */
    PLAN_ATTENTION,           /* over the cache */
    PLAN_STATE,               /* of linear attention */
    PLAN_PARTS
};
extern const char *const plan_part_name[PLAN_PARTS];

enum { PLAN_MAX_CONTEXT = 1 << 26 };

/* One token at the last of `context` positions. The cache holds 16-bit, the states of
 * linear attention 32-bit floats. */
struct plan_counts {
    uint64_t mac[PLAN_PARTS], total_mac;
    uint64_t cache_bytes;         /* held: keys and values of what is still visible */
    uint64_t cache_growth;        /* by a token, as long as no window is full */
    uint64_t cache_traffic_bytes; /* read and written */
    uint64_t state_bytes;         /* held, whatever the context */
};

struct plan_parameters {
    uint64_t total;
    uint64_t active; /* a token meets: no experts but its own, and of an untied
                      * embedding, of which it reads a row, nothing */
    uint64_t embedding;
    double bytes, active_bytes;
};

/* Memory for `layers` zeroed layers in a plan that is zeroed but for its arena; release
 * in any case. */
enum error_code operation_plan_init(struct operation_plan *plan, uint32_t layers,
                                    struct error *err);
void operation_plan_release(struct operation_plan *plan);
/* Every number against the others: what this passes can be counted without
 * overflow. */
enum error_code operation_plan_check(const struct operation_plan *plan,
                                     struct error *err);

/* context: 1 to PLAN_MAX_CONTEXT. */
void operation_plan_count(const struct operation_plan *plan, uint32_t context,
                          struct plan_counts *counts);
void operation_plan_parameters(const struct operation_plan *plan,
                               struct plan_parameters *parameters);
/* Multiply-accumulates per token of a causal sequence, the mean over its positions.
 * While a prompt is read, as in training, latent attention works on expanded keys and
 * values: h (k + d) per visible position. */
double operation_plan_mean(const struct operation_plan *plan, uint32_t sequence);
/* Operations of training per token: forward, and twice as much backward, at two per
 * multiply-accumulate: 6 (N + attention), N being the weights that multiply. */
double operation_plan_training(const struct operation_plan *plan, uint32_t sequence);

#endif
