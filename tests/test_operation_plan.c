/* Counts without weights: against the running transformer, against published figures,
 * and by hand. */
#include "base/version.h"
#include "lm/architecture.h"
#include "lm/gguf_plan.h"
#include "lm/hf_config.h"
#include "tests/machine.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void parse(struct operation_plan *plan, const char *json)
{
    struct training_facts training;
    struct error err = { 0 };
    hf_config_parse(plan, &training, json, strlen(json), &err);
    CU_ASSERT_STRING_EQUAL(err.text, "");
}

static void open_config(struct operation_plan *plan, struct training_facts *training,
                        const char *name)
{
    char path[1200];
    struct error err = { 0 };
    snprintf(path, sizeof path, "%s/configs/%s.json", version_data_folder(), name);
    hf_config_open(plan, training, path, &err);
    CU_ASSERT_STRING_EQUAL_FATAL(err.text, "");
}

/* What the configuration of a random model would say. */
static void parse_model_plan(struct operation_plan *plan,
                             const struct model_plan *model, uint32_t vocabulary)
{
    char json[1024];
    bool is_gemma = strcmp(model->architecture, "gemma3") == 0;
    const char *type = is_gemma        ? "gemma3_text"
                       : model->window ? "mistral"
                                       : model->architecture;
    snprintf(json, sizeof json,
             "{\"model_type\":\"%s\",\"num_hidden_layers\":%u,\"hidden_size\":%u,"
             "\"intermediate_size\":%u,\"num_attention_heads\":%u,"
             "\"num_key_value_heads\":%u,\"head_dim\":%u,\"vocab_size\":%u,"
             "\"tie_word_embeddings\":%s,\"sliding_window\":%u,"
             "\"sliding_window_pattern\":%u}",
             type, model->layers, model->width, model->feed_forward, model->heads,
             model->kv_heads, model->head_size, vocabulary,
             model->has_output ? "false" : "true", model->window, model->period);
    parse(plan, json);
}

/* A projector that counts what passes through another. */
struct counter {
    const struct model *model;
    struct projector inner;
    uint64_t mac[ROLE_COUNT];
};

static enum error_code count_rows(void *self, uint32_t site, const float *x,
                                  size_t rows, const struct row_id *ids, float *y,
                                  struct error *err)
{
    struct counter *counter = self;
    const struct site *s = &counter->model->site[site];
    counter->mac[s->role] += (uint64_t)rows * s->inputs * s->outputs;
    return counter->inner.apply(counter->inner.self, site, x, rows, ids, y, err);
}

static void expect_same_counts(const struct operation_plan *plan,
                               const struct counter *counter, uint32_t position)
{
    struct plan_counts counts;
    struct host_cost host;
    operation_plan_count(plan, position + 1, &counts);
    transformer_host_cost(counter->model, position, &host);
    CU_ASSERT(memcmp(counts.mac, counter->mac, sizeof counter->mac) == 0);
    CU_ASSERT(counts.mac[PLAN_ATTENTION] == host.ops[HOST_ATTENTION].n[OP_MAC_F16]);
    CU_ASSERT(counts.cache_traffic_bytes == host.cache_bytes);
    CU_ASSERT(counts.mac[PLAN_ROUTER] == 0 && counts.mac[PLAN_STATE] == 0);
}

static void expect_same_parameters(const struct operation_plan *plan,
                                   const struct model *model)
{
    struct plan_parameters parameters;
    uint64_t elements = 0;
    operation_plan_parameters(plan, &parameters);
    for (size_t t = 0; t < model->file.tensor_count; t++) {
        const struct tensor *tensor = &model->file.tensors[t];
        if (strcmp(tensor->name.bytes, "rope_freqs.weight") != 0)
            elements += tensor->extent[0] * tensor->extent[1];
    }
    CU_ASSERT(parameters.total == elements);
    CU_ASSERT(parameters.active ==
              elements - (model->is_tied ? 0 : parameters.embedding));
}

static void counts_are_those_of_the_running_transformer(void)
{
    enum { FEW = 20 };
    for (const struct model_plan *model = model_plans; model->name; model++) {
        struct machine m;
        struct operation_plan from_json, from_gguf;
        struct error err = { 0 };
        machine_open_plan(&m, model);
        parse_model_plan(&from_json, model, m.model.shape.vocabulary);
        CU_ASSERT(gguf_plan_read(&from_gguf, &m.model.file, &err) == OK);
        expect_same_parameters(&from_json, &m.model);
        expect_same_parameters(&from_gguf, &m.model);

        machine_start(&m, DENSE_INT8, 1, NULL);
        struct projector plain = m.projector;
        struct counter counter = { .model = &m.model, .inner = plain };
        m.projector = (struct projector){ .self = &counter, .apply = count_rows };
        float *logits = machine_logits(&m);
        for (uint32_t position = 0; position < FEW; position++) {
            memset(counter.mac, 0, sizeof counter.mac);
            machine_run(&m, 0, position, position + 1, 0, 1, logits);
            expect_same_counts(&from_json, &counter, position);
            expect_same_counts(&from_gguf, &counter, position);
        }
        free(logits);
        m.projector = plain;
        operation_plan_release(&from_json);
        operation_plan_release(&from_gguf);
        machine_close(&m);
    }
}

/* Elements of all tensors of the released checkpoints, as their hosts count them, and
 * cache bytes by hand. DeepSeek-V3 without its module of multi-token prediction; the 76B
 * of SpikingBrain is not released, and its name is all there is. */
static void published_sizes_come_out(void)
{
    static const struct {
        const char *name;
        uint64_t total, rounded, cache;
    } known[] = {
        { "deepseek-v3", 671026419200, 1, 70272 },
        { "gemma-3-270m", 268098176, 1, 18432 },
        { "llama-3.1-405b", 405853388800, 1, 516096 },
        { "llama-3.1-8b", 8030261248, 1, 131072 },
        { "mistral-7b", 7241732096, 1, 131072 },
        { "qwen2.5-7b", 7615616512, 1, 57344 },
        { "qwen3-0.6b", 596049920, 1, 114688 },
        { "smollm2-135m", 134515008, 1, 23040 },
        { "spikingbrain-76b", 76, 1000000000, 57344 },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct operation_plan plan;
        struct training_facts training;
        struct plan_parameters parameters;
        struct plan_counts counts;
        open_config(&plan, &training, known[i].name);
        operation_plan_parameters(&plan, &parameters);
        operation_plan_count(&plan, 1, &counts);
        CU_ASSERT(parameters.total / known[i].rounded == known[i].total);
        CU_ASSERT(counts.cache_growth == known[i].cache);
        operation_plan_release(&plan);
    }
}

/* The comparison of arXiv 2505.09343, table 2. Its 250 GFLOPs are ours; its 2448 are
 * ours with half of the attention, 1 % less. */
static void training_of_deepseek_takes_a_tenth_of_llamas(void)
{
    struct operation_plan plan[2];
    struct training_facts facts[2];
    double operations[2];
    static const char *const name[] = { "deepseek-v3", "llama-3.1-405b" };
    for (int i = 0; i < 2; i++) {
        open_config(&plan[i], &facts[i], name[i]);
        operations[i] = operation_plan_training(&plan[i], 4096);
    }
    CU_ASSERT_DOUBLE_EQUAL(operations[0], 250e9, 0.5e9);
    CU_ASSERT_DOUBLE_EQUAL(operations[1], 2448e9, 0.011 * 2448e9);
    CU_ASSERT_DOUBLE_EQUAL(facts[1].operations / facts[0].operations, 9.8, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(facts[1].operations * facts[1].tokens /
                               (facts[0].operations * facts[0].tokens),
                           10.3, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(facts[1].gpu_hours / facts[0].gpu_hours, 11.06, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(facts[1].active_parameters * facts[1].tokens /
                               (facts[0].active_parameters * facts[0].tokens),
                           11.5, 0.05);
    operation_plan_release(&plan[0]);
    operation_plan_release(&plan[1]);
}

static void training_is_the_mean_over_positions(void)
{
    enum { LENGTH = 50 };
    static const char *const json[] = {
        "{\"model_type\":\"gemma3_text\",\"num_hidden_layers\":7,\"hidden_size\":8,"
        "\"intermediate_size\":16,\"num_attention_heads\":2,\"head_dim\":4,"
        "\"vocab_size\":10,\"sliding_window\":6}",
        "{\"model_type\":\"gla_swa\",\"num_hidden_layers\":5,\"hidden_size\":8,"
        "\"intermediate_size\":16,\"num_attention_heads\":2,\"vocab_size\":10,"
        "\"sliding_window\":3}",
    };
    for (int i = 0; i < 2; i++) {
        struct operation_plan plan;
        struct plan_counts counts;
        double sum = 0;
        parse(&plan, json[i]);
        for (uint32_t context = 1; context <= LENGTH; context++) {
            operation_plan_count(&plan, context, &counts);
            sum += 6 * (double)counts.total_mac;
        }
        /* The closed form rounds a few times. */
        CU_ASSERT_DOUBLE_EQUAL(operation_plan_training(&plan, LENGTH), sum / LENGTH,
                               1e-12 * sum);
        operation_plan_release(&plan);
    }
}

static const char latent_json[] =
    "{\"model_type\":\"deepseek_v2\",\"num_hidden_layers\":2,\"hidden_size\":10,"
    "\"intermediate_size\":20,\"moe_intermediate_size\":3,\"n_routed_experts\":5,"
    "\"num_experts_per_tok\":2,\"n_shared_experts\":1,\"first_k_dense_replace\":1,"
    "\"num_attention_heads\":2,\"q_lora_rank\":6,\"kv_lora_rank\":4,"
    "\"qk_nope_head_dim\":3,\"qk_rope_head_dim\":2,\"v_head_dim\":7,"
    "\"vocab_size\":11}";

static void latent_attention_and_experts_count_as_by_hand(void)
{
    struct operation_plan plan;
    struct plan_parameters parameters;
    struct plan_counts counts;
    parse(&plan, latent_json);
    operation_plan_count(&plan, 9, &counts);
    /* Down to 6 and up to 2 heads of 5; down to 4 + 2; up to 2 heads of 3 + 7. */
    uint64_t in = 10 * 6 + 6 * 2 * 5 + 10 * (4 + 2) + 4 * 2 * (3 + 7), out = 2 * 7 * 10;
    CU_ASSERT(counts.mac[ROLE_ATTN_IN] == 2 * in);
    CU_ASSERT(counts.mac[ROLE_ATTN_OUT] == 2 * out);
    CU_ASSERT(counts.mac[ROLE_FFN_IN] == 2 * 10 * 20 + 2 * 10 * 3 * 3);
    CU_ASSERT(counts.mac[ROLE_FFN_DOWN] == 20 * 10 + 3 * 3 * 10);
    CU_ASSERT(counts.mac[PLAN_ROUTER] == 10 * 5);
    CU_ASSERT(counts.mac[PLAN_ATTENTION] == 2 * 9 * 2 * (4 + 2 + 4));
    /* Expanded, a position costs 5 + 7 instead; 9 positions see 5 on average. */
    CU_ASSERT(
        operation_plan_mean(&plan, 9) ==
        (double)(counts.total_mac - counts.mac[PLAN_ATTENTION] + 2 * 5 * 2 * (5 + 7)));
    CU_ASSERT(counts.cache_bytes == 2 * 9 * (4 + 2) * 2);
    operation_plan_parameters(&plan, &parameters);
    uint64_t norms = 10 + 2 * (2 * 10 + 6 + 4);
    CU_ASSERT(parameters.total == 2 * (in + out) + 3 * 10 * 20 + 6 * 3 * 10 * 3 +
                                      10 * 5 + norms + 2 * 10 * 11);
    CU_ASSERT(parameters.total - parameters.active == 3 * 3 * 10 * 3 + 10 * 11);
    operation_plan_release(&plan);
}

/* A deepseek2 header, which is counted but not run, says the same as JSON. */
static void a_latent_header_counts_like_its_configuration(void)
{
    static const struct {
        const char *name;
        uint32_t value;
    } key[] = {
        { "block_count", 2 },
        { "embedding_length", 10 },
        { "context_length", 99 },
        { "feed_forward_length", 20 },
        { "expert_feed_forward_length", 3 },
        { "expert_count", 5 },
        { "expert_used_count", 2 },
        { "expert_shared_count", 1 },
        { "leading_dense_block_count", 1 },
        { "attention.head_count", 2 },
        { "attention.q_lora_rank", 6 },
        { "attention.kv_lora_rank", 4 },
        { "attention.key_length_mla", 5 },
        { "attention.value_length_mla", 7 },
        { "rope.dimension_count", 2 },
    };
    struct gguf_builder builder;
    struct model_file file;
    struct operation_plan from_json, from_gguf;
    struct error err = { 0 };
    const char *path = temporary_path("latent.gguf");
    gguf_builder_init(&builder);
    gguf_builder_text(&builder, "general.architecture", "deepseek2");
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++) {
        char name[96];
        snprintf(name, sizeof name, "deepseek2.%s", key[i].name);
        gguf_builder_u32(&builder, name, key[i].value);
    }
    gguf_builder_random(&builder, "token_embd.weight", 10, 11, 0, 1, 1);
    gguf_builder_random(&builder, "output.weight", 10, 11, 0, 1, 1);
    CU_ASSERT_FATAL(gguf_builder_write(&builder, path));
    gguf_builder_release(&builder);
    CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
    CU_ASSERT(gguf_plan_read(&from_gguf, &file, &err) == OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    parse(&from_json, latent_json);
    struct plan_counts a, b;
    operation_plan_count(&from_json, 9, &a);
    operation_plan_count(&from_gguf, 9, &b);
    CU_ASSERT(memcmp(&a, &b, sizeof a) == 0);
    operation_plan_release(&from_json);
    operation_plan_release(&from_gguf);
    model_file_close(&file);
}

static void states_do_not_grow_and_windows_fill(void)
{
    struct operation_plan plan;
    struct training_facts training;
    struct plan_counts at[3];
    open_config(&plan, &training, "spikingbrain-7b");
    for (int i = 0; i < 3; i++)
        operation_plan_count(&plan, 2048u << i, &at[i]);
    CU_ASSERT(at[0].state_bytes == 14ull * 28 * 128 * 128 * 4);
    CU_ASSERT(at[0].mac[PLAN_STATE] == 14ull * 28 * 128 * 128 * 3);
    CU_ASSERT(at[0].cache_bytes == 14ull * 2048 * 2 * 4 * 128 * 2);
    CU_ASSERT(at[1].cache_bytes == 2 * at[0].cache_bytes);
    CU_ASSERT(at[2].cache_bytes == at[1].cache_bytes);
    CU_ASSERT(at[2].total_mac == at[1].total_mac);
    operation_plan_release(&plan);

    open_config(&plan, &training, "spikingbrain-76b");
    operation_plan_count(&plan, 1 << 20, &at[0]);
    CU_ASSERT(at[0].cache_bytes ==
              (4ull * (1 << 20) + 24 * (4096 + 128)) * 2 * 4 * 128 * 2);
    operation_plan_release(&plan);
}

CU_TestInfo operation_plan_tests[] = {
    { "counts are those of the running transformer",
      counts_are_those_of_the_running_transformer },
    { "published sizes come out", published_sizes_come_out },
    { "training of DeepSeek takes a tenth of Llama's",
      training_of_deepseek_takes_a_tenth_of_llamas },
    { "training is the mean over positions", training_is_the_mean_over_positions },
    { "latent attention and experts count as by hand",
      latent_attention_and_experts_count_as_by_hand },
    { "a latent header counts like its configuration",
      a_latent_header_counts_like_its_configuration },
    { "states do not grow and windows fill", states_do_not_grow_and_windows_fill },
    CU_TEST_INFO_NULL,
};
