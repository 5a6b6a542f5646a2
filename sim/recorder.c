/* See recorder.h. */
#include "sim/recorder.h"

#include "base/progress.h"
#include "sim/neuron_totals.h"
#include "sim/spike_list.h"
#include "sim/token_writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double totals_seconds = 10;

struct recorder {
    struct recorder_settings settings;
    const struct population_info *population;
    uint32_t populations;
    uint64_t channels, tokens;          /* tokens committed */
    size_t rows;                        /* of the present batch */
    size_t *wanted_row;                 /* (rows) the head's rows */
    size_t *seen;                       /* (sites) rows a site has reported */
    bool *is_selected;                  /* (populations) for explicit spikes */
    struct site_counters *site;         /* (rows, populations) */
    int8_t *count;                      /* (rows, channels), or NULL */
    int32_t *steps;                     /* (populations) of one row */
    struct recorded_overflow *overflow; /* token is the row until committed */
    size_t overflows, overflow_room;
    struct spike_list
        *spike; /* (rows) spikes that do not follow from counts, or NULL */
    struct token_writer *out; /* NULL: no file */
    struct neuron_totals neurons;
    struct run_totals totals;
    double written_at; /* when the totals of neurons were */
};

static bool keeps_counts(const struct recorder *recorder)
{
    return recorder->settings.writer &&
           recorder->settings.selection.level >= RECORD_COUNTS;
}

static bool keeps_spikes(const struct recorder *recorder)
{
    return recorder->settings.writer &&
           recorder->settings.selection.level == RECORD_SPIKES;
}

static enum error_code allocate(struct recorder *recorder, struct error *err)
{
    size_t rows = recorder->settings.rows, populations = recorder->populations;
    size_t channels = (size_t)recorder->channels;
    bool good = true;
    recorder->wanted_row = calloc(rows, sizeof *recorder->wanted_row);
    recorder->seen = calloc(recorder->settings.table->sites, sizeof *recorder->seen);
    recorder->is_selected = calloc(populations, sizeof *recorder->is_selected);
    recorder->site = calloc(rows * populations, sizeof *recorder->site);
    recorder->steps = calloc(populations, sizeof *recorder->steps);
    good = recorder->wanted_row && recorder->seen && recorder->is_selected &&
           recorder->site && recorder->steps;
    if (good && keeps_counts(recorder))
        good = (recorder->count = calloc(rows, channels)) != NULL;
    if (good && keeps_spikes(recorder) && !recorder->settings.closed_form)
        good = (recorder->spike = calloc(rows, sizeof *recorder->spike)) != NULL;
    if (!good)
        return error_memory(err, "a batch of the recording",
                            (double)rows * (double)channels);
    if (keeps_counts(recorder) &&
        neuron_totals_init(&recorder->neurons, recorder->population,
                           recorder->populations, recorder->settings.closed_form,
                           err) != OK)
        return err->code;
    recorder->neurons.threads = recorder->settings.threads;
    return run_totals_init(&recorder->totals, recorder->population,
                           recorder->populations, err);
}

/* Traces go to the file from here, so nothing else may. */
static enum error_code open_output(struct recorder *recorder, struct error *err)
{
    const struct token_writer_settings settings = {
        .writer = recorder->settings.writer,
        .population = recorder->population,
        .populations = recorder->populations,
        .channels = recorder->count ? recorder->channels : 0,
        .expands = keeps_spikes(recorder) && recorder->settings.closed_form
                       ? recorder->is_selected
                       : NULL,
        .is_threaded = recorder->settings.has_thread && !recorder->settings.traces,
        .in_bursts = recorder->settings.in_bursts,
    };
    return token_writer_create(&recorder->out, &settings, err);
}

enum error_code recorder_create(struct recorder **recorder,
                                const struct recorder_settings *settings,
                                struct error *err)
{
    const struct population_table *table = settings->table;
    *recorder = NULL;
    err->code = OK;
    if (record_selection_check(&settings->selection, table->population,
                               table->populations, err) != OK)
        return err->code;
    struct recorder *made = calloc(1, sizeof *made);
    if (!made)
        return error_memory(err, "a recorder", sizeof *made);
    made->settings = *settings;
    made->population = table->population;
    made->populations = table->populations;
    made->channels = table->channels;
    made->written_at = clock_seconds();
    if (allocate(made, err) != OK) {
        recorder_free(made);
        return err->code;
    }
    for (uint32_t i = 0; i < made->populations; i++)
        made->is_selected[i] =
            record_selection_has(&settings->selection, &made->population[i]);
    if (settings->writer && open_output(made, err) != OK) {
        recorder_free(made);
        return err->code;
    }
    *recorder = made;
    return OK;
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    token_writer_free(recorder->out);
    for (size_t row = 0; recorder->spike && row < recorder->settings.rows; row++)
        spike_list_free(&recorder->spike[row]);
    free(recorder->spike);
    free(recorder->wanted_row);
    free(recorder->seen);
    free(recorder->is_selected);
    free(recorder->site);
    free(recorder->steps);
    free(recorder->count);
    free(recorder->overflow);
    neuron_totals_release(&recorder->neurons);
    run_totals_release(&recorder->totals);
    free(recorder);
}

void recorder_begin(struct recorder *recorder, size_t rows, const unsigned char *wanted)
{
    size_t heads = 0;
    for (size_t row = 0; row < rows; row++)
        if (wanted && wanted[row])
            recorder->wanted_row[heads++] = row;
    memset(recorder->seen, 0, recorder->settings.table->sites * sizeof *recorder->seen);
    for (size_t i = 0; i < rows * recorder->populations; i++)
        recorder->site[i] = (struct site_counters){ .threshold = (double)NAN };
    if (recorder->count)
        memset(recorder->count, 0, rows * (size_t)recorder->channels);
    for (size_t row = 0; recorder->spike && row < rows; row++)
        recorder->spike[row].length = 0;
    if (recorder->settings.traces)
        state_traces_begin(recorder->settings.traces);
    recorder->overflows = 0;
    recorder->rows = rows;
}

/* The head is run for the wanted rows only; every other site for all, in order. */
static size_t batch_row(const struct recorder *recorder, uint32_t population,
                        size_t row)
{
    bool is_head = strcmp(recorder->population[population].role, "head") == 0;
    return is_head ? recorder->wanted_row[row] : row;
}

static enum error_code add_overflows(struct recorder *recorder, uint32_t population,
                                     size_t row, const int32_t *count, size_t beyond,
                                     struct error *err)
{
    if (recorder->overflows + beyond > recorder->overflow_room) {
        size_t room = 2 * (recorder->overflows + beyond);
        void *more = realloc(recorder->overflow, room * sizeof *recorder->overflow);
        if (!more)
            return error_memory(err, "overflows",
                                (double)room * sizeof *recorder->overflow);
        recorder->overflow = more;
        recorder->overflow_room = room;
    }
    uint64_t first = recorder->population[population].first_channel;
    for (uint64_t i = 0; beyond > 0; i++) {
        if (count[i] <= INT8_MAX && count[i] >= -INT8_MAX)
            continue;
        recorder->overflow[recorder->overflows++] =
            (struct recorded_overflow){ row, first + i, count[i] };
        beyond--;
    }
    return OK;
}

static enum error_code on_site(void *context, uint32_t site, size_t reported,
                               const int32_t *count,
                               const struct site_counters *counters, struct error *err)
{
    struct recorder *recorder = context;
    (void)reported; /* counts from 0 in every call; a batch may take several */
    int32_t index = recorder->settings.table->of_site[site];
    if (index < 0)
        return OK;
    uint32_t population = (uint32_t)index;
    const struct population_info *info = &recorder->population[population];
    size_t row = batch_row(recorder, population, recorder->seen[site]++);
    recorder->site[row * recorder->populations + population] = *counters;
    run_totals_add(&recorder->totals, population, counters);
    if (!recorder->count) {
        run_totals_add_counts(&recorder->totals, population, recorder->settings.kernel,
                              count);
    } else {
        int8_t *packed =
            recorder->count + row * recorder->channels + info->first_channel;
        size_t beyond =
            recorder->settings.kernel->pack_counts(count, (size_t)info->channels,
                                                   packed);
        if (beyond &&
            add_overflows(recorder, population, row, count, beyond, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code on_event(void *context, uint32_t site, size_t reported,
                                unsigned step, uint32_t neuron, int32_t worth,
                                struct error *err)
{
    struct recorder *recorder = context;
    (void)reported;
    int32_t index = recorder->settings.table->of_site[site];
    if (index < 0 || recorder->settings.closed_form)
        return OK;
    uint32_t population = (uint32_t)index;
    const struct population_info *info = &recorder->population[population];
    size_t row = batch_row(recorder, population, recorder->seen[site]);
    if (recorder->count)
        recorder->neurons
            .spikes[info->first_channel + neuron / (info->size / info->channels)]++;
    if (!recorder->spike || !recorder->is_selected[population] ||
        !record_selection_has_token(&recorder->settings.selection,
                                    recorder->tokens + row))
        return OK;
    struct recorded_spike spike = { info->first_node + neuron, step, worth };
    return spike_list_add(&recorder->spike[row], spike, err);
}

static enum error_code on_step(void *context, uint32_t site, size_t reported,
                               const struct population *state, struct error *err)
{
    struct recorder *recorder = context;
    (void)reported;
    int32_t index = recorder->settings.table->of_site[site];
    if (index < 0)
        return OK;
    size_t row = batch_row(recorder, (uint32_t)index, recorder->seen[site]);
    return state_traces_take(recorder->settings.traces, (uint32_t)index, row, state,
                             err);
}

struct spike_observer recorder_observer(struct recorder *recorder)
{
    return (struct spike_observer){ recorder, on_site, on_event,
                                    recorder->settings.traces ? on_step : NULL };
}

static int by_row(const void *a, const void *b)
{
    const struct recorded_overflow *left = a, *right = b;
    if (left->token != right->token)
        return left->token < right->token ? -1 : 1;
    return left->channel < right->channel ? -1 : left->channel > right->channel;
}

static void add_neurons(struct recorder *recorder, size_t row, size_t first_overflow,
                        size_t overflows)
{
    const struct site_counters *site = recorder->site + row * recorder->populations;
    for (uint32_t i = 0; i < recorder->populations; i++)
        recorder->steps[i] =
            isnan(site[i].threshold) ? STEPS_NOT_RUN : (int32_t)site[i].n[COUNT_STEPS];
    neuron_totals_put(&recorder->neurons, recorder->count + row * recorder->channels,
                      recorder->steps);
    for (size_t i = first_overflow; i < first_overflow + overflows; i++)
        neuron_totals_beyond(&recorder->neurons, recorder->overflow[i].channel,
                             recorder->overflow[i].count, recorder->steps);
}

static uint32_t window(const struct recorder *recorder, size_t row)
{
    const struct site_counters *site = &recorder->site[row * recorder->populations];
    uint64_t steps = 0;
    for (uint32_t i = 0; i < recorder->populations; i++)
        if (site[i].n[COUNT_STEPS] > steps)
            steps = site[i].n[COUNT_STEPS];
    return (uint32_t)steps;
}

/* Takes the overflows of one row from the front of the sorted list. */
static size_t take_overflows(struct recorder *recorder, size_t row, size_t first)
{
    size_t end = first;
    for (; end < recorder->overflows && recorder->overflow[end].token == row; end++)
        recorder->overflow[end].token = recorder->tokens;
    return end - first;
}

static enum error_code append_row(struct recorder *recorder,
                                  const struct recorded_tokens *tokens, size_t row,
                                  const char *text, size_t first_overflow,
                                  size_t overflows, struct error *err)
{
    static const double unknown = (double)NAN;
    static const uint64_t nothing = 0;
    uint32_t steps = window(recorder, row);
    struct token_batch batch = {
        .tokens = 1,
        .id = &tokens->id[row],
        .kind = &tokens->kind[row],
        .sequence = &tokens->place[row].sequence,
        .position = &tokens->place[row].position,
        .steps = &steps,
        .log_probability =
            tokens->log_probability ? &tokens->log_probability[row] : &unknown,
        .text = text,
        .text_length = tokens->text_length ? &tokens->text_length[row] : &nothing,
        .site = recorder->site + row * recorder->populations,
        .host = &tokens->host[row],
    };
    if (recorder->count) {
        batch.count = recorder->count + row * recorder->channels;
        batch.overflow = recorder->overflow + first_overflow;
        batch.overflows = overflows;
    }
    if (recorder->settings.traces &&
        state_traces_write(recorder->settings.traces, row, steps,
                           recorder->settings.writer, err) != OK)
        return err->code;
    return token_writer_put(
        recorder->out, &batch,
        keeps_spikes(recorder) && recorder->settings.closed_form &&
            record_selection_has_token(&recorder->settings.selection, recorder->tokens),
        recorder->spike ? &recorder->spike[row] : NULL, err);
}

enum error_code recorder_commit(struct recorder *recorder,
                                const struct recorded_tokens *tokens, struct error *err)
{
    const char *text = tokens->text ? tokens->text : "";
    size_t overflow = 0;
    err->code = OK;
    if (recorder->overflows)
        qsort(recorder->overflow, recorder->overflows, sizeof *recorder->overflow,
              by_row);
    for (size_t row = 0; row < recorder->rows; row++) {
        run_totals_add_token(&recorder->totals, &tokens->host[row]);
        if (recorder->settings.writer) {
            size_t overflows = take_overflows(recorder, row, overflow);
            if (recorder->count)
                add_neurons(recorder, row, overflow, overflows);
            if (append_row(recorder, tokens, row, text, overflow, overflows, err) != OK)
                return err->code;
            overflow += overflows;
        }
        text += tokens->text_length ? tokens->text_length[row] : 0;
        recorder->tokens++;
    }
    recorder->rows = 0;
    if (clock_seconds() - recorder->written_at < totals_seconds)
        return OK;
    return recorder_finish(recorder, err);
}

enum error_code recorder_finish(struct recorder *recorder, struct error *err)
{
    err->code = OK;
    recorder->written_at = clock_seconds();
    if (recorder->out && token_writer_drain(recorder->out, err) != OK)
        return err->code;
    if (!recorder->count)
        return OK;
    neuron_totals_settle(&recorder->neurons);
    run_totals_set_histograms(&recorder->totals, recorder->neurons.histogram);
    return recording_totals(recorder->settings.writer, recorder->neurons.tokens_fired,
                            recorder->neurons.spikes, recorder->neurons.histogram, err);
}

bool recorder_is_writing(const struct recorder *recorder)
{
    return recorder->out && token_writer_is_writing(recorder->out);
}

uint64_t recorder_row_spikes(const struct recorder *recorder, size_t row)
{
    const struct site_counters *site = recorder->site + row * recorder->populations;
    uint64_t spikes = 0;
    for (uint32_t p = 0; p < recorder->populations; p++)
        spikes += site[p].n[COUNT_SPIKES];
    return spikes;
}

const struct run_totals *recorder_totals(const struct recorder *recorder)
{
    return &recorder->totals;
}
