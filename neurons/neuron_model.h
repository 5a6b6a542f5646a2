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

enum { NEURON_MAX_PARAMS = 16, NEURON_MAX_STATE = 8 };

/* State is stored by column, so that step() is a plain loop over arrays. */
struct population {
    size_t count;                    /* neurons */
    double dt_ms;                    /* length of one virtual step */
    const double *param;             /* one value per model->params entry */
    double *state[NEURON_MAX_STATE]; /* state[variable][neuron] */
    double level;                    /* this step's threshold, from the encoder;
                                         * models with their own threshold ignore it */
    bool is_signed;                  /* may fire -1 */
    bool is_graded;                  /* a spike carries the whole membrane, in units
                                         * of `level`, as its payload */
    double derived[8];               /* constants that prepare() computed */
};

struct spike {
    uint32_t neuron;
    int32_t payload; /* +1 or -1; any integer when graded */
};

struct neuron_model {
    const char *name, *summary, *source;
    const struct field *params;     /* ends with a NULL name */
    const struct field *state_vars; /* ends with a NULL name; initial = at rest */
    struct op_count cost;           /* per neuron and step */
    /* The sum of a signed counting code's spikes, each times its worth, is exactly the
     * integer injected: codes have their closed form with this model. */
    bool is_exact_counter;
    bool has_own_threshold; /* ignores `level` */
    bool carries_payload;   /* obeys population->is_graded */

    /* derived[] from param and dt_ms; NULL: nothing to derive. */
    void (*prepare)(struct population *population);
    /* Advance one step. input[i] is what arrived at neuron i; spikes go to fired[]
     * (room for count) in rising order of neuron; returns how many. */
    size_t (*step)(struct population *population, const double *input,
                   struct spike *fired);
};

/* NULL-terminated, alphabetical. */
extern const struct neuron_model *const neuron_models[];
const struct neuron_model *neuron_model_find(const char *name); /* NULL: none */

#endif
