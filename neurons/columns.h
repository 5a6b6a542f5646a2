/* Small things that the step loops of the models share. */
#ifndef NEURONS_COLUMNS_H
#define NEURONS_COLUMNS_H

#include <math.h>
#include <stddef.h>

/* What comes in at a port, which may be absent. */
static inline double arriving(const double *port, size_t neuron)
{
    return port ? port[neuron] : 0;
}

/* x, or the nearer end of -limit to limit: extreme input stays finite. */
static inline double bounded(double x, double limit)
{
    x = x > limit ? limit : x;
    return x < -limit ? -limit : x;
}

/* Equal parts of a step, none longer than longest_ms. */
static inline double parts_of_step(double dt_ms, double longest_ms)
{
    const double parts = ceil(dt_ms / longest_ms * (1 - 1e-12));
    return parts < 1 ? 1 : parts;
}

/* What a current that is 1 now and decays with tau_s leaves after h on a membrane that
 * decays with tau_m, for tau_m v' = -v + i: 1/tau_m times the difference of the two
 * exponentials over the difference of their rates. The expm1 form also holds where the
 * two time constants are nearly or exactly equal. */
static inline double synapse_propagator(double h, double tau_m, double tau_s)
{
    const double x = h / tau_s - h / tau_m;
    const double mean = fabs(x) < 1e-12 ? 1 : -expm1(-x) / x;
    return h / tau_m * exp(-h / tau_m) * mean;
}

#endif
