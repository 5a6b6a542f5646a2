/* Leaky integrate-and-fire with exponential synaptic currents.
 *
 *     tau_m v' = -(v - v_rest) + R (i_exc + i_inh + I);   tau_s i_s' = -i_s
 *
 * Exact for a current I that lasts the step. A jump enters its synaptic current at the
 * end of the step, so it first moves v in the next one; the weight of an inhibitory
 * synapse is negative. At v >= v_threshold it fires, v goes to v_reset, and
 * rint(t_ref / dt) steps are skipped, in which the synaptic currents live on.
 * With resistance 1 currents are in mV: tau_m v' = (E_L - v) + g_e + g_i, the network of
 * Vogels and Abbott as Brette et al. (2007) state it.
 *
 * Source: Rotter and Diesmann, Biological Cybernetics 81 (1999) 381; defaults: Potjans
 * and Diesmann, Cerebral Cortex 24 (2014) 785, table 5. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum { TAU_M, TAU_EXC, TAU_INH, V_REST, V_RESET, V_THRESHOLD, T_REF, RESISTANCE };
enum { MEMBRANE, I_EXC, I_INH, WAIT };
enum { EXC, INH, CURRENT };
enum { DECAY, DECAY_EXC, DECAY_INH, GAIN, GAIN_EXC, GAIN_INH, HOLD, DERIVED };

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "membrane time constant", 10, 1e-3, 1e9 },
    [TAU_EXC] = { "tau_exc", "ms", "of the excitatory current", 0.5, 1e-3, 1e9 },
    [TAU_INH] = { "tau_inh", "ms", "of the inhibitory current", 0.5, 1e-3, 1e9 },
    [V_REST] = { "v_rest", "mV", "membrane without input", -65, -1e6, 1e6 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", -65, -1e6, 1e6 },
    [V_THRESHOLD] = { "v_threshold", "mV", "where it fires", -50, -1e6, 1e6 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 2, 0, 1e6 },
    [RESISTANCE] = { "resistance", "GOhm", "mV per pA of current", 0.04, -1e12, 1e12 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -65, -1e300, 1e300 },
    [I_EXC] = { "i_exc", "pA", "excitatory current", 0, -1e300, 1e300 },
    [I_INH] = { "i_inh", "pA", "inhibitory current", 0, -1e300, 1e300 },
    [WAIT] = { "wait", "steps", "until it hears again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [EXC] = { "exc", "pA", "what spikes add to i_exc", 0, -1e9, 1e9 },
    [INH] = { "inh", "pA", "what spikes add to i_inh", 0, -1e9, 1e9 },
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    const double dt = p->dt_ms;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double tau_m = p->param[TAU_M][neuron], r = p->param[RESISTANCE][neuron];
        const double tau_exc = p->param[TAU_EXC][neuron];
        const double tau_inh = p->param[TAU_INH][neuron];
        p->derived[DECAY][neuron] = expm1(-dt / tau_m);
        p->derived[DECAY_EXC][neuron] = exp(-dt / tau_exc);
        p->derived[DECAY_INH][neuron] = exp(-dt / tau_inh);
        p->derived[GAIN][neuron] = -expm1(-dt / tau_m) * r;
        p->derived[GAIN_EXC][neuron] = synapse_propagator(dt, tau_m, tau_exc) * r;
        p->derived[GAIN_INH][neuron] = synapse_propagator(dt, tau_m, tau_inh) * r;
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], dt);
    }
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] = p->param[V_REST][neuron];
}

static void integrate_membrane(struct population *p, const double *current)
{
    const double *restrict decay = p->derived[DECAY], *restrict gain = p->derived[GAIN];
    const double *restrict gain_exc = p->derived[GAIN_EXC];
    const double *restrict gain_inh = p->derived[GAIN_INH];
    const double *restrict v_rest = p->param[V_REST];
    const double *restrict i_exc = p->state[I_EXC], *restrict i_inh = p->state[I_INH];
    double *restrict v = p->state[MEMBRANE], *restrict wait = p->state[WAIT];
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double left = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        const double change = decay[neuron] * (v[neuron] - v_rest[neuron]) +
                              gain_exc[neuron] * i_exc[neuron] +
                              gain_inh[neuron] * i_inh[neuron] +
                              gain[neuron] * arriving(current, neuron);
        v[neuron] = left > 0 ? v[neuron] : v[neuron] + change;
        wait[neuron] = left;
    }
}

static void integrate_synapse(size_t count, const double *restrict decay,
                              const double *restrict jump, double *restrict i)
{
    for (size_t neuron = 0; neuron < count; neuron++)
        i[neuron] = decay[neuron] * i[neuron] + arriving(jump, neuron);
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    integrate_membrane(p, input[CURRENT]);
    integrate_synapse(p->count, p->derived[DECAY_EXC], input[EXC], p->state[I_EXC]);
    integrate_synapse(p->count, p->derived[DECAY_INH], input[INH], p->state[I_INH]);
    return fire(&(struct firing){ .threshold = p->param[V_THRESHOLD],
                                  .v = p->state[MEMBRANE],
                                  .reset = p->param[V_RESET],
                                  .is_always_hard = true,
                                  .wait = p->state[WAIT],
                                  .hold = p->derived[HOLD] },
                0, p->count, fired);
}

const struct neuron_model cuba_lif_model = {
    .name = "cuba_lif",
    .summary = "leaky integrate-and-fire with exponential synaptic currents",
    .source = "Rotter and Diesmann, Biol. Cybern. 81 (1999) 381; "
              "Potjans and Diesmann (2014)",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 6, [OP_ADD_F32] = 7, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact",
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
