/* The synapses of one target neuron, a pure function of (seed, projection, target): who
 * asks, how often and in what order changes nothing. */
#ifndef SIM_NETWORK_DRAW_H
#define SIM_NETWORK_DRAW_H

#include "sim/network_layout.h"

#include <gsl/gsl_rng.h>

struct drawing {
    const struct network *network;
    const struct link *link;
    uint32_t index; /* of the projection */
    gsl_rng *generator;
    double per_gap;           /* CONNECT_PROBABILITY: 1 / log(1 - p) */
    uint32_t *source, *delay; /* (link->most) */
    double *weight;           /* (link->most) */
};

/* Shares the synapses of CONNECT_TOTAL_NUMBER out to the targets: quota (targets).
 * Returns the largest. */
uint32_t draw_quotas(const struct network *network, uint32_t projection,
                     uint32_t *quota, gsl_rng *generator);
/* False: no memory. Release what failed, too. */
bool drawing_init(struct drawing *drawing, const struct network *network,
                  uint32_t projection);
void drawing_release(struct drawing *drawing);
/* Fills source; returns the number of synapses. */
size_t draw_sources(struct drawing *drawing, uint32_t target);
/* For the synapses that draw_sources gave. Delays in steps, 1 up; they may exceed
 * NETWORK_MAX_DELAY, which the caller checks. */
void draw_delays(struct drawing *drawing, uint32_t target, size_t synapses);
void draw_weights(struct drawing *drawing, uint32_t target, size_t synapses);

/* Probability that one draw lies within lowest .. highest; 1 without bounds. */
double synapse_value_share(const struct synapse_value *value);
/* Expected number of different delays of n synapses, in steps; about the longest. */
double synapse_value_delays(const struct synapse_value *value, double dt_ms, double n,
                            double *longest);

#endif
