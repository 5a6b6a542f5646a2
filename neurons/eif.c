/* Exponential integrate-and-fire.
 *
 *     tau_m v' = -(v - v_rest) + slope exp((v - v_soft) / slope) + R I
 *     v <- v + jump;   if v >= v_peak: fire, v <- v_reset
 *
 * Classical Runge-Kutta in equal parts of the step, none longer than max_step or half a
 * time constant: fourth order. A membrane that reaches v_peak in a part fires at the end of the step. The slope
 * of v is that at v_peak for all v above, so that no input makes it overflow. Jumps are
 * added after the step, so what arrives can fire at once. After a spike rint(t_ref / dt)
 * steps are skipped.
 *
 * Source and defaults: Fourcaud-Trocme et al., J. Neuroscience 23 (2003) 11628, whose fit
 * to the Wang-Buzsaki model this is; resistance and v_peak are chosen here. */
#include "neurons/columns.h"
#include "neurons/firing.h"
#include "neurons/runge_kutta.h"

enum { TAU_M, V_REST, V_SOFT, SLOPE, V_PEAK, V_RESET, T_REF, RESISTANCE, MAX_STEP };
enum { MEMBRANE, WAIT };
enum { CURRENT, JUMP };
enum { PARTS, FIXED_POINT, HOLD, DERIVED };

static const double largest_v = 1e300;

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "membrane time constant", 10, 1e-2, 1e9 },
    [V_REST] = { "v_rest", "mV", "reversal potential of the leak", -65, -500, 500 },
    [V_SOFT] = { "v_soft", "mV", "where the spike begins", -59.9, -500, 500 },
    [SLOPE] = { "slope", "mV", "sharpness of the spike's beginning", 3.48, 0.1, 100 },
    [V_PEAK] = { "v_peak", "mV", "where it fires", -30, -500, 500 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", -68, -500, 500 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 1.7, 0, 1e6 },
    [RESISTANCE] = { "resistance", "GOhm", "mV per pA of current", 0.04, -1e6, 1e6 },
    [MAX_STEP] = { "max_step", "ms", "longest part of a step", 0.05, 1e-4, 1e3 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -65, -1e300, 1e300 },
    [WAIT] = { "wait", "steps", "until it hears again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    { 0 },
};

/* Newton's iteration from the leak's reversal rises to the lower fixed point, where there
 * is one: v_soft - v_rest > slope. */
static double fixed_point(double v_rest, double v_soft, double slope)
{
    double v = v_rest;
    for (int i = 0; v_soft - v_rest > slope && i < 100; i++) {
        const double spike = exp((v - v_soft) / slope);
        const double next = v - (v_rest - v + slope * spike) / (spike - 1);
        if (!(next > v))
            break;
        v = next;
    }
    return v;
}

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double longest =
            fmin(p->param[MAX_STEP][neuron], 0.5 * p->param[TAU_M][neuron]);
        p->derived[PARTS][neuron] = parts_of_step(p->dt_ms, longest);
        p->derived[FIXED_POINT][neuron] =
            fixed_point(p->param[V_REST][neuron], p->param[V_SOFT][neuron],
                        p->param[SLOPE][neuron]);
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], p->dt_ms);
    }
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] = p->derived[FIXED_POINT][neuron];
}

struct membrane {
    double v_rest, v_soft, slope, v_peak, drive, tau_m;
};

static void membrane_slope(const void *constants, const double *y, double *out)
{
    const struct membrane *m = constants;
    const double v = y[0] < m->v_peak ? y[0] : m->v_peak;
    out[0] = (m->v_rest - v + m->slope * exp((v - m->v_soft) / m->slope) + m->drive) /
             m->tau_m;
}

static double integrate(const struct population *p, size_t neuron, double current)
{
    const struct membrane membrane = {
        .v_rest = p->param[V_REST][neuron],
        .v_soft = p->param[V_SOFT][neuron],
        .slope = p->param[SLOPE][neuron],
        .v_peak = p->param[V_PEAK][neuron],
        .drive = p->param[RESISTANCE][neuron] * current,
        .tau_m = p->param[TAU_M][neuron],
    };
    const double parts = p->derived[PARTS][neuron], h = p->dt_ms / parts;
    double v = p->state[MEMBRANE][neuron];
    for (double part = 0; part < parts && v < membrane.v_peak; part++)
        runge_kutta_step(membrane_slope, &membrane, 1, h, &v);
    return v;
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE], *wait = p->state[WAIT];
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        wait[neuron] = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        if (wait[neuron] > 0)
            continue;
        const double next = integrate(p, neuron, arriving(input[CURRENT], neuron));
        v[neuron] = bounded(next + arriving(input[JUMP], neuron), largest_v);
    }
    return fire(&(struct firing){ .threshold = p->param[V_PEAK],
                                  .v = v,
                                  .reset = p->param[V_RESET],
                                  .is_always_hard = true,
                                  .wait = wait,
                                  .hold = p->derived[HOLD] },
                0, p->count, fired);
}

const struct neuron_model eif_model = {
    .name = "eif",
    .summary = "exponential integrate-and-fire",
    .source = "Fourcaud-Trocme et al., J. Neuroscience 23 (2003) 11628",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    /* One part of the step: four slopes. */
    .cost = { .n = { [OP_MULTIPLY_F32] = 12,
                     [OP_ADD_F32] = 23,
                     [OP_DIVIDE_F32] = 8,
                     [OP_EXP_F32] = 4,
                     [OP_COMPARE_F32] = 5 } },
    .scheme = "Runge-Kutta 4 in parts of the step of at most max_step",
    .order = 4,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
