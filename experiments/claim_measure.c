/* See claim_measure.h. */
#include "experiments/claim_measure.h"

#include "experiments/claim_facts.h"
#include "experiments/hellaswag.h"
#include "experiments/measuring.h"
#include "experiments/provenance.h"
#include "experiments/spiking_options.h"
#include "experiments/text_input.h"
#include "sim/energy_meter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option option_claim_measure[] = {
    { "file", 'f', "FILE", "measure on this text", NULL },
    { "prompt", 'p', "TEXT", "or on this", NULL },
    { "window-tokens", 'w', "N", "tokens of a window", "512" },
    { "chunks", 0, "N", "windows to score; 0: all", "20" },
    { "hellaswag", 0, "FILE", "also the tasks of FILE", NULL },
    { "tasks", 0, "N", "tasks of --hellaswag; 0: all", "200" },
    { 0 },
};

struct meter {
    struct session session;
    struct scoring_text text;
    struct profile_list profiles; /* in the order of enum claim_prices */
    double *reference;            /* losses of the float model */
    struct energy_meter joules;   /* domains 0: no counter */
    double joules_int8;           /* per token; NaN: none */
};

/* Once a window, so that no counter goes around unseen. */
static enum error_code read_joules(void *context, size_t chunk, const int32_t *token,
                                   const double *loss, struct error *err)
{
    (void)chunk;
    (void)token;
    (void)loss;
    struct meter *meter = context;
    err->code = OK;
    return meter->joules.domains ? energy_meter_read(&meter->joules, err) : OK;
}

/* Joules per token since `before`; NaN: no counter. */
static double joules_since(const struct meter *meter, double before)
{
    double tokens = (double)meter->text.chunks * meter->text.window;
    return meter->joules.domains ? (meter->joules.joules - before) / tokens
                                 : (double)NAN;
}

static void put_energy(struct claim_setting *setting, const struct meter *meter,
                       const struct work *work)
{
    for (int p = 0; p < CLAIM_PRICES; p++)
        for (int b = 0; b < BOUNDARIES; b++)
            for (int v = 0; v < VARIANTS; v++) {
                struct energy_work inside = work_within(work, v, b);
                struct energy_price price;
                energy_price(&meter->profiles.profile[p], &inside, &price);
                setting->nj[p][b][v] =
                    price.unpriced_memory ? (double)NAN
                                          : price.total_pj / 1e3 / (double)work->tokens;
            }
}

static void put_counters(struct claim_setting *setting, const struct meter *meter,
                         const struct run_totals *totals)
{
    struct role_total role[MAX_ROLES], all;
    struct work work;
    run_totals_roles(totals, role, &all);
    session_work(&meter->session, totals, &work);
    const uint64_t *n = all.total.sum.n;
    double channels = (double)all.channel_tokens, tokens = (double)totals->tokens;
    double host = (double)totals->host.weight_bytes;
    double spiking = (double)work.projection[VARIANT_SPIKING].weight_bytes;
    double int8 = (double)work.projection[VARIANT_INT8].weight_bytes;
    double *q = setting->quantity;
    q[MEASURED_SILENT_SHARE] = (double)n[COUNT_SILENT] / channels;
    q[MEASURED_SMALL_SHARE] = (double)n[COUNT_SMALL] / channels;
    q[MEASURED_SPIKES_PER_CHANNEL] = (double)n[COUNT_SPIKES] / channels;
    q[MEASURED_SLOT_SPARSITY_3] = 1 - (double)n[COUNT_SPIKES] / (3 * channels);
    q[MEASURED_SOP] = (double)n[COUNT_SOP] / tokens;
    q[MEASURED_DENSE_OPS] = (double)all.dense_operations / tokens;
    q[MEASURED_EVENT_SHARE] = work_event_driven_share(&work);
    q[MEASURED_WEIGHTS_INT8] = (int8 - host) / tokens;
    q[MEASURED_WEIGHTS_ROW] = (spiking - host) / tokens;
    q[MEASURED_WEIGHTS_SPIKE] = (double)n[COUNT_SPIKE_BYTES] / tokens;
    put_energy(setting, meter, &work);
}

/* Perplexity over that of the float model, paired by token. */
static void put_ratio(double *ratio, double *error, const struct meter *meter,
                      const double *loss)
{
    size_t count = scoring_per_chunk(&meter->text) * meter->text.chunks;
    struct score paired = score_of_difference(loss, meter->reference, count);
    *ratio = exp(paired.mean);
    *error = exp(paired.mean) * paired.error;
}

static enum error_code measure_k(struct meter *meter, double k,
                                 struct claim_setting *setting, struct error *err)
{
    const struct measuring measuring = {
        .session = &meter->session,
        .text = &meter->text,
        .record = "none",
        .command = "",
        .watcher = { .context = meter, .after = read_joules },
    };
    struct scoring_result result = { 0 };
    struct tally tally = { 0 };
    const struct run_totals *totals;
    double *q = setting->quantity;
    size_t count = scoring_per_chunk(&meter->text) * meter->text.chunks;
    double joules = meter->joules.joules;
    if (session_set_k(&meter->session, k, err) == OK &&
        measure_spiking(&measuring, &tally, &result, err) == OK &&
        tally_totals(&tally, &totals, err) == OK) {
        q[MEASURED_K] = k;
        q[MEASURED_PERPLEXITY] = exp(score_of(result.loss, count).mean);
        put_ratio(&q[MEASURED_RATIO], &q[MEASURED_RATIO_ERROR], meter, result.loss);
        put_counters(setting, meter, totals);
        q[MEASURED_JOULES_SPIKING] = joules_since(meter, joules);
        q[MEASURED_JOULES_INT8] = meter->joules_int8;
    }
    tally_end(&tally, err);
    scoring_result_release(&result);
    return err->code;
}

static enum error_code measure_dense(struct meter *meter, double *ratio, double *error,
                                     struct error *err)
{
    struct session *session = &meter->session;
    struct scoring_result result;
    if (session_need_float(session, err) != OK ||
        scoring_run(&meter->text, session, &session->dense_float, NULL, NULL, &result,
                    err) != OK)
        return err->code;
    meter->reference = result.loss;
    result.loss = NULL;
    scoring_result_release(&result);
    struct chunk_watcher watcher = { meter, NULL, read_joules };
    struct error unheard = { 0 };
    if (energy_meter_open(&meter->joules, NULL, &unheard) != OK)
        meter->joules.domains = 0;
    if (scoring_run(&meter->text, session, &session->dense_int8, NULL, &watcher,
                    &result, err) != OK)
        return err->code;
    meter->joules_int8 = joules_since(meter, 0);
    put_ratio(ratio, error, meter, result.loss);
    scoring_result_release(&result);
    return OK;
}

/* The same tasks by the three networks; errors are those of paired differences. */
static enum error_code measure_tasks(struct meter *meter,
                                     struct claim_measurement *measurement,
                                     struct error *err)
{
    enum { FLOAT, INT8, SPIKING, NETWORKS };
    struct session *session = &meter->session;
    const char *path = option_text(session->options, "hellaswag");
    struct projector *const projector[NETWORKS] = { &session->dense_float,
                                                    &session->dense_int8,
                                                    &session->spiking };
    struct hellaswag_answers answers[NETWORKS] = { { 0 } };
    uint64_t most = 0;
    if (!path ||
        option_whole(session->options, "tasks", 0, UINT32_MAX, &most, err) != OK ||
        session_set_k(session, claim_judged(measurement)->quantity[MEASURED_K], err) !=
            OK)
        return err->code;
    for (int n = 0; n < NETWORKS && err->code == OK; n++)
        hellaswag_score(session, projector[n], path, (size_t)most, &answers[n], err);
    if (err->code == OK) {
        size_t tasks = answers[FLOAT].tasks;
        const double *right[NETWORKS];
        double share[NETWORKS];
        for (int n = 0; n < NETWORKS; n++) {
            right[n] = answers[n].is_right;
            share[n] = (double)answers[n].right / (double)tasks;
        }
        measurement->tasks = (unsigned)tasks;
        measurement->float_accuracy = share[FLOAT];
        measurement->int8_accuracy = share[INT8];
        measurement->accuracy = share[SPIKING];
        measurement->accuracy_error =
            score_of_difference(right[SPIKING], right[FLOAT], tasks).error;
        measurement->int8_accuracy_error =
            score_of_difference(right[SPIKING], right[INT8], tasks).error;
    }
    for (int n = 0; n < NETWORKS; n++)
        free(answers[n].is_right);
    return err->code;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum error_code describe(struct claim_measurement *measurement,
                                const struct meter *meter, const char *command,
                                struct error *err)
{
    const struct options *options = meter->session.options;
    const struct spiking_settings *settings = &meter->session.spiking_settings;
    struct recording_info info = { 0 };
    if (provenance_fill(&info, &meter->session, err) != OK)
        return err->code;
    const char *file = option_text(options, "file");
    snprintf(measurement->model, sizeof measurement->model, "%.90s", info.model);
    snprintf(measurement->text, sizeof measurement->text, "%.90s",
             file ? base_name(file) : "prompt");
    snprintf(measurement->date, sizeof measurement->date, "%.10s", info.start);
    snprintf(measurement->command, sizeof measurement->command, "lucciola %s", command);
    snprintf(measurement->version, sizeof measurement->version, "%.30s %.40s",
             info.version, info.commit);
    snprintf(measurement->cpu, sizeof measurement->cpu, "%.79s", info.host_cpu);
    snprintf(
        measurement->how, sizeof measurement->how,
        "neuron %.20s, encoder %.20s, spikes at %.30s, head %.10s, --weights %.12s",
        settings->neuron->name, settings->encoder->name, option_text(options, "spike"),
        option_text(options, "head"), option_text(options, "weights"));
    measurement->windows = (unsigned)meter->text.chunks;
    measurement->window_tokens = meter->text.window;
    return OK;
}

static enum error_code k_values(const struct options *options, double k[K_MAX],
                                unsigned *count, struct error *err)
{
    if (option_is_given(options, "k"))
        return k_list_read(options, k, count, err);
    for (*count = 0; *count < PUBLISHED_K; ++*count)
        k[*count] = published_k[*count].k;
    return OK;
}

static enum error_code prepare(struct meter *meter, const struct options *options,
                               struct error *err)
{
    uint64_t window = 0, chunks = 0;
    char *bytes = NULL, names[80];
    size_t length = 0;
    snprintf(names, sizeof names, "%s,%s", claim_prices_name[0], claim_prices_name[1]);
    if (option_whole(options, "window-tokens", 4, 1 << 20, &window, err) != OK ||
        option_whole(options, "chunks", 0, UINT32_MAX, &chunks, err) != OK ||
        text_read(options, &bytes, &length, err) != OK)
        return err->code;
    uint32_t room = (uint32_t)window;
    if (option_text(options, "hellaswag") && room < HELLASWAG_WINDOW)
        room = HELLASWAG_WINDOW;
    if (profile_list_open(&meter->profiles, names, err) == OK &&
        session_start(&meter->session, options, room, room, err) == OK)
        scoring_prepare(&meter->text, &meter->session, bytes, length, (uint32_t)window,
                        (size_t)chunks, err);
    free(bytes);
    if (err->code != OK)
        return err->code;
    if (meter->session.precision != PRECISION_SPIKING)
        return error_set(err, ERR_ARGUMENT,
                         "claims are about spikes: --dense has nothing to measure");
    return OK;
}

enum error_code claim_measure(struct claim_measurement *measurement,
                              const struct options *options, const char *command,
                              struct error *err)
{
    struct meter meter = { 0 };
    double k[K_MAX], int8 = 0, int8_error = 0;
    unsigned count = 0;
    *measurement = (struct claim_measurement){ 0 };
    if (k_values(options, k, &count, err) != OK ||
        prepare(&meter, options, err) != OK ||
        describe(measurement, &meter, command, err) != OK ||
        measure_dense(&meter, &int8, &int8_error, err) != OK)
        goto out;
    for (unsigned i = 0; i < count; i++) {
        struct claim_setting *setting = &measurement->setting[i];
        if (measure_k(&meter, k[i], setting, err) != OK)
            goto out;
        setting->quantity[MEASURED_INT8_RATIO] = int8;
        setting->quantity[MEASURED_INT8_RATIO_ERROR] = int8_error;
        measurement->settings = i + 1;
    }
    measure_tasks(&meter, measurement, err);
out:
    scoring_release(&meter.text);
    session_close(&meter.session);
    profile_list_close(&meter.profiles);
    free(meter.reference);
    return err->code;
}
