/* Neurons that carry a code through one token: the code injects and sets levels, the
 * neurons step, and what fires is given its worth, by the code or, where neurons do not
 * count exactly, by their measured response. Of neurons with thresholds of their own only the awake are stepped, those
 * that were given anything since the token began: the others are at rest, and a neuron
 * at rest stays there without input (a test of every model). */
#ifndef SIM_CODED_POPULATION_H
#define SIM_CODED_POPULATION_H

#include "base/arena.h"
#include "encoders/encoder.h"
#include "lm/thread_team.h"
#include "neurons/neuron_model.h"
#include "sim/event_queue.h"
#include "sim/response.h"

struct coded_settings {
    const struct neuron_model *neuron;
    const struct encoder *encoder;
    double neuron_param[NEURON_MAX_PARAMS];
    double encoder_param[ENCODER_MAX_PARAMS];
    const struct response *response; /* NULL: spikes are worth what the code says */
    uint64_t seed;                   /* of random codes */
    double dt_ms;
    struct thread_team *team; /* that steps neurons; NULL: one thread */
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
    /* Of neurons with a response: the slots of the population are the awake, in the
     * order in which they woke. */
    size_t neurons, awake;
    uint32_t *neuron_of; /* (neurons) by slot */
    bool *is_awake;      /* (neurons) by neuron */
    double *drive;       /* (neurons) by slot */
    bool in_order;       /* slots rise with neurons */
};

/* Room for `neurons`; settings are copied. False: no memory. Release what failed. */
bool coded_init(struct coded_population *coded, struct arena *arena,
                const struct coded_settings *settings, size_t neurons);
void coded_release(struct coded_population *coded);
/* At rest before a token: counts (channels), and where random codes draw. `whole` wakes
 * every neuron, so that slots are neurons and state can be traced. */
void coded_begin(struct coded_population *coded, size_t channels, const int32_t *count,
                 unsigned steps, const struct random_place *place, bool whole);
/* One step; returns how many entries of coded->event it filled, neurons rising. */
size_t coded_step(struct coded_population *coded, unsigned step);

#endif
