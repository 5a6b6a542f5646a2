/* A small population of one model for tests: opened at rest, stepped, read. */
#ifndef TESTS_NEURON_BENCH_H
#define TESTS_NEURON_BENCH_H

#include "neurons/population.h"

enum { BENCH_NEURONS = 5 };

struct neuron_bench {
    const struct neuron_model *model;
    struct population population;
    struct arena arena;
    double level[BENCH_NEURONS];
    double input[NEURON_MAX_INPUTS][BENCH_NEURONS];
    struct spike fired[BENCH_NEURONS];
};

/* Defaults but those of `assigned` ("name=value,..."); no levels. Fails the test if the
 * model or a name does not exist. */
void neuron_bench_open(struct neuron_bench *bench, const char *model, double dt_ms,
                       const char *assigned);
/* Levels of 1 for the models that follow them, and at rest again. */
void neuron_bench_levels(struct neuron_bench *bench);
void neuron_bench_close(struct neuron_bench *bench);
size_t neuron_bench_step(struct neuron_bench *bench);
/* Index of a state variable, a parameter or an input by name. */
double *neuron_bench_state(struct neuron_bench *bench, const char *name);
double *neuron_bench_param(struct neuron_bench *bench, const char *name);
double *neuron_bench_input(struct neuron_bench *bench, const char *name);

/* Spikes of neuron 0 over some steps, times at the ends of steps. */
struct spike_times {
    size_t count;
    double first_ms, last_ms, before_last_ms;
};
struct spike_times neuron_bench_run(struct neuron_bench *bench, size_t steps);

#endif
