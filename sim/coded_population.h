/* Neurons that carry a code through one token: the code injects and sets levels, the
 * neurons step, and what fires is given its worth. Neurons with thresholds of their own
 * are driven and read through their response. */
#ifndef SIM_CODED_POPULATION_H
#define SIM_CODED_POPULATION_H

#include "base/arena.h"
#include "encoders/encoder.h"
#include "neurons/neuron_model.h"
#include "sim/event_queue.h"
#include "sim/response.h"

struct coded_settings {
    const struct neuron_model *neuron;
    const struct encoder *encoder;
    double neuron_param[NEURON_MAX_PARAMS];
    double encoder_param[ENCODER_MAX_PARAMS];
    const struct response *response; /* of neurons with thresholds of their own; NULL:
                                      * they follow the code's levels */
    uint64_t seed;                   /* of random codes */
    double dt_ms;
};

struct coded_population {
    struct coded_settings settings;
    struct population population;
    struct encoding encoding;
    double *input, *level; /* (neurons) */
    double *silence;       /* (neurons) zeros, for inputs the code does not use */
    uint32_t *earlier;     /* (neurons) spikes of this token so far */
    struct spike *fired;   /* (neurons) */
    struct event *event;   /* (neurons) */
};

/* Room for `neurons`; settings are copied. False: no memory. Release what failed. */
bool coded_init(struct coded_population *coded, struct arena *arena,
                const struct coded_settings *settings, size_t neurons);
void coded_release(struct coded_population *coded);
/* At rest before a token: counts (channels), and where random codes draw. */
void coded_begin(struct coded_population *coded, size_t channels, const int32_t *count,
                 unsigned steps, const struct random_place *place);
/* One step; returns how many entries of coded->event it filled, neurons rising. */
size_t coded_step(struct coded_population *coded, unsigned step);

#endif
