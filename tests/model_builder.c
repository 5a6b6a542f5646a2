/* See model_builder.h. Weights are uniform with a variance of 1 / inputs, so that
 * values stay near 1 however deep the model. */
#include "tests/model_builder.h"

#include "lm/block_format.h"

#include <math.h>
#include <stdlib.h>

enum { SEED = 2505 };

/* Epsilons are large, so that a norm without one shows. */
const struct model_plan model_plans[] = {
    {
        .name = "llama",
        .architecture = "llama",
        .layers = 5,
        .width = 64,
        .feed_forward = 172,
        .heads = 8,
        .kv_heads = 4,
        .head_size = 8,
        .rope_size = 8,
        .context = 128,
        .rope_base = 10000,
        .rope_factor = 1,
        .epsilon = 1e-5f,
        .query_scale = 8,
    },
    {
        .name = "llama-factors",
        .architecture = "llama",
        .layers = 2,
        .width = 32,
        .feed_forward = 48,
        .heads = 4,
        .kv_heads = 2,
        .head_size = 8,
        .rope_size = 6,
        .context = 96,
        .rope_base = 500000,
        .rope_factor = 2.5f,
        .epsilon = 0.03f,
        .query_scale = 8,
        .has_output = true,
        .has_rope_factors = true,
    },
    {
        .name = "llama-window",
        .architecture = "llama",
        .layers = 2,
        .width = 40,
        .feed_forward = 56,
        .heads = 4,
        .kv_heads = 4,
        .head_size = 12,
        .rope_size = 12,
        .context = 96,
        .window = 7,
        .rope_base = 10000,
        .rope_factor = 1,
        .epsilon = 0.02f,
        .query_scale = 12,
        .has_output = true,
        .byte_level = true,
    },
    {
        .name = "qwen2",
        .architecture = "qwen2",
        .layers = 3,
        .width = 48,
        .feed_forward = 80,
        .heads = 6,
        .kv_heads = 2,
        .head_size = 8,
        .rope_size = 8,
        .context = 96,
        .rope_base = 1e6f,
        .rope_factor = 1,
        .epsilon = 0.02f,
        .query_scale = 8,
        .has_bias = true,
        .rope_halves = true,
        .byte_level = true,
    },
    {
        .name = "qwen3",
        .architecture = "qwen3",
        .layers = 3,
        .width = 40,
        .feed_forward = 64,
        .heads = 4,
        .kv_heads = 1,
        .head_size = 16,
        .rope_size = 16,
        .context = 96,
        .rope_base = 1e6f,
        .rope_factor = 1,
        .epsilon = 0.02f,
        .query_scale = 16,
        .has_head_norms = true,
        .rope_halves = true,
        .has_output = true,
        .byte_level = true,
    },
    {
        .name = "gemma3",
        .architecture = "gemma3",
        .layers = 7,
        .width = 40,
        .feed_forward = 72,
        .heads = 4,
        .kv_heads = 1,
        .head_size = 16,
        .rope_size = 16,
        .context = 96,
        .window = 5,
        .period = 6,
        .rope_base = 1e6f,
        .rope_base_local = 10000,
        .rope_factor = 8,
        .epsilon = 0.02f,
        .query_scale = 16,
        .has_head_norms = true,
        .has_post_norms = true,
        .rope_halves = true,
        .gelu = true,
        .scales_embedding = true,
    },
    {
        /* both kinds of layer turn by one base, and only one of them by the factor */
        .name = "gemma3-one-base",
        .architecture = "gemma3",
        .layers = 6,
        .width = 24,
        .feed_forward = 32,
        .heads = 2,
        .kv_heads = 1,
        .head_size = 8,
        .rope_size = 8,
        .context = 96,
        .window = 9,
        .period = 6,
        .rope_base = 10000,
        .rope_base_local = 10000,
        .rope_factor = 8,
        .epsilon = 0.02f,
        .query_scale = 8,
        .has_head_norms = true,
        .has_post_norms = true,
        .rope_halves = true,
        .gelu = true,
        .scales_embedding = true,
    },
    {
        /* as deep as the one whose queries are scaled by width / heads */
        .name = "gemma3-deep",
        .architecture = "gemma3",
        .layers = 62,
        .width = 24,
        .feed_forward = 16,
        .heads = 2,
        .kv_heads = 1,
        .head_size = 4,
        .rope_size = 4,
        .context = 96,
        .window = 5,
        .period = 6,
        .rope_base = 1e6f,
        .rope_base_local = 10000,
        .rope_factor = 1,
        .epsilon = 0.02f,
        .query_scale = 12,
        .has_head_norms = true,
        .has_post_norms = true,
        .rope_halves = true,
        .gelu = true,
        .scales_embedding = true,
    },
    { 0 },
};

const struct model_plan *model_plan_find(const char *name)
{
    for (const struct model_plan *plan = model_plans; plan->name; plan++)
        if (strcmp(plan->name, name) == 0)
            return plan;
    return NULL;
}

void model_builder_vocabulary(struct gguf_builder *b,
                              const struct tiny_vocabulary *tiny, const char *less)
{
    const char *token[TINY_TOKENS], *merge[8];
    int32_t type[TINY_TOKENS];
    float score[TINY_TOKENS];
    size_t count = tiny->source.tokens;
    for (size_t i = 0; i < count; i++) {
        token[i] = tiny->written[i];
        type[i] = (int32_t)tiny->type[i];
        score[i] = (float)tiny->score[i];
    }
    for (size_t i = 0; i < tiny->source.merges; i++)
        merge[i] = tiny->merge[i].bytes;
    if (strcmp(less, "model") != 0)
        gguf_builder_text(b, "tokenizer.ggml.model", tiny->source.model);
    if (strcmp(less, "pre") != 0 && tiny->source.pre)
        gguf_builder_text(b, "tokenizer.ggml.pre", tiny->source.pre);
    if (strcmp(less, "tokens") != 0)
        gguf_builder_texts(b, "tokenizer.ggml.tokens", count, token);
    if (strcmp(less, "token_type") != 0)
        gguf_builder_array(b, "tokenizer.ggml.token_type", VALUE_I32, count, type,
                           4 * count);
    if (strcmp(less, "scores") != 0)
        gguf_builder_array(b, "tokenizer.ggml.scores", VALUE_F32, count, score,
                           4 * count);
    if (strcmp(less, "merges") != 0 && tiny->source.merge)
        gguf_builder_texts(b, "tokenizer.ggml.merges", tiny->source.merges, merge);
}

/* A file in the making. */
struct maker {
    struct gguf_builder builder;
    const struct model_plan *plan;
    const struct model_change *change;
    bool has_changed;
};

static bool is_changed(struct maker *m, const char *name)
{
    bool is_it = strcmp(m->change->name, name) == 0;
    m->has_changed |= is_it;
    return is_it;
}

/* Carries out the change, whatever the plan has in its place. */
static void put_change(struct maker *m)
{
    const struct model_change *c = m->change;
    uint64_t extent[2] = { c->columns, c->rows };
    const struct block_format *format = block_format_find(c->whole);
    switch (c->kind) {
    case CHANGE_NOTHING:
    case LEAVE_OUT: break;
    case SAY_WHOLE: gguf_builder_u32(&m->builder, c->name, c->whole); break;
    case SAY_REAL: gguf_builder_float(&m->builder, c->name, (float)c->real); break;
    case SAY_TEXT: gguf_builder_text(&m->builder, c->name, c->text); break;
    case PUT_SHAPE:
        gguf_builder_random(&m->builder, c->name, c->columns, c->rows, 1, 0, SEED);
        break;
    case PUT_TYPE: {
        size_t bytes = (size_t)c->columns / format->elements * format->bytes *
                       (c->rows ? c->rows : 1);
        void *zeros = calloc(bytes, 1);
        m->builder.data.failed |= zeros == NULL;
        if (zeros)
            gguf_builder_tensor(&m->builder, c->name, c->whole, c->rows ? 2 : 1, extent,
                                zeros, bytes);
        free(zeros);
        break;
    }
    }
}

static void say(struct maker *m, const char *name, uint32_t value)
{
    char key[96];
    snprintf(key, sizeof key, "%s.%s", m->plan->architecture, name);
    if (is_changed(m, key))
        put_change(m);
    else
        gguf_builder_u32(&m->builder, key, value);
}

static void say_real(struct maker *m, const char *name, float value)
{
    char key[96];
    snprintf(key, sizeof key, "%s.%s", m->plan->architecture, name);
    if (is_changed(m, key))
        put_change(m);
    else
        gguf_builder_float(&m->builder, key, value);
}

static void say_text(struct maker *m, const char *key, const char *value)
{
    if (is_changed(m, key))
        put_change(m);
    else
        gguf_builder_text(&m->builder, key, value);
}

static void put(struct maker *m, int layer, const char *name, uint32_t columns,
                uint32_t rows, float mean, float spread)
{
    char full[96];
    if (layer < 0)
        snprintf(full, sizeof full, "%s", name);
    else
        snprintf(full, sizeof full, "blk.%d.%s", layer, name);
    if (is_changed(m, full))
        put_change(m);
    else
        gguf_builder_random(&m->builder, full, columns, rows, mean, spread, SEED);
}

static void put_matrix(struct maker *m, int layer, const char *name, uint32_t inputs,
                       uint32_t outputs)
{
    put(m, layer, name, inputs, outputs, 0, sqrtf(3.0f / (float)inputs));
}

static void put_norm(struct maker *m, int layer, const char *name, uint32_t width)
{
    put(m, layer, name, width, 0, 1, 0.5f);
}

static void describe(struct maker *m)
{
    const struct model_plan *plan = m->plan;
    say_text(m, "general.architecture", plan->architecture);
    say(m, "block_count", plan->layers);
    say(m, "embedding_length", plan->width);
    say(m, "feed_forward_length", plan->feed_forward);
    say(m, "context_length", plan->context);
    say(m, "attention.head_count", plan->heads);
    say(m, "attention.head_count_kv", plan->kv_heads);
    say(m, "attention.key_length", plan->head_size);
    say(m, "attention.value_length", plan->head_size);
    say(m, "rope.dimension_count", plan->rope_size);
    say_real(m, "rope.freq_base", plan->rope_base);
    say_real(m, "attention.layer_norm_rms_epsilon", plan->epsilon);
    if (plan->window)
        say(m, "attention.sliding_window", plan->window);
    if (plan->rope_factor != 1) {
        char key[96];
        snprintf(key, sizeof key, "%s.rope.scaling.type", plan->architecture);
        say_text(m, key, "linear");
        say_real(m, "rope.scaling.factor", plan->rope_factor);
    }
    struct tiny_vocabulary tiny;
    if (plan->byte_level)
        tiny_vocabulary_bpe(&tiny);
    else
        tiny_vocabulary_sentencepiece(&tiny);
    model_builder_vocabulary(&m->builder, &tiny, "");
}

static void put_layer(struct maker *m, int layer)
{
    const struct model_plan *plan = m->plan;
    uint32_t inner = plan->heads * plan->head_size;
    uint32_t cached = plan->kv_heads * plan->head_size;
    put_norm(m, layer, "attn_norm.weight", plan->width);
    put_matrix(m, layer, "attn_q.weight", plan->width, inner);
    put_matrix(m, layer, "attn_k.weight", plan->width, cached);
    put_matrix(m, layer, "attn_v.weight", plan->width, cached);
    put_matrix(m, layer, "attn_output.weight", inner, plan->width);
    if (plan->has_bias) {
        put(m, layer, "attn_q.bias", inner, 0, 0, 1);
        put(m, layer, "attn_k.bias", cached, 0, 0, 1);
        put(m, layer, "attn_v.bias", cached, 0, 0, 1);
    }
    if (plan->has_head_norms) {
        put_norm(m, layer, "attn_q_norm.weight", plan->head_size);
        put_norm(m, layer, "attn_k_norm.weight", plan->head_size);
    }
    put_norm(m, layer, "ffn_norm.weight", plan->width);
    put_matrix(m, layer, "ffn_gate.weight", plan->width, plan->feed_forward);
    put_matrix(m, layer, "ffn_up.weight", plan->width, plan->feed_forward);
    put_matrix(m, layer, "ffn_down.weight", plan->feed_forward, plan->width);
    if (plan->has_post_norms) {
        put_norm(m, layer, "post_attention_norm.weight", plan->width);
        put_norm(m, layer, "post_ffw_norm.weight", plan->width);
    }
}

bool model_builder_write(const struct model_plan *plan,
                         const struct model_change *change, const char *path)
{
    static const struct model_change nothing = { CHANGE_NOTHING, "", 0, 0, 0, 0, NULL };
    uint32_t tokens = plan->byte_level ? BPE_TOKENS : SP_TOKENS;
    struct maker m = { .plan = plan, .change = change ? change : &nothing };
    gguf_builder_init(&m.builder);
    describe(&m);
    put_matrix(&m, -1, "token_embd.weight", plan->width, tokens);
    put_norm(&m, -1, "output_norm.weight", plan->width);
    if (plan->has_output)
        put_matrix(&m, -1, "output.weight", plan->width, tokens);
    if (plan->has_rope_factors)
        put(&m, -1, "rope_freqs.weight", plan->rope_size / 2, 0, 2, 1);
    for (uint32_t layer = 0; layer < plan->layers; layer++)
        put_layer(&m, (int)layer);
    if (!m.has_changed)
        put_change(&m);
    bool is_good = gguf_builder_write(&m.builder, path);
    gguf_builder_release(&m.builder);
    return is_good;
}
