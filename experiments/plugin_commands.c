/* `lucciola neurons`, `encoders`: the plug-ins with their parameters, units, defaults
 * and sources, all out of their own tables. One file, since the two print the same
 * way. */
#include "encoders/encoder.h"
#include "experiments/command.h"
#include "experiments/options.h"
#include "experiments/table.h"
#include "neurons/neuron_model.h"

#include <stdio.h>
#include <string.h>

static json_t *fields_of(const struct field *table)
{
    json_t *rows = json_array();
    for (; table && table->name; table++)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f}", "name",
                                              table->name, "unit", table->unit,
                                              "meaning", table->meaning, "default",
                                              table->initial, "minimum", table->minimum,
                                              "maximum", table->maximum));
    return rows;
}

/* What arrives at a neuron, and which of it a constant drive goes into. */
static json_t *inputs_of(const struct neuron_model *model)
{
    json_t *rows = json_array();
    for (unsigned port = 0; model->inputs[port].name; port++) {
        const struct field *input = &model->inputs[port];
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:b}", "name", input->name,
                                        "unit", input->unit, "meaning", input->meaning,
                                        "drive", port == model->drive));
    }
    return rows;
}

static json_t *neuron_rows(void)
{
    json_t *rows = json_array();
    for (int i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:o, s:o, s:o}",
                            "name", model->name, "summary", model->summary, "source",
                            model->source, "scheme", model->scheme, "order",
                            (int)model->order, "exact_counter", model->is_exact_counter,
                            "follows_levels", model->follows_levels, "parameters",
                            fields_of(model->params), "state",
                            fields_of(model->state_vars), "inputs", inputs_of(model)));
    }
    return rows;
}

static json_t *encoder_rows(void)
{
    json_t *rows = json_array();
    for (int i = 0; encoders[i]; i++) {
        const struct encoder *code = encoders[i];
        static const char *const reading[] = { [READ_LEVELS] = "levels",
                                               [READ_COUNT] = "count",
                                               [READ_FIRST] = "first spike" };
        json_array_append_new(
            rows,
            json_pack(
                "{s:s, s:s, s:s, s:i, s:b, s:b, s:b, s:b, s:b, s:s, s:o, s:f, s:o}",
                "name", code->name, "summary", code->summary, "source", code->source,
                "neurons_per_channel", (int)code->neurons_per_channel, "signed",
                code->is_signed, "graded", code->is_graded, "random", code->is_random,
                "stateful", code->is_stateful, "closed_form", code->train != NULL,
                "read_by", reading[code->reading], "max_error",
                json_number(code->max_error), "max_deviation", code->max_deviation,
                "parameters", fields_of(code->params)));
    }
    return rows;
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static void print_scheme(const json_t *row)
{
    json_int_t order = json_integer_value(json_object_get(row, "order"));
    size_t index;
    json_t *input;
    if (order > 0)
        printf("    scheme: %s; order %d\n", text_of(row, "scheme"), (int)order);
    else
        printf("    scheme: %s\n", text_of(row, "scheme"));
    json_array_foreach(json_object_get(row, "inputs"), index, input)
        printf("    input %-14s %s%s%s%s\n", text_of(input, "name"),
               text_of(input, "meaning"), text_of(input, "unit")[0] ? ", in " : "",
               text_of(input, "unit"),
               json_is_true(json_object_get(input, "drive"))
                   ? "; a constant drive goes here"
                   : "");
}

static void print_state(const json_t *row)
{
    size_t index;
    json_t *variable;
    json_array_foreach(json_object_get(row, "state"), index, variable)
        printf("    state %-14s %s%s%s\n", text_of(variable, "name"),
               text_of(variable, "meaning"),
               text_of(variable, "unit")[0] ? ", in " : "", text_of(variable, "unit"));
}

static void print_plugins(const json_t *rows)
{
    size_t index, field;
    json_t *row, *parameter;
    json_array_foreach(rows, index, row)
    {
        printf("%-24s %s\n", text_of(row, "name"), text_of(row, "summary"));
        if (json_object_get(row, "scheme"))
            print_scheme(row);
        if (json_array_size(rows) == 1)
            print_state(row);
        json_array_foreach(json_object_get(row, "parameters"), field, parameter)
            printf("    %-20s %s; default %g %s, from %g to %g\n",
                   text_of(parameter, "name"), text_of(parameter, "meaning"),
                   json_number_value(json_object_get(parameter, "default")),
                   text_of(parameter, "unit"),
                   json_number_value(json_object_get(parameter, "minimum")),
                   json_number_value(json_object_get(parameter, "maximum")));
        printf("    source: %s\n", text_of(row, "source"));
    }
}

/* The row of that name alone. */
static enum error_code keep_one(json_t *rows, const char *kind, const char *name,
                                struct error *err)
{
    for (size_t i = json_array_size(rows); i-- > 0;)
        if (strcmp(text_of(json_array_get(rows, i), "name"), name) != 0)
            json_array_remove(rows, i);
    if (json_array_size(rows) == 1)
        return OK;
    return error_set(err, ERR_ARGUMENT,
                     "none is called '%.60s'; 'lucciola %s' lists them", name, kind);
}

static enum error_code list(int argc, char **argv, const char *about,
                            json_t *(*rows_of)(void), struct error *err)
{
    static const struct option *const tables[] = { option_common, NULL };
    struct options options;
    char usage[64];
    snprintf(usage, sizeof usage, "%.40s [NAME]", argv[0]);
    if (options_read(&options, tables, usage, about, 1, argc, argv, err) == OK &&
        !options.help_shown) {
        json_t *rows = rows_of();
        bool is_one = options.operands > 0;
        if (is_one && keep_one(rows, argv[0], options.operand[0], err) != OK) {
            json_decref(rows);
        } else if (option_flag(&options, "json")) {
            json_print(rows, err);
        } else {
            print_plugins(rows);
            json_decref(rows);
        }
    }
    options_release(&options);
    return err->code;
}

static enum error_code run_neurons(int argc, char **argv, struct error *err)
{
    return list(argc, argv, "Neuron models, their parameters and sources.", neuron_rows,
                err);
}

static enum error_code run_encoders(int argc, char **argv, struct error *err)
{
    return list(argc, argv, "Spike codes, their parameters and sources.", encoder_rows,
                err);
}

const struct command neurons_command = {
    .name = "neurons",
    .arguments = "[NAME]",
    .summary = "list the neuron models",
    .run = run_neurons,
};

const struct command encoders_command = {
    .name = "encoders",
    .arguments = "[NAME]",
    .summary = "list the spike codes",
    .run = run_encoders,
};
