/* Firing at the encoder's level, shared by the models that have no threshold of their
 * own: +1 at v >= level and, where the population is signed, -1 at v <= -level. */
#ifndef NEURONS_FIRING_H
#define NEURONS_FIRING_H

#include "neurons/neuron_model.h"

/* v (count) is the membrane. A spike subtracts the level, or is_hard puts v to 0.
 * Returns how many fired, in rising order of neuron. */
size_t fire_at_level(const struct population *population, double *v, bool is_hard,
                     struct spike *fired);

#endif
