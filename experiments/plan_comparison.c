/* See plan_comparison.h. */
#include "experiments/plan_comparison.h"

#include "experiments/options.h"
#include "experiments/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TRAINING_SEQUENCE = 4096 }; /* as in arXiv 2505.09343 */

struct measured {
    const struct plan_file *file;
    struct plan_parameters parameters;
    double training; /* operations per token */
};

static double total(const struct measured *m)
{
    return (double)m->parameters.total;
}

static double active(const struct measured *m)
{
    return (double)m->parameters.active;
}

static double bytes(const struct measured *m)
{
    return m->parameters.bytes;
}

static double growth(const struct measured *m)
{
    struct plan_counts counts;
    operation_plan_count(&m->file->plan, 1, &counts);
    return (double)counts.cache_growth;
}

static double training(const struct measured *m)
{
    return m->training;
}

/* Facts that nobody gave are NAN. */
static double known(double fact)
{
    return fact > 0 ? fact : (double)NAN;
}

static double reported(const struct measured *m)
{
    return known(m->file->training.operations);
}

static double tokens(const struct measured *m)
{
    return known(m->file->training.tokens);
}

static double trained(const struct measured *m)
{
    return training(m) * tokens(m);
}

static double reported_trained(const struct measured *m)
{
    return reported(m) * tokens(m);
}

static double stated_active(const struct measured *m)
{
    return known(m->file->training.active_parameters);
}

static double six_n_d(const struct measured *m)
{
    return 6 * stated_active(m) * tokens(m);
}

static double gpu_hours(const struct measured *m)
{
    return known(m->file->training.gpu_hours);
}

struct quantity {
    const char *name, *formula;
    double (*of)(const struct measured *measured);
};

static const struct quantity sizes[] = {
    { "parameters", "weights of all layers, embedding and head", total },
    { "active parameters", "without idle experts and an untied embedding", active },
    { "weight bytes", "as stored; 2 per weight unless the file says otherwise", bytes },
    { "cache bytes per token",
      "2 x sum over layers of 2 x kv heads x head size; latent: of rank + rope",
      growth },
};

static const struct quantity trainings[] = {
    { "training ops per token",
      "6 x (weights that multiply + attention), causal, 4096 tokens", training },
    { "  as reported", "the authors' own count", reported },
    { "training tokens", "as reported", tokens },
    { "training ops", "training ops per token x tokens", trained },
    { "  as reported", "reported ops per token x tokens", reported_trained },
    { "stated active", "parameters a token meets, as the authors round them",
      stated_active },
    { "6 N D", "6 x stated active x tokens, attention left out", six_n_d },
    { "GPU hours", "as reported; chips and number formats differ", gpu_hours },
};

/* values and their ratios to the first; nothing when no file knows any. */
static void add_row(json_t *rows, const char *name, const char *formula,
                    const double *value, size_t files)
{
    json_t *values = json_array(), *ratios = json_array();
    bool is_known = false;
    for (size_t f = 0; f < files; f++) {
        is_known |= isfinite(value[f]);
        json_array_append_new(values, json_number(value[f]));
        json_array_append_new(ratios, json_number(value[0] != 0 ? value[f] / value[0]
                                                                : (double)NAN));
    }
    json_t *row = json_pack("{s:s, s:o, s:o, s:s}", "quantity", name, "values", values,
                            "ratios", ratios, "formula", formula);
    if (is_known)
        json_array_append(rows, row);
    json_decref(row);
}

static void add_quantities(json_t *rows, const struct quantity *quantity, size_t count,
                           const struct measured *measured, size_t files)
{
    double value[OPERAND_MAX];
    for (size_t q = 0; q < count; q++) {
        for (size_t f = 0; f < files; f++)
            value[f] = quantity[q].of(&measured[f]);
        add_row(rows, quantity[q].name, quantity[q].formula, value, files);
    }
}

static void add_lengths(json_t *rows, const struct plan_contexts *contexts,
                        const struct measured *measured, size_t files)
{
    for (size_t i = 0; i < contexts->count; i++) {
        double mac[OPERAND_MAX], mean[OPERAND_MAX], held[OPERAND_MAX];
        char name[64];
        for (size_t f = 0; f < files; f++) {
            struct plan_counts counts;
            operation_plan_count(&measured[f].file->plan, contexts->length[i], &counts);
            mac[f] = (double)counts.total_mac;
            mean[f] = operation_plan_mean(&measured[f].file->plan, contexts->length[i]);
            held[f] = (double)(counts.cache_bytes + counts.state_bytes);
        }
        snprintf(name, sizeof name, "MAC per token at %u", contexts->length[i]);
        add_row(rows, name, "active weights + attention over what is visible", mac,
                files);
        add_row(rows, "  mean over a prompt",
                "of that length; latent keys and values expanded", mean, files);
        snprintf(name, sizeof name, "cache and state at %u", contexts->length[i]);
        add_row(rows, name, "bytes held: 16-bit cache, 32-bit states", held, files);
    }
}

static void add_source(json_t *sources, const struct plan_file *file, const char *what,
                       const char *source)
{
    if (source)
        json_array_append_new(sources, json_pack("{s:s, s:s, s:s}", "file", file->path,
                                                 "fact", what, "source", source));
}

static json_t *sources_of(const struct plan_file *file, size_t files)
{
    json_t *sources = json_array();
    for (size_t f = 0; f < files; f++) {
        const struct training_facts *facts = &file[f].training;
        char hours[64];
        snprintf(hours, sizeof hours, "%.40s hours", facts->gpu ? facts->gpu : "GPU");
        add_source(sources, &file[f], "tokens", facts->tokens_source);
        add_source(sources, &file[f], hours, facts->gpu_hours_source);
        add_source(sources, &file[f], "active", facts->active_parameters_source);
        add_source(sources, &file[f], "ops per token", facts->operations_source);
    }
    return sources;
}

json_t *plan_compare(const struct plan_file *file, size_t files,
                     const struct plan_contexts *contexts)
{
    struct measured measured[OPERAND_MAX];
    json_t *names = json_array(), *rows = json_array();
    for (size_t f = 0; f < files; f++) {
        measured[f] = (struct measured){ .file = &file[f] };
        operation_plan_parameters(&file[f].plan, &measured[f].parameters);
        measured[f].training =
            operation_plan_training(&file[f].plan, TRAINING_SEQUENCE);
        json_array_append_new(names, json_string(file[f].path));
    }
    add_quantities(rows, sizes, sizeof sizes / sizeof sizes[0], measured, files);
    add_lengths(rows, contexts, measured, files);
    add_quantities(rows, trainings, sizeof trainings / sizeof trainings[0], measured,
                   files);
    return json_pack("{s:o, s:o, s:o}", "files", names, "rows", rows, "sources",
                     sources_of(file, files));
}

/* 70272, 36.62 G, 3.648e+25. */
static void print_value(const json_t *value)
{
    double number = json_number_value(value);
    if (!json_is_number(value))
        printf(" %12s", "-");
    else if (number < 1e6)
        printf(" %12.0f", number);
    else if (number < 1e9)
        printf(" %10.2f M", number / 1e6);
    else if (number < 1e15)
        printf(" %10.2f G", number / 1e9);
    else
        printf(" %12.3e", number);
}

/* Each formula once, with the first row that has it. */
static void print_formulas(const json_t *rows)
{
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r);
        const char *formula = json_string_value(json_object_get(row, "formula"));
        bool is_new = true;
        for (size_t before = 0; before < r; before++)
            is_new &=
                strcmp(formula,
                       json_string_value(json_object_get(json_array_get(rows, before),
                                                         "formula"))) != 0;
        if (is_new)
            printf("%-26s %s\n", json_string_value(json_object_get(row, "quantity")),
                   formula);
    }
}

void plan_print_comparison(const json_t *comparison)
{
    const json_t *names = json_object_get(comparison, "files");
    size_t files = json_array_size(names), index;
    json_t *row;
    printf("%-26s", "");
    for (size_t f = 0; f < files; f++)
        printf(" %11s%zu", "", f + 1);
    for (size_t f = 1; f < files; f++)
        printf("    %zu / 1", f + 1);
    putchar('\n');
    json_array_foreach(json_object_get(comparison, "rows"), index, row)
    {
        printf("%-26s", json_string_value(json_object_get(row, "quantity")));
        for (size_t f = 0; f < files; f++)
            print_value(json_array_get(json_object_get(row, "values"), f));
        for (size_t f = 1; f < files; f++) {
            json_t *ratio = json_array_get(json_object_get(row, "ratios"), f);
            if (json_is_number(ratio))
                printf(" %8.4g", json_number_value(ratio));
            else
                printf(" %8s", "-");
        }
        putchar('\n');
    }
    putchar('\n');
    for (size_t f = 0; f < files; f++)
        printf("%zu  %s\n", f + 1, json_string_value(json_array_get(names, f)));
    putchar('\n');
    print_formulas(json_object_get(comparison, "rows"));
    if (json_array_size(json_object_get(comparison, "sources")) > 0)
        putchar('\n');
    json_array_foreach(json_object_get(comparison, "sources"), index, row)
        printf("%s, %s: %s\n", json_string_value(json_object_get(row, "file")),
               json_string_value(json_object_get(row, "fact")),
               json_string_value(json_object_get(row, "source")));
}
