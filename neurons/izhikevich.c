/* Izhikevich's simple model, with its coefficients as parameters.
 *
 *     v' = quadratic v^2 + linear v + constant - u + I
 *     u' = a (b (v + u_shift) - u_leak u);   if v >= v_peak: fire, v <- c, u <- u + d
 *
 * Two schemes, both of first order: 0 is the Euler step of the author's figure1.m (2004):
 * v, then u with the new v; 1 is that of his net.m (2003): v in two half steps, then u.
 * Spike counts are golden for a scheme and its dt only. A current lasts the step; jumps
 * are added to v after it, so what arrives can fire at once. v and u are kept within 1e3
 * and 1e6, far outside what the model describes, so that no input makes them overflow.
 *
 * Sources: Izhikevich, IEEE Trans. Neural Networks 14 (2003) 1569 and 15 (2004) 1063. */
#include "neurons/columns.h"
#include "neurons/neuron_model.h"

enum { A, B, C, D, V_PEAK, QUADRATIC, LINEAR, CONSTANT, U_SHIFT, U_LEAK, SCHEME };
enum { MEMBRANE, RECOVERY };
enum { CURRENT, JUMP };

static const double largest_v = 1e3, largest_u = 1e6;

static const struct field params[] = {
    [A] = { "a", "1/ms", "rate of recovery", 0.02, -10, 10 },
    [B] = { "b", "1/ms", "how far u follows v", 0.2, -100, 100 },
    [C] = { "c", "mV", "v after a spike", -65, -500, 500 },
    [D] = { "d", "mV/ms", "what a spike adds to u", 8, -1e4, 1e4 },
    [V_PEAK] = { "v_peak", "mV", "where it fires", 30, -500, 500 },
    [QUADRATIC] = { "quadratic", "1/(mV ms)", "coefficient of v^2", 0.04, 0, 10 },
    [LINEAR] = { "linear", "1/ms", "coefficient of v", 5, -100, 100 },
    [CONSTANT] = { "constant", "mV/ms", "constant term of v'", 140, -1e4, 1e4 },
    [U_SHIFT] = { "u_shift", "mV", "added to v where u follows it", 0, -500, 500 },
    [U_LEAK] = { "u_leak", "", "1: u decays; 0: it only collects", 1, 0, 1 },
    [SCHEME] = { "scheme", "", "0: one step for v; 1: two half steps", 0, 0, 1 },
    { 0 },
};

static const struct field state_vars[] = {
    [MEMBRANE] = { "v", "mV", "membrane", -70, -1e3, 1e3 },
    [RECOVERY] = { "u", "mV/ms", "recovery", -14, -1e6, 1e6 },
    { 0 },
};

static const struct field inputs[] = {
    [CURRENT] = { "current", "mV/ms", "I, lasts the step", 0, -1e9, 1e9 },
    [JUMP] = { "jump", "mV", "what spikes add to the membrane", 0, -1e9, 1e9 },
    { 0 },
};

/* The lower fixed point; where there is none, the reset. */
static void rest(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double b = p->param[B][neuron], shift = p->param[U_SHIFT][neuron];
        const double leak = p->param[U_LEAK][neuron];
        const double square = p->param[QUADRATIC][neuron];
        const double linear = p->param[LINEAR][neuron];
        const double constant = p->param[CONSTANT][neuron];
        double v, u;
        if (leak > 0) {
            const double slope = linear - b / leak;
            const double root =
                slope * slope - 4 * square * (constant - b * shift / leak);
            const bool is_found = root >= 0 && square > 0;
            v = is_found ? (-slope - sqrt(root)) / (2 * square) : p->param[C][neuron];
            v = bounded(v, largest_v);
            u = b * (v + shift) / leak;
        } else {
            v = -shift;
            u = square * v * v + linear * v + constant;
        }
        p->state[MEMBRANE][neuron] = v;
        p->state[RECOVERY][neuron] = bounded(u, largest_u);
    }
}

static void integrate(struct population *p, const double *current, const double *jump)
{
    double *restrict v = p->state[MEMBRANE], *restrict u = p->state[RECOVERY];
    const double dt = p->dt_ms;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double square = p->param[QUADRATIC][neuron];
        const double linear = p->param[LINEAR][neuron];
        const double constant = p->param[CONSTANT][neuron];
        const double in = arriving(current, neuron);
        const double before = v[neuron], slow = u[neuron];
        const bool is_halved = p->param[SCHEME][neuron] >= 0.5;
        const double part = is_halved ? 0.5 * dt : dt;
        double next = before + part * (square * before * before + linear * before +
                                       constant - slow + in);
        next = bounded(next, largest_v);
        const double second =
            next + part * (square * next * next + linear * next + constant - slow + in);
        next = is_halved ? bounded(second, largest_v) : next;
        const double pull = p->param[B][neuron] * (next + p->param[U_SHIFT][neuron]) -
                            p->param[U_LEAK][neuron] * slow;
        u[neuron] = bounded(slow + dt * p->param[A][neuron] * pull, largest_u);
        v[neuron] = bounded(next + arriving(jump, neuron), largest_v);
    }
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *v = p->state[MEMBRANE], *u = p->state[RECOVERY];
    size_t spikes = 0;
    integrate(p, input[CURRENT], input[JUMP]);
    for (size_t neuron = 0; neuron < p->count; neuron++)
        if (v[neuron] >= p->param[V_PEAK][neuron]) {
            v[neuron] = p->param[C][neuron];
            u[neuron] = bounded(u[neuron] + p->param[D][neuron], largest_u);
            fired[spikes++] = (struct spike){ (uint32_t)neuron, 1 };
        }
    return spikes;
}

const struct neuron_model izhikevich_model = {
    .name = "izhikevich",
    .summary = "Izhikevich's quadratic model with recovery",
    .source = "Izhikevich, IEEE Trans. Neural Networks 14 (2003) 1569; 15 (2004) 1063",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .cost = { .n = { [OP_MULTIPLY_F32] = 7, [OP_ADD_F32] = 9, [OP_COMPARE_F32] = 1 } },
    .scheme = "Euler, v before u: one step for v, or two half steps",
    .order = 1,
    .rest = rest,
    .step = step,
};
