/* A spike code lays a channel's integer count out over the virtual steps of a token:
 * what is injected, where the thresholds stand, what a spike is worth.
 *
 * To add one: copy ternary.c, edit it, add one line to encoder_table.c. Tests hold
 * every code of the table with every counting neuron to this: the decoded value differs
 * from x by at most max_error thresholds. */
#ifndef ENCODERS_ENCODER_H
#define ENCODERS_ENCODER_H

#include "base/field.h"
#include "base/op_count.h"
#include "base/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENCODER_MAX_PARAMS = 8, ENCODER_MAX_STATE = 4 };

/* One population and one token. Neuron n codes channel n / neurons_per_channel; where
 * there are two, the even one is ON, the odd one OFF. */
struct encoding {
    size_t channels;
    const double *param;              /* one value per encoder->params entry */
    const int32_t *count;             /* (channels), the token's */
    unsigned steps;                   /* T of this site and token */
    double *state[ENCODER_MAX_STATE]; /* (neurons) each; initial values of state_vars
                                       * when a token begins */
    gsl_rng *random; /* random codes only: random_set() it before use, */
    uint64_t seed;   /* with these, neuron and step filled in */
    struct random_place place;
};

struct code_event {
    unsigned step;
    uint32_t neuron; /* in the channel, from 0 */
    int32_t worth;
};

enum { CODE_MAX_WINDOW = 65536 }; /* steps */

/* How a neuron with a threshold of its own can be read out; its response to the code's
 * injections, constant over a token, is measured and inverted (sim/response.h). */
enum reading {
    READ_LEVELS, /* not at all: the code moves the threshold from step to step */
    READ_COUNT,  /* by its number of spikes; injections lie in 0 .. steps */
    READ_FIRST   /* by the step of its first spike; the count is injected at step 0 */
};

struct encoder {
    const char *name, *summary, *source;
    const struct field *params;     /* ends with a NULL name */
    const struct field *state_vars; /* ends with a NULL name */
    double max_error;     /* of a decoded value, in thresholds V; infinity: only
                                     * on average, see max_deviation */
    double max_deviation; /* random codes: standard deviation of a decoded count,
                                     * over the square root of the count's size */
    unsigned neurons_per_channel;
    bool is_signed, is_graded;
    bool is_random;   /* draws from encoding->random */
    bool is_stateful; /* counts code x minus what the receiver holds, and the receiver
                       * adds what it decodes to that: rows of a sequence in order */
    bool rounds_to_zero; /* counts are cut off, not rounded to the nearest */
    enum reading reading;
    unsigned max_steps;               /* longest window; larger counts are clipped to
                                         * range(max_steps), also where T is adaptive */
    struct op_count event_cost;       /* per spike and target: one addition, or a
                                         * multiply-accumulate for a graded spike */
    struct op_count target_step_cost; /* per target and step beyond the first: a shift
                                         * of a positional code's accumulator */

    /* Steps that counts within [lowest, highest] need; 0 when all are 0. */
    unsigned (*steps)(int32_t lowest, int32_t highest);
    /* Counts that fit a window of `steps`, 1 .. max_steps. */
    void (*range)(unsigned steps, int32_t *lowest, int32_t *highest);
    /* A channel's spikes add up to its count times this, and decoding divides by it.
     * At least 1. NULL: 1. */
    int32_t (*gain)(unsigned steps);
    /* input (channels * neurons_per_channel), in units of V. Returns false when nothing
     * is injected at this step (input is then untouched and counts as zeros). */
    bool (*inject)(const struct encoding *e, unsigned step, double *input);
    /* level (channels * neurons_per_channel) at this step, in units of V; called once a
     * step, steps rising. Returns false when nothing changed since the last step. */
    bool (*levels)(const struct encoding *e, unsigned step, double *level);
    /* What a spike of payload 1 of this neuron is worth at this step, in units of V;
     * called once a spike, in order, between levels() of this step and the next. */
    int32_t (*worth)(const struct encoding *e, uint32_t neuron, unsigned step);

    /* The closed form with an exact counter, or NULL: how many spikes a count makes in
     * a window of `steps`, and which (rising step, then neuron; room for that many). */
    uint32_t (*spikes)(int32_t count, unsigned steps);
    uint32_t (*train)(int32_t count, unsigned steps, struct code_event *event);
};

/* NULL-terminated, alphabetical. */
extern const struct encoder *const encoders[];
const struct encoder *encoder_find(const char *name); /* NULL: none */

#endif
