/* `lucciola neurons`, `encoders`: the plug-ins with their parameters, units, defaults
 * and sources, all out of their own tables. One file, since the two print the same
 * way. */
#include "encoders/encoder.h"
#include "experiments/command.h"
#include "experiments/options.h"
#include "experiments/table.h"
#include "neurons/neuron_model.h"

#include <stdio.h>

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

static json_t *neuron_rows(void)
{
    json_t *rows = json_array();
    for (int i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "name",
                                              model->name, "summary", model->summary,
                                              "source", model->source, "exact_counter",
                                              model->is_exact_counter, "parameters",
                                              fields_of(model->params), "state",
                                              fields_of(model->state_vars)));
    }
    return rows;
}

static json_t *encoder_rows(void)
{
    json_t *rows = json_array();
    for (int i = 0; encoders[i]; i++) {
        const struct encoder *code = encoders[i];
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:b, s:f, s:o}",
                                        "name", code->name, "summary", code->summary,
                                        "source", code->source, "neurons_per_channel",
                                        (int)code->neurons_per_channel, "signed",
                                        code->is_signed, "graded", code->is_graded,
                                        "closed_form", code->train != NULL, "max_error",
                                        code->max_error, "parameters",
                                        fields_of(code->params)));
    }
    return rows;
}

static void print_plugins(const json_t *rows)
{
    size_t index, field;
    json_t *row, *parameter;
    json_array_foreach(rows, index, row)
    {
        printf("%-24s %s\n", json_string_value(json_object_get(row, "name")),
               json_string_value(json_object_get(row, "summary")));
        json_array_foreach(json_object_get(row, "parameters"), field, parameter)
            printf("    %-20s %s; default %g %s, from %g to %g\n",
                   json_string_value(json_object_get(parameter, "name")),
                   json_string_value(json_object_get(parameter, "meaning")),
                   json_number_value(json_object_get(parameter, "default")),
                   json_string_value(json_object_get(parameter, "unit")),
                   json_number_value(json_object_get(parameter, "minimum")),
                   json_number_value(json_object_get(parameter, "maximum")));
        printf("    source: %s\n", json_string_value(json_object_get(row, "source")));
    }
}

static enum error_code list(int argc, char **argv, const char *about,
                            json_t *(*rows_of)(void), struct error *err)
{
    static const struct option *const tables[] = { option_common, NULL };
    struct options options;
    if (options_read(&options, tables, argv[0], about, 0, argc, argv, err) == OK &&
        !options.help_shown) {
        json_t *rows = rows_of();
        if (option_flag(&options, "json")) {
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
    .arguments = "",
    .summary = "list the neuron models",
    .run = run_neurons,
};

const struct command encoders_command = {
    .name = "encoders",
    .arguments = "",
    .summary = "list the spike codes",
    .run = run_encoders,
};
