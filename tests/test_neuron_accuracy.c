/* Every model with an equation against GSL's adaptive solver: exact ones agree to
 * rounding at any step, others come closer at their stated order. The right-hand sides
 * are written here from the equations, with the numbers of the cases. */
#include "tests/neuron_bench.h"
#include "tests/suites.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <string.h>

enum { STATES = 4, STARTS = 3 };

typedef int derivative(double t, const double y[], double dy[], void *current);

static double amount(const void *current)
{
    return *(const double *)current;
}

static int lif(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = (-(y[0] + 70) + 0.04 * amount(current)) / 10;
    return GSL_SUCCESS;
}

static int alif(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = (-y[0] + amount(current)) / 20;
    dy[1] = -y[1] / 200;
    return GSL_SUCCESS;
}

/* tau_inh = tau_m: the case without a difference of exponentials. */
static int cuba_lif(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = (-(y[0] + 65) + 0.04 * (y[1] + y[2] + amount(current))) / 10;
    dy[1] = -y[1] / 2;
    dy[2] = -y[2] / 10;
    return GSL_SUCCESS;
}

static int coba_lif(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] =
        (-10 * (y[0] + 60) - y[1] * y[0] - y[2] * (y[0] + 80) + amount(current)) / 200;
    dy[1] = -y[1] / 5;
    dy[2] = -y[2] / 10;
    return GSL_SUCCESS;
}

static int izhikevich(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = 0.04 * y[0] * y[0] + 5 * y[0] + 140 - y[1] + amount(current);
    dy[1] = 0.02 * (0.2 * y[0] - y[1]);
    return GSL_SUCCESS;
}

static int qif(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = (0.0667 * (y[0] + 65) * (y[0] + 50) + 0.04 * amount(current)) / 10;
    return GSL_SUCCESS;
}

static int eif(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] =
        (-(y[0] + 65) + 3.48 * exp((y[0] + 59.9) / 3.48) + 0.04 * amount(current)) / 10;
    return GSL_SUCCESS;
}

static int adex(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] =
        (-30 * (y[0] + 70.6) + 60 * exp((y[0] + 50.4) / 2) - y[1] + amount(current)) /
        281;
    dy[1] = (4 * (y[0] + 70.6) - y[1]) / 144;
    return GSL_SUCCESS;
}

static int resonate_fire(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = -0.1 * y[0] - y[1] + amount(current);
    dy[1] = y[0] - 0.1 * y[1];
    return GSL_SUCCESS;
}

static int srm0(double t, const double y[], double dy[], void *current)
{
    (void)t;
    dy[0] = -y[0] / 10 + y[1] / 2 + 0.04 * amount(current) / 10;
    dy[1] = -y[1] / 2;
    dy[2] = -y[2] / 10;
    return GSL_SUCCESS;
}

static int hh(double t, const double y[], double dy[], void *current)
{
    (void)t;
    const double v = y[0], m = y[1], h = y[2], n = y[3];
    const double alpha_m = 0.1 * (v + 40) / (1 - exp(-(v + 40) / 10));
    const double alpha_n = 0.01 * (v + 55) / (1 - exp(-(v + 55) / 10));
    dy[0] = amount(current) - 120 * m * m * m * h * (v - 50) -
            36 * n * n * n * n * (v + 77) - 0.3 * (v + 54.4);
    dy[1] = alpha_m * (1 - m) - 4 * exp(-(v + 65) / 18) * m;
    dy[2] = 0.07 * exp(-(v + 65) / 20) * (1 - h) - h / (1 + exp(-(v + 35) / 10));
    dy[3] = alpha_n * (1 - n) - 0.125 * exp(-(v + 65) / 80) * n;
    return GSL_SUCCESS;
}

/* `start` displaces states from rest, in the order of the model's. Nothing fires, but hh,
 * which has no reset. `steps` is of the coarser of two runs; parts of a step are switched
 * off, so that the order in dt shows. */
static const struct accuracy {
    const char *model, *assigned;
    derivative *slope;
    size_t states;
    double current, length_ms;
    size_t steps;
    double start[STARTS];
} cases[] = {
    { "adex", "max_step=1", adex, 2, 480, 40, 160, { 0 } },
    { "alif", "", alif, 2, 0.9, 40, 8, { -0.5, 3 } },
    { "coba_lif", "", coba_lif, 3, 20, 40, 80, { 0, 5, 20 } },
    { "cuba_lif", "tau_exc=2,tau_inh=10", cuba_lif, 3, 200, 40, 8, { 0, 300, -200 } },
    { "eif", "max_step=1", eif, 1, 38, 40, 80, { -2 } },
    { "hh", "max_step=1000", hh, 4, 10, 20, 800, { 0 } },
    { "izhikevich", "", izhikevich, 2, 1, 40, 640, { -5 } },
    { "izhikevich", "scheme=1", izhikevich, 2, 1, 40, 640, { -5 } },
    { "lif", "", lif, 1, 300, 40, 8, { -3 } },
    { "qif", "", qif, 1, 60, 40, 8, { -4 } },
    { "qif", "", qif, 1, 200, 20, 8, { -4 } },
    { "resonate_fire", "", resonate_fire, 2, 0.3, 20, 8, { 0.2, -0.1 } },
    { "srm0", "tau_s=2", srm0, 3, 200, 40, 8, { 1, 4, -9 } },
};

enum { CASES = sizeof cases / sizeof cases[0] };

static void begin(struct neuron_bench *bench, const struct accuracy *c, size_t steps)
{
    neuron_bench_open(bench, c->model, c->length_ms / (double)steps, c->assigned);
    for (size_t i = 0; i < STARTS && i < c->states; i++)
        bench->population.state[i][0] += c->start[i];
    neuron_bench_input(bench, "current")[0] = c->current;
}

static void solve(const struct accuracy *c, double *y)
{
    struct neuron_bench bench;
    double current = c->current, t = 0;
    begin(&bench, c, c->steps);
    for (size_t i = 0; i < c->states; i++)
        y[i] = bench.population.state[i][0];
    neuron_bench_close(&bench);
    gsl_odeiv2_system system = { c->slope, NULL, c->states, &current };
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-3, 1e-13,
                                      1e-13);
    CU_ASSERT_PTR_NOT_NULL_FATAL(driver);
    CU_ASSERT_EQUAL(gsl_odeiv2_driver_apply(driver, &t, c->length_ms, y), GSL_SUCCESS);
    gsl_odeiv2_driver_free(driver);
}

/* The largest error of a state at the end, relative where it is above 1. */
static double error_of(const struct accuracy *c, size_t steps, const double *expected)
{
    struct neuron_bench bench;
    double worst = 0;
    begin(&bench, c, steps);
    for (size_t step = 0; step < steps; step++) {
        const size_t spikes = neuron_bench_step(&bench);
        CU_ASSERT(spikes == 0 || strcmp(c->model, "hh") == 0);
    }
    for (size_t i = 0; i < c->states; i++) {
        const double size = fmax(1, fabs(expected[i]));
        worst = fmax(worst, fabs(bench.population.state[i][0] - expected[i]) / size);
    }
    neuron_bench_close(&bench);
    return worst;
}

/* Exact: the solver's tolerance, and rounding, leave 1e-11. Otherwise the order seen in
 * one halving is that stated within 0.25. */
static void refinement_converges_as_stated(void)
{
    for (size_t i = 0; i < CASES; i++) {
        const struct accuracy *c = &cases[i];
        const unsigned order = neuron_model_find(c->model)->order;
        double y[STATES];
        solve(c, y);
        const double coarse = error_of(c, c->steps, y),
                     fine = error_of(c, 2 * c->steps, y);
        if (order == 0) {
            CU_ASSERT(coarse < 1e-11 && fine < 1e-11);
        } else {
            CU_ASSERT_DOUBLE_EQUAL(log2(coarse / fine), order, 0.25);
        }
    }
}

/* The maps from step to step have no equation to solve. */
static void every_model_with_an_equation_is_compared(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const char *name = neuron_models[i]->name;
        bool is_found = strcmp(name, "if") == 0 || strcmp(name, "plif") == 0;
        for (size_t k = 0; k < CASES; k++)
            is_found |= strcmp(cases[k].model, name) == 0;
        CU_ASSERT(is_found);
    }
}

/* A step of 1 ms in parts of max_step is as good as steps of that length. */
static void long_steps_are_cut_into_parts(void)
{
    static const char *const models[] = { "adex", "eif", "hh" };
    static const double current[] = { 480, 38, 10 };
    for (size_t i = 0; i < 3; i++) {
        struct neuron_bench whole, parts;
        neuron_bench_open(&whole, models[i], 1, "max_step=0.025");
        neuron_bench_open(&parts, models[i], 0.025, "max_step=0.025");
        neuron_bench_input(&whole, "current")[0] = current[i];
        neuron_bench_input(&parts, "current")[0] = current[i];
        for (int step = 0; step < 10; step++)
            neuron_bench_step(&whole);
        for (int step = 0; step < 400; step++)
            neuron_bench_step(&parts);
        for (size_t k = 0; whole.model->state_vars[k].name; k++)
            CU_ASSERT_DOUBLE_EQUAL(whole.population.state[k][0],
                                   parts.population.state[k][0], 1e-9);
        neuron_bench_close(&whole);
        neuron_bench_close(&parts);
    }
}

CU_TestInfo neuron_accuracy_tests[] = {
    { "refinement converges as stated, against GSL", refinement_converges_as_stated },
    { "every model with an equation is compared",
      every_model_with_an_equation_is_compared },
    { "long steps are cut into parts", long_steps_are_cut_into_parts },
    CU_TEST_INFO_NULL,
};
