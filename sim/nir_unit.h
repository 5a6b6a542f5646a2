/* A node of a NIR graph that runs: where its values come from, what it holds, and the
 * function that turns one into the other. */
#ifndef SIM_NIR_UNIT_H
#define SIM_NIR_UNIT_H

#include "sim/nir_run.h"
#include "sim/nir_shape.h"

enum { NIR_MOST_COLUMNS = 9 };

struct nir_unit;

struct nir_operation {
    /* Fills in what the step needs; NULL: nothing. */
    enum error_code (*prepare)(struct nir_unit *unit, struct arena *arena,
                               const struct nir_settings *settings, struct error *err);
    /* out from in. */
    void (*step)(struct nir_unit *unit);
    /* Before anything else of a step: what leaves a Delay; NULL: nothing. */
    void (*begin)(struct nir_unit *unit);
};

struct nir_source {
    const double *value; /* what the other unit gives now, or gave one step before */
};

struct nir_unit {
    const struct nir_node *node;
    const char *name;
    const struct nir_operation *operation;
    bool is_input, is_output, is_spiking;
    bool is_early; /* a Delay of a step or more: see nir_order.h */

    struct nir_source *source;
    size_t sources;
    const double *in; /* (size_in): the sum of the sources */
    double *own_in;   /* where the sum goes; NULL: there is one source */
    double *out;      /* (size) */
    double *before;   /* (size): out of the last step; NULL: nobody asks */
    double *sum;      /* (size) */
    size_t size_in, size;
    uint64_t spikes, additions;
    size_t driver; /* see nir_run.h */
    int threads;

    double *column[NIR_MOST_COLUMNS]; /* constants and state, by the operation */
    uint32_t *active;                 /* (size_in): inputs that are not 0 */
    struct nir_window window[NIR_SPATIAL];
    size_t groups;
    double worth; /* of a spike that it fires */
    uint64_t step, slots;
};

/* By enum nir_type_id; NIR_GRAPH has none. */
const struct nir_operation *nir_operation(enum nir_type_id type);
extern const struct nir_operation nir_matrix_operation, nir_convolution_operation,
    nir_pool_operation, nir_neuron_operation;

/* Lists the inputs that are not 0; returns how many. */
size_t nir_unit_active(struct nir_unit *unit);
/* A column of values of a parameter, one for each of `count`; NULL: no memory. */
double *nir_unit_spread(struct arena *arena, const struct nir_node *node,
                        enum nir_param_id param, size_t count, double otherwise);

#endif
