/* See hf_config.h. */
#include "lm/hf_config.h"

#include "lm/json_reader.h"
#include "lm/model_format.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 20 };

struct config {
    struct json_reader in;
    struct operation_plan *plan;
    uint32_t heads, kv_heads, head_size, feed_forward;
};

struct family {
    const char *model_type;
    void (*read)(const struct family *family, struct config *config);
    uint32_t norms;
    bool has_bias, has_head_norms, is_tied;
    uint32_t window_period; /* every n-th layer global, the others windowed */
    bool always_windowed;   /* wherever a window is given */
};

static void need_multiple(const struct config *config, const char *what, uint32_t of,
                          const char *unit, uint32_t by)
{
    if (config->in.err->code == OK && (by == 0 || of % by != 0))
        error_set(config->in.err, ERR_FORMAT, "%s: %u is no multiple of %u %s", what,
                  of, by, unit);
}

/* Heads and what one of them is wide. */
static void read_heads(struct config *config)
{
    const struct json_reader *in = &config->in;
    config->heads = json_reader_whole(in, "num_attention_heads", JSON_NEEDED);
    config->kv_heads = json_reader_whole(in, "num_key_value_heads", config->heads);
    if (!json_reader_has(in, "head_dim"))
        need_multiple(config, "hidden_size", config->plan->width, "num_attention_heads",
                      config->heads);
    need_multiple(config, "num_attention_heads", config->heads, "num_key_value_heads",
                  config->kv_heads);
    if (in->err->code == OK)
        config->head_size =
            json_reader_whole(in, "head_dim", config->plan->width / config->heads);
    config->feed_forward = json_reader_whole(in, "intermediate_size", JSON_NEEDED);
}

static struct plan_attention grouped(const struct config *config)
{
    return (struct plan_attention){ .heads = config->heads,
                                    .kv_heads = config->kv_heads,
                                    .key_size = config->head_size,
                                    .value_size = config->head_size };
}

/* Which layers are windowed: by a list, by the family's period, or from a layer on. */
static void mark_windows(const struct family *family, struct config *config,
                         bool *is_windowed)
{
    const struct json_reader *in = &config->in;
    uint32_t layers = config->plan->layers;
    uint32_t period =
        json_reader_whole(in, "sliding_window_pattern", family->window_period);
    if (json_reader_has(in, "layer_types")) {
        json_reader_words(in, "layer_types", "sliding_attention", "full_attention",
                          is_windowed, layers);
        return;
    }
    bool is_used = family->always_windowed || family->window_period > 0 ||
                   json_reader_flag(in, "use_sliding_window", false);
    uint32_t first = family->always_windowed || family->window_period > 0
                         ? 0
                         : json_reader_whole(in, "max_window_layers", layers);
    for (uint32_t l = first; is_used && l < layers; l++)
        is_windowed[l] = period == 0 || (l + 1) % period != 0;
}

static void read_grouped(const struct family *family, struct config *config)
{
    const struct json_reader *in = &config->in;
    struct operation_plan *plan = config->plan;
    bool *is_windowed = arena_array(&plan->arena, plan->layers, sizeof *is_windowed);
    if (!is_windowed) {
        error_memory(in->err, "layers", plan->layers);
        return;
    }
    read_heads(config);
    mark_windows(family, config, is_windowed);
    struct plan_attention attention = grouped(config);
    uint32_t window = 0;
    for (uint32_t l = 0; l < plan->layers; l++)
        if (is_windowed[l]) {
            bool may_lack = family->always_windowed;
            window =
                json_reader_whole(in, "sliding_window", may_lack ? 0 : JSON_NEEDED);
        }
    attention.has_output_bias = json_reader_flag(in, "attention_bias", false);
    attention.has_bias = family->has_bias || attention.has_output_bias;
    attention.has_head_norms = family->has_head_norms;
    for (uint32_t l = 0; l < plan->layers; l++) {
        plan->layer[l].attention = attention;
        plan->layer[l].attention.window = is_windowed[l] ? window : 0;
        plan->layer[l].feed_forward.width = config->feed_forward;
    }
}

static struct plan_feed_forward read_experts(const struct config *config)
{
    const struct json_reader *in = &config->in;
    struct plan_feed_forward experts = {
        .experts = json_reader_whole(in, "n_routed_experts", JSON_NEEDED),
        .experts_used = json_reader_whole(in, "num_experts_per_tok", JSON_NEEDED),
        .shared_experts = json_reader_whole(in, "n_shared_experts", 0),
        .expert_width = json_reader_whole(in, "moe_intermediate_size", JSON_NEEDED),
    };
    return experts;
}

static void read_latent(const struct family *family, struct config *config)
{
    const struct json_reader *in = &config->in;
    struct operation_plan *plan = config->plan;
    uint32_t heads = json_reader_whole(in, "num_attention_heads", JSON_NEEDED);
    uint32_t rope = json_reader_whole(in, "qk_rope_head_dim", JSON_NEEDED);
    uint64_t key = (uint64_t)json_reader_whole(in, "qk_nope_head_dim", JSON_NEEDED);
    struct plan_attention attention = {
        .heads = heads,
        .kv_heads = heads,
        .key_size = key + rope > UINT32_MAX ? UINT32_MAX : (uint32_t)(key + rope),
        .value_size = json_reader_whole(in, "v_head_dim", JSON_NEEDED),
        .query_rank = json_reader_whole(in, "q_lora_rank", 0),
        .kv_rank = json_reader_whole(in, "kv_lora_rank", JSON_NEEDED),
        .rope_size = rope,
    };
    uint32_t dense = json_reader_whole(in, "intermediate_size", JSON_NEEDED);
    uint32_t first = json_reader_whole(in, "first_k_dense_replace", 0);
    uint32_t every = json_reader_whole(in, "moe_layer_freq", 1);
    struct plan_feed_forward experts = read_experts(config);
    const char *method = json_reader_text(in, "topk_method", "");
    experts.has_router_bias = strcmp(method, "noaux_tc") == 0;
    (void)family;
    for (uint32_t l = 0; l < plan->layers; l++) {
        bool is_dense = l < first || every == 0 || l % every != 0;
        plan->layer[l].attention = attention;
        plan->layer[l].feed_forward =
            is_dense ? (struct plan_feed_forward){ .width = dense } : experts;
    }
}

static void read_linear_in_turn(const struct family *family, struct config *config)
{
    const struct json_reader *in = &config->in;
    struct operation_plan *plan = config->plan;
    read_heads(config);
    struct plan_attention attention = grouped(config);
    attention.has_bias = family->has_bias;
    attention.window = json_reader_whole(in, "sliding_window", JSON_NEEDED);
    struct plan_state state = {
        .heads = config->heads,
        .kv_heads = config->kv_heads,
        .size = config->head_size,
        .gate_rank = json_reader_whole(in, "gate_low_rank_dim", 16),
        .has_bias = family->has_bias,
        .has_head_norms = true,
    };
    for (uint32_t l = 0; l < plan->layers; l++) {
        if (l % 2 == 0)
            plan->layer[l].state = state;
        else
            plan->layer[l].attention = attention;
        plan->layer[l].feed_forward.width = config->feed_forward;
    }
}

static void read_linear_beside(const struct family *family, struct config *config)
{
    const struct json_reader *in = &config->in;
    struct operation_plan *plan = config->plan;
    uint32_t layers = plan->layers;
    bool *is_full = arena_array(&plan->arena, layers, sizeof *is_full);
    bool *is_dense = arena_array(&plan->arena, layers, sizeof *is_dense);
    if (!is_full || !is_dense) {
        error_memory(in->err, "layers", 2.0 * layers);
        return;
    }
    read_heads(config);
    json_reader_marks(in, "full_attention_layers", is_full, layers);
    json_reader_marks(in, "dense_layers", is_dense, layers);
    uint32_t window = json_reader_whole(in, "sliding_window", JSON_NEEDED);
    struct plan_feed_forward experts = read_experts(config);
    struct plan_attention attention = grouped(config);
    attention.has_bias = family->has_bias;
    attention.sinks = json_reader_whole(in, "sink_tokens", 0);
    struct plan_state state = { .heads = config->heads,
                                .kv_heads = config->kv_heads,
                                .size = config->head_size,
                                .is_beside = true };
    for (uint32_t l = 0; l < layers; l++) {
        plan->layer[l].attention = attention;
        plan->layer[l].attention.window = is_full[l] ? 0 : window;
        plan->layer[l].state = state;
        plan->layer[l].feed_forward =
            is_dense[l] ? (struct plan_feed_forward){ .width = config->feed_forward }
                        : experts;
    }
}

static const struct family families[] = {
    { .model_type = "deepseek_v2", .read = read_latent, .norms = 2 },
    { .model_type = "deepseek_v3", .read = read_latent, .norms = 2 },
    { .model_type = "gemma3",
      .read = read_grouped,
      .norms = 4,
      .has_head_norms = true,
      .is_tied = true,
      .window_period = 6 },
    { .model_type = "gemma3_text",
      .read = read_grouped,
      .norms = 4,
      .has_head_norms = true,
      .is_tied = true,
      .window_period = 6 },
    { .model_type = "gla_swa",
      .read = read_linear_in_turn,
      .norms = 2,
      .has_bias = true },
    { .model_type = "llama", .read = read_grouped, .norms = 2 },
    { .model_type = "mistral",
      .read = read_grouped,
      .norms = 2,
      .always_windowed = true },
    { .model_type = "qwen2", .read = read_grouped, .norms = 2, .has_bias = true },
    { .model_type = "qwen3", .read = read_grouped, .norms = 2, .has_head_norms = true },
    { .model_type = "spikingbrain_moe",
      .read = read_linear_beside,
      .norms = 2,
      .has_bias = true },
};

static const struct family *family_find(const char *model_type)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (strcmp(families[i].model_type, model_type) == 0)
            return &families[i];
    return NULL;
}

/* Bytes per weight. FP8 comes with a 32-bit scale per block, and leaves embedding,
 * head, norms and routers as they are. */
static void read_precision(const struct config *config)
{
    const struct json_reader *in = &config->in;
    struct operation_plan *plan = config->plan;
    const char *type = json_reader_text(in, "torch_dtype", NULL);
    if (!type)
        type = json_reader_text(in, "dtype", "bfloat16");
    bool is_single = strcmp(type, "float32") == 0;
    if (!is_single && strcmp(type, "bfloat16") != 0 && strcmp(type, "float16") != 0 &&
        in->err->code == OK)
        error_set(in->err, ERR_FORMAT,
                  "torch_dtype: expected float32, float16 or bfloat16, found '%s'",
                  printable((struct text){ type, strlen(type) }).text);
    plan->weight_bytes = plan->projection_bytes = is_single ? 4 : 2;
    struct json_reader quantized =
        json_reader_within(in, "quantization_config", "quantization_config.");
    if (!quantized.object)
        return;
    const char *method = json_reader_text(&quantized, "quant_method", "");
    if (strcmp(method, "fp8") != 0 && in->err->code == OK)
        error_set(in->err, ERR_FORMAT,
                  "quantization_config.quant_method: expected fp8, found '%s'",
                  printable((struct text){ method, strlen(method) }).text);
    plan->projection_bytes = 1 + 4.0 / (128 * 128);
}

static const char *kept(struct operation_plan *plan, const char *text)
{
    return text ? arena_text(&plan->arena, text, strlen(text)) : NULL;
}

/* A number under our own key, and where it is from. */
static void read_fact(struct config *config, const struct json_reader *in,
                      const char *key, double *value, const char **source)
{
    char name[64];
    snprintf(name, sizeof name, "%s_source", key);
    *value = json_reader_number(in, key, 0);
    *source = kept(config->plan, json_reader_text(in, name, NULL));
    if (*value > 0 && (!*source || !**source) && in->err->code == OK)
        error_set(in->err, ERR_FORMAT, "%s%s has no %s", in->within, key, name);
}

static void read_training(struct config *config, struct training_facts *training)
{
    struct json_reader own = json_reader_within(&config->in, "lucciola", "lucciola.");
    struct json_reader in = json_reader_within(&own, "training", "lucciola.training.");
    read_fact(config, &in, "tokens", &training->tokens, &training->tokens_source);
    read_fact(config, &in, "gpu_hours", &training->gpu_hours,
              &training->gpu_hours_source);
    read_fact(config, &in, "active_parameters", &training->active_parameters,
              &training->active_parameters_source);
    read_fact(config, &in, "operations_per_token", &training->operations,
              &training->operations_source);
    training->gpu = kept(config->plan, json_reader_text(&in, "gpu", NULL));
}

static enum error_code read_config(struct operation_plan *plan,
                                   struct training_facts *training, const json_t *root,
                                   struct error *err)
{
    struct config config = { .in = { root, "", err }, .plan = plan };
    if (!json_is_object(root))
        return error_set(err, ERR_FORMAT, "expected a JSON object");
    const char *type = json_reader_text(&config.in, "model_type", NULL);
    if (err->code == OK && !type)
        return error_set(err, ERR_FORMAT, "model_type is missing");
    const struct family *family = type ? family_find(type) : NULL;
    if (err->code == OK && !family)
        return error_set(err, ERR_FORMAT, "model_type '%s' is not supported",
                         printable((struct text){ type, strlen(type) }).text);
    read_training(&config, training);
    if (json_reader_has(&config.in, "text_config"))
        config.in = json_reader_within(&config.in, "text_config", "text_config.");

    uint32_t layers = json_reader_whole(&config.in, "num_hidden_layers", JSON_NEEDED);
    if (err->code != OK || operation_plan_init(plan, layers, err) != OK)
        return err->code;
    plan->architecture = family->model_type;
    plan->width = json_reader_whole(&config.in, "hidden_size", JSON_NEEDED);
    plan->vocabulary = json_reader_whole(&config.in, "vocab_size", JSON_NEEDED);
    plan->context = json_reader_whole(&config.in, "max_position_embeddings", 0);
    plan->is_tied =
        json_reader_flag(&config.in, "tie_word_embeddings", family->is_tied);
    read_precision(&config);
    if (err->code == OK)
        family->read(family, &config);
    for (uint32_t l = 0; l < plan->layers; l++)
        plan->layer[l].norms = family->norms;
    return err->code == OK ? operation_plan_check(plan, err) : err->code;
}

enum error_code hf_config_parse(struct operation_plan *plan,
                                struct training_facts *training, const char *bytes,
                                size_t size, struct error *err)
{
    json_error_t where;
    *plan = (struct operation_plan){ 0 };
    *training = (struct training_facts){ 0 };
    err->code = OK;
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return error_set(err, ERR_FORMAT, "line %d, column %d is not JSON", where.line,
                         where.column);
    read_config(plan, training, root, err);
    json_decref(root);
    return err->code;
}

enum error_code hf_config_open(struct operation_plan *plan,
                               struct training_facts *training, const char *path,
                               struct error *err)
{
    *plan = (struct operation_plan){ 0 };
    err->code = OK;
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(MAX_BYTES + 1);
    if (!file) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!bytes) {
        error_memory(err, path, MAX_BYTES);
        goto out;
    }
    size_t size = fread(bytes, 1, MAX_BYTES + 1, file);
    if (ferror(file))
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    else if (size > MAX_BYTES)
        error_set(err, ERR_FORMAT, "%s: more than %d bytes", path, MAX_BYTES);
    else if (hf_config_parse(plan, training, bytes, size, err) != OK)
        error_wrap(err, "%s", path);
out:
    if (file)
        fclose(file);
    free(bytes);
    return err->code;
}
