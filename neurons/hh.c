/* Hodgkin and Huxley's squid axon, per area of membrane.
 *
 *     C v' = -g_na m^3 h (v - e_na) - g_k n^4 (v - e_k) - g_leak (v - e_leak) + I
 *     x' = alpha_x(v) (1 - x) - beta_x(v) x   for the gates m, h, n
 *
 * The step is cut into equal parts of at most max_step, each a symmetric splitting: v
 * over half a part with the gates held, the gates over the whole with v held, v over the
 * other half; each of these is linear and solved exactly. Second order, stable for any
 * part, gates always within 0 and 1. There is no reset: it fires in the step in which v
 * comes to v_threshold or above from below, once. Jumps are added after the step, so what
 * arrives can fire at once.
 *
 * Source: Hodgkin and Huxley, J. Physiology 117 (1952) 500, with rest moved to -65 mV as
 * usual today. Splitting: Strang, SIAM J. Numer. Anal. 5 (1968) 506. */
#include "neurons/columns.h"
#include "neurons/neuron_model.h"

enum { CAPACITANCE, G_NA, G_K, G_LEAK, E_NA, E_K, E_LEAK, V_THRESHOLD, MAX_STEP };
enum { MEMBRANE, GATE_M, GATE_H, GATE_N };
enum { CURRENT, JUMP };
enum { PARTS, DERIVED };

static const double largest_v = 1e12;

static const struct field params[] = {
    [CAPACITANCE] = { "capacitance", "uF/cm2", "of the membrane", 1, 1e-3, 1e3 },
    [G_NA] = { "g_na", "mS/cm2", "largest sodium conductance", 120, 0, 1e5 },
    [G_K] = { "g_k", "mS/cm2", "largest potassium conductance", 36, 0, 1e5 },
    [G_LEAK] = { "g_leak", "mS/cm2", "leak conductance", 0.3, 1e-6, 1e5 },
    [E_NA] = { "e_na", "mV", "sodium reversal potential", 50, -500, 500 },
    [E_K] = { "e_k", "mV", "potassium reversal potential", -77, -500, 500 },
    [E_LEAK] = { "e_leak", "mV", "leak reversal potential", -54.4, -500, 500 },
    [V_THRESHOLD] = { "v_threshold", "mV", "a spike crosses it upwards", 0, -500, 500 },
    [MAX_STEP] = { "max_step", "ms", "longest part of a step", 0.025, 1e-4, 1e3 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -65, -1e12, 1e12 },
    [GATE_M] = { "m", "", "sodium activation", 0.0529, 0, 1 },
    [GATE_H] = { "h", "", "sodium inactivation", 0.5961, 0, 1 },
    [GATE_N] = { "n", "", "potassium activation", 0.3177, 0, 1 },
    { 0 },
};

static const struct field inputs[] = {
    [CURRENT] = { "current", "uA/cm2", "lasts the step", 0, -1e9, 1e9 },
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    { 0 },
};

struct gates {
    double m, h, n;
};

struct rates {
    struct gates opening, closing;
};

/* x / (1 - exp(-x)), given exp(-x). */
static inline double over_one_minus_exp(double x, double exponential)
{
    return fabs(x) < 1e-5 ? 1 + 0.5 * x : x / (1 - exponential);
}

/* All exponentials but one are powers of exp(-(v + 65) / 80). */
static inline struct rates rates_at(double v)
{
    static const double e_half = 1.6487212707001282, e_one = 2.718281828459045;
    const double u = bounded(v + 65, 1000);
    const double e80 = exp(-u / 80), e40 = e80 * e80, e20 = e40 * e40, e10 = e20 * e20;
    return (struct rates){
        .opening = { over_one_minus_exp((u - 25) / 10, e10 * (e_one * e_one * e_half)),
                     0.07 * e20, 0.1 * over_one_minus_exp((u - 10) / 10, e10 * e_one) },
        .closing = { 4 * exp(-u / 18), 1 / (1 + e10 * (e_one * e_one * e_one)),
                     0.125 * e80 },
    };
}

static struct gates steady_gates(double v)
{
    const struct rates r = rates_at(v);
    return (struct gates){ r.opening.m / (r.opening.m + r.closing.m),
                           r.opening.h / (r.opening.h + r.closing.h),
                           r.opening.n / (r.opening.n + r.closing.n) };
}

struct membrane {
    double capacitance, g_na, g_k, g_leak, e_na, e_k, e_leak, current;
};

static inline struct membrane membrane_of(const struct population *p, size_t neuron,
                                          double current)
{
    return (struct membrane){
        .capacitance = p->param[CAPACITANCE][neuron],
        .g_na = p->param[G_NA][neuron],
        .g_k = p->param[G_K][neuron],
        .g_leak = p->param[G_LEAK][neuron],
        .e_na = p->param[E_NA][neuron],
        .e_k = p->param[E_K][neuron],
        .e_leak = p->param[E_LEAK][neuron],
        .current = current,
    };
}

/* v after h with the gates held. */
static inline double relax_membrane(const struct membrane *m, const struct gates *x,
                                    double v, double h)
{
    const double g_na = m->g_na * x->m * x->m * x->m * x->h;
    const double square = x->n * x->n, g_k = m->g_k * square * square;
    const double g = g_na + g_k + m->g_leak;
    const double end =
        (g_na * m->e_na + g_k * m->e_k + m->g_leak * m->e_leak + m->current) / g;
    return bounded(end + (v - end) * exp(-h * g / m->capacitance), largest_v);
}

static inline double relax_gate(double x, double opening, double closing, double h)
{
    const double rate = opening + closing, end = opening / rate;
    return end + (x - end) * exp(-h * rate);
}

static inline void relax_gates(struct gates *x, double v, double h)
{
    const struct rates r = rates_at(v);
    x->m = relax_gate(x->m, r.opening.m, r.closing.m, h);
    x->h = relax_gate(x->h, r.opening.h, r.closing.h, h);
    x->n = relax_gate(x->n, r.opening.n, r.closing.n, h);
}

static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->derived[PARTS][neuron] = parts_of_step(p->dt_ms, p->param[MAX_STEP][neuron]);
}

/* A fixed point by bisection between the lowest and the highest reversal potential; the
 * total current is downwards at one and upwards at the other. */
static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const struct membrane m = membrane_of(p, neuron, 0);
        double low = fmin(m.e_leak, fmin(m.e_na, m.e_k));
        double high = fmax(m.e_leak, fmax(m.e_na, m.e_k));
        for (int i = 0; i < 100; i++) {
            const double v = 0.5 * (low + high);
            const struct gates x = steady_gates(v);
            if (relax_membrane(&m, &x, v, HUGE_VAL) > v)
                low = v;
            else
                high = v;
        }
        const struct gates x = steady_gates(low);
        p->state[MEMBRANE][neuron] = low;
        p->state[GATE_M][neuron] = x.m;
        p->state[GATE_H][neuron] = x.h;
        p->state[GATE_N][neuron] = x.n;
    }
}

/* Over the whole step; whether v came to the threshold from below. */
static bool integrate(struct population *p, size_t neuron, double current)
{
    const struct membrane membrane = membrane_of(p, neuron, current);
    const double threshold = p->param[V_THRESHOLD][neuron];
    const double parts = p->derived[PARTS][neuron], h = p->dt_ms / parts;
    struct gates x = { p->state[GATE_M][neuron], p->state[GATE_H][neuron],
                       p->state[GATE_N][neuron] };
    double v = p->state[MEMBRANE][neuron];
    bool has_fired = false;
    for (double part = 0; part < parts; part++) {
        const double before = v;
        v = relax_membrane(&membrane, &x, v, 0.5 * h);
        relax_gates(&x, v, h);
        v = relax_membrane(&membrane, &x, v, 0.5 * h);
        has_fired |= before < threshold && v >= threshold;
    }
    p->state[MEMBRANE][neuron] = v;
    p->state[GATE_M][neuron] = x.m;
    p->state[GATE_H][neuron] = x.h;
    p->state[GATE_N][neuron] = x.n;
    return has_fired;
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE];
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        bool has_fired = integrate(p, neuron, arriving(input[CURRENT], neuron));
        const double before = v[neuron], threshold = p->param[V_THRESHOLD][neuron];
        v[neuron] = bounded(before + arriving(input[JUMP], neuron), largest_v);
        has_fired |= before < threshold && v[neuron] >= threshold;
        if (has_fired)
            fired[spikes++] = (struct spike){ (uint32_t)neuron, 1 };
    }
    return spikes;
}

const struct neuron_model hh_model = {
    .name = "hh",
    .summary = "Hodgkin-Huxley: sodium, potassium and leak currents of the squid axon",
    .source = "Hodgkin and Huxley, J. Physiology 117 (1952) 500",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    /* One part of the step. */
    .cost = { .n = { [OP_MULTIPLY_F32] = 47,
                     [OP_ADD_F32] = 32,
                     [OP_DIVIDE_F32] = 13,
                     [OP_EXP_F32] = 7,
                     [OP_COMPARE_F32] = 5 } },
    .scheme = "symmetric splitting in parts of the step of at most max_step",
    .order = 2,
    .prepare = prepare,
    .rest = rest,
    .step = step,
};
