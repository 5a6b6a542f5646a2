/* Adaptive exponential integrate-and-fire.
 *
 *     C v' = -g_L (v - v_rest) + g_L slope exp((v - v_soft) / slope) - w + I
 *     tau_w w' = a (v - v_rest) - w
 *     v <- v + jump;   if v >= v_peak: fire, v <- v_reset, w <- w + b
 *
 * Classical Runge-Kutta in equal parts of the step, none longer than max_step or half a
 * time constant: fourth order. A membrane that reaches v_peak in a part fires at the end of the step. Slopes
 * are those at v_peak for all v above, so that no input makes them overflow. Jumps are
 * added after the step, so what arrives can fire at once. After a spike rint(t_ref / dt)
 * steps are skipped, in which w stands still too.
 *
 * Source and defaults: Brette and Gerstner, J. Neurophysiology 94 (2005) 3637; v_peak
 * there is 20 mV. */
#include "neurons/columns.h"
#include "neurons/firing.h"
#include "neurons/runge_kutta.h"

enum {
    CAPACITANCE,
    G_LEAK,
    V_REST,
    V_SOFT,
    SLOPE,
    TAU_W,
    A,
    B,
    V_PEAK,
    V_RESET,
    T_REF,
    MAX_STEP
};
enum { MEMBRANE, ADAPTATION, WAIT };
enum { CURRENT, JUMP };
enum { PARTS, FIXED_POINT, HOLD, DERIVED };

static const double largest_v = 1e300;

static const struct field params[] = {
    [CAPACITANCE] = { "capacitance", "pF", "of the membrane", 281, 1, 1e9 },
    [G_LEAK] = { "g_leak", "nS", "leak conductance", 30, 1e-6, 1e3 },
    [V_REST] = { "v_rest", "mV", "reversal potential of the leak", -70.6, -500, 500 },
    [V_SOFT] = { "v_soft", "mV", "where the spike begins", -50.4, -500, 500 },
    [SLOPE] = { "slope", "mV", "sharpness of the spike's beginning", 2, 0.1, 100 },
    [TAU_W] = { "tau_w", "ms", "time constant of adaptation", 144, 1e-2, 1e9 },
    [A] = { "a", "nS", "adaptation to the membrane", 4, -1e4, 1e4 },
    [B] = { "b", "pA", "what a spike adds to w", 80.5, -1e6, 1e6 },
    [V_PEAK] = { "v_peak", "mV", "where it fires", 20, -500, 500 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", -70.6, -500, 500 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 0, 0, 1e6 },
    [MAX_STEP] = { "max_step", "ms", "longest part of a step", 0.05, 1e-4, 1e3 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -70.6, -1e300, 1e300 },
    [ADAPTATION] = { "w", "pA", "adaptation current", 0, -1e300, 1e300 },
    [WAIT] = { "wait", "steps", "until it hears again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    { 0 },
};

/* Newton's iteration from the leak's reversal rises to the lower fixed point of
 * (1 + a / g_L) (v - v_rest) = slope exp((v - v_soft) / slope), where there is one. */
static double fixed_point(const struct population *p, size_t neuron)
{
    const double v_rest = p->param[V_REST][neuron], v_soft = p->param[V_SOFT][neuron];
    const double slope = p->param[SLOPE][neuron];
    const double pull = 1 + p->param[A][neuron] / p->param[G_LEAK][neuron];
    double v = v_rest;
    if (!(pull > 0) || pull * (v_soft - v_rest + slope * (log(pull) - 1)) <= 0)
        return v;
    for (int i = 0; i < 100; i++) {
        const double spike = exp((v - v_soft) / slope);
        const double next = v - (slope * spike - pull * (v - v_rest)) / (spike - pull);
        if (!(next > v))
            break;
        v = next;
    }
    return v;
}

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double tau_m = p->param[CAPACITANCE][neuron] / p->param[G_LEAK][neuron];
        const double shortest = fmin(tau_m, p->param[TAU_W][neuron]);
        p->derived[PARTS][neuron] =
            parts_of_step(p->dt_ms, fmin(p->param[MAX_STEP][neuron], 0.5 * shortest));
        p->derived[FIXED_POINT][neuron] = fixed_point(p, neuron);
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], p->dt_ms);
    }
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double v = p->derived[FIXED_POINT][neuron];
        p->state[MEMBRANE][neuron] = v;
        p->state[ADAPTATION][neuron] =
            p->param[A][neuron] * (v - p->param[V_REST][neuron]);
    }
}

struct membrane {
    double capacitance, g_leak, v_rest, v_soft, slope, tau_w, a, v_peak, current;
};

static void membrane_slope(const void *constants, const double *y, double *out)
{
    const struct membrane *m = constants;
    const double v = y[0] < m->v_peak ? y[0] : m->v_peak, w = y[1];
    const double spike = m->slope * exp((v - m->v_soft) / m->slope);
    out[0] = (m->g_leak * (m->v_rest - v + spike) - w + m->current) / m->capacitance;
    out[1] = (m->a * (v - m->v_rest) - w) / m->tau_w;
}

static void integrate(struct population *p, size_t neuron, double current)
{
    const struct membrane membrane = {
        .capacitance = p->param[CAPACITANCE][neuron],
        .g_leak = p->param[G_LEAK][neuron],
        .v_rest = p->param[V_REST][neuron],
        .v_soft = p->param[V_SOFT][neuron],
        .slope = p->param[SLOPE][neuron],
        .tau_w = p->param[TAU_W][neuron],
        .a = p->param[A][neuron],
        .v_peak = p->param[V_PEAK][neuron],
        .current = current,
    };
    const double parts = p->derived[PARTS][neuron], h = p->dt_ms / parts;
    double y[2] = { p->state[MEMBRANE][neuron], p->state[ADAPTATION][neuron] };
    for (double part = 0; part < parts && y[0] < membrane.v_peak; part++)
        runge_kutta_step(membrane_slope, &membrane, 2, h, y);
    p->state[MEMBRANE][neuron] = y[0];
    p->state[ADAPTATION][neuron] = y[1];
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE], *wait = p->state[WAIT];
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        wait[neuron] = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        if (wait[neuron] > 0)
            continue;
        integrate(p, neuron, arriving(input[CURRENT], neuron));
        v[neuron] = bounded(v[neuron] + arriving(input[JUMP], neuron), largest_v);
    }
    size_t spikes = fire(&(struct firing){ .threshold = p->param[V_PEAK],
                                           .v = v,
                                           .reset = p->param[V_RESET],
                                           .is_always_hard = true,
                                           .wait = wait,
                                           .hold = p->derived[HOLD] },
                         0, p->count, fired);
    for (size_t i = 0; i < spikes; i++)
        p->state[ADAPTATION][fired[i].neuron] += p->param[B][fired[i].neuron];
    return spikes;
}

const struct neuron_model adex_model = {
    .name = "adex",
    .summary = "adaptive exponential integrate-and-fire",
    .source = "Brette and Gerstner, J. Neurophysiology 94 (2005) 3637",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    /* One part of the step: four slopes. */
    .cost = { .n = { [OP_MULTIPLY_F32] = 26,
                     [OP_ADD_F32] = 46,
                     [OP_DIVIDE_F32] = 12,
                     [OP_EXP_F32] = 4,
                     [OP_COMPARE_F32] = 5 } },
    .scheme = "Runge-Kutta 4 in parts of the step of at most max_step",
    .order = 4,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
