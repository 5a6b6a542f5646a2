/* See network_session.h. */
#include "experiments/network_session.h"

#include "base/progress.h"
#include "base/random.h"
#include "experiments/drawing.h"
#include "experiments/network_output.h"

#include <math.h>
#include <string.h>

static const double progress_steps = 100;

struct watch {
    struct network_session session;
    struct network_job recorded; /* the job as the output sees it */
    const struct network_plan *plan;
    struct spike_statistics *statistics;
    struct network_output output;
    struct network_sink recorder; /* of the output; empty without one */
    struct progress progress;
    uint64_t steps;
};

static const struct column population_columns[] = {
    { "name", "population", -12, -1, false }, { "neurons", "neurons", 8, -1, false },
    { "spikes", "spikes", 10, -1, false },    { "rate_hz", "rate Hz", 9, 3, false },
    { "silent", "silent", 8, -1, false },     { "cv", "CV", 7, 3, false },
    { "fano", "Fano", 7, 3, false },          { "correlation", "corr", 7, 4, false },
    { "synchrony", "chi", 7, 3, false },      { "peak_hz", "peak Hz", 8, 1, false },
    { "peak_power", "power", 8, 1, false },   { 0 },
};

enum error_code network_model(const char *name, const char *assigned,
                              const struct neuron_model **model, double *param,
                              struct error *err)
{
    *model = neuron_model_find(name);
    if (!*model)
        return error_set(err, ERR_ARGUMENT, "no neuron model '%s'", name);
    field_defaults((*model)->params, param);
    return field_assign((*model)->params, assigned, param, err);
}

unsigned network_port(const struct network *network, uint32_t population,
                      const char *name)
{
    const struct neuron_model *model = network_population(network, population).model;
    int port = field_find(model->inputs, name);
    return port < 0 ? model->drive : (unsigned)port;
}

double *network_state_named(struct network *network, uint32_t population,
                            const char *name)
{
    const struct neuron_model *model = network_population(network, population).model;
    int variable = field_find(model->state_vars, name);
    return variable < 0 ? NULL : network_state(network, population, (unsigned)variable);
}

gsl_rng *network_draws(const struct network_job *job, uint32_t purpose)
{
    gsl_rng *generator = gsl_rng_alloc(random_gsl_type);
    /* Networks count populations from 0: these are out of their way. */
    const struct random_place place = { .population = UINT32_MAX - purpose };
    if (generator)
        random_set(generator, job->seed, &place);
    return generator;
}

/* ---- while it runs ---- */

static enum error_code on_spikes(void *context, uint64_t step, uint32_t population,
                                 const struct spike *spike, size_t spikes,
                                 struct error *err)
{
    struct watch *watch = context;
    double now = (double)(step + 1) * watch->session.job->dt_ms;
    for (size_t i = 0; i < spikes; i++)
        if (!spike_statistics_add(watch->statistics, population, spike[i].neuron, now))
            return error_set(err, ERR_FORMAT, "a spike at %g ms cannot be counted",
                             now);
    watch->session.last_ms[population] = now;
    if (watch->plan->spiked)
        watch->plan->spiked(&watch->session, now, population, spike, spikes);
    if (!watch->recorder.spikes)
        return OK;
    return watch->recorder.spikes(watch->recorder.context, step, population, spike,
                                  spikes, err);
}

static enum error_code on_step(void *context, uint64_t step, struct error *err)
{
    struct watch *watch = context;
    if (watch->plan->stepped)
        watch->plan->stepped(&watch->session,
                             (double)(step + 1) * watch->session.job->dt_ms);
    if (fmod((double)step, progress_steps) == 0)
        progress_update(&watch->progress, (double)step, (double)watch->steps, NULL);
    if (!watch->recorder.stepped)
        return OK;
    return watch->recorder.stepped(watch->recorder.context, step, err);
}

/* ---- before and after ---- */

static enum error_code build(struct watch *watch, struct error *err)
{
    struct network_session *session = &watch->session;
    const struct network_job *job = session->job;
    const struct network_settings settings = { .dt_ms = job->dt_ms,
                                               .seed = job->seed,
                                               .threads = job->threads };
    if (network_create(&session->network, &settings, err) != OK ||
        watch->plan->describe(session, err) != OK ||
        network_build(session->network, 0, err) != OK)
        return err->code;
    if (network_populations(session->network) > NETWORK_POPULATIONS)
        return error_set(err, ERR_ARGUMENT, "%u populations: expected at most %d",
                         network_populations(session->network), NETWORK_POPULATIONS);
    return watch->plan->begin ? watch->plan->begin(session, err) : OK;
}

static enum error_code gather(struct watch *watch, struct error *err)
{
    const struct network *network = watch->session.network;
    struct spike_statistics_settings settings = watch->plan->statistics;
    uint64_t neurons[NETWORK_POPULATIONS];
    uint32_t populations = network_populations(network);
    for (uint32_t i = 0; i < populations; i++) {
        neurons[i] = network_population(network, i).count;
        watch->session.last_ms[i] = -1;
    }
    settings.seed = watch->session.job->seed;
    if (settings.start_ms > watch->session.job->ms / 2)
        settings.start_ms = watch->session.job->ms / 2;
    return spike_statistics_create(&watch->statistics, neurons, populations, &settings,
                                   err);
}

static void add_populations(struct watch *watch)
{
    struct network_session *session = &watch->session;
    json_t *rows = findings_table(&session->job->findings, "populations", "populations",
                                  population_columns);
    for (uint32_t i = 0; i < network_populations(session->network); i++) {
        const struct population_statistics *s = &session->statistics[i];
        json_array_append_new(
            rows,
            json_pack("{s:s, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                      network_population(session->network, i).name, "neurons",
                      (json_int_t)s->neurons, "spikes", (json_int_t)s->spikes,
                      "rate_hz", json_number(s->rate_hz), "silent",
                      (json_int_t)s->silent, "cv", json_number(s->cv), "fano",
                      json_number(s->fano), "correlation", json_number(s->correlation),
                      "synchrony", json_number(s->synchrony), "peak_hz",
                      json_number(s->peak_hz), "peak_power",
                      json_number(s->peak_power)));
    }
}

static enum error_code run_watched(struct watch *watch, struct error *err)
{
    struct network_session *session = &watch->session;
    struct network_job *job = session->job;
    const struct network_sink sink = { watch, on_spikes, on_step };
    double started = clock_seconds();
    watch->steps = (uint64_t)llround(job->ms / job->dt_ms);
    progress_begin(&watch->progress, job->named->name);
    enum error_code code = network_run(session->network, watch->steps, &sink, err);
    progress_end(&watch->progress);
    if (code != OK)
        return code;
    double seconds = clock_seconds() - started;
    network_totals(session->network, &session->totals);
    snprintf(job->note, sizeof job->note,
             "%g ms in %.2f s with %d threads, %.3g synapses, %.3g synaptic events",
             job->ms, seconds, job->threads, (double)session->totals.synapses,
             (double)session->totals.synaptic_events);
    return spike_statistics_finish(watch->statistics, job->ms, session->statistics,
                                   err);
}

enum error_code network_session_run(struct network_job *job,
                                    const struct network_plan *plan, struct error *err)
{
    struct watch watch = { .session = { .job = job, .context = plan->context },
                           .recorded = *job,
                           .plan = plan };
    if (plan->draws_itself)
        watch.recorded.png = NULL;
    if (build(&watch, err) != OK || gather(&watch, err) != OK)
        goto out;
    if (network_output_open(&watch.output, &watch.recorded, watch.session.network,
                            plan->slice_ms, err) != OK)
        goto out;
    watch.recorder = network_output_sink(&watch.output);
    run_watched(&watch, err);
    if (network_output_close(&watch.output, err) != OK)
        goto out;
    add_populations(&watch);
    if (plan->examine(&watch.session, err) == OK)
        network_output_draw(&watch.output, plan->is_dark, err);
out:
    network_output_release(&watch.output);
    spike_statistics_free(watch.statistics);
    network_free(watch.session.network);
    return err->code;
}
