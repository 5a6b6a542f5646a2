/* Models out of files: the architectures, and every number and
 * tensor that can be wrong. */
#include "lm/model.h"

#include "lm/architecture.h"
#include "tests/model_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum error_code open_changed(struct model *model, const char *plan,
                                    const struct model_change *change,
                                    struct error *err)
{
    const char *path = temporary_path("model.gguf");
    CU_ASSERT_FATAL(model_builder_write(model_plan_find(plan), change, path));
    return model_open(model, path, err);
}

static void check_sites(const struct model *model, const struct model_plan *plan)
{
    uint32_t inner = plan->heads * plan->head_size;
    uint32_t cached = plan->kv_heads * plan->head_size;
    CU_ASSERT_EQUAL_FATAL(model->sites, 4 * plan->layers + 1);
    for (uint32_t l = 0; l < plan->layers; l++) {
        const struct model_layer *layer = &model->layer[l];
        const struct site *in = &model->site[layer->site[ROLE_ATTN_IN]];
        const struct site *out = &model->site[layer->site[ROLE_ATTN_OUT]];
        const struct site *wide = &model->site[layer->site[ROLE_FFN_IN]];
        const struct site *down = &model->site[layer->site[ROLE_FFN_DOWN]];
        CU_ASSERT(in->inputs == plan->width && in->outputs == inner + 2 * cached);
        CU_ASSERT(out->inputs == inner && out->outputs == plan->width);
        CU_ASSERT_EQUAL(wide->inputs, plan->width);
        CU_ASSERT_EQUAL(wide->outputs, 2 * plan->feed_forward);
        CU_ASSERT(down->inputs == plan->feed_forward && down->outputs == plan->width);
        CU_ASSERT_EQUAL(in->bias != NULL, plan->has_bias);
        CU_ASSERT_EQUAL(layer->query_norm != NULL, plan->has_head_norms);
        CU_ASSERT_EQUAL(layer->post_attention_norm != NULL, plan->has_post_norms);
        bool is_global = plan->period && (l + 1) % plan->period == 0;
        CU_ASSERT_EQUAL(layer->is_windowed, plan->window && !is_global);
    }
    const struct site *head = &model->site[model->sites - 1];
    CU_ASSERT(head->role == ROLE_HEAD && head->layer < 0);
    CU_ASSERT_EQUAL(head->matrix[0] == model->embedding, !plan->has_output);
    CU_ASSERT_STRING_EQUAL(head->name, "head");
    CU_ASSERT_STRING_EQUAL(model->site[1].name, "L00.attn_out");
}

static void models_of_every_architecture_open(void)
{
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct model model;
        struct error err = { 0 };
        enum error_code code = open_changed(&model, plan->name, NULL, &err);
        if (code != OK)
            printf("    %s: %s\n", plan->name, err.text);
        CU_ASSERT_EQUAL_FATAL(code, OK);
        CU_ASSERT_STRING_EQUAL(model.architecture->name, plan->architecture);
        CU_ASSERT_EQUAL(model.shape.rope_size, plan->rope_size);
        CU_ASSERT_EQUAL(model.shape.context, plan->context);
        CU_ASSERT_EQUAL(model.is_tied, !plan->has_output);
        CU_ASSERT_EQUAL(model.rope_factors != NULL, plan->has_rope_factors);
        CU_ASSERT_EQUAL((float)model.shape.norm_epsilon, plan->epsilon);
        CU_ASSERT_EQUAL(model.shape.rope_factor, (double)plan->rope_factor);
        check_sites(&model, plan);
        model_close(&model);
    }
    for (const struct architecture *a = architectures; a->name; a++) {
        bool has_plan = false;
        for (const struct model_plan *plan = model_plans; plan->name; plan++)
            has_plan |= strcmp(plan->architecture, a->name) == 0;
        CU_ASSERT(has_plan);
    }
}

static void absent_numbers_have_defaults(void)
{
    static const char *const less[] = {
        "llama.attention.key_length",
        "llama.attention.value_length",
        "llama.rope.dimension_count",
        "llama.rope.freq_base",
        "llama.attention.layer_norm_rms_epsilon",
    };
    for (size_t i = 0; i < sizeof less / sizeof less[0]; i++) {
        struct model_change change = { .kind = LEAVE_OUT, .name = less[i] };
        struct model model;
        struct error err = { 0 };
        CU_ASSERT_EQUAL_FATAL(open_changed(&model, "llama", &change, &err), OK);
        CU_ASSERT(model.shape.head_size == 8 && model.shape.rope_size == 8);
        CU_ASSERT_EQUAL(model.shape.rope_base, 10000);
        CU_ASSERT_DOUBLE_EQUAL(model.shape.norm_epsilon, 1e-5, 1e-12);
        model_close(&model);
    }
}

struct refusal {
    const char *plan, *expected; /* part of the sentence */
    struct model_change change;
};

enum { F32 = 0, IQ4_NL = 20, I32 = 26 };

/* The plan `llama`: 5 layers, width 64, 8 heads of 8, 4 of keys, feed-forward 172; 47
 * tensors. */
static const struct refusal refusals[] = {
    { "llama", "llama.block_count", { SAY_WHOLE, "llama.block_count", .whole = 0 } },
    { "llama",
      "llama.block_count is missing",
      { LEAVE_OUT, .name = "llama.block_count" } },
    { "llama", "tensor blk.4.", { SAY_WHOLE, "llama.block_count", .whole = 4 } },
    { "llama",
      "no tensor blk.5.attn_norm.weight",
      { SAY_WHOLE, "llama.block_count", .whole = 6 } },
    { "llama",
      "4000 layers, but only 47 tensors",
      { SAY_WHOLE, "llama.block_count", .whole = 4000 } },
    { "llama",
      "llama.block_count",
      { SAY_WHOLE, "llama.block_count", .whole = UINT32_MAX } },
    { "llama", "llama.block_count", { SAY_REAL, "llama.block_count", .real = 5 } },
    { "llama", "llama.block_count", { SAY_TEXT, "llama.block_count", .text = "5" } },
    { "llama",
      "llama.embedding_length",
      { SAY_WHOLE, "llama.embedding_length", .whole = 0 } },
    { "llama",
      "expected 65 x 1",
      { SAY_WHOLE, "llama.embedding_length", .whole = 65 } },
    { "llama",
      "llama.feed_forward_length",
      { SAY_WHOLE, "llama.feed_forward_length", .whole = 0 } },
    { "llama",
      "ffn_gate.weight: expected 64 x 171, found 64 x 172",
      { SAY_WHOLE, "llama.feed_forward_length", .whole = 171 } },
    { "llama",
      "llama.context_length",
      { SAY_WHOLE, "llama.context_length", .whole = 0 } },
    { "llama",
      "llama.context_length is missing",
      { LEAVE_OUT, .name = "llama.context_length" } },
    { "llama",
      "llama.attention.head_count",
      { SAY_WHOLE, "llama.attention.head_count", .whole = 0 } },
    { "llama",
      "llama.attention.head_count_kv",
      { SAY_WHOLE, "llama.attention.head_count_kv", .whole = 0 } },
    { "llama",
      "8 heads are no multiple of 3 key heads",
      { SAY_WHOLE, "llama.attention.head_count_kv", .whole = 3 } },
    { "llama",
      "llama.attention.head_count_kv",
      { SAY_WHOLE, "llama.attention.head_count_kv", .whole = 16 } },
    { "llama",
      "attn_k.weight",
      { SAY_WHOLE, "llama.attention.head_count_kv", .whole = 2 } },
    { "llama",
      "attn_k.weight",
      { LEAVE_OUT, .name = "llama.attention.head_count_kv" } },
    { "llama",
      "llama.attention.key_length",
      { SAY_WHOLE, "llama.attention.key_length", .whole = 0 } },
    { "llama",
      "value length 16 differs from key length 8",
      { SAY_WHOLE, "llama.attention.value_length", .whole = 16 } },
    { "llama",
      "rope dimension 10",
      { SAY_WHOLE, "llama.rope.dimension_count", .whole = 10 } },
    { "llama",
      "rope dimension 7",
      { SAY_WHOLE, "llama.rope.dimension_count", .whole = 7 } },
    { "llama",
      "llama.rope.dimension_count",
      { SAY_WHOLE, "llama.rope.dimension_count", .whole = 0 } },
    { "llama",
      "llama.rope.freq_base",
      { SAY_REAL, "llama.rope.freq_base", .real = -1 } },
    { "llama",
      "llama.rope.freq_base",
      { SAY_REAL, "llama.rope.freq_base", .real = (double)INFINITY } },
    { "llama",
      "llama.attention.layer_norm_rms_epsilon",
      { SAY_REAL, "llama.attention.layer_norm_rms_epsilon", .real = -1e-5 } },
    { "llama",
      "llama.attention.layer_norm_rms_epsilon",
      { SAY_REAL, "llama.attention.layer_norm_rms_epsilon", .real = (double)NAN } },
    { "llama",
      "llama.rope.scaling.type: expected none or linear, found 'yarn'",
      { SAY_TEXT, "llama.rope.scaling.type", .text = "yarn" } },
    { "llama-factors",
      "llama.rope.scaling.factor",
      { SAY_REAL, "llama.rope.scaling.factor", .real = 0 } },
    { "llama-factors",
      "rope_freqs.weight: expected 3 x 1, found 4 x 1",
      { PUT_SHAPE, "rope_freqs.weight", .columns = 4 } },
    { "llama-factors",
      "rope_freqs.weight: expected divisors above 0",
      { PUT_TYPE, "rope_freqs.weight", .whole = F32, .columns = 3 } },
    { "llama",
      "architecture 'mamba' is not supported",
      { SAY_TEXT, "general.architecture", .text = "mamba" } },
    { "llama",
      "architecture '' is not supported",
      { LEAVE_OUT, .name = "general.architecture" } },
    { "llama",
      "270 tokens in the vocabulary, 269 embedded",
      { PUT_SHAPE, "token_embd.weight", .columns = 64, .rows = 269 } },
    { "llama",
      "no tensor token_embd.weight",
      { LEAVE_OUT, .name = "token_embd.weight" } },
    { "llama",
      "no tensor output_norm.weight",
      { LEAVE_OUT, .name = "output_norm.weight" } },
    { "llama",
      "no tensor blk.3.ffn_up.weight",
      { LEAVE_OUT, .name = "blk.3.ffn_up.weight" } },
    { "qwen2",
      "no tensor blk.2.attn_v.bias",
      { LEAVE_OUT, .name = "blk.2.attn_v.bias" } },
    { "qwen3",
      "no tensor blk.1.attn_k_norm.weight",
      { LEAVE_OUT, .name = "blk.1.attn_k_norm.weight" } },
    { "gemma3",
      "no tensor blk.6.post_ffw_norm.weight",
      { LEAVE_OUT, .name = "blk.6.post_ffw_norm.weight" } },
    { "llama",
      "blk.2.attn_q.weight: expected 64 x 64, found 64 x 32",
      { PUT_SHAPE, "blk.2.attn_q.weight", .columns = 64, .rows = 32 } },
    { "llama",
      "blk.0.attn_norm.weight: expected 64 x 1",
      { PUT_SHAPE, "blk.0.attn_norm.weight", .columns = 64, .rows = 1 } },
    { "llama",
      "blk.0.ffn_norm.weight: expected 64 x 1, found 63 x 1",
      { PUT_SHAPE, "blk.0.ffn_norm.weight", .columns = 63 } },
    { "llama",
      "output.weight: expected 64 x 270",
      { PUT_SHAPE, "output.weight", .columns = 64, .rows = 200 } },
    { "llama",
      "tensor blk.1.attn_q.bias has no place in architecture llama",
      { PUT_SHAPE, "blk.1.attn_q.bias", .columns = 64 } },
    { "llama",
      "tensor blk.0.attn_gate.weight has no place",
      { PUT_SHAPE, "blk.0.attn_gate.weight", .columns = 64, .rows = 64 } },
    { "qwen2",
      "tensor rope_tail.weight has no place in architecture qwen2",
      { PUT_SHAPE, "rope_tail.weight", .columns = 2 } },
    { "llama",
      "blk.4.ffn_gate.weight is IQ4_NL, which is not supported",
      { PUT_TYPE, "blk.4.ffn_gate.weight", .whole = IQ4_NL, .columns = 64,
        .rows = 172 } },
    { "llama",
      "output_norm.weight is I32, which is not supported",
      { PUT_TYPE, "output_norm.weight", .whole = I32, .columns = 64 } },
};

/* One sentence on one line that names the file and what is wrong in it. */
static void whatever_is_wrong_is_named(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *refusal = &refusals[i];
        struct model model;
        struct error err = { 0 };
        CU_ASSERT_EQUAL(open_changed(&model, refusal->plan, &refusal->change, &err),
                        ERR_FORMAT);
        bool is_named = strstr(err.text, refusal->expected) &&
                        strstr(err.text, "model.gguf: ") && !strchr(err.text, '\n');
        CU_ASSERT(is_named);
        if (!is_named)
            printf("    expected '%s', found '%s'\n", refusal->expected, err.text);
        CU_ASSERT(!model.layer && !model.site && !model.file.tensors);
    }
}

/* 65 heads share 64 components: none is left for a head. */
static void more_heads_than_width_are_refused(void)
{
    struct model_plan plan = *model_plan_find("llama");
    struct model_change change = { LEAVE_OUT, .name = "llama.attention.key_length" };
    struct model model;
    struct error err = { 0 };
    plan.heads = plan.kv_heads = 65;
    plan.head_size = 1;
    CU_ASSERT_FATAL(model_builder_write(&plan, &change, temporary_path("model.gguf")));
    CU_ASSERT_EQUAL(model_open(&model, temporary_path("model.gguf"), &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "key_length is missing"));
}

static void files_without_tensors_are_refused(void)
{
    const char *path = test_case_path("ggml-vocab-gpt-2.gguf");
    struct model model;
    struct error err = { 0 };
    if (!path)
        return;
    CU_ASSERT_EQUAL(model_open(&model, path, &err), ERR_FORMAT);
    CU_ASSERT(err.text[0]);
}

CU_TestInfo model_tests[] = {
    { "models of every architecture open", models_of_every_architecture_open },
    { "absent numbers have defaults", absent_numbers_have_defaults },
    { "whatever is wrong is named", whatever_is_wrong_is_named },
    { "more heads than width are refused", more_heads_than_width_are_refused },
    { "files without tensors are refused", files_without_tensors_are_refused },
    CU_TEST_INFO_NULL,
};
