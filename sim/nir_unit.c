/* Which operation a type of node is, and the small ones: Input, Output and Flatten pass
 * on, Scale multiplies, Threshold compares, Delay waits. */
#include "sim/nir_unit.h"

#include "sim/nir_order.h"

#include <string.h>

enum { VALUE, RING, STEPS };
/* Values that a Delay may hold. */
static const double most_waiting = NIR_MOST_VALUES;

size_t nir_unit_active(struct nir_unit *unit)
{
    size_t active = 0;
    for (size_t i = 0; i < unit->size_in; i++) {
        unit->active[active] = (uint32_t)i;
        active += unit->in[i] != 0;
    }
    return active;
}

double *nir_unit_spread(struct arena *arena, const struct nir_node *node,
                        enum nir_param_id param, size_t count, double otherwise)
{
    const struct nir_array *array = nir_param(node, param);
    double *column = arena_array(arena, count, sizeof *column);
    for (size_t i = 0; column && i < count; i++)
        column[i] = array ? array->value[array->count == 1 ? 0 : i] : otherwise;
    return column;
}

static void step_pass(struct nir_unit *unit)
{
    if (!unit->is_input)
        memcpy(unit->out, unit->in, unit->size * sizeof *unit->out);
}

static enum error_code prepare_value(struct nir_unit *unit, struct arena *arena,
                                     const struct nir_settings *settings,
                                     struct error *err)
{
    (void)settings;
    enum nir_param_id param = unit->node->type == &nir_types[NIR_SCALE]
                                  ? NIR_SCALE_FACTOR
                                  : NIR_THRESHOLD_LEVEL;
    unit->column[VALUE] = nir_unit_spread(arena, unit->node, param, unit->size, 0);
    if (!unit->column[VALUE])
        return error_memory(err, unit->name, (double)unit->size * sizeof(double));
    return OK;
}

static void step_scale(struct nir_unit *unit)
{
    for (size_t i = 0; i < unit->size; i++)
        unit->out[i] = unit->column[VALUE][i] * unit->in[i];
}

static void step_threshold(struct nir_unit *unit)
{
    for (size_t i = 0; i < unit->size; i++)
        unit->out[i] = unit->in[i] > unit->column[VALUE][i] ? 1 : 0;
}

/* ---- delay: a ring of as many steps as the longest, and one ---- */

static enum error_code prepare_delay(struct nir_unit *unit, struct arena *arena,
                                     const struct nir_settings *settings,
                                     struct error *err)
{
    double longest = 0,
           *steps = nir_unit_spread(arena, unit->node, NIR_DELAY_TIME, unit->size, 0);
    unit->column[STEPS] = steps;
    if (!steps)
        return error_memory(err, unit->name, (double)unit->size * sizeof *steps);
    for (size_t i = 0; i < unit->size; i++) {
        steps[i] = nir_delay_steps(steps[i], settings->dt);
        longest = steps[i] > longest ? steps[i] : longest;
    }
    double waiting = (longest + 1) * (double)unit->size;
    if (!(waiting <= most_waiting))
        return error_set(
            err, ERR_ARGUMENT,
            "node '%s': a delay of %g steps: %g values would wait, at most "
            "%g may",
            unit->name, longest, waiting, most_waiting);
    unit->slots = (uint64_t)longest + 1;
    unit->column[RING] =
        arena_array(arena, unit->slots * unit->size, sizeof *unit->column[RING]);
    if (!unit->column[RING])
        return error_memory(err, unit->name, waiting * sizeof(double));
    return OK;
}

/* What went in `steps` before the present one. */
static void leave_delay(struct nir_unit *unit)
{
    for (size_t i = 0; i < unit->size; i++) {
        uint64_t slot =
            (unit->step + unit->slots - (uint64_t)unit->column[STEPS][i]) % unit->slots;
        unit->out[i] = unit->column[RING][slot * unit->size + i];
    }
}

static void begin_delay(struct nir_unit *unit)
{
    if (unit->is_early)
        leave_delay(unit);
}

static void step_delay(struct nir_unit *unit)
{
    memcpy(unit->column[RING] + unit->step % unit->slots * unit->size, unit->in,
           unit->size * sizeof *unit->in);
    if (!unit->is_early)
        leave_delay(unit);
    unit->step++;
}

static const struct nir_operation pass_operation = { .step = step_pass };
static const struct nir_operation scale_operation = { .prepare = prepare_value,
                                                      .step = step_scale };
static const struct nir_operation threshold_operation = { .prepare = prepare_value,
                                                          .step = step_threshold };
static const struct nir_operation delay_operation = { .prepare = prepare_delay,
                                                      .step = step_delay,
                                                      .begin = begin_delay };

const struct nir_operation *nir_operation(enum nir_type_id type)
{
    static const struct nir_operation *const operations[NIR_TYPES] = {
        [NIR_AFFINE] = &nir_matrix_operation,
        [NIR_AVG_POOL_2D] = &nir_pool_operation,
        [NIR_CONV_1D] = &nir_convolution_operation,
        [NIR_CONV_2D] = &nir_convolution_operation,
        [NIR_CUBA_LI] = &nir_neuron_operation,
        [NIR_CUBA_LIF] = &nir_neuron_operation,
        [NIR_DELAY] = &delay_operation,
        [NIR_FLATTEN] = &pass_operation,
        [NIR_I] = &nir_neuron_operation,
        [NIR_IF] = &nir_neuron_operation,
        [NIR_INPUT] = &pass_operation,
        [NIR_LI] = &nir_neuron_operation,
        [NIR_LIF] = &nir_neuron_operation,
        [NIR_LINEAR] = &nir_matrix_operation,
        [NIR_OUTPUT] = &pass_operation,
        [NIR_SCALE] = &scale_operation,
        [NIR_SUM_POOL_2D] = &nir_pool_operation,
        [NIR_THRESHOLD] = &threshold_operation,
    };
    return operations[type];
}
