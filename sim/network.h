/* Networks of spiking neurons: populations, sources, projections with delays and
 * plasticity, run by the event queue and the neuron models that language models run on.
 *
 * A network is described, built, run and read:
 *
 *     network_create, network_add_..., network_connect ...   nothing large is allocated
 *     network_bytes                                          what building will take
 *     network_build                                          synapses are drawn
 *     network_state ...                                      initial conditions
 *     network_run                                            as often as wanted
 *
 * One step, from t to t + dt: spikes due now are delivered to the inputs of their
 * targets, sources add theirs, every population steps once, what fires is sent. A spike
 * fired in the step that ends at t + dt with a delay of d steps arrives in the step that
 * begins at t + d * dt: a delay is at least one step.
 *
 * Random numbers are functions of (seed, projection or source, neuron, step): neither
 * threads nor parts change a run. A target's inputs are added in the order of their
 * sources' global ids within each due step. */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include "base/error.h"
#include "neurons/neuron_model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct network_settings {
    double dt_ms;
    uint64_t seed;
    int threads;    /* networks of a few neurons keep to one */
    unsigned parts; /* pieces that targets are split into, each owned by one thread;
                     * 0: as many as threads */
};

struct network;

enum error_code network_create(struct network **network,
                               const struct network_settings *settings,
                               struct error *err);
void network_free(struct network *network); /* NULL is allowed */

/* ---- description: names are copied; populations are numbered from 0 ---- */

/* param: one value per model->params entry; NULL: the defaults. */
enum error_code network_add_population(struct network *network, const char *name,
                                       const struct neuron_model *model, size_t count,
                                       const double *param, uint32_t *population,
                                       struct error *err);
/* (count), to be changed before network_build. NULL: no memory, or a generator. */
double *network_param(struct network *network, uint32_t population, unsigned parameter);

struct timed_spike {
    double time_ms; /* rounded to the grid; rising */
    uint32_t neuron;
};

/* A population without dynamics that fires a list (copied). */
enum error_code network_add_generator(struct network *network, const char *name,
                                      size_t count, const struct timed_spike *spike,
                                      size_t spikes, uint32_t *population,
                                      struct error *err);

/* Neurons [first, first + count) of a population; count 0: all. */
struct neuron_range {
    uint32_t population;
    size_t first, count;
};

/* Independent Poisson trains, one per neuron, each spike worth `weight` at the port. */
struct poisson_source {
    struct neuron_range target;
    unsigned port;
    double rate_hz, weight;
    double start_ms, stop_ms; /* stop 0: never */
};
enum error_code network_add_poisson(struct network *network,
                                    const struct poisson_source *source,
                                    struct error *err);

/* mean + deviation * normal, drawn anew each step, into the port. With `value` the mean
 * is value(context, t) at the step's beginning t; it must be a pure function. */
struct current_source {
    struct neuron_range target;
    unsigned port;
    double mean, deviation;
    double start_ms, stop_ms;                             /* stop 0: never */
    double (*value)(const void *context, double time_ms); /* NULL: mean */
    const void *context;                                  /* outlives the network */
};
enum error_code network_add_current(struct network *network,
                                    const struct current_source *source,
                                    struct error *err);

enum connection_rule {
    CONNECT_ALL_TO_ALL,
    CONNECT_ONE_TO_ONE,
    CONNECT_PROBABILITY, /* each pair with probability `p` */
    CONNECT_IN_DEGREE,   /* `degree` sources a target, drawn with replacement */
    CONNECT_TOTAL_NUMBER, /* `degree` synapses in all, both ends drawn: Potjans-Diesmann */
    CONNECT_EXPLICIT
};

enum distribution { FIXED, NORMAL, LOGNORMAL, UNIFORM };

/* A value a synapse: FIXED a; NORMAL mean a, deviation b; LOGNORMAL of mean a and
 * deviation b of the value itself; UNIFORM a .. b. Drawn again until within
 * lowest .. highest where lowest < highest. */
struct synapse_value {
    enum distribution distribution;
    double a, b, lowest, highest;
};

/* Pair-based STDP, all pairs, exponential windows (Bi & Poo 1998; Song, Miller & Abbott
 * 2000): a presynaptic spike after a postsynaptic one lowers the weight, the other order
 * raises it. The delay is dendritic. */
struct stdp_rule {
    double tau_plus_ms, tau_minus_ms;
    double a_plus, a_minus;   /* steps, in units of `highest` (additive) */
    double lowest, highest;   /* bounds of the weight */
    double mu_plus, mu_minus; /* 0: additive, 1: multiplicative (Guetig et al. 2003) */
};

struct synapse {
    uint32_t source, target; /* within their populations */
    double weight, delay_ms;
};

struct projection {
    uint32_t source, target; /* populations */
    unsigned port;           /* of the target's model */
    enum connection_rule rule;
    double p;
    uint64_t degree;
    bool self_connections;         /* within one population */
    const struct synapse *synapse; /* CONNECT_EXPLICIT, copied */
    size_t synapses;
    struct synapse_value weight, delay_ms; /* delays are rounded to steps, at least 1 */
    const struct stdp_rule *stdp;          /* NULL: fixed weights; copied */
};
enum error_code network_connect(struct network *network,
                                const struct projection *projection, struct error *err);

/* ---- building and running ---- */

/* What network_build will allocate, from the description alone. */
double network_bytes(const struct network *network);
/* Checks parameters and ranges, draws synapses. Refuses what would need more than
 * limit_bytes (0: the machine's memory), and says how much it needs. */
enum error_code network_build(struct network *network, double limit_bytes,
                              struct error *err);
/* Initial conditions: state of a variable (count), after network_build; at rest until
 * it is changed. NULL: a generator. */
double *network_state(struct network *network, uint32_t population, unsigned variable);

/* Called once a step with every population that fired, in order; neuron numbers rise.
 * step counts from 0; the spikes happened at (step + 1) * dt. */
struct network_sink {
    void *context;
    enum error_code (*spikes)(void *context, uint64_t step, uint32_t population,
                              const struct spike *spike, size_t spikes,
                              struct error *err);
    /* After every step; NULL: none. State may be read (for traces). */
    enum error_code (*stepped)(void *context, uint64_t step, struct error *err);
};
enum error_code network_run(struct network *network, uint64_t steps,
                            const struct network_sink *sink, struct error *err);

/* ---- reading ---- */

struct network_population_info {
    const char *name;
    const struct neuron_model *model; /* NULL: a generator */
    size_t count;
    uint64_t first_node; /* global id of its neuron 0 */
    uint64_t synapses_out;
};
uint32_t network_populations(const struct network *network);
struct network_population_info network_population(const struct network *network,
                                                  uint32_t population);
uint32_t network_projections(const struct network *network);
const struct projection *network_projection(const struct network *network,
                                            uint32_t projection);
/* Synapses of a projection with their present weights, in a fixed order: by source,
 * delay, then target. Room for `room`; returns how many there are. After
 * network_build. */
size_t network_synapses(const struct network *network, uint32_t projection,
                        struct synapse *synapse, size_t room);

/* Synapses that a spike of a neuron reaches. After network_build. */
uint64_t network_fan_out(const struct network *network, uint32_t population,
                         uint32_t neuron);

struct network_totals {
    uint64_t steps, spikes, synaptic_events, updates;
    uint64_t synapses;
    uint64_t events, arrived, in_flight; /* a spike sends one for each different delay;
                                          * events = arrived + in_flight */
    double bytes;
};
void network_totals(const struct network *network, struct network_totals *totals);

#endif
