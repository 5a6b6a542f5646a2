/* Leaky integrate-and-fire towards rest at 0.
 *
 *     v <- v + expm1(-dt / tau_m) v;   v <- v + input;   if v >= level: fire and reset
 *
 * The leak acts between steps, so what arrives can fire at once. Reset subtracts the
 * level, or with hard_reset puts v to 0. The expm1 form keeps its digits at small
 * steps, where exp(-dt / tau_m) rounds to nearly 1. Signed populations also fire -1 at
 * v <= -level. Source: Gerstner et al., Neuronal Dynamics (2014), section 1.3. */
#include "neurons/firing.h"

#include <math.h>

enum { TAU_M, HARD_RESET };
enum { MEMBRANE };
enum { JUMP };
enum { DECAY, DERIVED };

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "membrane time constant", 10.0, 1e-3, 1e9 },
    [HARD_RESET] = { "hard_reset", "", "0: subtract the level, 1: v to 0", 0, 0, 1 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "V", "membrane, in thresholds", 0.0, -1e300, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->derived[DECAY][neuron] = expm1(-p->dt_ms / p->param[TAU_M][neuron]);
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE];
    const double *decay = p->derived[DECAY], *jump = input[JUMP];

    for (size_t neuron = 0; neuron < p->count; neuron++) {
        v[neuron] += decay[neuron] * v[neuron];
        v[neuron] += jump[neuron];
    }
    return fire_at_level(p, v, p->param[HARD_RESET][0] >= 0.5, fired);
}

const struct neuron_model lif_model = {
    .name = "lif",
    .summary = "leaky integrate-and-fire, subtractive or hard reset",
    .source = "Gerstner et al., Neuronal Dynamics (2014), section 1.3",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = JUMP,
    .derived = DERIVED,
    /* Leak, integrate, compare, reset. */
    .cost = { .n = { [OP_MULTIPLY_F32] = 1, [OP_ADD_F32] = 3, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact between steps",
    .follows_levels = true,
    .prepare = prepare,
    .step = step,
};
