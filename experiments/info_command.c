/* `lucciola info MODEL`: what a file holds and what a token of it costs. A config.json
 * is counted like a model file; several files are compared. */
#include "experiments/command.h"
#include "experiments/plan_comparison.h"
#include "experiments/session.h"
#include "experiments/table.h"
#include "lm/architecture.h"
#include "lm/block_format.h"
#include "lm/gguf_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_POSITION = 512 };

static const struct option option_info[] = {
    { "model", 'm', "MODEL", "GGUF or llama2.c file (default: the demo model)", NULL },
    { "tokenizer", 0, "FILE", "llama2.c tokenizer", NULL },
    { "kernel", 0, "NAME", "inner loops; auto: the fastest this CPU has", "auto" },
    { "position", 0, "N",
      "position whose attention is counted (default: 512, or the "
      "model's last)",
      NULL },
    { "context", 0, "N[,N]",
      "lengths to count at (default: 4096, 32768 and 131072, up to the model's)",
      NULL },
    { "tensors", 0, NULL, "list every tensor", NULL },
    { 0 },
};

static json_t *shape_of(const struct session *session)
{
    const struct model_shape *s = &session->model.shape;
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:b, s:s}",
                     "architecture", session->model.architecture->name, "layers",
                     (int)s->layers, "width", (int)s->width, "feed_forward",
                     (int)s->feed_forward, "heads", (int)s->heads, "kv_heads",
                     (int)s->kv_heads, "head_size", (int)s->head_size, "vocabulary",
                     (int)s->vocabulary, "context", (int)s->context, "rope_base",
                     s->rope_base, "tied_head", session->model.is_tied, "tokenizer",
                     tokenizer_kind(session->tokenizer));
}

/* Tensors by type: how many, how many weights, how many bytes. */
static json_t *types_of(const struct model *model)
{
    json_t *rows = json_array();
    for (uint32_t id = 0; id < 64; id++) {
        const struct block_format *format = block_format_find(id);
        long long tensors = 0, weights = 0, bytes = 0;
        for (size_t t = 0; t < model->file.tensor_count; t++) {
            const struct tensor *tensor = &model->file.tensors[t];
            if (tensor->format != format)
                continue;
            tensors++;
            bytes += (long long)tensor->bytes;
            weights += (long long)(tensor->bytes / format->bytes * format->elements);
        }
        if (tensors > 0)
            json_array_append_new(rows, json_pack("{s:s, s:I, s:I, s:I}", "type",
                                                  format->name, "tensors", tensors,
                                                  "weights", weights, "bytes", bytes));
    }
    return rows;
}

static json_t *tensors_of(const struct model *model)
{
    json_t *rows = json_array();
    for (size_t t = 0; t < model->file.tensor_count; t++) {
        const struct tensor *tensor = &model->file.tensors[t];
        char shape[64];
        int used = snprintf(shape, sizeof shape, "%llu",
                            (unsigned long long)tensor->extent[0]);
        for (unsigned d = 1; d < tensor->dims; d++)
            used += snprintf(shape + used, sizeof shape - (size_t)used, " x %llu",
                             (unsigned long long)tensor->extent[d]);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:I}", "name",
                                              tensor->name.bytes, "type",
                                              tensor->format->name, "shape", shape,
                                              "bytes", (json_int_t)tensor->bytes));
    }
    return rows;
}

static void print_info(const struct session *session, json_t *info, uint32_t position)
{
    static const struct column type_columns[] = {
        { "type", "type", -8, -1, false },
        { "tensors", "tensors", 8, -1, false },
        { "weights", "weights", 14, -1, false },
        { "bytes", "bytes", 14, -1, false },
        { 0 },
    };
    static const struct column tensor_columns[] = {
        { "name", "tensor", -32, -1, false },
        { "type", "type", -6, -1, false },
        { "shape", "shape", -18, -1, false },
        { "bytes", "bytes", 12, -1, false },
        { 0 },
    };
    printf("%s\n\n", session->model.file.path);
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(info, "shape"), key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(8));
        printf("  %-14s %s\n", key, text ? text : "?");
        free(text);
    }
    printf("\ntensors by type\n");
    table_print(type_columns, json_object_get(info, "types"));
    printf("\nper token at position %u (norms, softmax, RoPE and gates apart)\n",
           position);
    plan_print_parts(json_object_get(info, "operations"));
    printf("\nby context\n");
    plan_print_lengths(json_object_get(info, "contexts"));
    if (json_object_get(info, "tensors")) {
        putchar('\n');
        table_print(tensor_columns, json_object_get(info, "tensors"));
    }
}

static enum error_code show(const struct session *session,
                            const struct options *options, struct error *err)
{
    uint32_t most = session->model.shape.context;
    uint64_t last = most - 1;
    uint64_t position = last < DEFAULT_POSITION ? last : DEFAULT_POSITION;
    struct operation_plan plan = { 0 };
    struct plan_contexts contexts;
    json_t *info = NULL;
    if (option_is_given(options, "position") &&
        option_whole(options, "position", 0, last, &position, err) != OK)
        return err->code;
    if (plan_contexts_read(&contexts, option_text(options, "context"), most, err) != OK)
        return err->code;
    if (gguf_plan_read(&plan, &session->model.file, err) != OK)
        goto out;
    info = json_pack("{s:s, s:o, s:o, s:I, s:o, s:o}", "model",
                     session->model.file.path, "shape", shape_of(session), "types",
                     types_of(&session->model), "position", (json_int_t)position,
                     "operations", plan_parts(&plan, (uint32_t)position + 1),
                     "contexts", plan_lengths(&plan, &contexts));
    if (info && option_flag(options, "tensors"))
        json_object_set_new(info, "tensors", tensors_of(&session->model));
    if (option_flag(options, "json")) {
        json_print(info, err);
        info = NULL;
        goto out;
    }
    print_info(session, info, (uint32_t)position);
out:
    json_decref(info);
    operation_plan_release(&plan);
    return err->code;
}

static enum error_code show_model(struct options *options, struct error *err)
{
    struct session session = { 0 };
    if (options->operands == 1)
        options->value[0] = options->operand[0];
    if (session_open(&session, options, err) == OK)
        show(&session, options, err);
    session_close(&session);
    return err->code;
}

/* What is only counted: configurations, architectures that do not run here, and
 * comparisons. */
static enum error_code show_plans(const struct options *options, struct error *err)
{
    struct plan_file file[OPERAND_MAX] = { 0 };
    struct plan_contexts contexts;
    json_t *result = NULL;
    size_t files = options->operands;
    if (option_is_given(options, "position") || option_flag(options, "tensors"))
        return error_set(err, ERR_ARGUMENT,
                         "--position and --tensors need one model file that runs here");
    for (size_t f = 0; f < files; f++)
        if (plan_file_open(&file[f], options->operand[f], err) != OK)
            goto out;
    uint32_t most = files == 1 ? file[0].plan.context : 0;
    if (plan_contexts_read(&contexts, option_text(options, "context"), most, err) != OK)
        goto out;
    result = files == 1 ? plan_describe(&file[0], &contexts)
                        : plan_compare(file, files, &contexts);
    if (option_flag(options, "json")) {
        json_print(result, err);
        result = NULL;
    } else if (files == 1) {
        plan_print(result);
    } else {
        plan_print_comparison(result);
    }
out:
    json_decref(result);
    for (size_t f = 0; f < files; f++)
        plan_file_close(&file[f]);
    return err->code;
}

/* A configuration, or a model file of an architecture that does not run here. */
static bool is_only_counted(const char *path)
{
    struct model_file file;
    struct text name = { "", 0 };
    struct error err = { 0 };
    if (plan_file_is_config(path))
        return true;
    if (model_file_open(&file, path, &err) != OK)
        return false;
    bool is_counted =
        model_file_text(&file, "general.architecture", &name, &err) == OK &&
        !architecture_find(name.bytes);
    model_file_close(&file);
    return is_counted;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_info, option_common, NULL };
    struct options options;
    if (options_read(
            &options, tables, "info [MODEL | CONFIG.json]...",
            "What a model is made of, and what one token costs in operations.\n"
            "Files of data/configs can be compared: give several.",
            OPERAND_MAX, argc, argv, err) == OK &&
        !options.help_shown) {
        bool has_plans = options.operands > 1 ||
                         (options.operands == 1 && is_only_counted(options.operand[0]));
        if (has_plans)
            show_plans(&options, err);
        else
            show_model(&options, err);
    }
    options_release(&options);
    return err->code;
}

const struct command info_command = {
    .name = "info",
    .arguments = "MODEL",
    .summary = "architecture, tensors, operations per token; compares",
    .run = run,
};
