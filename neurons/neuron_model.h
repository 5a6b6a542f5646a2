/* A neuron model is one `const struct neuron_model` in one file of this folder. The
 * simulator knows models only through this struct.
 *
 * To add one: copy lif.c, edit it, add one line to model_table.c. Help, the checking of
 * parameters, tests and the energy report pick it up from its tables. */
#ifndef NEURONS_NEURON_MODEL_H
#define NEURONS_NEURON_MODEL_H

#include "base/field.h"
#include "base/op_count.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NEURON_MAX_PARAMS = 24,
    NEURON_MAX_STATE = 8,
    NEURON_MAX_DERIVED = 12,
    NEURON_MAX_INPUTS = 3
};

/* Everything is stored by column, (count) each, so that step() is a plain loop over
 * arrays and neurons of one population may differ in every parameter. */
struct population {
    size_t count;                           /* neurons */
    double dt_ms;                           /* length of one virtual step */
    const double *param[NEURON_MAX_PARAMS]; /* param[model->params entry][neuron] */
    double *state[NEURON_MAX_STATE];        /* state[model->state_vars entry][neuron] */
    double *derived[NEURON_MAX_DERIVED];    /* what prepare() computed */
    const double *level; /* this step's thresholds, from the encoder; NULL: the model's
                          * own. Only models that follow levels look at it */
    bool is_signed;      /* with levels: may fire -1 */
    bool is_graded;      /* a spike carries the whole membrane, in units of its level,
                          * as its payload */
};

struct spike {
    uint32_t neuron;
    int32_t payload; /* +1 or -1; any integer when graded */
};

struct neuron_model {
    const char *name, *summary, *source;
    const struct field *params;     /* ends with a NULL name */
    const struct field *state_vars; /* ends with a NULL name; initial: see rest() */
    const struct field *inputs; /* ends with a NULL name: what arrives, in what unit,
                                     * and whether it jumps or lasts the step */
    unsigned drive;             /* the input that a constant drive goes into */
    unsigned derived;           /* columns of derived[] */
    struct op_count cost;       /* per neuron and step */
    const char *scheme;         /* how it is integrated, and over which steps */
    unsigned order; /* of convergence of the state in dt; 0: exact for input that is
                     * constant over a step, spikes being on the grid */
    /* The sum of a signed counting code's spikes, each times its worth, is exactly the
     * integer injected: codes have their closed form with this model. */
    bool is_exact_counter;
    bool follows_levels;  /* fires at population->level where that is given */
    bool carries_payload; /* obeys population->is_graded */

    /* derived[] from param[] and dt_ms; NULL: nothing to derive. */
    void (*prepare)(struct population *population);
    /* Puts the state at rest without input; NULL: the initial values of state_vars.
     * Called after prepare(). */
    void (*rest)(struct population *population);
    /* Advance one step: integrate over dt with what is there and with the currents of
     * this step, add what arrived, test the threshold, reset. input[port][neuron] is what
     * arrived or flows, finite; a NULL port: nothing. Spikes go to fired[] (room for
     * count) in rising order of neuron, one a neuron at most; returns how many. */
    size_t (*step)(struct population *population, const double *const *input,
                   struct spike *fired);
};

/* NULL-terminated, alphabetical. */
extern const struct neuron_model *const neuron_models[];
const struct neuron_model *neuron_model_find(const char *name); /* NULL: none */

#endif
