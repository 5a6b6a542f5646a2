/* Brunel's network of sparsely connected excitatory and inhibitory neurons at the four
 * points of his figure 8: synchronous regular (A), synchronous irregular and fast (B),
 * asynchronous irregular (C), synchronous irregular and slow (D).
 *
 *     tau v' = -v + jumps of J, -g J and outer J,   J 0.1 mV, delay 1.5 ms
 *
 * nu_thr = theta / (J C_E tau) is the outer rate that just reaches the threshold. The
 * oracle of the mean rate is the self-consistent Siegert formula, which supposes that
 * nothing oscillates: it is held to 5 % in C and shown beside the others. A smaller
 * scale keeps the connection probability and C J, so that means stay and noise grows.
 * Source: Brunel, J. Comput. Neurosci. 8 (2000) 183. */
#include "experiments/network_session.h"
#include "experiments/siegert.h"

#include <math.h>

enum { G, OUTER };
enum { EXCITATORY, INHIBITORY };

static const double tau_ms = 20, threshold = 20, reset = 10, t_ref_ms = 2;
static const double full_j = 0.1, delay_ms = 1.5;
enum { FULL_EXCITATORY = 10000, FULL_SYNAPSES = 1000 };

struct regime {
    double rate_low, rate_high; /* Hz */
    double cv_low, cv_high;     /* of intervals */
    double peak_low, peak_high; /* Hz of the global oscillation; 0: not judged */
    double power_low;           /* of it, in units of a Poisson process; 0: any */
    const char *source;
    bool holds;      /* the theory of stationary rates */
    bool is_regular; /* all neurons fire once a period */
};

static const struct regime regime_a = {
    .rate_low = 320,
    .rate_high = 345,
    .cv_high = 0.1,
    .power_low = 100,
    .source = "Brunel (2000), figure 8A: near saturation",
    .is_regular = true,
};
static const struct regime regime_b = {
    .rate_low = 48,
    .rate_high = 70,
    .cv_low = 0.4,
    .cv_high = 1.2,
    .peak_low = 160,
    .peak_high = 200,
    .power_low = 20,
    .source = "Brunel (2000), figure 8B: about 180 Hz",
};
static const struct regime regime_c = {
    .rate_low = 35.5,
    .rate_high = 39.5,
    .cv_low = 0.3,
    .cv_high = 0.6,
    .source = "Brunel (2000), table 1: 37.7 Hz",
    .holds = true,
};
static const struct regime regime_d = {
    .rate_low = 4,
    .rate_high = 8,
    .cv_low = 0.5,
    .cv_high = 1.5,
    .peak_low = 15,
    .peak_high = 30,
    .power_low = 20,
    .source = "Brunel (2000), figure 8D: about 25 Hz",
};

static uint64_t scaled(const struct network_session *session, double full)
{
    return (uint64_t)fmax(1, rint(full * session->job->scale));
}

static double weight_of(const struct network_session *session)
{
    return full_j * FULL_SYNAPSES / (double)scaled(session, FULL_SYNAPSES);
}

static double outer_hz(const struct network_job *job)
{
    return job->param[OUTER] * 1000 * threshold / (full_j * FULL_SYNAPSES * tau_ms);
}

static enum error_code connect(struct network_session *session, uint32_t source,
                               uint64_t degree, double weight, struct error *err)
{
    for (uint32_t target = EXCITATORY; target <= INHIBITORY; target++) {
        const struct projection projection = {
            .source = source,
            .target = target,
            .port = network_port(session->network, target, "jump"),
            .rule = CONNECT_IN_DEGREE,
            .degree = degree,
            .weight = { .distribution = FIXED, .a = weight },
            .delay_ms = { .distribution = FIXED, .a = delay_ms },
        };
        if (network_connect(session->network, &projection, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code describe(struct network_session *session, struct error *err)
{
    static const char *const names[] = { "E", "I" };
    const struct neuron_model *model;
    double param[NEURON_MAX_PARAMS], j = weight_of(session);
    uint64_t synapses = scaled(session, FULL_SYNAPSES);
    uint64_t count[] = { scaled(session, FULL_EXCITATORY),
                         scaled(session, FULL_EXCITATORY / 4) };
    if (network_model(
            "lif", "tau_m=20,v_rest=0,v_reset=10,v_threshold=20,t_ref=2,hard_reset=1",
            &model, param, err) != OK)
        return err->code;
    for (uint32_t i = EXCITATORY; i <= INHIBITORY; i++) {
        uint32_t population;
        if (network_add_population(session->network, names[i], model, count[i], param,
                                   &population, err) != OK)
            return err->code;
        const struct poisson_source outer = {
            .target = { .population = population },
            .port = network_port(session->network, population, "jump"),
            .rate_hz = (double)synapses * outer_hz(session->job),
            .weight = j,
        };
        if (network_add_poisson(session->network, &outer, err) != OK)
            return err->code;
    }
    if (connect(session, EXCITATORY, synapses, j, err) != OK)
        return err->code;
    return connect(session, INHIBITORY, (synapses + 3) / 4, -session->job->param[G] * j,
                   err);
}

static enum error_code examine(struct network_session *session, struct error *err)
{
    struct network_job *job = session->job;
    const struct regime *regime = session->context;
    const struct population_statistics *e = &session->statistics[EXCITATORY];
    const struct siegert_network theory = {
        .neuron = { tau_ms, t_ref_ms, threshold, reset },
        .c = (double)scaled(session, FULL_SYNAPSES),
        .j = weight_of(session),
        .g = job->param[G],
        .outer_hz = outer_hz(job),
    };
    static const char by_theory[] = "Siegert, self-consistent";
    double expected;
    if (siegert_network_rate(&theory, &expected, err) != OK)
        return error_wrap(err, "theory");
    if (regime->holds && job->findings.is_published)
        findings_theory(&job->findings, "rate of E", "Hz", e->rate_hz, expected,
                        0.05 * expected, by_theory);
    else
        findings_compare(&job->findings, "rate of E", "Hz", e->rate_hz, expected,
                         by_theory);
    findings_band(&job->findings, "rate of E", "Hz", e->rate_hz, regime->rate_low,
                  regime->rate_high, regime->source);
    findings_band(&job->findings, "CV of intervals of E", "", e->cv, regime->cv_low,
                  regime->cv_high, "regular: near 0; irregular: near 1");
    if (regime->peak_low > 0)
        findings_band(&job->findings, "global frequency", "Hz", e->peak_hz,
                      regime->peak_low, regime->peak_high, regime->source);
    else
        findings_measure(&job->findings, "highest point of spectrum", "Hz", e->peak_hz);
    /* Clusters that take turns make a multiple of the rate. */
    if (regime->is_regular)
        findings_band(&job->findings, "off a multiple of the rate by", "",
                      fabs(e->peak_hz / e->rate_hz - rint(e->peak_hz / e->rate_hz)), 0,
                      0.05, "all fire once a period");
    if (regime->power_low > 0)
        findings_band(&job->findings, "its power over Poisson", "", e->peak_power,
                      regime->power_low, HUGE_VAL, "synchronous");
    else
        findings_measure(&job->findings, "its power over Poisson", "", e->peak_power);
    return OK;
}

static enum error_code run(struct network_job *job, const struct regime *regime,
                           struct error *err)
{
    const struct network_plan plan = {
        .describe = describe,
        .examine = examine,
        .statistics = { .start_ms = 200, .bin_ms = 0.5 },
        .slice_ms = 5,
        .context = (void *)regime,
    };
    return network_session_run(job, &plan, err);
}

static enum error_code run_a(struct network_job *job, struct error *err)
{
    return run(job, &regime_a, err);
}

static enum error_code run_b(struct network_job *job, struct error *err)
{
    return run(job, &regime_b, err);
}

static enum error_code run_c(struct network_job *job, struct error *err)
{
    return run(job, &regime_c, err);
}

static enum error_code run_d(struct network_job *job, struct error *err)
{
    return run(job, &regime_d, err);
}

static const char size[] = "10,000 E and 2,500 I lif, 15.6 million synapses";
static const char source[] = "Brunel, J. Comput. Neurosci. 8 (2000) 183";

static const struct field params_a[] = {
    [G] = { "g", "", "inhibition over excitation, a synapse", 3, 0, 20 },
    [OUTER] = { "outer", "nu_thr", "outer rate", 2, 0, 10 },
    { 0 },
};
static const struct field params_b[] = {
    [G] = { "g", "", "inhibition over excitation, a synapse", 6, 0, 20 },
    [OUTER] = { "outer", "nu_thr", "outer rate", 4, 0, 10 },
    { 0 },
};
static const struct field params_c[] = {
    [G] = { "g", "", "inhibition over excitation, a synapse", 5, 0, 20 },
    [OUTER] = { "outer", "nu_thr", "outer rate", 2, 0, 10 },
    { 0 },
};
static const struct field params_d[] = {
    [G] = { "g", "", "inhibition over excitation, a synapse", 4.5, 0, 20 },
    [OUTER] = { "outer", "nu_thr", "outer rate", 0.9, 0, 10 },
    { 0 },
};

const struct named_network brunel_a_network = {
    .name = "brunel-a",
    .size = size,
    .summary = "synchronous regular: all near saturation, in step",
    .source = source,
    .params = params_a,
    .ms = 400,
    .dt_ms = 0.1,
    .scale = 1,
    .records = true,
    .run = run_a,
};

const struct named_network brunel_b_network = {
    .name = "brunel-b",
    .size = size,
    .summary = "synchronous irregular: a fast global oscillation of irregular neurons",
    .source = source,
    .params = params_b,
    .ms = 1200,
    .dt_ms = 0.1,
    .scale = 1,
    .records = true,
    .run = run_b,
};

const struct named_network brunel_c_network = {
    .name = "brunel-c",
    .size = size,
    .summary = "asynchronous irregular: rates as the mean field says",
    .source = source,
    .params = params_c,
    .ms = 1200,
    .dt_ms = 0.1,
    .scale = 1,
    .records = true,
    .run = run_c,
};

const struct named_network brunel_d_network = {
    .name = "brunel-d",
    .size = size,
    .summary = "synchronous irregular: a slow global oscillation at low rates",
    .source = source,
    .params = params_d,
    .ms = 2200,
    .dt_ms = 0.1,
    .scale = 1,
    .records = true,
    .run = run_d,
};
