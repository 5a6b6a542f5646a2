/* Spike response model SRM0: the membrane is a sum of kernels.
 *
 *     u(t) = eta(t - last spike) + sum over arrivals of w eps(t - arrival)
 *            + R integral of I(t - s) exp(-s / tau_m) / tau_m ds
 *     eta(s) = -eta_0 exp(-s / tau_eta)
 *     eps(s) = (exp(-s / tau_m) - exp(-s / tau_s)) / (1 - tau_s / tau_m)
 *
 * Fires at u >= threshold. Only the last spike counts; with memory = 1 all do (their
 * kernels add up), and then tau_eta = tau_m, eta_0 = threshold, tau_s = 0 is exactly lif
 * with soft reset and rest at 0. Each kernel is carried by an exponential recursion:
 * exact for a current that lasts the step. With tau_s = 0 an arrival jumps at the end of
 * the step and can fire at once; otherwise it first moves u in the next step. After a
 * spike rint(t_ref / dt) steps cannot fire, but hear.
 *
 * Source: Gerstner and Kistler, Spiking Neuron Models (2002), section 4.2.3, which gives
 * no single set of values: the defaults are chosen here. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum { TAU_M, TAU_S, TAU_ETA, ETA_0, THRESHOLD, T_REF, RESISTANCE, MEMORY };
enum { RESPONSE, SYNAPSE, ETA, WAIT };
enum { JUMP, CURRENT };
enum { DECAY, DECAY_S, DECAY_ETA, GAIN, GAIN_S, HOLD, DERIVED };

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "membrane time constant", 10, 1e-3, 1e9 },
    [TAU_S] = { "tau_s", "ms", "rise of the response; 0: at once", 0, 0, 1e9 },
    [TAU_ETA] = { "tau_eta", "ms", "decay of the after-potential", 10, 1e-3, 1e9 },
    [ETA_0] = { "eta_0", "mV", "depth of the after-potential", 15, -1e6, 1e6 },
    [THRESHOLD] = { "threshold", "mV", "above rest", 15, 1e-9, 1e6 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 0, 0, 1e6 },
    [RESISTANCE] = { "resistance", "GOhm", "mV per pA of current", 0.04, -1e12, 1e12 },
    [MEMORY] = { "memory", "", "0: only the last spike counts, 1: all", 0, 0, 1 },
    { 0 },
};

static const struct field state_vars[] = {
    [RESPONSE] = { "h", "mV", "response to the input", 0, -1e300, 1e300 },
    [SYNAPSE] = { "s", "mV", "arrived, not yet in h", 0, -1e300, 1e300 },
    [ETA] = { "eta", "mV", "after-potential; u = h + eta", 0, -1e300, 1e300 },
    [WAIT] = { "wait", "steps", "until it can fire again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [JUMP] = { "jump", "mV", "weight of what arrived", 0, -1e9, 1e9 },
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    const double dt = p->dt_ms;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double tau_m = p->param[TAU_M][neuron], tau_s = p->param[TAU_S][neuron];
        const double decay = expm1(-dt / tau_m);
        p->derived[DECAY][neuron] = decay;
        p->derived[GAIN][neuron] = -decay * p->param[RESISTANCE][neuron];
        p->derived[DECAY_S][neuron] = tau_s > 0 ? exp(-dt / tau_s) : 0;
        p->derived[GAIN_S][neuron] =
            tau_s > 0 ? synapse_propagator(dt, tau_m, tau_s) * (tau_m / tau_s) : 0;
        p->derived[DECAY_ETA][neuron] = expm1(-dt / p->param[TAU_ETA][neuron]);
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], dt);
    }
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *h = p->state[RESPONSE], *s = p->state[SYNAPSE];
    double *eta = p->state[ETA], *wait = p->state[WAIT];
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double jump = arriving(input[JUMP], neuron);
        const bool is_instant = p->param[TAU_S][neuron] <= 0;
        h[neuron] += p->derived[DECAY][neuron] * h[neuron] +
                     p->derived[GAIN_S][neuron] * s[neuron] +
                     p->derived[GAIN][neuron] * arriving(input[CURRENT], neuron) +
                     (is_instant ? jump : 0);
        s[neuron] = p->derived[DECAY_S][neuron] * s[neuron] + (is_instant ? 0 : jump);
        eta[neuron] += p->derived[DECAY_ETA][neuron] * eta[neuron];
        wait[neuron] = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        if (wait[neuron] > 0 ||
            !(h[neuron] + eta[neuron] >= p->param[THRESHOLD][neuron]))
            continue;
        const double earlier = p->param[MEMORY][neuron] >= 0.5 ? eta[neuron] : 0;
        eta[neuron] = earlier - p->param[ETA_0][neuron];
        wait[neuron] = p->derived[HOLD][neuron];
        fired[spikes++] = (struct spike){ (uint32_t)neuron, 1 };
    }
    return spikes;
}

const struct neuron_model srm0_model = {
    .name = "srm0",
    .summary = "spike response model: kernels for input and after-potential",
    .source = "Gerstner and Kistler, Spiking Neuron Models (2002), section 4.2.3",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 5, [OP_ADD_F32] = 8, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact",
    .prepare = prepare,
    .step = step,
};
