/* See replay.h. Batches of the recording's tokens go through the network with the whole
 * head, so that log probabilities can be held against each other too. */
#include "experiments/replay.h"

#include "base/config_text.h"
#include "base/progress.h"
#include "experiments/generation.h"
#include "sim/population_table.h"
#include "sim/record_selection.h"
#include "sim/spike_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 };

/* Logits are the same bits; the sum of their exponentials was once formed in doubles,
 * and is now within 2e-6 of that. */
static const double score_tolerance = 4e-6;

struct replayer {
    struct session *session;
    struct recording recording;
    struct population_table table;
    bool is_events;
    struct record_selection selection; /* whose spikes the recording holds */
    bool *is_selected;                 /* (populations) */
    uint64_t first;                    /* token of row 0 */
    size_t rows;
    int32_t *id;                    /* (tokens) */
    uint32_t *position;             /* (tokens) */
    double *log_probability;        /* (tokens) */
    int32_t *count;                 /* (BATCH, channels), or NULL */
    struct site_counters *recorded; /* (BATCH, populations) */
    struct spike_list sent[BATCH];  /* what the engine sent */
    float *logits;                  /* (BATCH, vocabulary) */
    float *last;                    /* of the token before row 0 */
    uint64_t spikes;
};

/* The recorded population of a site must be the one this network has. */
static enum error_code check_populations(const struct replayer *r, struct error *err)
{
    const struct recording *recording = &r->recording;
    if (r->table.populations != recording->populations)
        return error_set(err, ERR_ARGUMENT,
                         "the recording has %u spiking sites, this network %u",
                         recording->populations, r->table.populations);
    for (uint32_t p = 0; p < recording->populations; p++) {
        const struct population_info *a = &recording->population[p];
        const struct population_info *b = &r->table.population[p];
        if (strcmp(a->name, b->name) != 0 || a->size != b->size ||
            a->channels != b->channels || strcmp(a->encoder, b->encoder) != 0 ||
            strcmp(a->neuron, b->neuron) != 0)
            return error_set(err, ERR_ARGUMENT,
                             "recorded %s (%s, %s, %llu channels) is %s (%s, %s, %llu "
                             "channels) here",
                             a->name, a->neuron, a->encoder,
                             (unsigned long long)a->channels, b->name, b->neuron,
                             b->encoder, (unsigned long long)b->channels);
    }
    return OK;
}

static enum error_code compare_site(void *context, uint32_t site, size_t row,
                                    const int32_t *count,
                                    const struct site_counters *counters,
                                    struct error *err)
{
    struct replayer *r = context;
    uint32_t p = (uint32_t)r->table.of_site[site];
    const struct population_info *info = &r->table.population[p];
    const struct site_counters *recorded = &r->recorded[row * r->table.populations + p];
    unsigned long long token = r->first + row;
    if (isnan(recorded->threshold)) /* the site did not run for this token */
        return OK;
    for (uint64_t c = 0; r->count && c < info->channels; c++) {
        int32_t expected = r->count[row * r->table.channels + info->first_channel + c];
        if (expected != count[c])
            return error_set(err, ERR_FORMAT,
                             "token %llu, %s, channel %llu: recorded count %d, now %d",
                             token, info->name, (unsigned long long)c, expected,
                             count[c]);
    }
    for (int c = 0; c < SITE_COUNTERS; c++)
        if (recorded->n[c] != counters->n[c])
            return error_set(err, ERR_FORMAT,
                             "token %llu, %s: recorded %s %llu, now %llu", token,
                             info->name, site_counter_info[c].name,
                             (unsigned long long)recorded->n[c],
                             (unsigned long long)counters->n[c]);
    r->spikes += counters->n[COUNT_SPIKES];
    return OK;
}

static enum error_code gather_event(void *context, uint32_t site, size_t row,
                                    unsigned step, uint32_t neuron, int32_t worth,
                                    struct error *err)
{
    struct replayer *r = context;
    uint32_t p = (uint32_t)r->table.of_site[site];
    if (isnan(r->recorded[row * r->table.populations + p].threshold) ||
        !r->is_selected[p] ||
        !record_selection_has_token(&r->selection, r->first + row))
        return OK;
    struct recorded_spike spike = {
        .node = r->table.population[p].first_node + neuron,
        .step = step,
        .worth = worth,
    };
    return spike_list_add(&r->sent[row], spike, err);
}

/* Every event that went through the queue against the recorded trains. */
static enum error_code compare_events(struct replayer *r, size_t row, struct error *err)
{
    struct recorded_spike *expected = NULL;
    size_t length = 0;
    uint64_t token = r->first + row;
    if (recording_expand(&r->recording, token, &expected, &length, err) != OK)
        return err->code;
    if (spike_list_sort(&r->sent[row], err) == OK) {
        const struct spike_list *sent = &r->sent[row];
        if (sent->length != length)
            error_set(err, ERR_FORMAT, "token %llu: recorded %zu spikes, now %zu",
                      (unsigned long long)token, length, sent->length);
        for (size_t i = 0; err->code == OK && i < length; i++)
            if (sent->at[i].node != expected[i].node ||
                sent->at[i].step != expected[i].step ||
                sent->at[i].worth != expected[i].worth)
                error_set(
                    err, ERR_FORMAT,
                    "token %llu, spike %zu: recorded neuron %llu at step %u worth "
                    "%d, now %llu at %u worth %d",
                    (unsigned long long)token, i, (unsigned long long)expected[i].node,
                    expected[i].step, expected[i].worth,
                    (unsigned long long)sent->at[i].node, sent->at[i].step,
                    sent->at[i].worth);
    }
    free(expected);
    return err->code;
}

static enum error_code compare_scores(struct replayer *r, struct error *err)
{
    uint32_t vocabulary = r->session->model.shape.vocabulary;
    for (size_t row = 0; row < r->rows; row++) {
        uint64_t token = r->first + row;
        double recorded = r->log_probability[token];
        if (r->position[token] == 0 || isnan(recorded))
            continue;
        const float *before = row ? r->logits + (row - 1) * vocabulary : r->last;
        double now =
            log_probability(r->session->kernel, before, vocabulary, r->id[token]);
        if (!(fabs(now - recorded) <= score_tolerance) && now != recorded)
            return error_set(err, ERR_FORMAT,
                             "token %llu: recorded log probability %.17g, now %.17g",
                             (unsigned long long)token, recorded, now);
    }
    memcpy(r->last, r->logits + (r->rows - 1) * vocabulary,
           vocabulary * sizeof *r->last);
    return OK;
}

static enum error_code run_batch(struct replayer *r, struct error *err)
{
    struct session *session = r->session;
    struct row_id ids[BATCH];
    unsigned char wanted[BATCH];
    if (recording_read_counters(&r->recording, r->first, r->rows, r->recorded, err) !=
        OK)
        return err->code;
    for (size_t row = 0; row < r->rows; row++) {
        ids[row] = (struct row_id){ 0, r->position[r->first + row] };
        wanted[row] = 1;
        r->sent[row].length = 0;
        if (r->count &&
            recording_read_counts(&r->recording, r->first + row,
                                  r->count + row * r->table.channels, err) != OK)
            return err->code;
    }
    if (ids[0].position == 0)
        transformer_truncate(session->transformer, &session->spiking, 0, 0);
    if (transformer_run(session->transformer, &session->spiking, r->id + r->first, ids,
                        r->rows, wanted, r->logits, err) != OK)
        return err->code;
    bool has_trains = r->recording.has_counts || r->recording.has_spikes;
    for (size_t row = 0; r->is_events && has_trains && row < r->rows; row++)
        if (compare_events(r, row, err) != OK)
            return err->code;
    return compare_scores(r, err);
}

/* Of explicit spikes the run may have kept a part; counts stand for all. */
static enum error_code read_selection(struct replayer *r, struct error *err)
{
    const struct recording *recording = &r->recording;
    const char *text = recording->info.config;
    struct config_text config;
    if (config_text_parse(&config, text, strlen(text), err) != OK)
        return err->code;
    const char *record = config_text_find(&config, "record");
    if (!record || !recording->has_spikes)
        record = "spikes";
    if (record_selection_parse(&r->selection, record, err) == OK)
        record_selection_check(&r->selection, recording->population,
                               recording->populations, err);
    config_text_release(&config);
    for (uint32_t p = 0; p < recording->populations && err->code == OK; p++)
        r->is_selected[p] =
            record_selection_has(&r->selection, &recording->population[p]);
    return err->code;
}

static enum error_code run_all(struct replayer *r, struct error *err)
{
    struct progress progress;
    progress_begin(&progress, "replay");
    while (r->first < r->recording.tokens) {
        uint64_t left = r->recording.tokens - r->first;
        r->rows = 1;
        while (r->rows < left && r->rows < BATCH &&
               r->position[r->first + r->rows] != 0)
            r->rows++;
        if (run_batch(r, err) != OK)
            break;
        r->first += r->rows;
        progress_update(&progress, (double)r->first, (double)r->recording.tokens, NULL);
    }
    progress_end(&progress);
    return err->code;
}

static enum error_code prepare(struct replayer *r, struct error *err)
{
    const struct recording *recording = &r->recording;
    size_t tokens = (size_t)recording->tokens;
    uint32_t vocabulary = r->session->model.shape.vocabulary;
    if (population_table_init(&r->table, &r->session->model,
                              &r->session->spiking_settings, err) != OK ||
        check_populations(r, err) != OK)
        return err->code;
    r->is_selected = calloc(recording->populations, sizeof *r->is_selected);
    r->id = calloc(tokens, sizeof *r->id);
    r->position = calloc(tokens, sizeof *r->position);
    r->log_probability = calloc(tokens, sizeof *r->log_probability);
    r->recorded = calloc((size_t)BATCH * recording->populations, sizeof *r->recorded);
    r->count = recording->has_counts
                   ? calloc((size_t)BATCH * recording->channels, sizeof *r->count)
                   : NULL;
    r->logits = calloc((size_t)BATCH * vocabulary, sizeof *r->logits);
    r->last = calloc(vocabulary, sizeof *r->last);
    if (!r->is_selected || !r->id || !r->position || !r->log_probability ||
        !r->recorded || !r->logits || !r->last || (recording->has_counts && !r->count))
        return error_memory(err, "a replay", 4.0 * BATCH * (double)recording->channels);
    struct token_column column = { .id = r->id,
                                   .position = r->position,
                                   .log_probability = r->log_probability };
    if (read_selection(r, err) != OK)
        return err->code;
    return recording_read_tokens(recording, 0, tokens, &column, err);
}

static void release(struct replayer *r)
{
    for (int row = 0; row < BATCH; row++)
        spike_list_free(&r->sent[row]);
    free(r->is_selected);
    free(r->id);
    free(r->position);
    free(r->log_probability);
    free(r->recorded);
    free(r->count);
    free(r->logits);
    free(r->last);
    population_table_release(&r->table);
    if (r->recording.file)
        recording_close_reader(&r->recording);
    free(r);
}

/* Another file of the same name would differ somewhere; say so at once. */
static enum error_code check_model(const struct replayer *r, struct error *err)
{
    const struct model_file *file = &r->session->model.file;
    const struct recording *recording = &r->recording;
    char sha256[65];
    if (recording->info.model_size != file->size)
        return error_set(err, ERR_ARGUMENT,
                         "recorded with a model of %llu bytes, this "
                         "one has %llu",
                         (unsigned long long)recording->info.model_size,
                         (unsigned long long)file->size);
    if (!recording->model_sha256[0])
        return OK;
    if (model_file_sha256(file, sha256, err) != OK)
        return err->code;
    if (strcmp(sha256, recording->model_sha256) != 0)
        return error_set(err, ERR_ARGUMENT,
                         "recorded with a model of SHA-256 %.12s..., this one has "
                         "%.12s...",
                         recording->model_sha256, sha256);
    return OK;
}

static enum error_code compare_all(struct replayer *r, struct options *options,
                                   const char *path, struct error *err)
{
    static const struct option *const kept[] = { option_model, option_spiking, NULL };
    struct session *session = r->session;
    if (recording_open(&r->recording, path, err) != OK)
        return err->code;
    if (r->recording.was_repaired)
        fprintf(stderr, "%s: the run was killed; its flag is cleared\n", path);
    if (r->recording.tokens == 0)
        return error_set(err, ERR_FORMAT, "%s: no token is recorded", path);
    if (options_adopt(options, r->recording.info.config, kept, err) != OK ||
        session_start(session, options, 0, BATCH, err) != OK)
        return err->code;
    if (session->precision != PRECISION_SPIKING)
        return error_set(err, ERR_ARGUMENT, "--dense has no spikes to compare");
    if (check_model(r, err) != OK || prepare(r, err) != OK)
        return error_wrap(err, "%s", path);
    r->is_events = session->spiking_settings.engine == ENGINE_EVENTS;
    struct spike_observer observer = { r, compare_site,
                                       r->is_events ? gather_event : NULL, NULL };
    spiking_observe(&session->spiking, &observer);
    if (run_all(r, err) != OK)
        return error_wrap(err, "%s differs", path);
    return OK;
}

enum error_code replay(struct session *session, struct options *options,
                       const char *path, struct error *err)
{
    struct replayer *r = calloc(1, sizeof *r);
    err->code = OK;
    if (!r)
        return error_memory(err, "a replay", sizeof *r);
    r->session = session;
    if (compare_all(r, options, path, err) == OK) {
        const char *engine = r->is_events ? "events" : "counts";
        unsigned long long tokens = r->recording.tokens, spikes = r->spikes;
        if (option_flag(options, "json"))
            printf("{\"tokens\": %llu, \"spikes\": %llu, \"engine\": \"%s\", "
                   "\"identical\": true}\n",
                   tokens, spikes, engine);
        else
            printf("%llu tokens replayed, engine %s: %llu spikes, identical\n", tokens,
                   engine, spikes);
    }
    release(r);
    return err->code;
}
