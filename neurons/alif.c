/* Leaky integrate-and-fire whose threshold rises with each spike and falls back.
 *
 *     tau_m v' = -(v - v_rest) + R I;   v <- v + jump
 *     tau_a a' = -a;   fires at v >= v_threshold + beta a, then a <- a + 1
 *
 * Exact for a current that lasts the step; what arrives can fire at once, and a spike
 * raises the threshold of the next step. Soft reset subtracts v_threshold - v_reset (not
 * the raised threshold), as in the source. After a spike rint(t_ref / dt) steps are
 * skipped, in which a goes on falling. With levels from a code, the level stands for
 * v_threshold - v_rest, rest and reset are 0, and beta is in the levels' unit.
 *
 * Source: Bellec et al., NeurIPS 2018, and Nature Communications 11:3625 (2020), whose
 * a and time constants these are. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum {
    TAU_M,
    TAU_A,
    BETA,
    V_REST,
    V_RESET,
    V_THRESHOLD,
    T_REF,
    RESISTANCE,
    HARD_RESET
};
enum { MEMBRANE, ADAPTATION, WAIT };
enum { JUMP, CURRENT };
enum { DECAY, DECAY_A, GAIN, HOLD, THRESHOLD, DERIVED };

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "membrane time constant", 20, 1e-3, 1e12 },
    [TAU_A] = { "tau_a", "ms", "time constant of the threshold", 200, 1e-3, 1e12 },
    [BETA] = { "beta", "mV", "what a spike adds to the threshold", 0.16, -1e6, 1e6 },
    [V_REST] = { "v_rest", "mV", "membrane without input", 0, -1e6, 1e6 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", 0, -1e6, 1e6 },
    [V_THRESHOLD] = { "v_threshold", "mV", "threshold at rest", 1, -1e6, 1e6 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 0, 0, 1e6 },
    [RESISTANCE] = { "resistance", "GOhm", "mV per pA of current", 1, -1e15, 1e15 },
    [HARD_RESET] = { "hard_reset", "", "0: subtract the distance, 1: to v_reset", 0, 0,
                     1 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane (with levels: in thresholds)", 0, -1e300,
                   1e300 },
    [ADAPTATION] = { "a", "", "spikes, each decayed", 0, 0, 1e300 },
    [WAIT] = { "wait", "steps", "until it hears again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double decay = expm1(-p->dt_ms / p->param[TAU_M][neuron]);
        p->derived[DECAY][neuron] = decay;
        p->derived[DECAY_A][neuron] = exp(-p->dt_ms / p->param[TAU_A][neuron]);
        p->derived[GAIN][neuron] = -decay * p->param[RESISTANCE][neuron];
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], p->dt_ms);
    }
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] = p->level ? 0 : p->param[V_REST][neuron];
}

static void integrate(struct population *p, const double *jump, const double *current)
{
    const double *v_rest = p->level ? NULL : p->param[V_REST];
    const double *base = p->level ? p->level : p->param[V_THRESHOLD];
    double *v = p->state[MEMBRANE], *a = p->state[ADAPTATION], *wait = p->state[WAIT];
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double left = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        const double change =
            p->derived[DECAY][neuron] * (v[neuron] - arriving(v_rest, neuron)) +
            p->derived[GAIN][neuron] * arriving(current, neuron);
        double next = v[neuron] + change;
        next += arriving(jump, neuron);
        v[neuron] = left > 0 ? v[neuron] : next;
        wait[neuron] = left;
        a[neuron] *= p->derived[DECAY_A][neuron];
        p->derived[THRESHOLD][neuron] =
            base[neuron] + p->param[BETA][neuron] * a[neuron];
    }
}

/* Fires at the raised threshold; a soft reset subtracts the one at rest. */
static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    const double *base = p->level ? p->level : p->param[V_THRESHOLD];
    const bool is_signed = p->level && p->is_signed;
    double *v = p->state[MEMBRANE], *wait = p->state[WAIT];
    size_t spikes = 0;
    integrate(p, input[JUMP], input[CURRENT]);
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double threshold = p->derived[THRESHOLD][neuron];
        const bool is_low = is_signed && v[neuron] <= -threshold;
        if (wait[neuron] > 0 || !(v[neuron] >= threshold || is_low))
            continue;
        const int32_t sign = is_low && v[neuron] < 0 ? -1 : 1;
        const double reset = p->level ? 0 : p->param[V_RESET][neuron];
        v[neuron] = p->param[HARD_RESET][neuron] >= 0.5
                        ? reset
                        : v[neuron] - sign * (base[neuron] - reset);
        p->state[ADAPTATION][neuron] += 1;
        wait[neuron] = p->derived[HOLD][neuron];
        fired[spikes++] = (struct spike){ (uint32_t)neuron, sign };
    }
    return spikes;
}

const struct neuron_model alif_model = {
    .name = "alif",
    .summary = "leaky integrate-and-fire with an adaptive threshold",
    .source = "Bellec et al., NeurIPS 2018; Nature Communications 11:3625 (2020)",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = JUMP,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 3, [OP_ADD_F32] = 5, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact",
    .follows_levels = true,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
