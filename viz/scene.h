/* What the views show of a recording, held in memory: tokens with their text,
 * populations, and what each token did at each of them. Spikes are not here: spike_index.h
 * finds those of any stretch. */
#ifndef VIZ_SCENE_H
#define VIZ_SCENE_H

#include "base/error.h"
#include "sim/energy.h"
#include "sim/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One token at one population; a population that did not run for it has steps 0. */
struct scene_cell {
    uint32_t steps, silent;
    uint64_t spikes, sop, row_bytes;
    float threshold; /* V; NaN: it did not run */
};

/* What tokens did and cost together: scene_energy.h fills these. */
struct scene_sum {
    double nj[BOUNDARIES][VARIANTS]; /* as `lucciola energy` prices; NaN: no price */
    double spikes, sop, dense_macs;
};

/* What is drawn with one colour: the populations of one role, or one population of a
 * network that has few. */
struct scene_series {
    char name[32];
    uint32_t populations;
    uint64_t neurons;
};

struct series_sum {
    double spikes, neuron_steps, silent, channels; /* silent of channels, over tokens */
};

struct scene {
    struct recording recording;
    char *path;
    uint64_t tokens;
    uint64_t *start_step; /* (tokens + 1), rising; the last is the end */
    unsigned char *kind;  /* enum token_kind */
    double *log_probability;
    uint64_t *text_offset; /* (tokens + 1), into text */
    char *text;
    struct scene_cell *cell; /* (tokens, populations) */
    struct scene_sum *sum; /* (tokens + 1), of the first t tokens; NULL: no counters */
    struct scene_series *series;
    uint32_t serieses;
    uint32_t *series_of;           /* (populations) */
    struct series_sum *series_sum; /* (tokens + 1, serieses), of the first t tokens */
    float peak_rate;               /* most spikes a neuron and step, of all cells */
    /* Of |count| over channels and the first histogram_tokens; (populations, COUNT_BINS);
     * NULL: counts are not recorded. */
    uint64_t *histogram, histogram_tokens;
    struct trace_levels *trace_levels; /* (recording.traces); trace_levels.h */
    /* Whose prices; "": none apply, and the reason. */
    char profile[32], unpriced[480];
    uint32_t layers;   /* highest layer + 1 */
    uint64_t rows;     /* neurons of all populations */
    bool is_timed;     /* of a plain network: slices of time instead of tokens */
    bool is_graded;    /* a spike multiplies, where others add */
    bool has_counters; /* cell, and sum */
    uint64_t room;     /* tokens there is memory for */
};

/* A file that runs may still be written. On failure there is nothing to release. */
enum error_code scene_open(struct scene *scene, const char *path, struct error *err);
void scene_release(struct scene *scene);
/* What a living writer added since; *grew: whether there is anything new. */
enum error_code scene_refresh(struct scene *scene, bool *grew, struct error *err);

uint64_t scene_end(const struct scene *scene); /* in steps */
/* The token whose window holds the step, the last one beyond the end; 0 of none. */
uint64_t scene_token_at(const struct scene *scene, double step);
/* Text of a token as it is shown: without the space in front, control characters and
 * lone spaces visible. Cut to `size`, which counts the NUL; returns the length. */
size_t scene_token_text(const struct scene *scene, uint64_t token, char *text,
                        size_t size);
/* The population of a global neuron id; NULL: none. */
const struct population_info *scene_population_of(const struct scene *scene,
                                                  uint64_t node, uint32_t *index);

#endif
