/* See cost_tables.h. */
#include "experiments/cost_tables.h"

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

static json_t *model_row(const struct survey_role *role, double tokens,
                         const struct energy_profile *prices,
                         const struct cost_model *model)
{
    double pj[COST_VARIANTS], measured = ratio(role->counts.sop, role->counts.macs);
    json_t *row = json_object();
    model->price(prices, &role->counts, pj);
    json_object_set_new(row, "role", json_string(role->role));
    put(row, "spiking_nj", ratio(pj[COST_SPIKING] / 1000, tokens));
    put(row, "int8_nj", ratio(pj[COST_INT8] / 1000, tokens));
    put(row, "other_nj", ratio(pj[COST_OTHER] / 1000, tokens));
    put(row, "saved_int8", 1 - ratio(pj[COST_SPIKING], pj[COST_INT8]));
    put(row, "saved_other", 1 - ratio(pj[COST_SPIKING], pj[COST_OTHER]));
    put(row, "spikes_per_synapse", measured);
    put(row, "bound", model->bound ? model->bound(prices, &role->counts) : (double)NAN);
    return row;
}

static json_t *models(const struct cost_survey *survey, double tokens,
                      const struct energy_profile *prices,
                      const struct cost_model *only)
{
    json_t *list = json_array();
    for (const struct cost_model *model = cost_models; model->name; model++) {
        if (only && only != model)
            continue;
        json_t *rows = json_array();
        for (size_t role = 0; role <= survey->roles; role++)
            json_array_append_new(rows, model_row(&survey->role[role], tokens, prices,
                                                  model));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "model",
                                        model->name, "counts", model->counts, "source",
                                        model->source, "other", model->other, "prices",
                                        prices->name, "rows", rows));
    }
    return list;
}

static void add_test(json_t *rows, const char *test, const char *source,
                     double measured, double bound)
{
    const char *verdict = isnan(bound)        ? "-"
                          : measured <= bound ? "spikes win"
                                              : "dense wins";
    json_t *row = json_object();
    json_object_set_new(row, "test", json_string(test));
    json_object_set_new(row, "source", json_string(source));
    put(row, "measured", measured);
    put(row, "bound", bound);
    json_object_set_new(row, "verdict", json_string(verdict));
    json_array_append_new(rows, row);
}

static double bound_of(const char *name, const struct energy_profile *prices,
                       const struct cost_counts *n)
{
    return cost_model_find(name)->bound(prices, n);
}

/* What a saving must pass, by where one draws the line. */
static json_t *crossovers(const struct survey_role *all,
                          const struct energy_profile *prices)
{
    static const char dampfhoffer[] = "Dampfhoffer et al. 2023";
    const struct cost_counts *n = &all->counts;
    double synapse = ratio(n->sop, n->macs), bits = ratio(n->bits, n->runs);
    double steps = ratio(n->steps, n->runs);
    json_t *rows = json_array();
    add_test(rows, "spikes/synapse, additions alone, against fp32", "Horowitz 2014",
             synapse, bound_of("naive", prices, n));
    add_test(rows, "spikes/synapse, 8-bit sums, against int8", "Horowitz 2014", synapse,
             bound_of("additions-8", prices, n));
    add_test(rows, "spikes/synapse, 32-bit sums, against int8", "Horowitz 2014",
             synapse, bound_of("additions-32", prices, n));
    add_test(rows, "spikes/synapse, a fetch per spike", "a dense pass fetches once",
             synapse, bound_of("spike-rows", prices, n));
    add_test(rows, "spikes/synapse, efficient ANN, upper", dampfhoffer, synapse, 1.38);
    add_test(rows, "spikes/synapse, efficient ANN, lower", dampfhoffer, synapse, 0.15);
    add_test(rows, "spike rate, s* = b / (8 T) of means", "Yan et al. 2409.08290",
             ratio(n->spikes, n->neuron_steps), matched_rate(bits, 8, steps));
    return rows;
}

static json_t *splits(const struct survey_role *all, double tokens,
                      const struct energy_profile *prices)
{
    static const char *const name[2][2] = {
        { "additions, 32-bit sums", "additions, 8-bit sums" },
        { "with weights, 32-bit sums", "with weights, 8-bit sums" }
    };
    json_t *rows = json_array();
    for (int weights = 0; weights < 2; weights++) {
        for (int narrow = 1; narrow >= 0; narrow--) {
            struct saving_split split;
            json_t *row = json_object();
            saving_split(prices, &all->counts, narrow, weights, &split);
            json_object_set_new(row, "boundary", json_string(name[weights][narrow]));
            put(row, "fp16_nj", ratio(split.fp16_pj / 1000, tokens));
            put(row, "format", ratio(split.format_pj, split.fp16_pj));
            put(row, "silence", ratio(split.silence_pj, split.fp16_pj));
            put(row, "additions", ratio(split.additions_pj, split.fp16_pj));
            put(row, "saved", 1 - ratio(split.spiking_pj, split.fp16_pj));
            put(row, "spiking_nj", ratio(split.spiking_pj / 1000, tokens));
            json_array_append_new(rows, row);
        }
    }
    return rows;
}

static json_t *batches(const struct cost_survey *survey)
{
    static const char *const of[BATCH_KINDS] = { "tokens in a row",
                                                 "windows of the text" };
    json_t *rows = json_array();
    for (int kind = 0; kind < BATCH_KINDS; kind++)
        for (int size = 0; size < BATCH_SIZES; size++) {
            const struct batch_counts *batch = &survey->batch[kind][size];
            double tokens = (double)batch->batches * batch_size[size];
            if (batch->batches == 0 && kind != BATCH_NEIGHBOURS)
                continue;
            json_t *row = json_object();
            json_object_set_new(row, "sequences", json_integer(batch_size[size]));
            json_object_set_new(row, "of", json_string(of[kind]));
            json_object_set_new(row, "batches",
                                json_integer((json_int_t)batch->batches));
            put(row, "silent_for_all", ratio(batch->silent, batch->channels));
            put(row, "row_bytes", ratio(batch->row_bytes, tokens));
            put(row, "dense_bytes", ratio(batch->dense_bytes, tokens));
            put(row, "saved", 1 - ratio(batch->row_bytes, batch->dense_bytes));
            json_array_append_new(rows, row);
        }
    return rows;
}

/* What a chip's price leaves out of the spiking sites. */
static const char *left_out(const struct energy_price *price)
{
    if (price->unpriced_updates && price->unpriced_spikes)
        return "updates, sending";
    if (price->unpriced_updates)
        return "updates";
    return price->unpriced_spikes ? "sending" : "";
}

static json_t *chip_row(const struct cost_counts *n, double tokens,
                        const struct energy_profile *chip)
{
    struct energy_work work = { .spike_additions = (uint64_t)n->sop,
                                .spikes = (uint64_t)n->spikes,
                                .updates = (uint64_t)n->updates,
                                .active_updates = (uint64_t)n->active_updates };
    struct energy_price price;
    json_t *row = json_object();
    energy_price(chip, &work, &price);
    json_object_set_new(row, "chip", json_string(chip->name));
    put(row, "events_nj", ratio(price.spike_pj / 1000, tokens));
    put(row, "updates_nj",
        chip->event_includes[EVENT_UPDATES] ? (double)NAN
                                            : ratio(price.update_pj / 1000, tokens));
    put(row, "sent_nj",
        chip->event_includes[EVENT_SPIKES] ? (double)NAN
                                           : ratio(price.sent_pj / 1000, tokens));
    put(row, "total_nj", ratio(price.total_pj / 1000, tokens));
    put(row, "hop_nj", ratio(price.hop_pj / 1000, tokens));
    put(row, "dense_nj", ratio(n->macs * chip->op_pj[OP_MAC_I8_I32] / 1000, tokens));
    json_object_set_new(row, "unpriced", json_string(left_out(&price)));
    put(row, "static_mw", chip->static_mw);
    json_object_set_new(row, "year", json_integer(chip->year));
    json_object_set_new(row, "basis", json_string(chip->basis));
    return row;
}

static json_t *chips_of(const struct survey_role *all, double tokens,
                        const struct profile_list *chips)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < chips->count; i++)
        if (!isnan(chips->profile[i].synaptic_event_pj))
            json_array_append_new(rows,
                                  chip_row(&all->counts, tokens, &chips->profile[i]));
    return rows;
}

static json_t *lemaire_parts(const struct survey_role *all, double tokens)
{
    static const char *const part[] = { "operations", "addresses", "memory" };
    json_t *rows = json_array();
    for (int i = 0; i < 3; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "part", json_string(part[i]));
        put(row, "spiking_nj", ratio(all->counts.lemaire_spiking[i] / 1000, tokens));
        put(row, "dense_nj", ratio(all->counts.lemaire_dense[i] / 1000, tokens));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *neurobench_row(const char *of, double tokens, double dense,
                              double additions, double products, double sparsity)
{
    json_t *row = json_object();
    json_object_set_new(row, "of", json_string(of));
    put(row, "dense", ratio(dense, tokens));
    put(row, "effective_acs", ratio(additions, tokens));
    put(row, "effective_macs", ratio(products, tokens));
    put(row, "activation_sparsity", sparsity);
    return row;
}

/* A layer whose inputs are all -1, 0 or 1 makes effective additions, any other effective
 * multiply-accumulates; a network of T steps is run and counted T times. So the same run
 * has two readings: a dense layer fed with counts, and T passes fed with spikes. */
static json_t *neurobench(const struct cost_survey *survey, double tokens)
{
    const struct survey_role *all = &survey->role[survey->roles];
    const struct cost_counts *n = &all->counts;
    json_t *object = json_object(), *rows = json_array();
    json_array_append_new(rows, neurobench_row("counts, one pass", tokens, n->macs, 0,
                                               n->effective,
                                               ratio(all->silent, all->channel_runs)));
    json_array_append_new(rows, neurobench_row("spikes, T passes", tokens, n->step_macs,
                                               n->spikes_multiply ? 0 : n->sop,
                                               n->spikes_multiply ? n->sop : 0,
                                               1 - ratio(n->spikes, n->neuron_steps)));
    json_object_set_new(object, "rows", rows);
    put(object, "footprint_bytes", survey->held_bytes);
    return object;
}

static json_t *rest_row(const char *part, const struct energy_work *work, double tokens,
                        const struct energy_profile *prices)
{
    struct energy_price price;
    double operations = 0;
    json_t *row = json_object();
    energy_price(prices, work, &price);
    for (int kind = 0; kind < OP_KINDS; kind++)
        operations += (double)work->ops.n[kind];
    json_object_set_new(row, "part", json_string(part));
    put(row, "operations", ratio(operations, tokens));
    put(row, "bytes", ratio((double)(work->weight_bytes + work->cache_bytes), tokens));
    put(row, "nj", ratio(price.total_pj / 1000, tokens));
    put(row, "unpriced_operations", ratio((double)price.unpriced_ops, tokens));
    return row;
}

/* What every variant does alike: attention, norms, and projections that do not spike,
 * as 8-bit products. */
static json_t *rest(const struct host_cost *host, double tokens,
                    const struct energy_profile *prices)
{
    json_t *rows = json_array();
    for (int part = 0; part < HOST_PARTS; part++) {
        struct energy_work work = { .ops = host->ops[part] };
        if (part == HOST_PROJECTION)
            work.weight_bytes = host->weight_bytes;
        json_array_append_new(rows,
                              rest_row(host_part_name[part], &work, tokens, prices));
    }
    const struct energy_work cache = { .cache_bytes = host->cache_bytes };
    json_array_append_new(rows, rest_row("key-value cache", &cache, tokens, prices));
    return rows;
}

json_t *cost_tables(const struct cost_survey *survey, const struct run_totals *totals,
                    const struct energy_profile *prices,
                    const struct profile_list *chips, const struct cost_model *only)
{
    const struct survey_role *all = &survey->role[survey->roles];
    double count = (double)totals->tokens;
    json_t *tables = json_object();
    json_object_set_new(tables, "models", models(survey, count, prices, only));
    json_object_set_new(tables, "crossovers", crossovers(all, prices));
    if (only)
        return tables;
    json_object_set_new(tables, "split", splits(all, count, prices));
    if (survey->has_counts)
        json_object_set_new(tables, "batches", batches(survey));
    json_object_set_new(tables, "chips", chips_of(all, count, chips));
    json_object_set_new(tables, "lemaire", lemaire_parts(all, count));
    json_object_set_new(tables, "rest", rest(&totals->host, count, prices));
    json_object_set_new(tables, "neurobench", neurobench(survey, count));
    return tables;
}

static void print_models(const json_t *list)
{
    size_t index;
    json_t *model;
    json_array_foreach(list, index, model)
    {
        char other[24], saved[24];
        const char *name = json_string_value(json_object_get(model, "other"));
        snprintf(other, sizeof other, "%s nJ", name);
        snprintf(saved, sizeof saved, "saved/%s", name);
        const struct column columns[] = {
            { "role", "role", -9, -1, false },
            { "spiking_nj", "spiking nJ", 13, 1, false },
            { "int8_nj", "INT8 nJ", 13, 1, false },
            { "other_nj", other, 13, 1, false },
            { "saved_int8", "saved/INT8", 11, 1, true },
            { "saved_other", saved, 11, 1, true },
            { "spikes_per_synapse", "spikes/syn", 11, 3, false },
            { "bound", "wins below", 11, 2, false },
            { 0 },
        };
        printf("\nmodel %s: %s\nsource: %s; prices of %s; per token\n",
               json_string_value(json_object_get(model, "model")),
               json_string_value(json_object_get(model, "counts")),
               json_string_value(json_object_get(model, "source")),
               json_string_value(json_object_get(model, "prices")));
        table_print(columns, json_object_get(model, "rows"));
    }
}

static void print_rows(const char *title, const struct column *columns,
                       const json_t *rows)
{
    if (json_array_size(rows) == 0)
        return;
    printf("\n%s\n", title);
    table_print(columns, rows);
}

void cost_tables_print(const json_t *tables)
{
    static const struct column test[] = { { "test", "when do spikes win", -46, -1,
                                            false },
                                          { "measured", "measured", 9, 3, false },
                                          { "bound", "bound", 9, 3, false },
                                          { "verdict", "verdict", 11, -1, false },
                                          { "source", "source", 28, -1, false },
                                          { 0 } };
    static const struct column split[] = { { "boundary", "boundary", -26, -1, false },
                                           { "fp16_nj", "FP16 nJ", 13, 1, false },
                                           { "format", "format", 9, 1, true },
                                           { "silence", "silence", 9, 1, true },
                                           { "additions", "additions", 9, 1, true },
                                           { "saved", "saved", 9, 1, true },
                                           { "spiking_nj", "spiking nJ", 13, 1, false },
                                           { 0 } };
    static const struct column batch[] = {
        { "sequences", "at once", 8, -1, false },
        { "of", "in their place", -20, -1, false },
        { "batches", "batches", 8, -1, false },
        { "silent_for_all", "silent for all", 14, 2, true },
        { "row_bytes", "rows B/token", 14, 0, false },
        { "dense_bytes", "dense B/token", 14, 0, false },
        { "saved", "saved", 9, 2, true },
        { 0 },
    };
    static const struct column chip[] = { { "chip", "device", -17, -1, false },
                                          { "events_nj", "events nJ", 13, 1, false },
                                          { "updates_nj", "updates nJ", 13, 1, false },
                                          { "sent_nj", "sent nJ", 10, 1, false },
                                          { "total_nj", "total nJ", 13, 1, false },
                                          { "hop_nj", "a hop nJ", 10, 1, false },
                                          { "dense_nj", "dense nJ", 13, 1, false },
                                          { "static_mw", "static mW", 9, 0, false },
                                          { "year", "year", 5, -1, false },
                                          { "unpriced", "unpriced", 17, -1, false },
                                          { 0 } };
    static const struct column part[] = { { "part", "part", -11, -1, false },
                                          { "spiking_nj", "spiking nJ", 13, 1, false },
                                          { "dense_nj", "dense nJ", 13, 1, false },
                                          { 0 } };
    static const struct column other[] = { { "part", "part", -16, -1, false },
                                           { "operations", "operations", 13, 0, false },
                                           { "bytes", "bytes", 13, 0, false },
                                           { "nj", "nJ", 13, 1, false },
                                           { "unpriced_operations", "unpriced ops", 13,
                                             0, false },
                                           { 0 } };
    static const struct column bench_row[] = {
        { "of", "of", -17, -1, false },
        { "dense", "dense", 13, 0, false },
        { "effective_acs", "effective ACs", 13, 0, false },
        { "effective_macs", "effective MACs", 14, 0, false },
        { "activation_sparsity", "sparsity", 9, 4, false },
        { 0 },
    };
    print_models(json_object_get(tables, "models"));
    print_rows("tests of a saving, over all spiking sites", test,
               json_object_get(tables, "crossovers"));
    print_rows("the saving against FP16 by cause, each step on top of the one before",
               split, json_object_get(tables, "split"));
    print_rows("sequences at once, 8-bit weights; tokens of one text stand in for "
               "sequences: neighbours,\nor the same place of its scored windows",
               batch, json_object_get(tables, "batches"));
    print_rows("devices, spiking sites alone; a hop and static power are in no total; "
               "dense: where the device runs dense networks",
               chip, json_object_get(tables, "chips"));
    print_rows("what does not spike, alike in all variants but for FP16 projections; "
               "per token",
               other, json_object_get(tables, "rest"));
    print_rows("Lemaire et al. by part", part, json_object_get(tables, "lemaire"));
    const json_t *bench = json_object_get(tables, "neurobench");
    print_rows("NeuroBench's synaptic operations and activation sparsity, per token",
               bench_row, json_object_get(bench, "rows"));
    if (bench)
        printf("footprint of the sites that spike: %.0f bytes (8-bit weights, scales); "
               "weights of 0 are not\nlooked for, so connection sparsity is not known "
               "and effective operations are an upper bound\n",
               json_number_value(json_object_get(bench, "footprint_bytes")));
}
