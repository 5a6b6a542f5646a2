/* What a spike code sends with a neuron: the code's schedule run step by step, as a site
 * of a network would, for the tests of codes. */
#ifndef TESTS_CODE_TRAINS_H
#define TESTS_CODE_TRAINS_H

#include "encoders/encoder.h"
#include "neurons/neuron_model.h"

struct sent {
    uint32_t channel;
    struct code_event event;
};

/* Zero before the first use. */
struct trains {
    int64_t *sum; /* (channels): of worth */
    size_t channels, spikes, room;
    struct sent *sent; /* in order; only where keeps_events was set */
    bool keeps_events;
};

void trains_send(struct trains *trains, uint32_t channel, struct code_event event);
void trains_begin(struct trains *trains, size_t channels);
void trains_free(struct trains *trains);

/* What stays the same over rows. */
struct code_run {
    const struct neuron_model *model; /* parameters at their defaults */
    const struct encoder *encoder;
    uint64_t seed;             /* random codes */
    struct random_place place; /* random codes; neuron and step are not used */
};

/* One row of counts, laid out over `steps`. Checks that nothing stays in the
 * membranes. */
void trains_simulate(struct trains *trains, const struct code_run *run,
                     const int32_t *count, size_t channels, unsigned steps);
/* encoder->gain, or 1. */
int32_t code_gain(const struct encoder *encoder, unsigned steps);

#endif
