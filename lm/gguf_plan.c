/* See gguf_plan.h. */
#include "lm/gguf_plan.h"

#include "lm/architecture.h"
#include "lm/model_format.h"

#include <stdio.h>
#include <string.h>

struct header {
    const struct model_file *file;
    const char *architecture;
    struct operation_plan *plan;
    struct error *err;
};

/* A key of the architecture; needed when `initial` is 0. */
static uint32_t whole(const struct header *header, const char *name, uint32_t initial)
{
    char key[96];
    uint32_t value = initial;
    snprintf(key, sizeof key, "%s.%s", header->architecture, name);
    if (header->err->code == OK &&
        model_file_u32(header->file, key, &value, header->err) == OK && value == 0 &&
        initial == 0)
        error_set(header->err, ERR_FORMAT,
                  model_file_find(header->file, key) ? "%s: expected at least 1"
                                                     : "%s is missing",
                  key);
    return header->err->code == OK ? value : 1;
}

static void read_grouped(const struct header *header,
                         const struct architecture *architecture)
{
    struct operation_plan *plan = header->plan;
    uint32_t heads = whole(header, "attention.head_count", 0);
    uint32_t size = heads && plan->width / heads ? plan->width / heads : 1;
    size = whole(header, "attention.key_length", size);
    struct plan_attention attention = {
        .heads = heads,
        .kv_heads = whole(header, "attention.head_count_kv", heads),
        .key_size = size,
        .value_size = whole(header, "attention.value_length", size),
        .has_bias = architecture->projection_bias,
        .has_head_norms = architecture->head_norms,
    };
    uint32_t wide = whole(header, "feed_forward_length", 0);
    uint32_t window = 0, period = architecture->window_period;
    char key[96];
    snprintf(key, sizeof key, "%s.attention.sliding_window", header->architecture);
    if (header->err->code == OK)
        model_file_u32(header->file, key, &window, header->err);
    for (uint32_t l = 0; l < plan->layers; l++) {
        struct plan_layer *layer = &plan->layer[l];
        layer->attention = attention;
        layer->attention.window = period && (l + 1) % period == 0 ? 0 : window;
        layer->feed_forward.width = wide;
        layer->norms = architecture->post_norms ? 4 : 2;
    }
}

/* Newer files give sizes of the compressed cache as key_length and value_length, and
 * those of the heads with "_mla"; older ones know only the heads. */
static void read_latent(const struct header *header)
{
    static const uint32_t none = UINT32_MAX;
    struct operation_plan *plan = header->plan;
    uint32_t heads = whole(header, "attention.head_count", 0);
    uint32_t key = whole(header, "attention.key_length_mla", none);
    uint32_t value = whole(header, "attention.value_length_mla", none);
    uint32_t query_rank = whole(header, "attention.q_lora_rank", none);
    struct plan_attention attention = {
        .heads = heads,
        .kv_heads = heads,
        .key_size = key != none ? key : whole(header, "attention.key_length", 0),
        .value_size =
            value != none ? value : whole(header, "attention.value_length", 0),
        .query_rank = query_rank != none ? query_rank : 0,
        .kv_rank = whole(header, "attention.kv_lora_rank", 0),
        .rope_size = whole(header, "rope.dimension_count", 0),
    };
    uint32_t dense = whole(header, "leading_dense_block_count", none);
    uint32_t shared = whole(header, "expert_shared_count", none);
    uint32_t wide = whole(header, "feed_forward_length", 0);
    struct plan_feed_forward experts = {
        .experts = whole(header, "expert_count", 0),
        .experts_used = whole(header, "expert_used_count", 0),
        .shared_experts = shared != none ? shared : 0,
        .expert_width = whole(header, "expert_feed_forward_length", 0),
    };
    for (uint32_t l = 0; l < plan->layers; l++) {
        struct plan_layer *layer = &plan->layer[l];
        char bias[48];
        snprintf(bias, sizeof bias, "blk.%u.exp_probs_b.bias", l);
        layer->attention = attention;
        layer->feed_forward = experts;
        layer->feed_forward.has_router_bias =
            model_file_find_tensor(header->file, bias) != NULL;
        if (dense != none && l < dense)
            layer->feed_forward = (struct plan_feed_forward){ .width = wide };
        layer->norms = 2;
    }
}

/* What tensors take, and what of it a token meets. */
static void add_bytes(const struct header *header)
{
    struct operation_plan *plan = header->plan;
    const struct plan_feed_forward *last = &plan->layer[plan->layers - 1].feed_forward;
    double chosen = last->experts ? (double)last->experts_used / last->experts : 1;
    for (size_t t = 0; t < header->file->tensor_count; t++) {
        const struct tensor *tensor = &header->file->tensors[t];
        double bytes = (double)tensor->bytes;
        plan->stored_bytes += bytes;
        if (strcmp(tensor->name.bytes, "token_embd.weight") == 0 && !plan->is_tied)
            continue;
        bool is_expert = strstr(tensor->name.bytes, "_exps.") != NULL;
        plan->stored_active_bytes += is_expert ? bytes * chosen : bytes;
    }
}

enum error_code gguf_plan_read(struct operation_plan *plan,
                               const struct model_file *file, struct error *err)
{
    struct text name = { "", 0 };
    *plan = (struct operation_plan){ 0 };
    err->code = OK;
    if (model_file_text(file, "general.architecture", &name, err) != OK)
        return err->code;
    const struct architecture *architecture = architecture_find(name.bytes);
    bool is_latent = strcmp(name.bytes, "deepseek2") == 0;
    if (!architecture && !is_latent)
        return error_set(err, ERR_FORMAT, "architecture '%s' is not supported",
                         printable(name).text);
    const struct tensor *embedding = model_file_find_tensor(file, "token_embd.weight");
    if (!embedding)
        return error_set(err, ERR_FORMAT, "no tensor token_embd.weight");

    struct header header = { file, is_latent ? "deepseek2" : architecture->name, plan,
                             err };
    uint32_t layers = whole(&header, "block_count", 0);
    if (err->code != OK || operation_plan_init(plan, layers, err) != OK)
        return err->code;
    plan->architecture = header.architecture;
    plan->width = whole(&header, "embedding_length", 0);
    plan->context = whole(&header, "context_length", 0);
    plan->vocabulary =
        embedding->extent[1] > UINT32_MAX ? UINT32_MAX : (uint32_t)embedding->extent[1];
    plan->is_tied = model_file_find_tensor(file, "output.weight") == NULL;
    if (is_latent)
        read_latent(&header);
    else
        read_grouped(&header, architecture);
    if (err->code != OK)
        return err->code;
    add_bytes(&header);
    return operation_plan_check(plan, err);
}
