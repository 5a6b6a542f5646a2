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

static void put_price(json_t *prices, const char *name, double price)
{
    if (!isnan(price))
        json_object_set_new(prices, name, json_real(price));
}

static json_t *events_of(const struct energy_profile *profile)
{
    json_t *events = json_object();
    put_price(events, "synaptic_event", profile->synaptic_event_pj);
    put_price(events, "update_active", profile->update_active_pj);
    put_price(events, "update_idle", profile->update_idle_pj);
    put_price(events, "spike_out", profile->spike_out_pj);
    put_price(events, "hop", profile->hop_pj);
    return events;
}

/* What of a chip's terms has no price and stands in no other price. */
static json_t *unpriced_of(const struct energy_profile *profile)
{
    const bool *in = profile->event_includes;
    bool has_events = !isnan(profile->synaptic_event_pj);
    json_t *names = json_array();
    for (int kind = 0; kind < OP_KINDS; kind++)
        if (isnan(profile->op_pj[kind]))
            json_array_append_new(names, json_string(op_kind_name[kind]));
    if (isnan(profile->access_pj[profile->weight_level]) && !in[EVENT_WEIGHTS])
        json_array_append_new(names, json_string("weights"));
    if (isnan(profile->access_pj[profile->state_level]) && !in[EVENT_STATE])
        json_array_append_new(names, json_string("state"));
    if (isnan(profile->access_pj[profile->cache_level]))
        json_array_append_new(names, json_string("cache"));
    if (has_events && isnan(profile->update_active_pj) && !in[EVENT_UPDATES])
        json_array_append_new(names, json_string("neuron updates"));
    if (isnan(profile->spike_out_pj) && !in[EVENT_SPIKES])
        json_array_append_new(names, json_string("sending spikes"));
    if (isnan(profile->hop_pj))
        json_array_append_new(names, json_string("transport"));
    if (isnan(profile->static_mw) && !in[EVENT_STATIC])
        json_array_append_new(names, json_string("static power"));
    return names;
}

static json_t *row_of(const struct energy_profile *profile)
{
    json_t *prices = json_object(), *memory = json_object(), *parts = json_array();
    for (int kind = 0; kind < OP_KINDS; kind++)
        put_price(prices, op_kind_name[kind], profile->op_pj[kind]);
    for (int kind = 0; kind < PRICED_ONLY; kind++)
        put_price(prices, priced_only_name[kind], profile->only_pj[kind]);
    for (int level = 0; level < MEMORY_LEVELS; level++)
        put_price(memory, level_name[level], profile->access_pj[level]);
    for (int part = 0; part < EVENT_PARTS; part++)
        if (profile->event_includes[part])
            json_array_append_new(parts, json_string(event_part_name[part]));
    return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:o, s:o, s:f, s:s, s:s, "
                     "s:o, s:o, s:o, s:o, s:o}",
                     "name", profile->name, "summary",
                     profile->summary ? profile->summary : "", "source",
                     profile->source, "year", profile->year, "process",
                     profile->process, "basis", profile->basis, "note",
                     profile->note ? profile->note : "", "op_pj", prices, "access_pj",
                     memory, "access_bytes", profile->access_bytes, "weights_in",
                     level_name[profile->weight_level], "state_in",
                     level_name[profile->state_level], "event_pj", events_of(profile),
                     "event_includes", parts, "static_mw",
                     json_number(profile->static_mw), "voltage_v",
                     json_number(profile->voltage), "unpriced", unpriced_of(profile));
}

static void print_names(const char *heading, const json_t *names)
{
    size_t index;
    json_t *name;
    if (json_array_size(names) == 0)
        return;
    printf("    %s:", heading);
    json_array_foreach(names, index, name)
        printf("%s %s", index ? "," : "", json_string_value(name));
    putchar('\n');
}

static void print_prices(const char *heading, const json_t *prices)
{
    const char *name;
    json_t *value;
    if (json_object_size(prices) == 0)
        return;
    printf("    %s:", heading);
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
    print_prices("pJ per event", json_object_get(row, "event_pj"));
    print_names("a synaptic event includes", json_object_get(row, "event_includes"));
    if (json_is_number(json_object_get(row, "static_mw")))
        printf("    static power, in no total: %g mW a chip\n",
               json_number_value(json_object_get(row, "static_mw")));
    print_prices("pJ per memory access", json_object_get(row, "access_pj"));
    print_names("unpriced", json_object_get(row, "unpriced"));
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
    if (options_read(
            &options, tables, "profiles [NAME]",
            "Price profiles: what an operation costs, by whom and when. The name "
            "cpu-measured measures this machine, where it has energy counters.",
            1, argc, argv, err) == OK &&
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
