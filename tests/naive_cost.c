/* See naive_cost.h. */
#include "tests/naive_cost.h"

/* One operation after another, as attention is defined. */
static void count_attention(const struct model_plan *plan, uint32_t l,
                            uint32_t position, struct host_cost *cost)
{
    struct op_count *softmax = &cost->ops[HOST_SOFTMAX];
    bool is_global = !plan->window || (plan->period && (l + 1) % plan->period == 0);
    for (uint32_t h = 0; h < plan->heads; h++) {
        for (uint32_t p = 0; p <= position; p++) {
            if (!is_global && position - p >= plan->window)
                continue;
            for (uint32_t i = 0; i < plan->head_size; i++)
                cost->ops[HOST_ATTENTION].n[OP_MAC_F16] += 2; /* q . k, and a v */
            softmax->n[OP_MULTIPLY_F32] += 2; /* by the scale, by 1 / sum */
            softmax->n[OP_COMPARE_F32]++;     /* the largest */
            softmax->n[OP_ADD_F32] += 2;      /* less the largest; the sum */
            softmax->n[OP_EXP_F32]++;
            if (h < plan->kv_heads) /* a key and a value are read */
                cost->cache_bytes += 2 * 2 * plan->head_size;
        }
        softmax->n[OP_DIVIDE_F32]++;
    }
    cost->cache_bytes += 2 * 2 * plan->head_size * plan->kv_heads; /* and written */
    for (uint32_t h = 0; h < plan->heads + plan->kv_heads; h++)
        for (uint32_t i = 0; i < plan->rope_size; i += 2) {
            cost->ops[HOST_ROPE].n[OP_MULTIPLY_F32] += 4;
            cost->ops[HOST_ROPE].n[OP_ADD_F32] += 2;
        }
}

static void count_norm(uint32_t width, struct op_count *ops)
{
    for (uint32_t i = 0; i < width; i++) {
        ops->n[OP_MAC_F32]++;         /* squares */
        ops->n[OP_MULTIPLY_F32] += 2; /* by the scale, by the weight */
    }
    ops->n[OP_DIVIDE_F32] += 2; /* the mean, 1 / root */
    ops->n[OP_ADD_F32]++;       /* epsilon */
    ops->n[OP_EXP_F32]++;       /* the root */
}

void naive_host_cost(const struct model_plan *plan, uint32_t position,
                     struct host_cost *cost)
{
    struct op_count *norm = &cost->ops[HOST_NORM];
    struct op_count *activation = &cost->ops[HOST_ACTIVATION];
    *cost = (struct host_cost){ .cache_bytes = 0 };
    if (plan->scales_embedding)
        norm->n[OP_MULTIPLY_F32] += plan->width;
    for (uint32_t l = 0; l < plan->layers; l++) {
        count_attention(plan, l, position, cost);
        for (int norms = 0; norms < (plan->has_post_norms ? 4 : 2); norms++)
            count_norm(plan->width, norm);
        for (uint32_t h = 0; h < plan->heads + plan->kv_heads; h++)
            if (plan->has_head_norms)
                count_norm(plan->head_size, norm);
        norm->n[OP_ADD_F32] += 2 * plan->width;
        for (uint32_t i = 0; i < plan->feed_forward; i++) {
            /* v / (1 + exp(-v)) up; GELU: 1.6 (v + 0.04 v v v) in the exponent */
            activation->n[OP_EXP_F32]++;
            activation->n[OP_DIVIDE_F32]++;
            activation->n[OP_ADD_F32] += plan->gelu ? 2 : 1;
            activation->n[OP_MULTIPLY_F32] += plan->gelu ? 5 : 1;
        }
    }
    count_norm(plan->width, norm);
}
