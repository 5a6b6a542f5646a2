/* Configurations that cannot be counted, each with its sentence. */
#include "lm/hf_config.h"
#include "tests/suites.h"

#include <stdio.h>
#include <string.h>

static void expect(const char *json, const char *sentence)
{
    struct operation_plan plan;
    struct training_facts training;
    struct error err = { 0 };
    CU_ASSERT(hf_config_parse(&plan, &training, json, strlen(json), &err) != OK);
    if (!strstr(err.text, sentence))
        printf("\n    expected '%s', found '%s'", sentence, err.text);
    CU_ASSERT(strstr(err.text, sentence) != NULL && !strchr(err.text, '\n'));
    operation_plan_release(&plan);
}

static void what_is_no_configuration_is_refused(void)
{
    static const char *const bad[][2] = {
        { "", "line 1, column 0 is not JSON" },
        { "{\"a\":1,\"a\":2}", "is not JSON" },
        { "[1]", "expected a JSON object" },
        { "{}", "model_type is missing" },
        { "{\"model_type\":3}", "model_type: expected a text, found a whole number" },
        { "{\"model_type\":\"mamba\\n\"}", "model_type 'mamba?' is not supported" },
        { "{\"model_type\":\"llama\"}", "num_hidden_layers is missing" },
        { "{\"model_type\":\"llama\",\"num_hidden_layers\":0}",
          "num_hidden_layers: expected 1 to 4294967295, found 0" },
        { "{\"model_type\":\"llama\",\"num_hidden_layers\":5000000000}",
          "num_hidden_layers: expected 1 to 4294967295, found 5000000000" },
        { "{\"model_type\":\"llama\",\"num_hidden_layers\":2.5}",
          "num_hidden_layers: expected a whole number, found a fraction" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect(bad[i][0], bad[i][1]);
}

/* The keys stand behind layers, vocabulary and feed-forward that are good. */
static void numbers_that_do_not_fit_are_refused(void)
{
    static const char *const bad[][2] = {
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8",
          "num_attention_heads is missing" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8,\"num_attention_heads\":0",
          "num_attention_heads: expected 1 to 4294967295, found 0" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8,\"num_attention_heads\":3",
          "hidden_size: 8 is no multiple of 3 num_attention_heads" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8,\"num_attention_heads\":4,\"num_key_value_heads\":3",
          "num_attention_heads: 4 is no multiple of 3 num_key_value_heads" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8,\"num_attention_heads\":4,\"head_dim\":0",
          "layer 0: keys of all heads: expected 1 to 1048576, found 0" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":4000000,\"num_attention_heads\":4",
          "width: expected 1 to 1048576, found 4000000" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8,\"num_attention_heads\":4,\"torch_dtype\":\"int3\"",
          "torch_dtype: expected float32, float16 or bfloat16, found 'int3'" },
        { "\"model_type\":\"qwen2\","
          "\"hidden_size\":8,\"num_attention_heads\":4,\"use_sliding_window\":true,"
          "\"max_window_layers\":1",
          "sliding_window is missing" },
        { "\"model_type\":\"llama\","
          "\"hidden_size\":8,\"num_attention_heads\":4,\"layer_types\":[\"full\"]",
          "layer_types: expected 2 entries, found 1" },
        { "\"model_type\":\"llama\","
          "\"lucciola\":{\"training\":{\"tokens\":1e9}}",
          "lucciola.training.tokens has no tokens_source" },
        { "\"model_type\":\"deepseek_v2\","
          "\"hidden_size\":8,\"num_attention_heads\":4,\"qk_rope_head_dim\":2,"
          "\"qk_nope_head_dim\":2,\"v_head_dim\":2,\"kv_lora_rank\":2,"
          "\"n_routed_experts\":2,\"num_experts_per_tok\":3,"
          "\"moe_intermediate_size\":4",
          "layer 0: 3 experts used of 2" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char json[512];
        snprintf(
            json, sizeof json,
            "{\"num_hidden_layers\":2,\"vocab_size\":9,\"intermediate_size\":8,%s}",
            bad[i][0]);
        expect(json, bad[i][1]);
    }
}

static void a_missing_file_is_named(void)
{
    struct operation_plan plan;
    struct training_facts training;
    struct error err = { 0 };
    CU_ASSERT(hf_config_open(&plan, &training, "no/such.json", &err) == ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "no/such.json: No such file or directory");
    operation_plan_release(&plan);
}

CU_TestInfo hf_config_tests[] = {
    { "what is no configuration is refused", what_is_no_configuration_is_refused },
    { "numbers that do not fit are refused", numbers_that_do_not_fit_are_refused },
    { "a missing file is named", a_missing_file_is_named },
    CU_TEST_INFO_NULL,
};
