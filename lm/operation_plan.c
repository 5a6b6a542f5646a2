/* See operation_plan.h. */
#include "lm/operation_plan.h"

#include <string.h>

enum {
    MAX_LAYERS = 4096,
    MAX_WIDTH = 1 << 20,
    MAX_EXPERT_WIDTH = 1 << 24, /* of all experts of a layer */
    CACHE_BYTES = 2,
    STATE_BYTES = 4,
};

const char *const plan_part_name[PLAN_PARTS] = {
    [ROLE_ATTN_IN] = "attn_in",     [ROLE_ATTN_OUT] = "attn_out",
    [ROLE_FFN_IN] = "ffn_in",       [ROLE_FFN_DOWN] = "ffn_down",
    [ROLE_HEAD] = "head",           [PLAN_ROUTER] = "router",
    [PLAN_ATTENTION] = "attention", [PLAN_STATE] = "state",
};

enum error_code operation_plan_init(struct operation_plan *plan, uint32_t layers,
                                    struct error *err)
{
    plan->weight_bytes = plan->projection_bytes = 2;
    err->code = OK;
    if (layers < 1 || layers > MAX_LAYERS)
        return error_set(err, ERR_FORMAT, "layers: expected 1 to %d, found %u",
                         MAX_LAYERS, layers);
    plan->layer = arena_array(&plan->arena, layers, sizeof *plan->layer);
    if (!plan->layer)
        return error_memory(err, "layers", (double)layers * sizeof *plan->layer);
    plan->layers = layers;
    return OK;
}

void operation_plan_release(struct operation_plan *plan)
{
    arena_free(&plan->arena);
    *plan = (struct operation_plan){ 0 };
}

static enum error_code out_of_range(const char *what, uint64_t found, uint64_t highest,
                                    struct error *err)
{
    return error_set(err, ERR_FORMAT, "%s: expected 1 to %llu, found %llu", what,
                     (unsigned long long)highest, (unsigned long long)found);
}

static enum error_code check_attention(const struct plan_attention *a,
                                       struct error *err)
{
    uint64_t keys = (uint64_t)a->heads * a->key_size;
    uint64_t values = (uint64_t)a->heads * a->value_size;
    if (a->kv_heads < 1 || a->heads % a->kv_heads != 0)
        return error_set(err, ERR_FORMAT,
                         "%u attention heads are no multiple of %u key-value heads",
                         a->heads, a->kv_heads);
    if (keys < 1 || keys > MAX_WIDTH)
        return out_of_range("keys of all heads", keys, MAX_WIDTH, err);
    if (values < 1 || values > MAX_WIDTH)
        return out_of_range("values of all heads", values, MAX_WIDTH, err);
    if (a->kv_rank > MAX_WIDTH / a->heads || a->query_rank > MAX_WIDTH)
        return error_set(err, ERR_FORMAT, "ranks %u and %u of %u heads are too large",
                         a->query_rank, a->kv_rank, a->heads);
    if (a->rope_size >= a->key_size && a->kv_rank > 0)
        return error_set(err, ERR_FORMAT,
                         "%u rotated components leave nothing of a key of %u",
                         a->rope_size, a->key_size);
    return OK;
}

static enum error_code check_state(const struct plan_state *s, struct error *err)
{
    if (s->kv_heads < 1 || s->heads % s->kv_heads != 0)
        return error_set(err, ERR_FORMAT,
                         "%u linear heads are no multiple of %u key-value heads",
                         s->heads, s->kv_heads);
    uint64_t keys = (uint64_t)s->heads * s->size;
    if (keys < 1 || keys > MAX_WIDTH)
        return out_of_range("states of all heads", keys, MAX_WIDTH, err);
    if (s->gate_rank > MAX_WIDTH)
        return out_of_range("gate rank", s->gate_rank, MAX_WIDTH, err);
    return OK;
}

static enum error_code check_feed_forward(const struct plan_feed_forward *f,
                                          struct error *err)
{
    if (f->width > MAX_WIDTH || (f->width < 1 && f->experts < 1))
        return out_of_range("feed-forward width", f->width, MAX_WIDTH, err);
    if (f->experts == 0)
        return OK;
    if (f->experts_used < 1 || f->experts_used > f->experts)
        return error_set(err, ERR_FORMAT, "%u experts used of %u", f->experts_used,
                         f->experts);
    if (f->expert_width < 1 ||
        (uint64_t)f->experts + f->shared_experts > MAX_EXPERT_WIDTH / f->expert_width)
        return error_set(err, ERR_FORMAT, "%u experts and %u shared ones of width %u",
                         f->experts, f->shared_experts, f->expert_width);
    return OK;
}

enum error_code operation_plan_check(const struct operation_plan *plan,
                                     struct error *err)
{
    err->code = OK;
    if (plan->width < 1 || plan->width > MAX_WIDTH)
        return out_of_range("width", plan->width, MAX_WIDTH, err);
    if (plan->vocabulary < 1 || plan->vocabulary > INT32_MAX)
        return out_of_range("vocabulary", plan->vocabulary, INT32_MAX, err);
    for (uint32_t l = 0; l < plan->layers; l++) {
        const struct plan_layer *layer = &plan->layer[l];
        if (!layer->attention.heads && !layer->state.heads)
            return error_set(err, ERR_FORMAT, "layer %u: no attention heads", l);
        if ((layer->attention.heads && check_attention(&layer->attention, err) != OK) ||
            (layer->state.heads && check_state(&layer->state, err) != OK) ||
            check_feed_forward(&layer->feed_forward, err) != OK)
            return error_wrap(err, "layer %u", l);
    }
    return OK;
}

/* Weights of a layer's matrices by role, of its experts those of one token or all. */
static void layer_weights(const struct operation_plan *plan,
                          const struct plan_layer *layer, bool every_expert,
                          uint64_t weight[PLAN_PARTS])
{
    const struct plan_attention *a = &layer->attention;
    const struct plan_state *s = &layer->state;
    const struct plan_feed_forward *f = &layer->feed_forward;
    uint64_t width = plan->width, in = 0, out = 0;
    uint64_t queries = (uint64_t)a->heads * a->key_size;
    if (a->heads && a->kv_rank) {
        in += a->query_rank ? a->query_rank * (width + queries) : width * queries;
        in += width * (a->kv_rank + a->rope_size);
        in += (uint64_t)a->kv_rank * a->heads *
              (a->key_size - a->rope_size + a->value_size);
    } else if (a->heads) {
        in += width * (queries + (uint64_t)a->kv_heads * (a->key_size + a->value_size));
    }
    out += width * a->heads * a->value_size;
    if (s->heads && !s->is_beside) {
        in += width * s->size * (s->heads + 2 * (uint64_t)s->kv_heads);
        out += width * s->heads * s->size;
    }
    if (s->heads)
        in += s->gate_rank * (width + (uint64_t)s->kv_heads * s->size);

    uint64_t chosen = every_expert ? f->experts : f->experts_used;
    uint64_t inner = f->width;
    if (f->experts)
        inner += (chosen + f->shared_experts) * f->expert_width;
    weight[ROLE_ATTN_IN] += in;
    weight[ROLE_ATTN_OUT] += out;
    weight[ROLE_FFN_IN] += 2 * width * inner;
    weight[ROLE_FFN_DOWN] += width * inner;
    weight[PLAN_ROUTER] += width * f->experts;
}

/* Norms and biases. */
static uint64_t layer_vectors(const struct operation_plan *plan,
                              const struct plan_layer *layer)
{
    const struct plan_attention *a = &layer->attention;
    const struct plan_state *s = &layer->state;
    uint64_t count = (uint64_t)plan->width * layer->norms;
    if (a->has_bias)
        count += (uint64_t)a->heads * a->key_size +
                 (uint64_t)a->kv_heads * (a->key_size + a->value_size);
    if (a->has_output_bias)
        count += plan->width;
    if (a->has_head_norms)
        count += 2 * (uint64_t)a->key_size;
    if (a->kv_rank)
        count += (uint64_t)a->query_rank + a->kv_rank;
    if (s->heads && s->has_bias)
        count += s->size * (s->heads + 2 * (uint64_t)s->kv_heads);
    if (s->heads && s->gate_rank)
        count += (uint64_t)s->kv_heads * s->size;
    if (s->heads && s->has_head_norms)
        count += s->size;
    if (layer->feed_forward.has_router_bias)
        count += layer->feed_forward.experts;
    return count;
}

static uint64_t sum_of(const uint64_t part[PLAN_PARTS])
{
    uint64_t sum = 0;
    for (int p = 0; p < PLAN_PARTS; p++)
        sum += part[p];
    return sum;
}

void operation_plan_parameters(const struct operation_plan *plan,
                               struct plan_parameters *parameters)
{
    uint64_t all[PLAN_PARTS] = { 0 }, used[PLAN_PARTS] = { 0 };
    uint64_t head = (uint64_t)plan->width * plan->vocabulary;
    uint64_t vectors = plan->width;
    for (uint32_t l = 0; l < plan->layers; l++) {
        layer_weights(plan, &plan->layer[l], true, all);
        layer_weights(plan, &plan->layer[l], false, used);
        vectors += layer_vectors(plan, &plan->layer[l]);
    }
    uint64_t router = all[PLAN_ROUTER]; /* kept as wide as the norms */
    double matrices = (double)(sum_of(all) - router);
    double used_matrices = (double)(sum_of(used) - router);
    double rest = (double)(head + vectors + router) * plan->weight_bytes;
    double table = plan->is_tied ? 0 : (double)head * plan->weight_bytes;
    *parameters = (struct plan_parameters){
        .total = sum_of(all) + vectors + head * (plan->is_tied ? 1 : 2),
        .active = sum_of(used) + vectors + head,
        .embedding = head,
        .bytes = matrices * plan->projection_bytes + rest + table,
        .active_bytes = used_matrices * plan->projection_bytes + rest,
    };
    if (plan->stored_bytes > 0) {
        parameters->bytes = plan->stored_bytes;
        parameters->active_bytes = plan->stored_active_bytes;
    }
}

static uint64_t visible_of(const struct plan_attention *a, uint64_t context)
{
    uint64_t most = (uint64_t)a->window + a->sinks;
    return a->window && context > most ? most : context;
}

void operation_plan_count(const struct operation_plan *plan, uint32_t context,
                          struct plan_counts *counts)
{
    *counts = (struct plan_counts){ 0 };
    for (uint32_t l = 0; l < plan->layers; l++) {
        const struct plan_layer *layer = &plan->layer[l];
        const struct plan_attention *a = &layer->attention;
        const struct plan_state *s = &layer->state;
        layer_weights(plan, layer, false, counts->mac);
        uint64_t entries = a->kv_rank ? (uint64_t)a->kv_rank + a->rope_size
                                      : (uint64_t)a->kv_heads *
                                            (a->key_size + (uint64_t)a->value_size);
        uint64_t products = a->kv_rank ? 2 * (uint64_t)a->kv_rank + a->rope_size
                                       : (uint64_t)a->key_size + a->value_size;
        if (a->heads) {
            uint64_t visible = visible_of(a, context);
            counts->mac[PLAN_ATTENTION] += visible * a->heads * products;
            counts->cache_bytes += CACHE_BYTES * entries * visible;
            counts->cache_traffic_bytes += CACHE_BYTES * entries * (visible + 1);
            counts->cache_growth += CACHE_BYTES * entries;
        }
        uint64_t cells = (uint64_t)s->heads * s->size * s->size;
        counts->mac[PLAN_STATE] += 3 * cells;
        counts->state_bytes += STATE_BYTES * cells;
    }
    counts->mac[ROLE_HEAD] += (uint64_t)plan->width * plan->vocabulary;
    counts->total_mac = sum_of(counts->mac);
}

/* Mean of what the positions 1 to `sequence` see. */
static double mean_visible(const struct plan_attention *a, double sequence)
{
    double most = (double)a->window + a->sinks;
    if (!a->window || sequence <= most)
        return (sequence + 1) / 2;
    return (most * (most + 1) / 2 + most * (sequence - most)) / sequence;
}

double operation_plan_mean(const struct operation_plan *plan, uint32_t sequence)
{
    struct plan_counts counts;
    operation_plan_count(plan, 1, &counts);
    double forward = (double)(counts.total_mac - counts.mac[PLAN_ATTENTION]);
    for (uint32_t l = 0; l < plan->layers; l++) {
        const struct plan_attention *a = &plan->layer[l].attention;
        if (a->heads)
            forward += mean_visible(a, sequence) * a->heads *
                       ((double)a->key_size + a->value_size);
    }
    return forward;
}

double operation_plan_training(const struct operation_plan *plan, uint32_t sequence)
{
    return 6 * operation_plan_mean(plan, sequence);
}
