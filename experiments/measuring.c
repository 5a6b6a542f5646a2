/* See measuring.h. */
#include "experiments/measuring.h"

#include "base/progress.h"
#include "experiments/report.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

static void put_scores(json_t *row, const struct scoring_text *text,
                       const struct scoring_result *result, double seconds)
{
    size_t count = scoring_per_chunk(text) * text->chunks;
    struct score score = score_of(result->loss, count);
    double perplexity = exp(score.mean);
    double per_byte = (double)count / log(2.0) / text->bytes;
    json_object_set_new(row, "windows", json_integer((json_int_t)text->chunks));
    json_object_set_new(row, "tokens", json_integer((json_int_t)count));
    json_object_set_new(row, "perplexity", json_number(perplexity));
    json_object_set_new(row, "perplexity_error", json_number(perplexity * score.error));
    json_object_set_new(row, "bits_per_byte", json_number(score.mean * per_byte));
    json_object_set_new(row, "bits_per_byte_error",
                        json_number(score.error * per_byte));
    json_object_set_new(row, "tokens_per_second",
                        json_number((double)text->chunks * text->window / seconds));
    if (!result->divergence)
        return;
    struct score reference = score_of(result->reference_loss, count);
    struct score paired =
        score_of_difference(result->loss, result->reference_loss, count);
    struct score kl = score_of(result->divergence, count);
    json_object_set_new(row, "float_perplexity", json_number(exp(reference.mean)));
    json_object_set_new(row, "ratio", json_number(exp(paired.mean)));
    json_object_set_new(row, "ratio_error",
                        json_number(exp(paired.mean) * paired.error));
    json_object_set_new(row, "kl", json_number(kl.mean));
    json_object_set_new(row, "kl_error", json_number(kl.error));
}

/* A window's run as the tally sees it. */
struct watch {
    const struct measuring *measuring;
    struct tally *tally;
    struct row_id *ids;      /* (window) */
    unsigned char *kind;     /* (window), all prompt */
    double *log_probability; /* (window) */
};

static enum error_code before_chunk(void *context, size_t chunk,
                                    const unsigned char *wanted, struct error *err)
{
    const struct watch *watch = context;
    const struct chunk_watcher *other = &watch->measuring->watcher;
    tally_before(watch->tally, watch->measuring->text->window, wanted);
    return other->before ? other->before(other->context, chunk, wanted, err) : OK;
}

static enum error_code after_chunk(void *context, size_t chunk, const int32_t *token,
                                   const double *loss, struct error *err)
{
    const struct watch *watch = context;
    const struct scoring_text *text = watch->measuring->text;
    const struct chunk_watcher *other = &watch->measuring->watcher;
    for (uint32_t i = 0; i < text->window; i++)
        watch->log_probability[i] = (double)NAN;
    for (size_t i = 0; i < scoring_per_chunk(text); i++)
        watch->log_probability[text->window / 2 + 1 + i] = -loss[i];
    if (other->after && other->after(other->context, chunk, token, loss, err) != OK)
        return err->code;
    return tally_after(watch->tally, text->window, token, watch->ids, watch->kind,
                       watch->log_probability, err);
}

static enum error_code watch_begin(struct watch *watch,
                                   const struct measuring *measuring,
                                   struct tally *tally, struct error *err)
{
    uint32_t window = measuring->text->window;
    *watch = (struct watch){
        .measuring = measuring,
        .tally = tally,
        .ids = calloc(window, sizeof *watch->ids),
        .kind = calloc(window, 1),
        .log_probability = calloc(window, sizeof(double)),
    };
    if (!watch->ids || !watch->kind || !watch->log_probability)
        return error_memory(err, "a window", 32.0 * window);
    for (uint32_t i = 0; i < window; i++)
        watch->ids[i].position = i;
    return OK;
}

static void watch_end(struct watch *watch)
{
    free(watch->ids);
    free(watch->kind);
    free(watch->log_probability);
}

/* A row of report_roles for every population. */
static json_t *site_rows(const struct run_totals *totals, double dt_ms)
{
    json_t *rows = json_array();
    for (uint32_t p = 0; p < totals->populations; p++) {
        const struct population_info *population = &totals->population[p];
        struct run_totals alone = *totals;
        alone.population = population;
        alone.site = &totals->site[p];
        alone.populations = 1;
        json_t *row = json_object();
        json_object_set_new(row, "site", json_string(population->name));
        json_object_set_new(row, "role", json_string(population->role));
        json_object_set_new(row, "layer", json_integer(population->layer));
        report_sparsity(&alone, dt_ms, row);
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *histogram_of(const struct run_totals *totals)
{
    struct role_total role[MAX_ROLES], all;
    json_t *bins = json_array();
    run_totals_roles(totals, role, &all);
    for (unsigned bin = 0; bin < COUNT_BINS; bin++)
        json_array_append_new(bins, json_integer((json_int_t)all.total.histogram[bin]));
    return bins;
}

/* Tokens differ: what the fewest, the median and the most spikes of a token are. */
static void put_spikes(json_t *row, struct tally *tally)
{
    static const struct {
        const char *name;
        double part;
    } quantile[] = {
        { "spikes_min", 0 },      { "spikes_p5", 0.05 },  { "spikes_p25", 0.25 },
        { "spikes_median", 0.5 }, { "spikes_p75", 0.75 }, { "spikes_p95", 0.95 },
        { "spikes_max", 1 },
    };
    gsl_sort(tally->spikes, 1, tally->tokens);
    for (size_t q = 0; q < sizeof quantile / sizeof *quantile; q++)
        json_object_set_new(row, quantile[q].name,
                            json_number(gsl_stats_quantile_from_sorted_data(
                                tally->spikes, 1, tally->tokens, quantile[q].part)));
}

static void put_totals(json_t *row, const struct measuring *measuring,
                       const struct run_totals *totals)
{
    struct work work;
    double dt_ms = measuring->session->spiking_settings.dt_ms;
    report_sparsity(totals, dt_ms, row);
    session_work(measuring->session, totals, &work);
    json_object_set_new(row, "event_driven_share",
                        json_number(work_event_driven_share(&work)));
    /* Of the projections that spike: the others fetch all they have. */
    double others = (double)totals->host.weight_bytes;
    json_object_set_new(
        row, "fetched_share",
        json_number(((double)work.projection[VARIANT_SPIKING].weight_bytes - others) /
                    ((double)work.projection[VARIANT_INT8].weight_bytes - others)));
    if (!measuring->profiles)
        return;
    json_object_set_new(row, "roles", report_roles(totals, dt_ms));
    json_object_set_new(row, "sites", site_rows(totals, dt_ms));
    json_object_set_new(row, "histogram", histogram_of(totals));
    json_object_set_new(row, "energy",
                        report_energy(&work, measuring->profiles->profile,
                                      measuring->profiles->count));
}

enum error_code measure_spiking(const struct measuring *measuring, struct tally *tally,
                                struct scoring_result *result, struct error *err)
{
    struct session *session = measuring->session;
    const struct scoring_text *text = measuring->text;
    struct watch watch = { 0 };
    struct chunk_watcher watcher = { &watch, before_chunk, after_chunk };
    *tally = (struct tally){ 0 };
    *result = (struct scoring_result){ 0 };
    if ((!measuring->compares || session_need_float(session, err) == OK) &&
        watch_begin(&watch, measuring, tally, err) == OK &&
        tally_begin(tally, session, text->window, measuring->output, measuring->record,
                    NULL, measuring->command, err) == OK)
        scoring_run(text, session, &session->spiking,
                    measuring->compares ? &session->dense_float : NULL, &watcher,
                    result, err);
    watch_end(&watch);
    return err->code;
}

/* The same into a row. */
static enum error_code run_spiking(const struct measuring *measuring,
                                   struct scoring_result *result, json_t *row,
                                   struct error *err)
{
    struct tally tally;
    const struct run_totals *totals;
    if (measure_spiking(measuring, &tally, result, err) == OK &&
        tally_totals(&tally, &totals, err) == OK)
        put_totals(row, measuring, totals);
    if (err->code == OK)
        put_spikes(row, &tally);
    return tally_end(&tally, err);
}

enum error_code measure_setting(const struct measuring *measuring, json_t *row,
                                struct scoring_result *result, struct error *err)
{
    struct session *session = measuring->session;
    struct projector *reference = NULL;
    double started = clock_seconds();
    char setting[96];
    *result = (struct scoring_result){ 0 };
    if (measuring->compares) {
        if (session_need_float(session, err) != OK)
            return err->code;
        reference = &session->dense_float;
    }
    session_describe(session, setting, sizeof setting);
    json_object_set_new(row, "setting", json_string(setting));
    if (session->precision == PRECISION_SPIKING)
        run_spiking(measuring, result, row, err);
    else
        scoring_run(measuring->text, session,
                    measuring->projector ? measuring->projector
                                         : session_projector(session),
                    reference, NULL, result, err);
    if (err->code == OK)
        put_scores(row, measuring->text, result, clock_seconds() - started);
    return err->code;
}
