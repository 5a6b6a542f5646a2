/* Resonate-and-fire: a damped oscillation, z = x + i y.
 *
 *     x' = damping x - omega y + I,  y' = omega x + damping y;   x <- x + jump
 *     if y >= threshold: fire, x <- x_reset, y <- y_reset
 *
 * Exact for a current that lasts the step. A jump moves x after the step; y feels it in
 * the next one. The reset may stand at the threshold, which is where the paper puts it:
 * the oscillation leads down from there. Source: Izhikevich, Neural Networks 14 (2001) 883. The
 * defaults are the paper's -1 + 10 i, its unit of time being 10 ms. */
#include "neurons/columns.h"
#include "neurons/neuron_model.h"

enum { DAMPING, OMEGA, THRESHOLD, X_RESET, Y_RESET };
enum { X, Y };
enum { JUMP, CURRENT };
enum { TURN_COS, TURN_SIN, GAIN_X, GAIN_Y, DERIVED };

static const struct field params[] = {
    [DAMPING] = { "damping", "1/ms", "real part of the eigenvalue", -0.1, -1e3, -1e-9 },
    [OMEGA] = { "omega", "rad/ms", "imaginary part of the eigenvalue", 1, -1e3, 1e3 },
    [THRESHOLD] = { "threshold", "", "of y", 1, 1e-9, 1e9 },
    [X_RESET] = { "x_reset", "", "x after a spike", 0, -1e9, 1e9 },
    [Y_RESET] = { "y_reset", "", "y after a spike", 1, -1e9, 1e9 },
    { 0 },
};

static const struct field state_vars[] = {
    [X] = { "x", "", "current-like", 0, -1e300, 1e300 },
    [Y] = { "y", "", "voltage-like", 0, -1e300, 1e300 },
    { 0 },
};

static const struct field inputs[] = {
    [JUMP] = { "jump", "", "what spikes add to x", 0, -1e9, 1e9 },
    [CURRENT] = { "current", "1/ms", "lasts the step", 0, -1e9, 1e9 },
    { 0 },
};

/* With lambda = damping + i omega: z <- exp(lambda dt) z + I (exp(lambda dt) - 1) / lambda. */
static void prepare(struct population *p)
{
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double b = p->param[DAMPING][neuron], w = p->param[OMEGA][neuron];
        const double decay = exp(b * p->dt_ms), angle = w * p->dt_ms;
        const double half = sin(0.5 * angle), square = b * b + w * w;
        /* exp(lambda dt) - 1, without losing digits at small steps */
        const double real = expm1(b * p->dt_ms) * cos(angle) - 2 * half * half;
        const double imaginary = decay * sin(angle);
        p->derived[TURN_COS][neuron] = decay * cos(angle);
        p->derived[TURN_SIN][neuron] = imaginary;
        p->derived[GAIN_X][neuron] = (real * b + imaginary * w) / square;
        p->derived[GAIN_Y][neuron] = (imaginary * b - real * w) / square;
    }
}

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    double *x = p->state[X], *y = p->state[Y];
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        const double turn_cos = p->derived[TURN_COS][neuron];
        const double turn_sin = p->derived[TURN_SIN][neuron];
        const double current = arriving(input[CURRENT], neuron);
        const double threshold = p->param[THRESHOLD][neuron];
        const double x_before = x[neuron], y_before = y[neuron];
        x[neuron] = turn_cos * x_before - turn_sin * y_before +
                    p->derived[GAIN_X][neuron] * current +
                    arriving(input[JUMP], neuron);
        y[neuron] = turn_sin * x_before + turn_cos * y_before +
                    p->derived[GAIN_Y][neuron] * current;
        if (y[neuron] >= threshold) {
            x[neuron] = p->param[X_RESET][neuron];
            y[neuron] = p->param[Y_RESET][neuron];
            fired[spikes++] = (struct spike){ (uint32_t)neuron, 1 };
        }
    }
    return spikes;
}

const struct neuron_model resonate_fire_model = {
    .name = "resonate_fire",
    .summary = "resonate-and-fire: a damped oscillation with a threshold",
    .source = "Izhikevich, Neural Networks 14 (2001) 883",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = CURRENT,
    .derived = DERIVED,
    .cost = { .n = { [OP_MULTIPLY_F32] = 6, [OP_ADD_F32] = 5, [OP_COMPARE_F32] = 1 } },
    .scheme = "exact",
    .prepare = prepare,
    .step = step,
};
