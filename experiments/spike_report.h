/* Statistics of spikes and tokens in print: tables, JSON, and a CSV of neurons. */
#ifndef EXPERIMENTS_SPIKE_REPORT_H
#define EXPERIMENTS_SPIKE_REPORT_H

#include "sim/recording.h"
#include "sim/spike_source.h"
#include "sim/spike_statistics.h"
#include "sim/token_statistics.h"

struct spike_report {
    const struct spike_source *source;
    uint32_t populations; /* reported; 0: the file has no spikes */
    uint32_t *of;         /* (populations): which of the source */
    struct spike_statistics *statistics;
    struct population_statistics *result; /* (populations) */
    struct recording recording;           /* file NULL: the file is none of ours */
    bool has_tokens;
    struct token_statistics tokens;
};

void spike_report_print(const struct spike_report *report, const char *path);
enum error_code spike_report_json(const struct spike_report *report, const char *path,
                                  struct error *err);
/* population,neuron,spikes,rate_hz,cv,fano; the file appears whole or not at all. */
enum error_code spike_report_neurons(const struct spike_report *report,
                                     const char *path, struct error *err);

#endif
