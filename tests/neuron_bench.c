/* See neuron_bench.h. */
#include "tests/neuron_bench.h"

#include <CUnit/CUnit.h>
#include <string.h>

void neuron_bench_open(struct neuron_bench *bench, const char *model, double dt_ms,
                       const char *assigned)
{
    struct error err = { 0 };
    double param[NEURON_MAX_PARAMS];
    memset(bench, 0, sizeof *bench);
    bench->model = neuron_model_find(model);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->model);
    field_defaults(bench->model->params, param);
    CU_ASSERT_EQUAL_FATAL(field_assign(bench->model->params, assigned, param, &err),
                          OK);
    CU_ASSERT_FATAL(population_init(&bench->population, &bench->arena, bench->model,
                                    BENCH_NEURONS, dt_ms, param));
    population_prepare(&bench->population, bench->model);
}

void neuron_bench_levels(struct neuron_bench *bench)
{
    for (size_t neuron = 0; neuron < BENCH_NEURONS; neuron++)
        bench->level[neuron] = 1;
    if (bench->model->follows_levels)
        bench->population.level = bench->level;
    population_rest(&bench->population, bench->model);
}

void neuron_bench_close(struct neuron_bench *bench)
{
    arena_free(&bench->arena);
}

size_t neuron_bench_step(struct neuron_bench *bench)
{
    const double *input[NEURON_MAX_INPUTS] = { 0 };
    for (size_t i = 0; bench->model->inputs[i].name; i++)
        input[i] = bench->input[i];
    return bench->model->step(&bench->population, input, bench->fired);
}

static size_t found(const struct field *fields, const char *name)
{
    const int index = field_find(fields, name);
    CU_ASSERT_FATAL(index >= 0);
    return (size_t)index;
}

double *neuron_bench_state(struct neuron_bench *bench, const char *name)
{
    return bench->population.state[found(bench->model->state_vars, name)];
}

double *neuron_bench_param(struct neuron_bench *bench, const char *name)
{
    return population_param(&bench->population,
                            (unsigned)found(bench->model->params, name));
}

double *neuron_bench_input(struct neuron_bench *bench, const char *name)
{
    return bench->input[found(bench->model->inputs, name)];
}

struct spike_times neuron_bench_run(struct neuron_bench *bench, size_t steps)
{
    struct spike_times times = { 0 };
    for (size_t step = 1; step <= steps; step++) {
        if (neuron_bench_step(bench) == 0 || bench->fired[0].neuron != 0)
            continue;
        const double now = (double)step * bench->population.dt_ms;
        if (times.count++ == 0)
            times.first_ms = now;
        times.before_last_ms = times.last_ms;
        times.last_ms = now;
    }
    return times;
}
