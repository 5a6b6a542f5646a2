/* The nodes of NIR that have a membrane are one linear equation each, integrated over a
 * step in which the input x is constant:
 *
 *     LI, LIF          tau v' = (v_leak - v) + r x
 *     I, IF            v' = r x
 *     CubaLI, CubaLIF  tau_mem v' = (v_leak - v) + r i;   tau_syn i' = -i + w_in x
 *
 * With i0 = w_in x, where the current is going, the last ones are exactly
 *
 *     v <- v + keep_m (v_leak + r i0 - v) + r (i - i0) cross;   i <- i + keep_s (i0 - i)
 *
 * keep = 1 - exp(-dt / tau), cross = the integral of exp(-(dt - s) / tau_mem)
 * exp(-s / tau_syn) ds / tau_mem over the step. Forward Euler is the same with keep = cross
 * = dt / tau. Models of neurons/ are not used: they take spikes as jumps, NIR's arrive as
 * pulses that last the step, and half of these nodes never fire. */
#include "sim/nir_unit.h"

#include <math.h>

enum { MEMBRANE, CURRENT, KEEP, TARGET, GAIN, KEEP_CURRENT, WEIGHT, CROSS, FIRE };

/* Written for either order of the two time constants: no term overflows, and where they
 * are equal nothing is divided by 0. */
static double cross_exact(double dt, double tau_mem, double tau_syn)
{
    double z = dt * (1 / tau_mem - 1 / tau_syn);
    double slower = z > 0 ? tau_syn : tau_mem;
    double share = z == 0 ? 1 : -expm1(-fabs(z)) / fabs(z);
    return dt / tau_mem * exp(-dt / slower) * share;
}

static double keep(double dt, double tau, enum nir_integration integration)
{
    return integration == NIR_EULER ? dt / tau : -expm1(-dt / tau);
}

static bool is_type(const struct nir_unit *unit, enum nir_type_id a, enum nir_type_id b)
{
    return unit->node->type == &nir_types[a] || unit->node->type == &nir_types[b];
}

/* One value of a parameter for neuron i. */
static double at(const struct nir_unit *unit, enum nir_param_id param, size_t i,
                 double otherwise)
{
    const struct nir_array *array = nir_param(unit->node, param);
    if (!array)
        return otherwise;
    return array->value[array->count == 1 ? 0 : i];
}

static void prepare_neuron(struct nir_unit *unit, size_t i,
                           const struct nir_settings *settings)
{
    const double dt = settings->dt;
    const double r = at(unit, NIR_R, i, 1), v_leak = at(unit, NIR_V_LEAK, i, 0);
    unit->column[MEMBRANE][i] = unit->column[TARGET][i] = v_leak;
    unit->column[WEIGHT][i] = at(unit, NIR_W_IN, i, 1);
    unit->column[GAIN][i] = r;
    unit->column[FIRE][i] = at(unit, NIR_V_THRESHOLD, i, (double)INFINITY);
    if (is_type(unit, NIR_I, NIR_IF)) {
        unit->column[GAIN][i] = r * dt;
        return;
    }
    if (is_type(unit, NIR_LI, NIR_LIF)) {
        unit->column[KEEP][i] =
            keep(dt, at(unit, NIR_TAU, i, 1), settings->integration);
        return;
    }
    const double tau_mem = at(unit, NIR_TAU_MEM, i, 1);
    const double tau_syn = at(unit, NIR_TAU_SYN, i, 1);
    unit->column[KEEP][i] = keep(dt, tau_mem, settings->integration);
    unit->column[KEEP_CURRENT][i] = keep(dt, tau_syn, settings->integration);
    unit->column[CROSS][i] = settings->integration == NIR_EULER
                                 ? dt / tau_mem
                                 : cross_exact(dt, tau_mem, tau_syn);
}

static enum error_code prepare(struct nir_unit *unit, struct arena *arena,
                               const struct nir_settings *settings, struct error *err)
{
    for (size_t i = 0; i < NIR_MOST_COLUMNS; i++)
        if (!(unit->column[i] = arena_array(arena, unit->size, sizeof(double))))
            return error_memory(err, unit->name, (double)unit->size * sizeof(double));
    for (size_t i = 0; i < unit->size; i++)
        prepare_neuron(unit, i, settings);
    return OK;
}

static void integrate_perfect(struct nir_unit *unit)
{
    double *v = unit->column[MEMBRANE];
    const double *gain = unit->column[GAIN], *in = unit->in;
    for (size_t i = 0; i < unit->size; i++)
        v[i] += gain[i] * in[i];
}

static void integrate_leaky(struct nir_unit *unit)
{
    double *v = unit->column[MEMBRANE];
    const double *share = unit->column[KEEP], *target = unit->column[TARGET];
    const double *gain = unit->column[GAIN], *in = unit->in;
    for (size_t i = 0; i < unit->size; i++)
        v[i] += share[i] * (target[i] + gain[i] * in[i] - v[i]);
}

static void integrate_current(struct nir_unit *unit)
{
    double *v = unit->column[MEMBRANE], *current = unit->column[CURRENT];
    const double *share = unit->column[KEEP], *target = unit->column[TARGET];
    const double *gain = unit->column[GAIN], *in = unit->in;
    const double *weight = unit->column[WEIGHT], *cross = unit->column[CROSS];
    const double *share_current = unit->column[KEEP_CURRENT];
    for (size_t i = 0; i < unit->size; i++) {
        const double goal = weight[i] * in[i], rest = current[i] - goal;
        v[i] +=
            share[i] * (target[i] + gain[i] * goal - v[i]) + gain[i] * rest * cross[i];
        current[i] -= share_current[i] * rest;
    }
}

static void fire(struct nir_unit *unit)
{
    const struct nir_array *reset = nir_param(unit->node, NIR_V_RESET);
    double *v = unit->column[MEMBRANE];
    const double *level = unit->column[FIRE];
    for (size_t i = 0; i < unit->size; i++) {
        const bool fires = v[i] > level[i];
        unit->out[i] = fires ? unit->worth : 0;
        if (fires)
            v[i] = reset ? reset->value[reset->count == 1 ? 0 : i] : 0;
    }
}

static void step(struct nir_unit *unit)
{
    if (is_type(unit, NIR_I, NIR_IF))
        integrate_perfect(unit);
    else if (is_type(unit, NIR_LI, NIR_LIF))
        integrate_leaky(unit);
    else
        integrate_current(unit);
    if (unit->node->type->is_spiking) {
        fire(unit);
        return;
    }
    for (size_t i = 0; i < unit->size; i++)
        unit->out[i] = unit->column[MEMBRANE][i];
}

const struct nir_operation nir_neuron_operation = { .prepare = prepare, .step = step };
