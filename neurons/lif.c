/* Leaky integrate-and-fire.
 *
 *     tau_m v' = -(v - v_rest) + R I;   v <- v + jump;   if v >= threshold: fire, reset
 *
 * Exact for a current that lasts the step. Jumps are added after the leak, so what
 * arrives can fire at once. The expm1 form keeps its digits at small steps, where
 * exp(-dt / tau_m) rounds to nearly 1. After a spike rint(t_ref / dt) steps are skipped:
 * no leak, no input, no spike. Hard reset puts v to v_reset, soft reset subtracts
 * v_threshold - v_reset.
 *
 * With levels from a code, v is in thresholds: the level stands for v_threshold - v_rest,
 * rest and reset are 0, and signed populations also fire -1 at v <= -level.
 *
 * Source: Gerstner et al., Neuronal Dynamics (2014), section 1.3; exact integration:
 * Rotter and Diesmann, Biological Cybernetics 81 (1999). Defaults: NEST's iaf_psc models,
 * without refractory time. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum { TAU_M, V_REST, V_RESET, V_THRESHOLD, T_REF, RESISTANCE, HARD_RESET };
enum { MEMBRANE, WAIT };
enum { JUMP, CURRENT };
enum { DECAY, GAIN, HOLD, ZERO, DERIVED };
enum { BLOCK = 512 }; /* neurons whose columns stay in the nearest cache */

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "membrane time constant", 10.0, 1e-3, 1e12 },
    [V_REST] = { "v_rest", "mV", "membrane without input", -70, -1e6, 1e6 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", -70, -1e6, 1e6 },
    [V_THRESHOLD] = { "v_threshold", "mV", "where it fires", -55, -1e6, 1e6 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 0, 0, 1e6 },
    [RESISTANCE] = { "resistance", "GOhm", "mV per pA of current", 0.04, -1e15, 1e15 },
    [HARD_RESET] = { "hard_reset", "", "0: subtract the distance, 1: to v_reset", 0, 0,
                     1 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane (with levels: in thresholds)", 0.0, -1e300,
                   1e300 },
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
        p->derived[GAIN][neuron] = -decay * p->param[RESISTANCE][neuron];
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], p->dt_ms);
        p->derived[ZERO][neuron] = 0;
    }
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] = p->level ? 0 : p->param[V_REST][neuron];
}

union bits {
    double number;
    int64_t bits;
};

/* Whether any neuron is at its threshold or above. Written so that it becomes vector code
 * on any x86: no branch, waiting neurons multiplied by 0, and instead of a comparison the
 * sign of v - threshold, which stays set in `below` as long as all have it. */
static inline bool integrate(const struct population *p, const double *restrict jump,
                             const double *restrict current, size_t first, size_t end)
{
    const double *restrict decay = p->derived[DECAY], *restrict gain = p->derived[GAIN];
    const double *restrict v_rest = p->level ? p->derived[ZERO] : p->param[V_REST];
    const double *restrict threshold = p->level ? p->level : p->param[V_THRESHOLD];
    double *restrict v = p->state[MEMBRANE], *restrict wait = p->state[WAIT];
    int64_t below = -1;
    for (size_t neuron = first; neuron < end; neuron++) {
        const double before = wait[neuron], hears = before > 1 ? 0.0 : 1.0;
        double change = decay[neuron] * (v[neuron] - v_rest[neuron]);
        if (current)
            change += gain[neuron] * current[neuron];
        double next = v[neuron] + hears * change;
        next += hears * jump[neuron];
        v[neuron] = next;
        wait[neuron] = (1 - hears) * (before - 1) + 0.0; /* no -0 */
        below &= (union bits){ .number = next - threshold[neuron] }.bits;
    }
    return below >= 0;
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    const double *jump = input[JUMP] ? input[JUMP] : p->derived[ZERO];
    const struct firing firing = {
        .threshold = p->level ? p->level : p->param[V_THRESHOLD],
        .is_signed = p->level && p->is_signed,
        .v = p->state[MEMBRANE],
        .reset = p->level ? NULL : p->param[V_RESET],
        .hard = p->param[HARD_RESET],
        .wait = p->state[WAIT],
        .hold = p->derived[HOLD],
    };
    size_t spikes = 0;
    for (size_t first = 0; first < p->count; first += BLOCK) {
        const size_t end = p->count - first < BLOCK ? p->count : first + BLOCK;
        const bool is_any_above = input[CURRENT]
                                      ? integrate(p, jump, input[CURRENT], first, end)
                                      : integrate(p, jump, NULL, first, end);
        if (is_any_above || firing.is_signed)
            spikes += fire(&firing, first, end, fired + spikes);
    }
    return spikes;
}

const struct neuron_model lif_model = {
    .name = "lif",
    .summary = "leaky integrate-and-fire, soft or hard reset, refractory time",
    .source = "Gerstner et al., Neuronal Dynamics (2014), section 1.3; "
              "Rotter and Diesmann (1999)",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = JUMP,
    .derived = DERIVED,
    /* Leak, integrate, compare, reset. */
    .cost = { .n = { [OP_MULTIPLY_F32] = 1, [OP_ADD_F32] = 3, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact",
    .follows_levels = true,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
