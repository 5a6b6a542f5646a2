/* The rate of a leaky integrate-and-fire neuron under white noise of mean mu and
 * deviation sigma (Siegert 1951; Ricciardi 1977):
 *
 *     1 / rate = t_ref + tau sqrt(pi) int_{(reset - mu) / sigma}^{(threshold - mu) / sigma}
 *                exp(x^2) (1 + erf x) dx
 *
 * and of a network whose input is its own rate (Brunel 2000, equations 4 and 5). */
#ifndef EXPERIMENTS_SIEGERT_H
#define EXPERIMENTS_SIEGERT_H

#include "base/error.h"

struct siegert_neuron {
    double tau_ms, t_ref_ms, threshold, reset; /* potentials from rest, in mV */
};

/* In Hz. */
enum error_code siegert_rate(const struct siegert_neuron *neuron, double mu,
                             double sigma, double *rate_hz, struct error *err);

/* c excitatory synapses of j mV a neuron, c/4 inhibitory ones of -g j, and c outer ones
 * of j at outer_hz each. */
struct siegert_network {
    struct siegert_neuron neuron;
    double c, j, g, outer_hz;
};

/* The rate that sustains itself, by GSL's Brent; the smallest where there are several. */
enum error_code siegert_network_rate(const struct siegert_network *network,
                                     double *rate_hz, struct error *err);

#endif
