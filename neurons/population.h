/* The columns of a population: room for them, and the values that every neuron shares.
 * Models themselves never allocate. */
#ifndef NEURONS_POPULATION_H
#define NEURONS_POPULATION_H

#include "base/arena.h"
#include "neurons/neuron_model.h"

/* Room for `count` neurons of a model, every neuron with the parameters param (one value
 * per model->params entry). Call population_prepare() before the first step. False: no
 * memory. */
bool population_init(struct population *population, struct arena *arena,
                     const struct neuron_model *model, size_t count, double dt_ms,
                     const double *param);
/* One parameter's column, to be written before population_prepare(). */
double *population_param(struct population *population, unsigned parameter);
/* Derives the constants and puts every neuron at rest. */
void population_prepare(struct population *population,
                        const struct neuron_model *model);
/* At rest again, constants as they are. */
void population_rest(struct population *population, const struct neuron_model *model);
/* Neurons [first, first + count) as a population of their own, over the same columns. */
struct population population_slice(const struct population *population,
                                   const struct neuron_model *model, size_t first,
                                   size_t count);
/* Refuses the first parameter that is outside its range, with a sentence. */
enum error_code population_check(const struct population *population,
                                 const struct neuron_model *model, struct error *err);

#endif
