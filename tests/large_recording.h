/* Recordings of networks as large as one likes, for measuring what looks at them. */
#ifndef TESTS_LARGE_RECORDING_H
#define TESTS_LARGE_RECORDING_H

#include "sim/recording.h"

struct large_plan {
    uint64_t events; /* about */
    uint32_t neurons, steps;
    unsigned long seed;
    uint32_t
        populations; /* of one size, up to LARGE_POPULATIONS; 0: six unequal ones */
};
enum { LARGE_POPULATIONS = 64 };

/* Two of six populations are inhibitory (worth -1); their rates swing at their own pace,
 * and one is silent for a third of the time. Slices of 10 steps of 1 ms. */
enum error_code large_recording_write(const char *path, const struct large_plan *plan,
                                      struct error *err);

#endif
