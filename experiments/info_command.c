/* `lucciola info MODEL`: what a file holds and what a token of it costs. */
#include "experiments/command.h"
#include "experiments/session.h"
#include "experiments/table.h"
#include "lm/architecture.h"
#include "lm/block_format.h"

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

/* Multiply-accumulates of one token at a position, by what does them. */
static json_t *operations_of(const struct model *model, uint32_t position)
{
    json_t *rows = json_array();
    struct host_cost host;
    double total = 0, mac[ROLE_COUNT] = { 0 };
    transformer_host_cost(model, position, &host);
    for (uint32_t s = 0; s < model->sites; s++)
        mac[model->site[s].role] +=
            (double)model->site[s].inputs * model->site[s].outputs;
    double attention = (double)host.ops[HOST_ATTENTION].n[OP_MAC_F16];
    for (int role = 0; role < ROLE_COUNT; role++)
        total += mac[role];
    total += attention;
    for (int role = 0; role < ROLE_COUNT; role++)
        json_array_append_new(rows,
                              json_pack("{s:s, s:f, s:f}", "part", site_role_name[role],
                                        "mac", mac[role], "share", mac[role] / total));
    json_array_append_new(rows, json_pack("{s:s, s:f, s:f}", "part", "attention", "mac",
                                          attention, "share", attention / total));
    json_array_append_new(rows, json_pack("{s:s, s:f, s:f}", "part", "total", "mac",
                                          total, "share", 1.0));
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
    static const struct column mac_columns[] = {
        { "part", "part", -10, -1, false },
        { "mac", "multiply-accumulates", 22, 0, false },
        { "share", "of all", 9, 1, true },
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
    table_print(mac_columns, json_object_get(info, "operations"));
    if (json_object_get(info, "tensors")) {
        putchar('\n');
        table_print(tensor_columns, json_object_get(info, "tensors"));
    }
}

static enum error_code show(const struct session *session,
                            const struct options *options, struct error *err)
{
    uint64_t last = session->model.shape.context - 1;
    uint64_t position = last < DEFAULT_POSITION ? last : DEFAULT_POSITION;
    if (option_is_given(options, "position") &&
        option_whole(options, "position", 0, last, &position, err) != OK)
        return err->code;
    json_t *info =
        json_pack("{s:s, s:o, s:o, s:I, s:o}", "model", session->model.file.path,
                  "shape", shape_of(session), "types", types_of(&session->model),
                  "position", (json_int_t)position, "operations",
                  operations_of(&session->model, (uint32_t)position));
    if (info && option_flag(options, "tensors"))
        json_object_set_new(info, "tensors", tensors_of(&session->model));
    if (option_flag(options, "json"))
        return json_print(info, err);
    print_info(session, info, (uint32_t)position);
    json_decref(info);
    return OK;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_info, option_common, NULL };
    struct options options;
    struct session session = { 0 };
    if (options_read(&options, tables, "info [MODEL]",
                     "What a model file holds, and what one token costs in operations.",
                     1, argc, argv, err) == OK &&
        !options.help_shown) {
        if (options.operands == 1)
            options.value[0] = options.operand[0];
        if (session_open(&session, &options, err) == OK)
            show(&session, &options, err);
    }
    session_close(&session);
    options_release(&options);
    return err->code;
}

const struct command info_command = {
    .name = "info",
    .arguments = "MODEL",
    .summary = "architecture, tensors, operations per token",
    .run = run,
};
