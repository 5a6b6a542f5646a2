/* See spike_report.h. */
#include "experiments/spike_report.h"
#include "experiments/table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *population_row(const struct spike_report *report, uint32_t index)
{
    const struct population_statistics *p = &report->result[index];
    json_t *quantiles = json_array();
    json_t *intervals = json_array();
    for (int i = 0; i < RATE_QUANTILES; i++)
        json_array_append_new(quantiles, json_number(p->rate_quantile_hz[i]));
    for (unsigned bin = 0; bin < INTERVAL_BINS; bin++)
        if (p->intervals[bin])
            json_array_append_new(intervals,
                                  json_pack("{s:f, s:f, s:I}", "from_ms",
                                            interval_bin_ms(bin), "to_ms",
                                            interval_bin_ms(bin + 1), "count",
                                            (json_int_t)p->intervals[bin]));
    json_t *row =
        json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:I}",
                  "population", report->source->population[report->of[index]].name,
                  "neurons", (json_int_t)p->neurons, "spikes", (json_int_t)p->spikes,
                  "silent", (json_int_t)p->silent, "silent_share",
                  json_number((double)p->silent / (double)p->neurons), "rate_hz",
                  json_number(p->rate_hz), "rate_quantiles_hz", quantiles, "cv",
                  json_number(p->cv), "cv2", json_number(p->cv2), "lv",
                  json_number(p->lv), "cv_neurons", (json_int_t)p->cv_neurons, "fano",
                  json_number(p->fano), "windows", (json_int_t)p->windows);
    if (!row)
        return NULL;
    json_object_set_new(row, "correlation", json_number(p->correlation));
    json_object_set_new(row, "pairs", json_integer((json_int_t)p->pairs));
    json_object_set_new(row, "synchrony", json_number(p->synchrony));
    json_object_set_new(row, "peak_hz", json_number(p->peak_hz));
    json_object_set_new(row, "peak_power", json_number(p->peak_power));
    json_object_set_new(row, "segments", json_integer((json_int_t)p->segments));
    json_object_set_new(row, "intervals", intervals);
    json_object_set_new(row, "intervals_outside",
                        json_integer((json_int_t)p->intervals_outside));
    return row;
}

static json_t *population_rows(const struct spike_report *report)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < report->populations; i++)
        json_array_append_new(rows, population_row(report, i));
    return rows;
}

static json_t *share_row(const char *name, const struct firing_share *share)
{
    double channels = (double)share->channels;
    return json_pack("{s:s, s:I, s:o, s:o, s:o}", "name", name, "channels",
                     (json_int_t)share->channels, "dead",
                     json_number((double)share->dead / channels), "rare",
                     json_number((double)share->rare / channels), "always",
                     json_number((double)share->always / channels));
}

/* By role, in the order of the populations; or each population by itself. */
static json_t *share_rows(const struct spike_report *report, bool by_role)
{
    json_t *rows = json_array();
    const struct recording *recording = &report->recording;
    for (uint32_t i = 0; i < recording->populations; i++) {
        const struct population_info *population = &recording->population[i];
        struct firing_share sum = report->tokens.share[i];
        uint32_t first = 0;
        while (by_role && strcmp(recording->population[first].role, population->role))
            first++;
        if (by_role && first < i)
            continue;
        for (uint32_t j = i + 1; by_role && j < recording->populations; j++) {
            const struct firing_share *more = &report->tokens.share[j];
            if (strcmp(recording->population[j].role, population->role) != 0)
                continue;
            sum.channels += more->channels;
            sum.dead += more->dead;
            sum.rare += more->rare;
            sum.always += more->always;
        }
        json_array_append_new(rows,
                              share_row(by_role ? population->role : population->name,
                                        &sum));
    }
    return rows;
}

static json_t *correlation_row(const char *name,
                               const struct token_correlation *correlation)
{
    return json_pack("{s:s, s:I, s:o, s:o}", "with", name, "tokens",
                     (json_int_t)correlation->tokens, "spikes",
                     json_number(correlation->spikes), "silent",
                     json_number(correlation->silent));
}

static json_t *correlation_rows(const struct token_statistics *tokens)
{
    json_t *rows = json_array();
    json_array_append_new(rows, correlation_row("surprisal", &tokens->surprisal));
    json_array_append_new(rows, correlation_row("log frequency", &tokens->frequency));
    return rows;
}

enum error_code spike_report_json(const struct spike_report *report, const char *path,
                                  struct error *err)
{
    json_t *object = json_pack("{s:s}", "file", path);
    if (!object)
        return error_memory(err, "JSON", 0);
    if (report->populations) {
        json_object_set_new(object, "format", json_string(report->source->format));
        json_object_set_new(object, "end_ms", json_number(report->source->end_ms));
        json_object_set_new(object, "populations", population_rows(report));
    }
    if (report->has_tokens) {
        const struct token_statistics *tokens = &report->tokens;
        json_object_set_new(object, "tokens", json_integer((json_int_t)tokens->tokens));
        json_object_set_new(object, "distinct_tokens",
                            json_integer((json_int_t)tokens->distinct));
        json_object_set_new(object, "token_correlations", correlation_rows(tokens));
    }
    if (report->has_tokens && report->tokens.has_shares) {
        json_object_set_new(object, "firing_by_role", share_rows(report, true));
        json_object_set_new(object, "firing_by_population", share_rows(report, false));
    }
    return json_print(object, err);
}

static void print_populations(const struct spike_report *report)
{
    static const struct column columns[] = {
        { "population", "population", -16, -1, false },
        { "neurons", "neurons", 8, -1, false },
        { "spikes", "spikes", 10, -1, false },
        { "silent_share", "silent", 7, 1, true },
        { "rate_hz", "Hz", 8, 2, false },
        { "cv", "CV", 5, 2, false },
        { "lv", "LV", 5, 2, false },
        { "fano", "Fano", 6, 2, false },
        { "correlation", "corr", 7, 4, false },
        { "synchrony", "chi", 5, 3, false },
        { "peak_hz", "peak Hz", 8, 1, false },
        { "peak_power", "power", 7, 1, false },
        { 0 },
    };
    json_t *rows = population_rows(report);
    bool is_ordered = true;
    table_print(columns, rows);
    json_decref(rows);
    for (uint32_t i = 0; i < report->populations; i++)
        is_ordered = is_ordered && report->result[i].is_ordered;
    if (!is_ordered)
        printf("(corr, chi and peak need spikes in order of time: `lucciola import` "
               "sorts)\n");
}

static void print_tokens(const struct spike_report *report)
{
    static const struct column correlations[] = {
        { "with", "correlation with", -16, -1, false },
        { "tokens", "tokens", 8, -1, false },
        { "spikes", "spikes", 8, 3, false },
        { "silent", "silent", 8, 3, false },
        { 0 },
    };
    static const struct column shares[] = {
        { "name", "channels by role", -16, -1, false },
        { "channels", "channels", 9, -1, false },
        { "dead", "dead", 8, 2, true },
        { "rare", "< 1 %", 8, 2, true },
        { "always", "> 99 %", 8, 2, true },
        { 0 },
    };
    const struct token_statistics *tokens = &report->tokens;
    printf("\n%llu tokens, %llu different\n", (unsigned long long)tokens->tokens,
           (unsigned long long)tokens->distinct);
    json_t *rows = correlation_rows(tokens);
    table_print(correlations, rows);
    json_decref(rows);
    if (!tokens->has_shares)
        return;
    printf("\n");
    rows = share_rows(report, true);
    table_print(shares, rows);
    json_decref(rows);
}

void spike_report_print(const struct spike_report *report, const char *path)
{
    if (report->populations) {
        printf("%s: %s, %.6g ms\n\n", path, report->source->format,
               report->source->end_ms);
        print_populations(report);
    } else {
        printf("%s: neither counts nor spikes were recorded\n", path);
    }
    if (report->has_tokens)
        print_tokens(report);
}

static void write_number(FILE *file, double value, char end)
{
    if (isfinite(value))
        fprintf(file, "%.9g", value);
    fputc(end, file);
}

static void write_neurons(const struct spike_report *report, FILE *file)
{
    fputs("population,neuron,spikes,rate_hz,cv,fano\n", file);
    for (uint32_t i = 0; i < report->populations; i++)
        for (uint64_t neuron = 0; neuron < report->result[i].neurons; neuron++) {
            struct neuron_statistics one;
            spike_statistics_neuron(report->statistics, i, neuron, &one);
            fprintf(file, "%s,%llu,%llu,",
                    report->source->population[report->of[i]].name,
                    (unsigned long long)neuron, (unsigned long long)one.spikes);
            write_number(file, one.rate_hz, ',');
            write_number(file, one.cv, ',');
            write_number(file, one.fano, '\n');
        }
}

enum error_code spike_report_neurons(const struct spike_report *report,
                                     const char *path, struct error *err)
{
    size_t room = strlen(path) + sizeof ".partial";
    char *partial = malloc(room);
    if (!partial)
        return error_memory(err, path, (double)room);
    snprintf(partial, room, "%s.partial", path);
    FILE *file = fopen(partial, "w");
    if (!file) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    } else {
        write_neurons(report, file);
        bool good = !ferror(file);
        if (fclose(file) != 0 || !good || rename(partial, path) < 0) {
            error_set(err, ERR_IO, "%s: cannot write: %s", path, strerror(errno));
            unlink(partial);
        }
    }
    free(partial);
    return err->code;
}
