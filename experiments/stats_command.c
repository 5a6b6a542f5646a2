/* `lucciola stats`: statistics of the spikes of any file that can be read, and of the
 * tokens of a language model. What each number means: sim/spike_statistics.h and
 * sim/token_statistics.h. */
#include "experiments/command.h"
#include "experiments/options.h"
#include "experiments/spike_report.h"
#include "base/progress.h"
#include "sim/recording.h"
#include "sim/spike_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };

static const struct option option_stats[] = {
    { "population", 0, "NAME", "only this population, layer or role", NULL },
    { "bin", 0, "MS", "bins of the population's rate, for its spectrum", "1" },
    { "correlation-bin", 0, "MS", "bins of correlation and synchrony", "5" },
    { "window", 0, "MS", "windows of the Fano factor", "100" },
    { "start", 0, "MS", "pass over what was before", "0" },
    { "neurons", 0, "FILE", "write a line for every neuron (CSV)", NULL },
    { 0 },
};

/* "L07.ffn_down" goes by its whole name, its layer L07 and its role ffn_down. */
static bool is_named(const char *population, const char *name)
{
    size_t length = strlen(name);
    const char *dot = strrchr(population, '.');
    return strcmp(population, name) == 0 || (dot && strcmp(dot + 1, name) == 0) ||
           (length && strncmp(population, name, length) == 0 &&
            population[length] == '.');
}

/* chosen[p]: its place among those that are reported, or -1. */
static enum error_code choose(struct spike_report *report, const char *name,
                              int32_t *chosen, struct error *err)
{
    const struct spike_source *source = report->source;
    for (uint32_t p = 0; p < source->populations; p++) {
        chosen[p] = -1;
        if (name && !is_named(source->population[p].name, name))
            continue;
        chosen[p] = (int32_t)report->populations;
        report->of[report->populations++] = p;
    }
    if (report->populations == 0)
        return error_set(err, ERR_ARGUMENT, "%s: no population, layer or role '%s'",
                         source->path, name ? name : "");
    return OK;
}

static enum error_code gather(struct spike_source *source,
                              struct spike_statistics *statistics,
                              const int32_t *chosen, struct error *err)
{
    struct source_spike *spike = malloc(BLOCK * sizeof *spike);
    struct progress progress;
    uint64_t done = 0;
    size_t count;
    if (!spike)
        return error_memory(err, "a block of spikes", BLOCK * sizeof *spike);
    progress_begin(&progress, "spikes");
    while (spike_source_read(source, spike, BLOCK, &count, err) == OK && count > 0) {
        for (size_t i = 0; i < count && err->code == OK; i++) {
            int32_t population = chosen[spike[i].population];
            if (population >= 0 &&
                !spike_statistics_add(statistics, (uint32_t)population, spike[i].neuron,
                                      spike[i].time_ms))
                error_set(
                    err, ERR_FORMAT,
                    "%s: spike %llu, of neuron %llu of %s at %g ms, is before the "
                    "neuron's last; `lucciola import` sorts",
                    source->path, (unsigned long long)(done + i),
                    (unsigned long long)spike[i].neuron,
                    source->population[spike[i].population].name, spike[i].time_ms);
        }
        if (err->code != OK)
            break;
        done += count;
        progress_update(&progress, (double)done,
                        (double)(source->spikes > done ? source->spikes : done), NULL);
    }
    progress_end(&progress);
    free(spike);
    return err->code;
}

static enum error_code read_settings(const struct options *options,
                                     struct spike_statistics_settings *settings,
                                     struct error *err)
{
    if (option_number(options, "bin", 1e-3, 1e9, &settings->bin_ms, err) != OK ||
        option_number(options, "correlation-bin", 1e-3, 1e9, &settings->correlation_ms,
                      err) != OK ||
        option_number(options, "window", 1e-3, 1e9, &settings->window_ms, err) != OK)
        return err->code;
    return option_number(options, "start", 0, 1e14, &settings->start_ms, err);
}

static enum error_code count_spikes(const struct options *options,
                                    struct spike_source *source,
                                    struct spike_report *report, struct error *err)
{
    size_t most = source->populations ? source->populations : 1;
    struct spike_statistics_settings settings = { .seed = 1 };
    int32_t *chosen = malloc(most * sizeof *chosen);
    uint64_t *neurons = malloc(most * sizeof *neurons);
    report->of = malloc(most * sizeof *report->of);
    report->result = calloc(most, sizeof *report->result);
    if (!chosen || !neurons || !report->of || !report->result) {
        error_memory(err, "populations", (double)most * sizeof *report->result);
        goto out;
    }
    if (read_settings(options, &settings, err) != OK ||
        choose(report, option_text(options, "population"), chosen, err) != OK)
        goto out;
    for (uint32_t i = 0; i < report->populations; i++)
        neurons[i] = source->population[report->of[i]].neurons;
    if (spike_statistics_create(&report->statistics, neurons, report->populations,
                                &settings, err) != OK ||
        gather(source, report->statistics, chosen, err) != OK)
        goto out;
    double end_ms = source->end_ms;
    spike_statistics_finish(report->statistics, end_ms, report->result, err);
out:
    free(chosen);
    free(neurons);
    return err->code;
}

/* Of a recording with neither counts nor spikes only the counters tell. */
static enum error_code read_tokens(const char *path, struct spike_report *report,
                                   bool *has_spikes, struct error *err)
{
    if (spike_source_is_foreign(path))
        return OK;
    if (recording_open(&report->recording, path, err) != OK)
        return err->code;
    const struct recording *recording = &report->recording;
    if (recording->was_repaired)
        fprintf(stderr, "%s: the run was killed; its flag is cleared\n", path);
    *has_spikes = recording->has_counts || recording->has_spikes;
    if (recording->channels == 0)
        return OK; /* a network: its slices are no tokens */
    report->has_tokens = true;
    if (token_statistics_read(&report->tokens, recording, err) != OK)
        return error_wrap(err, "%s", path);
    return OK;
}

static enum error_code show(const struct options *options, struct error *err)
{
    struct spike_report report = { .populations = 0 };
    struct spike_source source = { .path = NULL };
    bool has_spikes = true;
    if (options->operands != 1)
        return error_set(err, ERR_ARGUMENT,
                         "a recording or another file of spikes is "
                         "needed");
    const char *path = options->operand[0], *neurons = option_text(options, "neurons");
    report.source = &source;
    if (read_tokens(path, &report, &has_spikes, err) != OK)
        goto out;
    if (has_spikes && (spike_source_open(&source, path, err) != OK ||
                       count_spikes(options, &source, &report, err) != OK))
        goto out;
    if (neurons && has_spikes && spike_report_neurons(&report, neurons, err) != OK)
        goto out;
    if (option_flag(options, "json"))
        spike_report_json(&report, path, err);
    else
        spike_report_print(&report, path);
out:
    spike_statistics_free(report.statistics);
    token_statistics_release(&report.tokens);
    free(report.of);
    free(report.result);
    spike_source_close(&source);
    if (report.recording.file)
        recording_close_reader(&report.recording);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_stats, option_common, NULL };
    struct options options;
    if (options_read(&options, tables, "stats FILE",
                     "Rates, variability, correlation and rhythm of recorded spikes.",
                     1, argc, argv, err) == OK &&
        !options.help_shown)
        show(&options, err);
    options_release(&options);
    return err->code;
}

const struct command stats_command = {
    .name = "stats",
    .arguments = "FILE [--population NAME]",
    .summary = "statistics of a recording's spikes",
    .run = run,
};
