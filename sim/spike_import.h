/* A recording of ours made of anybody's spikes: slices of time stand for tokens, see
 * notes/recording.md. Times are rounded to steps. A file in order of time streams; one
 * that is not is sorted in memory. */
#ifndef SIM_SPIKE_IMPORT_H
#define SIM_SPIKE_IMPORT_H

#include "sim/recording.h"
#include "sim/spike_source.h"

struct import_settings {
    double dt_ms;               /* 0: the file's, else 0.1 ms */
    uint64_t neurons;           /* of every population; 0: as the file says */
    uint64_t sort_bytes;        /* most memory for sorting; 0: 1 GiB */
    struct recording_info info; /* dt_ms is set here */
};

struct import_result {
    double dt_ms;
    double largest_shift_ms; /* of a time, by rounding */
    uint64_t spikes, slices;
};

/* Slices are 10 ms long, longer when there would be more than 100,000. Leaves nothing at
 * `path` after a failure. The source is at its beginning. */
enum error_code spike_import(struct spike_source *source, const char *path,
                             const struct import_settings *settings,
                             struct import_result *result, struct error *err);

#endif
