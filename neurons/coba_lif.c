/* Leaky integrate-and-fire with exponential synaptic conductances.
 *
 *     C v' = -g_L (v - v_rest) - g_exc (v - e_exc) - g_inh (v - e_inh) + I
 *     tau_s g_s' = -g_s
 *
 * The conductances are exact. v takes the exponential midpoint step: with the
 * conductances of the middle of the step held, its equation is linear and solved
 * exactly. Second order in dt, stable for any step, exact without synaptic input. A jump
 * enters its conductance at the end of the step, so it first moves v in the next one;
 * conductances are not negative: what would make one so leaves 0. At v >= v_threshold it
 * fires, v goes to v_reset, and rint(t_ref / dt) steps are skipped, in which the
 * conductances live on.
 *
 * Source and defaults: Vogels and Abbott (2005) as stated by Brette et al., J. Comput.
 * Neurosci. 23 (2007) 349, benchmark 1. Scheme: Hochbruck and Ostermann, Acta Numerica 19
 * (2010) 209. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum {
    CAPACITANCE,
    G_LEAK,
    V_REST,
    V_RESET,
    V_THRESHOLD,
    T_REF,
    TAU_EXC,
    TAU_INH,
    E_EXC,
    E_INH
};
enum { MEMBRANE, G_EXC, G_INH, WAIT };
enum { EXC, INH, CURRENT };
enum { HALF_EXC, HALF_INH, RATE, HOLD, DERIVED };

static const struct field params[] = {
    [CAPACITANCE] = { "capacitance", "pF", "of the membrane", 200, 1e-6, 1e9 },
    [G_LEAK] = { "g_leak", "nS", "leak conductance", 10, 1e-9, 1e9 },
    [V_REST] = { "v_rest", "mV", "membrane without input", -60, -1e6, 1e6 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", -60, -1e6, 1e6 },
    [V_THRESHOLD] = { "v_threshold", "mV", "where it fires", -50, -1e6, 1e6 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 5, 0, 1e6 },
    [TAU_EXC] = { "tau_exc", "ms", "of the excitatory conductance", 5, 1e-3, 1e9 },
    [TAU_INH] = { "tau_inh", "ms", "of the inhibitory conductance", 10, 1e-3, 1e9 },
    [E_EXC] = { "e_exc", "mV", "excitatory reversal potential", 0, -1e6, 1e6 },
    [E_INH] = { "e_inh", "mV", "inhibitory reversal potential", -80, -1e6, 1e6 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -60, -1e300, 1e300 },
    [G_EXC] = { "g_exc", "nS", "excitatory conductance", 0, 0, 1e300 },
    [G_INH] = { "g_inh", "nS", "inhibitory conductance", 0, 0, 1e300 },
    [WAIT] = { "wait", "steps", "until it hears again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [EXC] = { "exc", "nS", "what spikes add to g_exc", 0, 0, 1e9 },
    [INH] = { "inh", "nS", "what spikes add to g_inh", 0, 0, 1e9 },
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        p->derived[HALF_EXC][neuron] = exp(-0.5 * p->dt_ms / p->param[TAU_EXC][neuron]);
        p->derived[HALF_INH][neuron] = exp(-0.5 * p->dt_ms / p->param[TAU_INH][neuron]);
        p->derived[RATE][neuron] = p->dt_ms / p->param[CAPACITANCE][neuron];
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], p->dt_ms);
    }
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] = p->param[V_REST][neuron];
}

/* In distance from rest, so that rest without input is exact. */
static void integrate_membrane(struct population *p, const double *current)
{
    double *v = p->state[MEMBRANE], *wait = p->state[WAIT];
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        wait[neuron] = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        if (wait[neuron] > 0)
            continue;
        const double v_rest = p->param[V_REST][neuron];
        const double g_exc = p->state[G_EXC][neuron] * p->derived[HALF_EXC][neuron];
        const double g_inh = p->state[G_INH][neuron] * p->derived[HALF_INH][neuron];
        const double g = p->param[G_LEAK][neuron] + g_exc + g_inh;
        const double end =
            (g_exc * (p->param[E_EXC][neuron] - v_rest) +
             g_inh * (p->param[E_INH][neuron] - v_rest) + arriving(current, neuron)) /
            g;
        v[neuron] += expm1(-g * p->derived[RATE][neuron]) * (v[neuron] - v_rest - end);
    }
}

static void integrate_synapse(size_t count, const double *restrict half,
                              const double *restrict jump, double *restrict g)
{
    for (size_t neuron = 0; neuron < count; neuron++) {
        const double next =
            half[neuron] * half[neuron] * g[neuron] + arriving(jump, neuron);
        g[neuron] = next > 0 ? next : 0;
    }
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    integrate_membrane(p, input[CURRENT]);
    integrate_synapse(p->count, p->derived[HALF_EXC], input[EXC], p->state[G_EXC]);
    integrate_synapse(p->count, p->derived[HALF_INH], input[INH], p->state[G_INH]);
    return fire(&(struct firing){ .threshold = p->param[V_THRESHOLD],
                                  .v = p->state[MEMBRANE],
                                  .reset = p->param[V_RESET],
                                  .is_always_hard = true,
                                  .wait = p->state[WAIT],
                                  .hold = p->derived[HOLD] },
                0, p->count, fired);
}

const struct neuron_model coba_lif_model = {
    .name = "coba_lif",
    .summary = "leaky integrate-and-fire with exponential synaptic conductances",
    .source = "Brette et al., J. Comput. Neurosci. 23 (2007) 349, benchmark 1",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 8,
                     [OP_ADD_F32] = 11,
                     [OP_DIVIDE_F32] = 1,
                     [OP_EXP_F32] = 1,
                     [OP_COMPARE_F32] = 1 } },
    .scheme = "conductances exact, membrane by the exponential midpoint",
    .order = 2,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
