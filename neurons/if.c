/* Integrate-and-fire without leak, soft reset, over integers.
 *
 *     v <- v + input;   if v >= level: fire, v <- v - level
 *
 * Signed populations also fire -1 at v <= -level. Graded ones fire their whole membrane
 * as the payload and rest. Input and level are integers in units of the threshold V,
 * and integers below 2^53 are exact in double: that is why the spikes add up to exactly
 * the integer injected. What arrives can fire at once. Source: SpikingBrain report (arXiv 2509.05276), equation 20. */
#include "neurons/firing.h"

enum { V_THRESHOLD };
enum { MEMBRANE };
enum { JUMP };

static const struct field params[] = {
    [V_THRESHOLD] = { "v_threshold", "V", "where no code sets levels", 1, 1e-300,
                      1e300 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "V", "membrane, in thresholds", 0.0, -1e300, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [JUMP] = { "jump", "V", "what spikes add to the membrane", 0, -1e300, 1e300 },
    { 0 },
};

static size_t fire_whole(const struct population *p, const double *threshold,
                         struct spike *fired)
{
    double *v = p->state[MEMBRANE];
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double unit = threshold[neuron];
        if (v[neuron] < unit && -v[neuron] < unit)
            continue;
        fired[spikes++] =
            (struct spike){ (uint32_t)neuron, (int32_t)(v[neuron] / unit) };
        v[neuron] = 0;
    }
    return spikes;
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE];
    const double *jump = input[JUMP];
    const double *threshold = p->level ? p->level : p->param[V_THRESHOLD];
    for (size_t neuron = 0; jump && neuron < p->count; neuron++)
        v[neuron] += jump[neuron];
    if (p->is_graded)
        return fire_whole(p, threshold, fired);
    return fire(&(struct firing){ .threshold = threshold,
                                  .is_signed = p->level && p->is_signed,
                                  .v = v },
                0, p->count, fired);
}

const struct neuron_model if_model = {
    .name = "if",
    .summary = "integrate-and-fire, no leak, soft reset; counts exactly",
    .source = "arXiv 2509.05276, equation 20",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = JUMP,
    /* Integrate, compare, reset. */
    .cost = { .n = { [OP_ADD_I32] = 2, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact",
    .is_exact_counter = true,
    .follows_levels = true,
    .carries_payload = true,
    .step = step,
};
