/* See plan_file.h. */
#include "experiments/plan_file.h"

#include "experiments/table.h"
#include "lm/gguf_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum error_code plan_contexts_read(struct plan_contexts *contexts, const char *text,
                                   uint32_t most, struct error *err)
{
    static const uint32_t usual[] = { 4096, 32768, 131072 };
    *contexts = (struct plan_contexts){ 0 };
    for (size_t i = 0; !text && i < sizeof usual / sizeof usual[0]; i++)
        if (!most || usual[i] <= most)
            contexts->length[contexts->count++] = usual[i];
    if (!text && contexts->count == 0)
        contexts->length[contexts->count++] = most;
    for (const char *at = text; at && *at;) {
        char *end;
        unsigned long long length = strtoull(at, &end, 10);
        bool is_number = *at >= '0' && *at <= '9' && (*end == '\0' || *end == ',');
        if (!is_number || length < 1 || length > PLAN_MAX_CONTEXT ||
            contexts->count == PLAN_CONTEXTS)
            return error_set(err, ERR_ARGUMENT,
                             "--context: expected up to %d numbers from 1 to %d with "
                             "commas between, found '%s'",
                             PLAN_CONTEXTS, PLAN_MAX_CONTEXT, text);
        contexts->length[contexts->count++] = (uint32_t)length;
        at = end + (*end == ',');
    }
    if (contexts->count == 0)
        return error_set(err, ERR_ARGUMENT, "--context: expected a number");
    return OK;
}

bool plan_file_is_config(const char *path)
{
    size_t length = strlen(path);
    return length >= 5 && strcmp(path + length - 5, ".json") == 0;
}

enum error_code plan_file_open(struct plan_file *file, const char *path,
                               struct error *err)
{
    *file = (struct plan_file){ .path = path };
    err->code = OK;
    if (plan_file_is_config(path))
        return hf_config_open(&file->plan, &file->training, path, err);
    struct model_file model;
    if (model_file_open(&model, path, err) != OK)
        return err->code;
    if (gguf_plan_read(&file->plan, &model, err) != OK)
        error_wrap(err, "%s", path);
    model_file_close(&model);
    return err->code;
}

void plan_file_close(struct plan_file *file)
{
    operation_plan_release(&file->plan);
    *file = (struct plan_file){ 0 };
}

json_t *plan_parts(const struct operation_plan *plan, uint32_t context)
{
    struct plan_counts counts;
    json_t *rows = json_array();
    operation_plan_count(plan, context, &counts);
    for (int part = 0; part <= PLAN_PARTS; part++) {
        bool is_total = part == PLAN_PARTS;
        double mac = (double)(is_total ? counts.total_mac : counts.mac[part]);
        if (part >= PLAN_ROUTER && mac == 0)
            continue;
        json_array_append_new(rows, json_pack("{s:s, s:f, s:f}", "part",
                                              is_total ? "total" : plan_part_name[part],
                                              "mac", mac, "share",
                                              mac / (double)counts.total_mac));
    }
    return rows;
}

void plan_print_parts(const json_t *parts)
{
    static const struct column columns[] = {
        { "part", "part", -10, -1, false },
        { "mac", "multiply-accumulates", 22, 0, false },
        { "share", "of all", 9, 1, true },
        { 0 },
    };
    table_print(columns, parts);
}

json_t *plan_lengths(const struct operation_plan *plan,
                     const struct plan_contexts *contexts)
{
    struct plan_parameters parameters;
    json_t *rows = json_array();
    operation_plan_parameters(plan, &parameters);
    for (size_t i = 0; i < contexts->count; i++) {
        struct plan_counts counts;
        operation_plan_count(plan, contexts->length[i], &counts);
        double mixing = (double)(counts.mac[PLAN_ATTENTION] + counts.mac[PLAN_STATE]);
        json_array_append_new(
            rows,
            json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "context",
                      (json_int_t)contexts->length[i], "mac", (double)counts.total_mac,
                      "mean_mac", operation_plan_mean(plan, contexts->length[i]),
                      "attention_mac", mixing, "attention_share",
                      mixing / (double)counts.total_mac, "weight_bytes",
                      parameters.active_bytes, "cache_bytes",
                      (double)counts.cache_bytes, "cache_bytes_per_token",
                      (double)counts.cache_growth, "cache_traffic_bytes",
                      (double)counts.cache_traffic_bytes, "state_bytes",
                      (double)counts.state_bytes));
    }
    return rows;
}

void plan_print_lengths(const json_t *lengths)
{
    static const struct column columns[] = {
        { "context", "context", 8, -1, false },
        { "mac", "MAC per token", 16, 0, false },
        { "attention_share", "attention", 9, 1, true },
        { "mean_mac", "prompt's mean", 16, 0, false },
        { "weight_bytes", "weight bytes read", 17, 0, false },
        { "cache_bytes", "cache bytes held", 16, 0, false },
        { "state_bytes", "state bytes", 12, 0, false },
        { 0 },
    };
    table_print(columns, lengths);
}

static const char *kind_of(const struct plan_layer *layer)
{
    bool is_windowed = layer->attention.window > 0;
    if (layer->state.heads && layer->attention.heads)
        return is_windowed ? "linear + windowed" : "linear + full";
    if (layer->state.heads)
        return "linear";
    return layer->attention.kv_rank ? "latent" : is_windowed ? "windowed" : "full";
}

/* "22 windowed, 4 full". */
static void describe_kinds(const struct operation_plan *plan, char *text, size_t room)
{
    static const char *const kind[] = {
        "full", "windowed", "latent", "linear", "linear + full", "linear + windowed"
    };
    size_t used = 0;
    text[0] = '\0';
    for (size_t k = 0; k < sizeof kind / sizeof kind[0]; k++) {
        unsigned layers = 0;
        for (uint32_t l = 0; l < plan->layers; l++)
            layers += strcmp(kind_of(&plan->layer[l]), kind[k]) == 0;
        if (layers > 0 && used < room)
            used += (size_t)snprintf(text + used, room - used, "%s%u %s",
                                     used ? ", " : "", layers, kind[k]);
    }
}

json_t *plan_describe(const struct plan_file *file,
                      const struct plan_contexts *contexts)
{
    const struct operation_plan *plan = &file->plan;
    struct plan_parameters parameters;
    char kinds[160];
    unsigned mixed = 0;
    for (uint32_t l = 0; l < plan->layers; l++)
        mixed += plan->layer[l].feed_forward.experts > 0;
    operation_plan_parameters(plan, &parameters);
    describe_kinds(plan, kinds, sizeof kinds);
    json_t *shape =
        json_pack("{s:s, s:i, s:s, s:i, s:i, s:i, s:b}", "architecture",
                  plan->architecture, "layers", (int)plan->layers, "attention", kinds,
                  "expert_layers", (int)mixed, "width", (int)plan->width, "vocabulary",
                  (int)plan->vocabulary, "tied_head", plan->is_tied);
    json_t *sizes =
        json_pack("{s:I, s:I, s:I, s:f, s:f}", "total", (json_int_t)parameters.total,
                  "active", (json_int_t)parameters.active, "embedding",
                  (json_int_t)parameters.embedding, "bytes", parameters.bytes,
                  "active_bytes", parameters.active_bytes);
    return json_pack("{s:s, s:o, s:o, s:I, s:o, s:o}", "model", file->path, "shape",
                     shape, "parameters", sizes, "position",
                     (json_int_t)contexts->length[0] - 1, "operations",
                     plan_parts(plan, contexts->length[0]), "contexts",
                     plan_lengths(plan, contexts));
}

static void print_object(const char *heading, const json_t *object)
{
    const char *key;
    json_t *value;
    printf("%s\n", heading);
    json_object_foreach((json_t *)object, key, value)
    {
        if (json_is_string(value))
            printf("  %-14s %s\n", key, json_string_value(value));
        else if (json_is_boolean(value))
            printf("  %-14s %s\n", key, json_is_true(value) ? "true" : "false");
        else
            printf("  %-14s %.0f\n", key, json_number_value(value));
    }
}

void plan_print(const json_t *description)
{
    printf("%s\n", json_string_value(json_object_get(description, "model")));
    print_object("", json_object_get(description, "shape"));
    print_object("\nparameters", json_object_get(description, "parameters"));
    printf("\nper token at position %lld (norms, softmax, RoPE and gates apart)\n",
           json_integer_value(json_object_get(description, "position")));
    plan_print_parts(json_object_get(description, "operations"));
    printf("\nby context\n");
    plan_print_lengths(json_object_get(description, "contexts"));
}
