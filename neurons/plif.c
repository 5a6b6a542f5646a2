/* Parametric leaky integrate-and-fire: the leak is learned, through a number without
 * bounds.
 *
 *     v <- v + sigmoid(w) (x - (v - v_reset));   if v >= v_threshold: fire, v <- v_reset
 *
 * A map from step to step, whatever dt: 1 / sigmoid(w) is the time constant in steps.
 * What arrives acts at once. With levels from a code, the level stands for the threshold
 * and v_reset is 0. Source: Fang et al., Incorporating learnable membrane time constant
 * (ICCV 2021), equations 2, 4 and 8; the default w is their initial tau of 2 steps. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum { W, V_THRESHOLD, V_RESET, HARD_RESET };
enum { MEMBRANE };
enum { INPUT };
enum { LEAK, DERIVED };

static const struct field params[] = {
    [W] = { "w", "", "learned; the leak per step is sigmoid(w)", 0, -700, 700 },
    [V_THRESHOLD] = { "v_threshold", "", "where it fires", 1, -1e6, 1e6 },
    [V_RESET] = { "v_reset", "", "rest, and membrane after a spike", 0, -1e6, 1e6 },
    [HARD_RESET] = { "hard_reset", "", "0: subtract the distance, 1: to v_reset", 1, 0,
                     1 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "", "membrane (with levels: in thresholds)", 0, -1e300, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [INPUT] = { "input", "", "x of this step, whose share sigmoid(w) is added", 0, -1e9,
                1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->derived[LEAK][neuron] = 1 / (1 + exp(-p->param[W][neuron]));
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] = p->level ? 0 : p->param[V_RESET][neuron];
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    const double *leak = p->derived[LEAK];
    const double *reset = p->level ? NULL : p->param[V_RESET];
    double *v = p->state[MEMBRANE];
    for (size_t neuron = 0; neuron < p->count; neuron++)
        v[neuron] += leak[neuron] * (arriving(input[INPUT], neuron) -
                                     (v[neuron] - arriving(reset, neuron)));
    return fire(&(struct firing){ .threshold =
                                      p->level ? p->level : p->param[V_THRESHOLD],
                                  .is_signed = p->level && p->is_signed,
                                  .v = v,
                                  .reset = reset,
                                  .hard = p->param[HARD_RESET] },
                0, p->count, fired);
}

const struct neuron_model plif_model = {
    .name = "plif",
    .summary = "leaky integrate-and-fire with a learned leak per step",
    .source = "Fang et al., ICCV 2021 (arXiv 2007.05785)",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = INPUT,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 1, [OP_ADD_F32] = 4, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact: a map from step to step, independent of dt",
    .follows_levels = true,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
