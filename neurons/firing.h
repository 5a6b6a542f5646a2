/* Threshold, reset and refractory time, shared by the integrate-and-fire models: a neuron
 * that hears fires +1 at v >= threshold and, where it is signed, -1 at v <= -threshold. */
#ifndef NEURONS_FIRING_H
#define NEURONS_FIRING_H

#include "neurons/neuron_model.h"

/* Columns of (count); those that may be NULL say what that means. */
struct firing {
    const double *threshold;
    bool is_signed;
    double *v;
    const double *reset; /* where v goes; NULL: 0 */
    bool is_always_hard; /* whatever `hard` says */
    const double *hard;  /* >= 0.5: v goes to reset; less, or NULL: v loses
                            * threshold - reset, with the sign of the spike */
    double *wait; /* steps until it hears again, 1: the next; NULL: it always does */
    const double *hold; /* what wait becomes with a spike */
};

/* Fires the neurons first to end - 1 into fired[] in rising order; returns how many. */
size_t fire(const struct firing *firing, size_t first, size_t end, struct spike *fired);

/* hold for a refractory time: rint(t_ref / dt) whole steps are skipped. */
double firing_hold(double t_ref_ms, double dt_ms);

#endif
