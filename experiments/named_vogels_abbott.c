/* Vogels and Abbott's networks that keep themselves firing without any input, as Brette
 * et al. (2007) state them: benchmark 2 with synaptic currents (CUBA), benchmark 1 with
 * conductances (COBA). 3200 E and 800 I, each pair joined with probability 0.02.
 *
 * The currents are in mV, with a resistance of 1. Neither paper prints a rate: the band of
 * CUBA is that of an independent program with three seeds, the one of COBA is wide.
 * Sources: Vogels and Abbott, J. Neurosci. 25 (2005) 10786; Brette et al., J. Comput.
 * Neurosci. 23 (2007) 349. */
#include "base/random.h"
#include "experiments/network_session.h"

#include <gsl/gsl_randist.h>
#include <math.h>

enum { EXCITATORY, INHIBITORY };
static const double v_reset = -60, v_threshold = -50, spark_ms = 50;
enum { FULL_EXCITATORY = 3200, FULL_INHIBITORY = 800 };

struct kind {
    const char *model, *param;
    double w_exc, w_inh;
    double spark_hz; /* Poisson spikes to every neuron in the first 50 ms */
    double rate_low, rate_high;
    const char *source;
};

static const struct kind cuba = {
    .model = "cuba_lif",
    .param = "tau_m=20,v_rest=-49,v_reset=-60,v_threshold=-50,t_ref=5,tau_exc=5,"
             "tau_inh=10,resistance=1",
    .w_exc = 1.62,
    .w_inh = -9,
    .rate_low = 4.5,
    .rate_high = 6.5,
    .source = "an independent program, three seeds: 5.17 to 5.74 Hz",
};

static const struct kind coba = {
    .model = "coba_lif",
    .param = "",
    .w_exc = 6,
    .w_inh = 67,
    .spark_hz = 100,
    .rate_low = 15,
    .rate_high = 25,
    .source = "own runs, three seeds: 19.1 to 20.5 Hz",
};

static enum error_code spark(struct network_session *session, uint32_t population,
                             struct error *err)
{
    const struct kind *kind = session->context;
    const struct poisson_source source = {
        .target = { .population = population },
        .port = network_port(session->network, population, "exc"),
        .rate_hz = kind->spark_hz,
        .weight = kind->w_exc,
        .stop_ms = spark_ms,
    };
    if (!(kind->spark_hz > 0))
        return OK;
    return network_add_poisson(session->network, &source, err);
}

static enum error_code describe(struct network_session *session, struct error *err)
{
    static const char *const names[] = { "E", "I" };
    const struct kind *kind = session->context;
    const struct neuron_model *model;
    double param[NEURON_MAX_PARAMS];
    size_t count[] = { FULL_EXCITATORY, FULL_INHIBITORY };
    if (network_model(kind->model, kind->param, &model, param, err) != OK)
        return err->code;
    for (uint32_t i = EXCITATORY; i <= INHIBITORY; i++) {
        uint32_t population;
        if (network_add_population(session->network, names[i], model, count[i], param,
                                   &population, err) != OK ||
            spark(session, population, err) != OK)
            return err->code;
    }
    for (uint32_t source = EXCITATORY; source <= INHIBITORY; source++)
        for (uint32_t target = EXCITATORY; target <= INHIBITORY; target++) {
            bool excites = source == EXCITATORY;
            const struct projection projection = {
                .source = source,
                .target = target,
                .port = network_port(session->network, target, excites ? "exc" : "inh"),
                .rule = CONNECT_PROBABILITY,
                .p = 0.02,
                .self_connections = true,
                .weight = { .a = excites ? kind->w_exc : kind->w_inh },
                .delay_ms = { .a = session->job->dt_ms },
            };
            if (network_connect(session->network, &projection, err) != OK)
                return err->code;
        }
    return OK;
}

static enum error_code begin(struct network_session *session, struct error *err)
{
    gsl_rng *draws = network_draws(session->job, 0);
    if (!draws)
        return error_memory(err, "initial conditions", 0);
    for (uint32_t i = EXCITATORY; i <= INHIBITORY; i++) {
        size_t count = network_population(session->network, i).count;
        double *v = network_state_named(session->network, i, "v");
        for (size_t neuron = 0; neuron < count; neuron++)
            v[neuron] = gsl_ran_flat(draws, v_reset, v_threshold);
    }
    gsl_rng_free(draws);
    return OK;
}

static enum error_code examine(struct network_session *session, struct error *err)
{
    (void)err;
    struct network_job *job = session->job;
    const struct kind *kind = session->context;
    double spikes = 0, neurons = 0;
    for (uint32_t i = EXCITATORY; i <= INHIBITORY; i++) {
        spikes +=
            session->statistics[i].rate_hz * (double)session->statistics[i].neurons;
        neurons += (double)session->statistics[i].neurons;
    }
    findings_band(&job->findings, "mean rate", "Hz", spikes / neurons, kind->rate_low,
                  kind->rate_high, kind->source);
    findings_band(&job->findings, "CV of intervals of E", "",
                  session->statistics[EXCITATORY].cv, 0.5, 2.5, "irregular");
    findings_band(&job->findings, "last spike of E before the end", "ms",
                  job->ms - session->last_ms[EXCITATORY], 0, 100,
                  "sustains itself: still active at the end");
    return OK;
}

static enum error_code run(struct network_job *job, const struct kind *kind,
                           struct error *err)
{
    const struct network_plan plan = {
        .describe = describe,
        .begin = begin,
        .examine = examine,
        .statistics = { .start_ms = 100 },
        .context = (void *)kind,
    };
    return network_session_run(job, &plan, err);
}

static enum error_code run_cuba(struct network_job *job, struct error *err)
{
    return run(job, &cuba, err);
}

static enum error_code run_coba(struct network_job *job, struct error *err)
{
    return run(job, &coba, err);
}

static const char source[] =
    "Vogels and Abbott, J. Neurosci. 25 (2005) 10786; Brette et "
    "al., J. Comput. Neurosci. 23 (2007) 349";

const struct named_network vogels_abbott_coba_network = {
    .name = "vogels-abbott-coba",
    .size = "3,200 E and 800 I coba_lif, 320,000 synapses",
    .summary = "irregular firing that sustains itself, synaptic conductances",
    .source = source,
    .ms = 2000,
    .dt_ms = 0.1,
    .records = true,
    .run = run_coba,
};

const struct named_network vogels_abbott_cuba_network = {
    .name = "vogels-abbott-cuba",
    .size = "3,200 E and 800 I cuba_lif, 320,000 synapses",
    .summary = "irregular firing that sustains itself, synaptic currents",
    .source = source,
    .ms = 2000,
    .dt_ms = 0.1,
    .records = true,
    .run = run_cuba,
};
