/* Quadratic integrate-and-fire.
 *
 *     tau_m v' = curvature (v - v_rest) (v - v_critical) + R I
 *     v <- v + jump;   if v >= v_peak: fire, v <- v_reset
 *
 * Exact for a current that lasts the step: with x = v - (v_rest + v_critical) / 2 the
 * equation is tau_m x' = curvature (x^2 + s), solved by a tangent for s > 0, a
 * hyperbolic tangent for s < 0. A membrane that reaches infinity within the step fires
 * at its end. Jumps are added after the step, so what arrives can fire at once. After a
 * spike rint(t_ref / dt) steps are skipped.
 *
 * Source: Gerstner et al., Neuronal Dynamics (2014), equation 5.16; Latham et al., J.
 * Neurophysiology 83 (2000) 808. The default curvature is close to the
 * 1 / (v_critical - v_rest) that makes tau_m the time constant at rest. */
#include "neurons/columns.h"
#include "neurons/firing.h"

enum { TAU_M, V_REST, V_CRITICAL, CURVATURE, V_PEAK, V_RESET, T_REF, RESISTANCE };
enum { MEMBRANE, WAIT };
enum { CURRENT, JUMP };
enum { HOLD, DERIVED };

static const double largest_v = 1e9, pi = 3.14159265358979323846;

static const struct field params[] = {
    [TAU_M] = { "tau_m", "ms", "time constant", 10, 1e-3, 1e9 },
    [V_REST] = { "v_rest", "mV", "stable point without input", -65, -1e6, 1e6 },
    [V_CRITICAL] = { "v_critical", "mV", "unstable point without input", -50, -1e6,
                     1e6 },
    [CURVATURE] = { "curvature", "1/mV", "of the parabola", 0.0667, 1e-9, 1e6 },
    [V_PEAK] = { "v_peak", "mV", "where it fires", 30, -1e6, 1e6 },
    [V_RESET] = { "v_reset", "mV", "membrane after a spike", -70, -1e6, 1e6 },
    [T_REF] = { "t_ref", "ms", "refractory time, in whole steps", 0, 0, 1e6 },
    [RESISTANCE] = { "resistance", "GOhm", "mV per pA of current", 0.04, -1e12, 1e12 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -65, -1e9, 1e9 },
    [WAIT] = { "wait", "steps", "until it hears again, 1: the next", 0, 0, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [CURRENT] = { "current", "pA", "lasts the step", 0, -1e9, 1e9 },
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    { 0 },
};

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->derived[HOLD][neuron] = firing_hold(p->param[T_REF][neuron], p->dt_ms);
}

static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[MEMBRANE][neuron] =
            fmin(p->param[V_REST][neuron], p->param[V_CRITICAL][neuron]);
}

/* x after the time h of x' = x^2 + s (both in time constants over the curvature), at
 * most largest_v: x = (x + s g) / (1 - x g) with g = tan(sqrt(s) h) / sqrt(s). */
static double advance(double x, double s, double h)
{
    double g = h;
    if (s > 0) {
        const double angle = sqrt(s) * h;
        if (angle + atan(x / sqrt(s)) >= 0.5 * pi)
            return largest_v;
        g = tan(angle) / sqrt(s);
    } else if (s < 0) {
        g = tanh(sqrt(-s) * h) / sqrt(-s);
        if (x * g >= 1)
            return largest_v;
    } else if (x * g >= 1) {
        return largest_v;
    }
    return bounded((x + s * g) / (1 - x * g), largest_v);
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE], *wait = p->state[WAIT];
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        wait[neuron] = wait[neuron] > 1 ? wait[neuron] - 1 : 0;
        if (wait[neuron] > 0)
            continue;
        const double v_rest = p->param[V_REST][neuron];
        const double v_critical = p->param[V_CRITICAL][neuron];
        const double curvature = p->param[CURVATURE][neuron];
        const double middle = 0.5 * (v_rest + v_critical);
        const double half = 0.5 * (v_critical - v_rest);
        const double drive =
            p->param[RESISTANCE][neuron] * arriving(input[CURRENT], neuron) / curvature;
        const double next =
            middle + advance(v[neuron] - middle, drive - half * half,
                             p->dt_ms * curvature / p->param[TAU_M][neuron]);
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

const struct neuron_model qif_model = {
    .name = "qif",
    .summary = "quadratic integrate-and-fire",
    .source = "Gerstner et al., Neuronal Dynamics (2014), equation 5.16; "
              "Latham et al. (2000)",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 8,
                     [OP_ADD_F32] = 6,
                     [OP_DIVIDE_F32] = 4,
                     [OP_EXP_F32] = 3,
                     [OP_COMPARE_F32] = 2 } },
    .scheme = "exact",
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
