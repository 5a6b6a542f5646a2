/* See population.h. */
#include "neurons/population.h"

bool population_init(struct population *population, struct arena *arena,
                     const struct neuron_model *model, size_t count, double dt_ms,
                     const double *param)
{
    *population = (struct population){ .count = count, .dt_ms = dt_ms };
    for (size_t i = 0; model->params[i].name; i++) {
        double *column = arena_array(arena, count, sizeof *column);
        if (!column)
            return false;
        for (size_t neuron = 0; neuron < count; neuron++)
            column[neuron] = param[i];
        population->param[i] = column;
    }
    for (size_t i = 0; model->state_vars[i].name; i++)
        if (!(population->state[i] = arena_array(arena, count, sizeof(double))))
            return false;
    for (unsigned i = 0; i < model->derived; i++)
        if (!(population->derived[i] = arena_array(arena, count, sizeof(double))))
            return false;
    return true;
}

/* The columns are this file's own; models see them as constant. */
double *population_param(struct population *population, unsigned parameter)
{
    return (double *)population->param[parameter];
}

void population_prepare(struct population *population, const struct neuron_model *model)
{
    if (model->prepare)
        model->prepare(population);
    population_rest(population, model);
}

void population_rest(struct population *population, const struct neuron_model *model)
{
    for (size_t i = 0; model->state_vars[i].name; i++)
        for (size_t neuron = 0; neuron < population->count; neuron++)
            population->state[i][neuron] = model->state_vars[i].initial;
    if (model->rest)
        model->rest(population);
}

struct population population_slice(const struct population *population,
                                   const struct neuron_model *model, size_t first,
                                   size_t count)
{
    struct population slice = *population;
    slice.count = count;
    for (size_t i = 0; model->params[i].name; i++)
        slice.param[i] += first;
    for (size_t i = 0; model->state_vars[i].name; i++)
        slice.state[i] += first;
    for (unsigned i = 0; i < model->derived; i++)
        slice.derived[i] += first;
    if (slice.level)
        slice.level += first;
    return slice;
}

enum error_code population_check(const struct population *population,
                                 const struct neuron_model *model, struct error *err)
{
    for (size_t i = 0; model->params[i].name; i++) {
        const struct field *field = &model->params[i];
        for (size_t neuron = 0; neuron < population->count; neuron++) {
            double value = population->param[i][neuron];
            if (!(value >= field->minimum && value <= field->maximum))
                return error_set(err, ERR_ARGUMENT,
                                 "%s: %s of neuron %zu is %g: expected %g to %g",
                                 model->name, field->name, neuron, value,
                                 field->minimum, field->maximum);
        }
    }
    return OK;
}
