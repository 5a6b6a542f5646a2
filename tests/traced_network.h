/* The recording of a network of three neurons that fire now and then, with a trace. */
#ifndef TESTS_TRACED_NETWORK_H
#define TESTS_TRACED_NETWORK_H

#include "base/error.h"

#include <stdint.h>

enum {
    TRACED_SAMPLES = 10000,
    TRACED_NODES = 3,
    TRACED_PEAK = 7777,
    TRACED_SLICES = 5
};

/* Of 100 at one sample of the second neuron, within 1 elsewhere; the third's are NaN now
 * and then. */
float traced_sample(uint64_t sample, unsigned node);
enum error_code traced_network_write(const char *path, struct error *err);

#endif
