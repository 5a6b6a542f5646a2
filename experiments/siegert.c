/* See siegert.h. For x < 0 the integrand is erfcx(-x) = exp(x^2) erfc(-x), whose factors
 * overflow and underflow: it is taken from GSL's hazard function, which has the ratio in
 * one piece. For x > 0 it grows as exp(x^2): past `largest` the neuron is silent. */
#include "experiments/siegert.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>

static const double largest = 20; /* exp(400) intervals are no rate */

static double integrand(double x, void *context)
{
    (void)context;
    /* The hazard h(z) = sqrt(2 / pi) exp(-z^2 / 2) / erfc(z / sqrt 2). */
    if (x < 0)
        return sqrt(2 / M_PI) / gsl_sf_hazard(-x * M_SQRT2);
    return exp(x * x) * (1 + gsl_sf_erf(x));
}

enum error_code siegert_rate(const struct siegert_neuron *neuron, double mu,
                             double sigma, double *rate_hz, struct error *err)
{
    double high = (neuron->threshold - mu) / sigma, low = (neuron->reset - mu) / sigma;
    double integral, deviation;
    *rate_hz = 0;
    if (!(sigma > 0) || !isfinite(high) || !isfinite(low))
        return error_set(err, ERR_ARGUMENT, "mean-field rate of mean %g, deviation %g",
                         mu, sigma);
    if (high > largest)
        return OK;
    gsl_integration_workspace *room = gsl_integration_workspace_alloc(1000);
    if (!room)
        return error_memory(err, "integration", 0);
    gsl_function f = { .function = integrand };
    int status = gsl_integration_qag(&f, low, high, 0, 1e-9, 1000, GSL_INTEG_GAUSS31,
                                     room, &integral, &deviation);
    gsl_integration_workspace_free(room);
    if (status != GSL_SUCCESS)
        return error_set(err, ERR_ARGUMENT,
                         "mean-field rate of mean %g, deviation %g: %s", mu, sigma,
                         gsl_strerror(status));
    *rate_hz = 1000 / (neuron->t_ref_ms + neuron->tau_ms * sqrt(M_PI) * integral);
    return OK;
}

struct balance {
    const struct siegert_network *network;
    struct error *err;
};

/* What the neurons answer to a network of that rate, less the rate. */
static double excess(double rate_hz, void *context)
{
    const struct balance *balance = context;
    const struct siegert_network *n = balance->network;
    double tau_s = n->neuron.tau_ms / 1000, answer;
    double mu = n->c * n->j * tau_s * (rate_hz * (1 - n->g / 4) + n->outer_hz);
    double square =
        n->j * n->j * n->c * tau_s * (rate_hz * (1 + n->g * n->g / 4) + n->outer_hz);
    if (!(square > 0)) /* nothing arrives, nothing fires */
        return 0;
    if (siegert_rate(&n->neuron, mu, sqrt(square), &answer, balance->err) != OK)
        return (double)NAN;
    return answer - rate_hz;
}

enum error_code siegert_network_rate(const struct siegert_network *network,
                                     double *rate_hz, struct error *err)
{
    struct balance balance = { network, err };
    double top = 1000 / network->neuron.t_ref_ms, low = 0, high = 0;
    gsl_function f = { .function = excess, .params = &balance };
    err->code = OK;
    *rate_hz = 0;
    /* The answer exceeds small rates and falls behind large ones. */
    while (high < top && err->code == OK) {
        low = high;
        high = fmin(high + top / 200, top);
        if (excess(high, &balance) < 0)
            break;
    }
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (!solver)
        return error_memory(err, "root finder", 0);
    int status = gsl_root_fsolver_set(solver, &f, low, high);
    for (int i = 0; status == GSL_SUCCESS && i < 100; i++) {
        status = gsl_root_fsolver_iterate(solver);
        *rate_hz = gsl_root_fsolver_root(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                   gsl_root_fsolver_x_upper(solver), 1e-9,
                                   1e-9) == GSL_SUCCESS)
            break;
    }
    gsl_root_fsolver_free(solver);
    if (status != GSL_SUCCESS && err->code == OK)
        error_set(err, ERR_ARGUMENT, "self-consistent rate: %s", gsl_strerror(status));
    return err->code;
}
