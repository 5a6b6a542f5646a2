/* Recordings made of random counts, for tests of what reads them. */
#ifndef TESTS_SYNTHETIC_RECORDING_H
#define TESTS_SYNTHETIC_RECORDING_H

#include "sim/recording.h"

#include <gsl/gsl_rng.h>

struct synthetic {
    struct recording_plan plan;
    struct population_info population[4];
    gsl_rng *random;
    uint64_t tokens; /* made so far */
    bool drops_head; /* the head does not run for odd tokens */
    /* The last token: */
    struct site_counters site[4];
    struct host_cost host;
    int32_t *count; /* (channels) */
    int8_t *packed;
    struct recorded_overflow overflow[64];
    size_t overflows;
    uint32_t steps;
    int32_t id;
};

/* Three layers' sites and a head; `channels` of the first population, others follow. */
bool synthetic_init(struct synthetic *synthetic, const char *encoder, uint32_t channels,
                    bool counts, bool spikes);
void synthetic_release(struct synthetic *synthetic);
/* Makes the next token: the same sequence for every synthetic alike. */
void synthetic_next(struct synthetic *synthetic);
/* Makes `tokens` tokens and appends them, spikes included when planned. */
enum error_code synthetic_append(struct synthetic *synthetic,
                                 struct recording_writer *writer, uint64_t tokens,
                                 struct error *err);
/* A finished recording of so many tokens. */
enum error_code synthetic_write(const char *path, const char *encoder,
                                uint32_t channels, uint64_t tokens, bool counts,
                                bool spikes, struct error *err);
/* Overwrites the first element of a row. */
bool synthetic_spoil(const char *path, const char *dataset, uint64_t row,
                     uint64_t value);

#endif
