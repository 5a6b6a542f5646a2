/* The pictures as data:
 *     bars   {kind, title, note, unit, rows: [{label, value, mark}]}
 *     lines  {kind, title, note, unit, x_label, log, x_ticks, y_ticks,
 *             series: [{label, dashed, points: [[x, y], ...]}]}
 * A mark is what was claimed. Ticks are here so that no figure is made up in drawing. */
#include "experiments/claim_document.h"
#include "experiments/table.h"

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdio.h>

static void add_bar(json_t *rows, const char *label, double value, double mark)
{
    json_t *row = json_pack("{s:s}", "label", label);
    json_object_set_new(row, "value", json_number(value));
    json_object_set_new(row, "mark", json_number(mark));
    json_array_append_new(rows, row);
}

/* Savings of one measurement by boundary, the claims as marks. */
static json_t *savings(const struct claim_measurement *m)
{
    static const struct {
        const char *name;
        enum claim_prices prices;
        enum boundary boundary;
    } where[] = {
        { "additions, 8-bit sums", PRICES_REPORT, BOUNDARY_SUMS },
        { "additions, 32-bit sums", PRICES_32_BIT, BOUNDARY_SUMS },
        { "with weight fetches", PRICES_32_BIT, BOUNDARY_WEIGHTS },
        { "whole token, sums in memory", PRICES_32_BIT, BOUNDARY_TOKEN },
    };
    const double fp16 = claim_facts[FACT_PRINTED_SAVING_FP16].value;
    const double int8 = claim_facts[FACT_PRINTED_SAVING_INT8].value;
    const struct claim_setting *setting = claim_judged(m);
    json_t *rows = json_array();
    for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
        char label[80];
        snprintf(label, sizeof label, "%s, against FP16", where[i].name);
        add_bar(rows, label,
                claim_saving(setting, where[i].prices, where[i].boundary, VARIANT_FP16),
                fp16);
        snprintf(label, sizeof label, "%s, against INT8", where[i].name);
        add_bar(rows, label,
                claim_saving(setting, where[i].prices, where[i].boundary, VARIANT_INT8),
                int8);
    }
    char title[160];
    snprintf(title, sizeof title, "Energy saved, by what is counted: %s", m->model);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "bars", "title", title,
                     "note",
                     "Bars: measured counts, priced at 45 nm. Thin lines: what is "
                     "claimed.",
                     "unit", "share", "claim", "energy-97-percent", "rows", rows);
}

static json_t *new_series(const char *label, bool is_dashed)
{
    return json_pack("{s:s, s:b, s:[]}", "label", label, "dashed", is_dashed, "points");
}

static void add_point(json_t *series, double x, double y)
{
    if (isfinite(x) && isfinite(y))
        json_array_append_new(json_object_get(series, "points"),
                              json_pack("[f, f]", x, y));
}

static json_t *numbers(const double *value, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_real(value[i]));
    return list;
}

static json_t *what_k_does(const struct claim_measurements *measurements)
{
    static const double k[] = { 2, 2.5, 3, 3.5, 4 },
                        share[] = { 0, 0.25, 0.5, 0.75, 1 };
    json_t *list = json_array(), *printed = new_series("slots, report, table 11", true);
    for (int i = 0; i < PUBLISHED_K; i++)
        add_point(printed, published_k[i].k, published_k[i].slot_sparsity);
    json_array_append_new(list, printed);
    for (unsigned m = 0; m < measurements->count; m++) {
        const struct claim_measurement *at = &measurements->at[m];
        char label[140];
        snprintf(label, sizeof label, "slots, %s", at->model);
        json_t *slots = new_series(label, false);
        snprintf(label, sizeof label, "silent, %s", at->model);
        json_t *silent = new_series(label, false);
        for (unsigned s = 0; s < at->settings; s++) {
            const double *q = at->setting[s].quantity;
            add_point(slots, q[MEASURED_K], q[MEASURED_SLOT_SPARSITY_3]);
            add_point(silent, q[MEASURED_K], q[MEASURED_SILENT_SHARE]);
        }
        json_array_append_new(list, slots);
        json_array_append_new(list, silent);
    }
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "kind", "lines", "title",
        "Empty slots are not silent channels", "note",
        "Share of empty slots (three steps a channel) and of silent channels, by k.",
        "unit", "share", "claim", "sparsity-69-percent", "x_label", "k", "log", 0,
        "x_ticks", numbers(k, 5), "y_ticks", numbers(share, 5), "series", list);
}

static json_t *first_token(void)
{
    static const double k = 1024, ms[] = { 100, 1e3, 1e4, 1e5, 1e6 };
    static const enum claim_fact_id own[] = {
        FACT_TTFT_SPIKING_256K, FACT_TTFT_SPIKING_512K, FACT_TTFT_SPIKING_1M,
        FACT_TTFT_SPIKING_2M, FACT_TTFT_SPIKING_4M
    };
    static const enum claim_fact_id dense[] = { FACT_TTFT_QWEN_256K,
                                                FACT_TTFT_QWEN_512K,
                                                FACT_TTFT_QWEN_1M };
    double x[5], y[3], at, slope, c00, c01, c11, rest;
    json_t *spiking = new_series("SpikingBrain-7B, timed", false);
    json_t *timed = new_series("Qwen2.5-7B, timed", false);
    json_t *beyond = new_series("Qwen2.5-7B, extrapolated", true);
    for (int i = 0; i < 5; i++) {
        x[i] = 256 * k * (1 << i);
        add_point(spiking, x[i] / k, claim_facts[own[i]].value);
    }
    for (int i = 0; i < 3; i++) {
        y[i] = claim_facts[dense[i]].value;
        add_point(timed, x[i] / k, y[i]);
    }
    gsl_fit_linear(x, 1, y, 1, 3, &at, &slope, &c00, &c01, &c11, &rest);
    for (int i = 2; i < 5; i++)
        add_point(beyond, x[i] / k, at + slope * x[i]);
    for (int i = 0; i < 5; i++)
        x[i] /= k;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:[o, o, o]}", "kind", "lines",
        "title", "Time to the first token", "note",
        "The report's table 7, milliseconds on H100 by thousands of tokens; "
        "our line through the three times of the baseline.",
        "unit", "ms", "claim", "first-token-100x-sooner", "x_label", "thousand tokens",
        "log", 1, "x_ticks", numbers(x, 5), "y_ticks", numbers(ms, 5), "series", timed,
        beyond, spiking);
}

static double fact_ratio(enum claim_fact_id a, enum claim_fact_id b)
{
    return claim_facts[a].value / claim_facts[b].value;
}

static json_t *tenth(void)
{
    double tokens = fact_ratio(FACT_LLAMA_TOKENS, FACT_DEEPSEEK_TOKENS);
    double flop = fact_ratio(FACT_LLAMA_GFLOP, FACT_DEEPSEEK_GFLOP);
    double active = fact_ratio(FACT_LLAMA_PARAMETERS, FACT_DEEPSEEK_ACTIVE);
    json_t *rows = json_array();
    add_bar(rows, "training operations per token", flop, 10);
    add_bar(rows, "the same times tokens", flop * tokens, 10);
    add_bar(rows, "GPU-hours, H100 over H800",
            fact_ratio(FACT_LLAMA_HOURS, FACT_DEEPSEEK_HOURS), 10);
    add_bar(rows, "6 N D, active parameters", active * tokens, 10);
    add_bar(rows, "active parameters (inference)", active, 10);
    add_bar(rows, "cache per token", fact_ratio(FACT_LLAMA_CACHE, FACT_DEEPSEEK_CACHE),
            10);
    add_bar(rows, "resident parameters",
            fact_ratio(FACT_LLAMA_PARAMETERS, FACT_DEEPSEEK_TOTAL), 10);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "bars", "title",
        "Llama-3.1-405B / DeepSeek-V3", "note",
        "How many times more Llama takes, by what is divided. Thin line: a "
        "tenth.",
        "unit", "x", "claim", "deepseek-tenth-of-the-compute", "rows", rows);
}

json_t *claim_plots(const struct claim_measurements *measurements)
{
    json_t *plots = json_array();
    for (unsigned m = 0; m < measurements->count; m++)
        json_array_append_new(plots, savings(&measurements->at[m]));
    json_array_append_new(plots, what_k_does(measurements));
    json_array_append_new(plots, first_token());
    json_array_append_new(plots, tenth());
    return plots;
}
