/* Izhikevich's network of 1000 neurons with heterogeneous parameters, all joined to all,
 * each driven by noise: alpha and gamma rhythms come and go.
 *
 * As in his net.m: steps of 1 ms with two half steps of v, r uniform in 0 .. 1 a neuron,
 * weights uniform in 0 .. 0.5 (E) and -1 .. 0 (I), which last the step after the spike as
 * a current, noise 5 randn (E) and 2 randn (I) anew each step.
 * Source: Izhikevich, IEEE Trans. Neural Networks 14 (2003) 1569. */
#include "experiments/network_session.h"

#include <math.h>

enum { EXCITATORY, INHIBITORY };
enum { EXCITATORY_NEURONS = 800, INHIBITORY_NEURONS = 200 };

static void set(struct network *network, uint32_t population, const char *name,
                size_t neuron, double value)
{
    const struct neuron_model *model = network_population(network, population).model;
    int index = field_find(model->params, name);
    if (index >= 0)
        network_param(network, population, (unsigned)index)[neuron] = value;
}

static enum error_code vary(struct network_session *session, struct error *err)
{
    struct network *network = session->network;
    gsl_rng *draws = network_draws(session->job, 0);
    if (!draws)
        return error_memory(err, "parameters", 0);
    for (size_t neuron = 0; neuron < EXCITATORY_NEURONS; neuron++) {
        double r = gsl_rng_uniform(draws);
        set(network, EXCITATORY, "c", neuron, -65 + 15 * r * r);
        set(network, EXCITATORY, "d", neuron, 8 - 6 * r * r);
    }
    for (size_t neuron = 0; neuron < INHIBITORY_NEURONS; neuron++) {
        double r = gsl_rng_uniform(draws);
        set(network, INHIBITORY, "a", neuron, 0.02 + 0.08 * r);
        set(network, INHIBITORY, "b", neuron, 0.25 - 0.05 * r);
        set(network, INHIBITORY, "d", neuron, 2);
    }
    gsl_rng_free(draws);
    return OK;
}

static enum error_code connect(struct network_session *session, struct error *err)
{
    for (uint32_t source = EXCITATORY; source <= INHIBITORY; source++)
        for (uint32_t target = EXCITATORY; target <= INHIBITORY; target++) {
            bool excites = source == EXCITATORY;
            const struct projection projection = {
                .source = source,
                .target = target,
                .port = network_port(session->network, target, "current"),
                .rule = CONNECT_ALL_TO_ALL,
                .self_connections = true,
                .weight = { .distribution = UNIFORM,
                            .a = excites ? 0 : -1,
                            .b = excites ? 0.5 : 0 },
                .delay_ms = { .a = session->job->dt_ms },
            };
            if (network_connect(session->network, &projection, err) != OK)
                return err->code;
        }
    return OK;
}

static enum error_code describe(struct network_session *session, struct error *err)
{
    static const char *const names[] = { "E", "I" };
    static const size_t count[] = { EXCITATORY_NEURONS, INHIBITORY_NEURONS };
    static const double noise[] = { 5, 2 };
    const struct neuron_model *model;
    double param[NEURON_MAX_PARAMS];
    if (network_model("izhikevich", "scheme=1", &model, param, err) != OK)
        return err->code;
    for (uint32_t i = EXCITATORY; i <= INHIBITORY; i++) {
        uint32_t population;
        if (network_add_population(session->network, names[i], model, count[i], param,
                                   &population, err) != OK)
            return err->code;
        const struct current_source thalamus = {
            .target = { .population = population },
            .port = network_port(session->network, population, "current"),
            .deviation = noise[i],
        };
        if (network_add_current(session->network, &thalamus, err) != OK)
            return err->code;
    }
    if (vary(session, err) != OK)
        return err->code;
    return connect(session, err);
}

/* v = -65, u = b v. */
static enum error_code begin(struct network_session *session, struct error *err)
{
    (void)err;
    for (uint32_t i = EXCITATORY; i <= INHIBITORY; i++) {
        struct network_population_info info = network_population(session->network, i);
        const double *b = network_param(session->network, i,
                                        (unsigned)field_find(info.model->params, "b"));
        double *v = network_state_named(session->network, i, "v");
        double *u = network_state_named(session->network, i, "u");
        for (size_t neuron = 0; neuron < info.count; neuron++) {
            v[neuron] = -65;
            u[neuron] = b[neuron] * v[neuron];
        }
    }
    return OK;
}

/* Where the spectrum of a population's rate is highest between two frequencies, and how
 * high. */
static double peak_between(const struct population_statistics *s, double low,
                           double high, double *power)
{
    double best = (double)NAN;
    *power = 0;
    for (size_t i = 1; s->power && i < SPECTRUM_SEGMENT / 2; i++) {
        double here = (double)i * s->spectrum_hz;
        if (here < low || here > high || s->power[i] <= *power)
            continue;
        *power = s->power[i];
        best = here;
    }
    return best;
}

/* The mean frequency of the power between two frequencies, and the mean power. */
static double centre_between(const struct population_statistics *s, double low,
                             double high, double *power)
{
    double sum = 0, moment = 0, bins = 0;
    for (size_t i = 1; s->power && i < SPECTRUM_SEGMENT / 2; i++) {
        double here = (double)i * s->spectrum_hz;
        if (here < low || here > high)
            continue;
        sum += s->power[i];
        moment += s->power[i] * here;
        bins++;
    }
    *power = sum / bins;
    return moment / sum;
}

static enum error_code examine(struct network_session *session, struct error *err)
{
    (void)err;
    struct findings *findings = &session->job->findings;
    const struct population_statistics *e = &session->statistics[EXCITATORY];
    const struct population_statistics *i = &session->statistics[INHIBITORY];
    double alpha, gamma;
    double mean = (e->rate_hz * EXCITATORY_NEURONS + i->rate_hz * INHIBITORY_NEURONS) /
                  (EXCITATORY_NEURONS + INHIBITORY_NEURONS);
    double alpha_hz = peak_between(e, 5, 15, &alpha);
    double gamma_hz = centre_between(e, 20, 60, &gamma);
    findings_band(findings, "mean rate", "Hz", mean, 6, 10,
                  "Izhikevich (2003): around 8 Hz");
    findings_band(findings, "alpha rhythm, highest at", "Hz", alpha_hz, 6, 13,
                  "Izhikevich (2003): alpha and gamma rhythms");
    findings_band(findings, "its power over Poisson", "", alpha, 8, HUGE_VAL,
                  "8: what noise reaches");
    /* A broad hump, whose highest point is anywhere on it. */
    findings_band(findings, "gamma rhythm, centre from 20 to 60", "Hz", gamma_hz, 28,
                  45, "Izhikevich (2003): alpha and gamma rhythms");
    findings_band(findings, "its mean power over Poisson", "", gamma, 3, HUGE_VAL,
                  "1: independent neurons");
    return OK;
}

static enum error_code run(struct network_job *job, struct error *err)
{
    static const struct network_plan plan = {
        .describe = describe,
        .begin = begin,
        .examine = examine,
        .statistics = { .start_ms = 100 },
    };
    return network_session_run(job, &plan, err);
}

const struct named_network izhikevich_1000_network = {
    .name = "izhikevich-1000",
    .size = "800 E and 200 I izhikevich, a million synapses",
    .summary = "alpha and gamma rhythms in a cortex of a thousand neurons",
    .source = "Izhikevich, IEEE Trans. Neural Networks 14 (2003) 1569",
    .ms = 10000,
    .dt_ms = 1,
    .records = true,
    .run = run,
};
