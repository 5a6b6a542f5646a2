/* See report.h. */
#include "experiments/report.h"

#include <math.h>
#include <stdio.h>

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static void put(json_t *row, const char *name, double value)
{
    json_object_set_new(row, name, json_number(value));
}

static void put_ratios(json_t *row, const struct role_total *role)
{
    const uint64_t *n = role->total.sum.n;
    double channels = (double)role->channel_tokens, spikes = (double)n[COUNT_SPIKES];
    double runs = (double)role->total.tokens;
    put(row, "silent_share", ratio((double)n[COUNT_SILENT], channels));
    put(row, "small_share", ratio((double)n[COUNT_SMALL], channels));
    put(row, "spikes_per_channel", ratio(spikes, channels));
    put(row, "slot_sparsity_3", 1 - ratio(spikes, 3 * channels));
    put(row, "firing_rate", ratio(spikes, (double)role->neuron_steps));
    put(row, "mean_steps", ratio((double)n[COUNT_STEPS], runs));
    put(row, "mean_threshold", ratio(role->total.sum.threshold, runs));
    put(row, "clipped_share", ratio((double)n[COUNT_CLIPPED], channels));
    put(row, "sop_per_dense_op",
        ratio((double)n[COUNT_SOP], (double)role->dense_operations));
}

static void put_role(json_t *row, const struct role_total *role, uint64_t tokens,
                     double dt_ms)
{
    const uint64_t *n = role->total.sum.n;
    double all = (double)tokens;
    put(row, "channels", ratio((double)role->channel_tokens, all));
    put(row, "dense_ops", ratio((double)role->dense_operations, all));
    put(row, "spikes", ratio((double)n[COUNT_SPIKES], all));
    put(row, "sop", ratio((double)n[COUNT_SOP], all));
    put_ratios(row, role);
    put(row, "rate_hz",
        ratio((double)n[COUNT_SPIKES], (double)role->neuron_steps) * 1000 / dt_ms);
}

static json_t *role_row(const struct role_total *role, uint64_t tokens, double dt_ms)
{
    json_t *row = json_object();
    json_object_set_new(row, "role", json_string(role->role));
    put_role(row, role, tokens, dt_ms);
    return row;
}

json_t *report_roles(const struct run_totals *totals, double dt_ms)
{
    struct role_total role[MAX_ROLES], all;
    size_t count = run_totals_roles(totals, role, &all);
    json_t *rows = json_array();
    for (size_t r = 0; r < count; r++)
        json_array_append_new(rows, role_row(&role[r], totals->tokens, dt_ms));
    json_array_append_new(rows, role_row(&all, totals->tokens, dt_ms));
    return rows;
}

void report_print_roles(const json_t *roles)
{
    static const struct column columns[] = {
        { "role", "role", -9, -1, false },
        { "channels", "channels", 9, 0, false },
        { "silent_share", "silent", 8, 1, true },
        { "spikes_per_channel", "spikes/ch", 10, 3, false },
        { "slot_sparsity_3", "slots(3)", 9, 1, true },
        { "small_share", "|c|<=7", 8, 1, true },
        { "mean_steps", "T mean", 7, 2, false },
        { "rate_hz", "rate Hz", 8, 1, false },
        { "sop", "SOP/token", 12, 0, false },
        { "dense_ops", "dense/token", 12, 0, false },
        { 0 },
    };
    table_print(columns, roles);
    printf("silent = channels with count 0 / channels; slots(3) = 1 - spikes / (3 x "
           "channels), T = 3 by choice;\nrate = spikes / (neurons x steps), T from the "
           "largest count of each site and token; SOP = spikes x fan-out;\ndense = "
           "channels x fan-out.\n");
}

void report_sparsity(const struct run_totals *totals, double dt_ms, json_t *row)
{
    struct role_total role[MAX_ROLES], all;
    run_totals_roles(totals, role, &all);
    put_role(row, &all, totals->tokens, dt_ms);
}

static json_t *boundary_row(const struct work *work,
                            const struct energy_profile *profile,
                            enum boundary boundary)
{
    static const char *const key[VARIANTS] = { "spiking_nj", "int8_nj", "fp16_nj" };
    json_t *row = json_object();
    double price[VARIANTS];
    json_object_set_new(row, "boundary", json_string(boundary_name[boundary]));
    for (int v = 0; v < VARIANTS; v++) {
        price[v] = ratio(work_price_pj(work, profile, v, boundary) / 1000,
                         (double)work->tokens);
        put(row, key[v], price[v]);
    }
    put(row, "saved_int8", 1 - ratio(price[VARIANT_SPIKING], price[VARIANT_INT8]));
    put(row, "saved_fp16", 1 - ratio(price[VARIANT_SPIKING], price[VARIANT_FP16]));
    return row;
}

static void name_term(json_t *names, const char *name)
{
    json_array_append_new(names, json_string(name));
}

/* Names of what the whole token needs and the profile does not price: of the spiking
 * network and of the dense ones. */
static json_t *unpriced_terms(const struct work *work,
                              const struct energy_profile *profile)
{
    json_t *names = json_array();
    bool is_unpriced[OP_KINDS] = { false }, weights = false, state = false;
    struct energy_price price;
    for (int v = VARIANTS - 1; v >= 0;
         v--) { /* the spiking one last: its rest stands */
        struct energy_work all = work_within(work, v, BOUNDARY_TOKEN);
        energy_price(profile, &all, &price);
        for (int kind = 0; kind < OP_KINDS; kind++)
            is_unpriced[kind] |= price.unpriced_kind[kind];
        weights |= isnan(price.weight_pj);
        state |= isnan(price.state_pj) || isnan(price.cache_pj);
    }
    for (int kind = 0; kind < OP_KINDS; kind++)
        if (is_unpriced[kind])
            name_term(names, op_kind_name[kind]);
    if (weights)
        name_term(names, "weight fetches");
    if (state)
        name_term(names, "state and cache");
    if (price.unpriced_updates)
        name_term(names, "neuron updates");
    if (price.unpriced_spikes)
        name_term(names, "sending spikes");
    name_term(names, isnan(profile->hop_pj) ? "transport" : "hops (no mapping)");
    if (!profile->event_includes[EVENT_STATIC])
        name_term(names, isnan(profile->static_mw) ? "static power"
                                                   : "static power (no duration)");
    return names;
}

static double sums_pj(const struct work *work, const struct energy_profile *profile,
                      enum variant variant)
{
    struct energy_work sums = work_within(work, variant, BOUNDARY_SUMS);
    struct energy_price price;
    energy_price(profile, &sums, &price);
    return price.unpriced_ops ? (double)NAN : price.total_pj;
}

/* When these sums win, and what the saving is made of: dense FP16, dense INT8 (format),
 * INT8 of active channels alone (silence), spikes (additions), one after another. */
static json_t *sums_tests(const struct work *work, const struct energy_profile *profile)
{
    json_t *tests = json_object();
    double macs = (double)work->spiking_macs, sop = (double)work->spiking_sop;
    double spiking = sums_pj(work, profile, VARIANT_SPIKING);
    double int8 = sums_pj(work, profile, VARIANT_INT8);
    double fp16 = sums_pj(work, profile, VARIANT_FP16);
    double spike = ratio(spiking, sop), mac = ratio(int8, macs);
    double byte = profile->access_pj[profile->weight_level] / profile->access_bytes;
    /* Scales and dense projections are the same in both. */
    double silent = (double)work->projection[VARIANT_INT8].weight_bytes -
                    (double)work->projection[VARIANT_SPIKING].weight_bytes;
    double silence = ratio(int8 * ratio(silent, macs), fp16);
    put(tests, "spikes_per_synapse", ratio(sop, macs));
    put(tests, "wins_int8_below", ratio(mac, spike));
    put(tests, "wins_fp16_below", ratio(ratio(fp16, macs), spike));
    put(tests, "wins_fetching_below", ratio(mac + byte, spike + byte));
    put(tests, "saved_by_format", 1 - ratio(int8, fp16));
    put(tests, "saved_by_silence", silence);
    put(tests, "saved_by_additions", ratio(int8 - spiking, fp16) - silence);
    return tests;
}

json_t *report_energy(const struct work *work, const struct energy_profile *profile,
                      size_t profiles)
{
    json_t *list = json_array();
    for (size_t p = 0; p < profiles; p++) {
        json_t *rows = json_array();
        for (int boundary = 0; boundary < BOUNDARIES; boundary++)
            json_array_append_new(rows, boundary_row(work, &profile[p], boundary));
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "profile",
                            profile[p].name, "source", profile[p].source, "year",
                            profile[p].year, "basis", profile[p].basis, "spike_as",
                            isnan(profile[p].synaptic_event_pj)
                                ? op_kind_name[profile[p].spike_op]
                                : "synaptic_event",
                            "boundaries", rows, "sums", sums_tests(work, &profile[p]),
                            "unpriced", unpriced_terms(work, &profile[p])));
    }
    return list;
}

static double test_of(const json_t *tests, const char *name)
{
    const json_t *value = json_object_get(tests, name);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_tests(const json_t *tests)
{
    double int8 = test_of(tests, "wins_int8_below");
    double fp16 = test_of(tests, "wins_fp16_below");
    double fetching = test_of(tests, "wins_fetching_below");
    if (isnan(int8) || isnan(fp16))
        return;
    printf(
        "sums of spiking sites win below %.2f (INT8) or %.2f (FP16) spikes a synapse",
        int8, fp16);
    if (isfinite(fetching))
        printf(", with a fetch a spike below %.2f", fetching);
    printf(
        "; here %.2f\n(an efficient network: 0.15 to 1.38, Dampfhoffer et al. 2023)\n",
        test_of(tests, "spikes_per_synapse"));
    printf("what they save against FP16, in points: number format %.1f, silence %.1f, "
           "additions for products %.1f\n",
           100 * test_of(tests, "saved_by_format"),
           100 * test_of(tests, "saved_by_silence"),
           100 * test_of(tests, "saved_by_additions"));
}

static void print_profile(const json_t *entry)
{
    static const struct column columns[] = {
        { "boundary", "boundary", -22, -1, false },
        { "spiking_nj", "spiking nJ", 13, 1, false },
        { "int8_nj", "INT8 nJ", 13, 1, false },
        { "fp16_nj", "FP16 nJ", 13, 1, false },
        { "saved_int8", "saved/INT8", 11, 1, true },
        { "saved_fp16", "saved/FP16", 11, 1, true },
        { 0 },
    };
    printf("energy per token, prices of %s; a spike's addition as %s\n"
           "source: %s; %s\n",
           json_string_value(json_object_get(entry, "profile")),
           json_string_value(json_object_get(entry, "spike_as")),
           json_string_value(json_object_get(entry, "source")),
           json_string_value(json_object_get(entry, "basis")));
    table_print(columns, json_object_get(entry, "boundaries"));
    print_tests(json_object_get(entry, "sums"));
    const json_t *unpriced = json_object_get(entry, "unpriced");
    if (json_array_size(unpriced) > 0) {
        printf("unpriced, and so in no figure above:");
        size_t index;
        json_t *name;
        json_array_foreach(unpriced, index, name)
            printf("%s %s", index ? "," : "", json_string_value(name));
        putchar('\n');
    }
}

void report_print_energy(const json_t *energy)
{
    size_t index;
    json_t *entry;
    json_array_foreach(energy, index, entry)
    {
        putchar('\n');
        print_profile(entry);
    }
}
