/* `lucciola profiles`: the prices, with their sources. */
#include "experiments/command.h"
#include "experiments/options.h"
#include "experiments/profile_list.h"
#include "experiments/table.h"

#include <math.h>
#include <stdio.h>

static const char *const level_name[MEMORY_LEVELS] = {
    [MEMORY_8K] = "8 KB",
    [MEMORY_32K] = "32 KB",
    [MEMORY_1M] = "1 MB",
    [MEMORY_DRAM] = "DRAM",
};

static json_t *row_of(const struct energy_profile *profile)
{
    json_t *prices = json_object(), *memory = json_object();
    for (int kind = 0; kind < OP_KINDS; kind++)
        if (!isnan(profile->op_pj[kind]))
            json_object_set_new(prices, op_kind_name[kind],
                                json_real(profile->op_pj[kind]));
    for (int level = 0; level < MEMORY_LEVELS; level++)
        if (!isnan(profile->access_pj[level]))
            json_object_set_new(memory, level_name[level],
                                json_real(profile->access_pj[level]));
    return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:o, s:o, s:f, s:s, s:s}",
                     "name", profile->name, "summary",
                     profile->summary ? profile->summary : "", "source",
                     profile->source, "year", profile->year, "process",
                     profile->process, "basis", profile->basis, "note",
                     profile->note ? profile->note : "", "op_pj", prices, "access_pj",
                     memory, "access_bytes", profile->access_bytes, "weights_in",
                     level_name[profile->weight_level], "state_in",
                     level_name[profile->state_level]);
}

static void print_prices(const char *heading, const json_t *prices)
{
    const char *name;
    json_t *value;
    printf("    %s:", heading);
    if (json_object_size(prices) == 0)
        printf(" unpriced");
    json_object_foreach((json_t *)prices, name, value)
        printf(" %s %g", name, json_number_value(value));
    putchar('\n');
}

static void print_row(const json_t *row)
{
    printf("%s  %s\n", json_string_value(json_object_get(row, "name")),
           json_string_value(json_object_get(row, "summary")));
    printf("    source: %s (%lld), %s, %s\n",
           json_string_value(json_object_get(row, "source")),
           (long long)json_integer_value(json_object_get(row, "year")),
           json_string_value(json_object_get(row, "process")),
           json_string_value(json_object_get(row, "basis")));
    print_prices("pJ per operation", json_object_get(row, "op_pj"));
    print_prices("pJ per memory access", json_object_get(row, "access_pj"));
    const char *note = json_string_value(json_object_get(row, "note"));
    if (note[0])
        printf("    %s\n", note);
}

static enum error_code show(const struct options *options, struct error *err)
{
    struct profile_list list;
    if (profile_list_open(&list, options->operands ? options->operand[0] : "all",
                          err) != OK)
        return err->code;
    json_t *rows = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(rows, row_of(&list.profile[i]));
    profile_list_close(&list);
    if (option_flag(options, "json"))
        return json_print(rows, err);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row) print_row(row);
    json_decref(rows);
    return OK;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_common, NULL };
    struct options options;
    if (options_read(&options, tables, "profiles [NAME]",
                     "Price profiles: what an operation costs, by whom and when.", 1,
                     argc, argv, err) == OK &&
        !options.help_shown)
        show(&options, err);
    options_release(&options);
    return err->code;
}

const struct command profiles_command = {
    .name = "profiles",
    .arguments = "[NAME]",
    .summary = "list the price profiles with their sources",
    .run = run,
};
