/* See spiking_projector.h: which pairs can work, which site spikes, rows to counts, and
 * what is counted. The engines are in spiking_counts.c and spiking_events.c. */
#include "sim/spiking_projector.h"

#include "sim/spiking_counts.h"
#include "sim/spiking_events.h"
#include "sim/spiking_site.h"

#include <math.h>
#include <stdlib.h>

struct spiking {
    const struct kernel *kernel;
    const struct neuron_model *neuron;
    const struct encoder *encoder;
    struct projector *dense;
    unsigned window;
    int threads;
    size_t state_bytes; /* read and written by one update */
    struct spike_observer observer;
    struct spiking_site *site; /* (sites); .site NULL: goes to `dense` */
    struct spiking_limits limits;
    struct counts_engine *counts; /* one of the two */
    struct events_engine *events;
    struct arena arena, row_arena; /* the second: for `rows` rows, grown */
    size_t rows;
    struct encoded *row; /* (rows) */
};

bool spiking_has_closed_form(const struct neuron_model *neuron,
                             const struct encoder *encoder)
{
    return neuron->is_exact_counter && encoder->spikes && encoder->train;
}

const struct threshold_rule *spiking_rule(const struct spiking_settings *settings,
                                          uint32_t site)
{
    return settings->site_threshold ? &settings->site_threshold[site]
                                    : &settings->threshold;
}

static enum error_code check_params(const struct field *table, const double *value,
                                    const char *owner, struct error *err)
{
    for (size_t i = 0; table[i].name; i++)
        if (!(value[i] >= table[i].minimum && value[i] <= table[i].maximum))
            return error_set(err, ERR_ARGUMENT, "%s: %s %g: expected %g to %g", owner,
                             table[i].name, value[i], table[i].minimum,
                             table[i].maximum);
    return OK;
}

static enum error_code check_pair(const struct spiking_settings *settings,
                                  struct error *err)
{
    const struct neuron_model *neuron = settings->neuron;
    const struct encoder *encoder = settings->encoder;
    if (encoder->is_stateful)
        return error_set(err, ERR_ARGUMENT,
                         "encoder %s remembers earlier tokens, which "
                         "a language model's sites do not support",
                         encoder->name);
    if (encoder->is_graded && !neuron->carries_payload)
        return error_set(err, ERR_ARGUMENT,
                         "encoder %s needs spikes that carry a "
                         "number, which neuron %s does not fire",
                         encoder->name, neuron->name);
    if (settings->engine == ENGINE_COUNTS && !spiking_has_closed_form(neuron, encoder))
        return error_set(err, ERR_ARGUMENT,
                         "neuron %s with encoder %s has no closed "
                         "form for engine counts: engine events runs it",
                         neuron->name, encoder->name);
    if (settings->window > encoder->max_steps)
        return error_set(err, ERR_ARGUMENT,
                         "window of %u steps: encoder %s takes 1 to "
                         "%u, or 0 for as many as the largest count needs",
                         settings->window, encoder->name, encoder->max_steps);
    return OK;
}

static enum error_code check_settings(const struct spiking_settings *settings,
                                      struct error *err)
{
    if (check_pair(settings, err) != OK)
        return err->code;
    if (!(settings->dt_ms > 0 && isfinite(settings->dt_ms)))
        return error_set(err, ERR_ARGUMENT, "step of %g ms: expected more than 0",
                         settings->dt_ms);
    if (settings->threads < 1)
        return error_set(err, ERR_ARGUMENT, "%d threads: expected at least 1",
                         settings->threads);
    if (check_params(settings->neuron->params, settings->neuron_param,
                     settings->neuron->name, err) != OK)
        return err->code;
    return check_params(settings->encoder->params, settings->encoder_param,
                        settings->encoder->name, err);
}

static enum error_code grow_rows(struct spiking *self, size_t rows, struct error *err)
{
    if (rows <= self->rows)
        return OK;
    arena_free(&self->row_arena);
    self->rows = 0;
    struct arena *arena = &self->row_arena;
    const struct spiking_limits *limits = &self->limits;
    self->row = arena_array(arena, rows, sizeof *self->row);
    bool is_complete = self->row != NULL;
    for (size_t r = 0; is_complete && r < rows; r++) {
        self->row[r].count = arena_array(arena, limits->channels, sizeof(int32_t));
        self->row[r].unit = arena_array(arena, limits->thresholds, sizeof(float));
        is_complete = self->row[r].count && self->row[r].unit;
    }
    if (!is_complete)
        return error_memory(err, "counts of a batch",
                            (double)rows * (double)limits->channels * sizeof(int32_t));
    self->rows = rows;
    return OK;
}

/* The spikes of a row by the closed form. Most counts are small, in no order that a
 * branch could be predicted from: those are looked up in a table made for the row. */
static void count_spikes(const struct encoder *encoder, size_t channels,
                         struct encoded *row)
{
    enum { REACH = 127 };
    const int32_t lowest =
        row->quantised.lowest < -REACH ? -REACH : row->quantised.lowest;
    const int32_t highest =
        row->quantised.highest > REACH ? REACH : row->quantised.highest;
    uint32_t spikes[2 * REACH + 1] = { 0 };
    uint64_t total = 0;
    for (int32_t count = lowest; count <= highest; count++)
        if (count != 0)
            spikes[count + REACH] = encoder->spikes(count, row->steps);

    for (size_t channel = 0; channel < channels; channel++) {
        int32_t count = row->count[channel];
        if (count >= -REACH && count <= REACH)
            total += spikes[count + REACH];
        else
            total += encoder->spikes(count, row->steps);
    }
    row->spikes = total;
    row->active = channels - row->quantised.silent;
}

/* Rows to counts. Of several that fail the first is named, whatever the threads do. */
static enum error_code encode_rows(struct spiking *self, const struct spiking_site *s,
                                   const float *x, size_t rows, struct error *err)
{
    size_t failed = rows;
#pragma omp parallel for num_threads(self->threads) reduction(                         \
    min                                                                                \
    : failed) if (rows > 1 && rows * s->site->inputs > KERNEL_SHARED_WORK / 8)
    for (size_t r = 0; r < rows; r++) {
        struct error ignored;
        if (spiking_site_encode(s, self->kernel, self->encoder, self->window,
                                x + r * s->site->inputs, &self->row[r], &ignored) != OK)
            failed = r < failed ? r : failed;
        else if (self->counts && self->observer.site)
            count_spikes(self->encoder, s->site->inputs, &self->row[r]);
    }
    if (failed == rows)
        return OK;
    return spiking_site_encode(s, self->kernel, self->encoder, self->window,
                               x + failed * s->site->inputs, &self->row[failed], err);
}

struct event_place {
    const struct spike_observer *observer;
    uint32_t site;
    size_t row;
};

static enum error_code forward_event(void *context, unsigned step, uint32_t neuron,
                                     int32_t worth, struct error *err)
{
    const struct event_place *at = context;
    return at->observer->event(at->observer->context, at->site, at->row, step, neuron,
                               worth, err);
}

/* Row r of self->row is row `number` of the call. */
static enum error_code finish_row(struct spiking *self, uint32_t site, size_t r,
                                  size_t number, float *y, struct error *err)
{
    const struct spiking_site *s = &self->site[site];
    const struct spike_observer *observer = &self->observer;
    struct encoded *row = &self->row[r];
    if (self->events) {
        struct event_place place = { observer, site, number };
        struct event_sink sink = { &place, observer->event ? forward_event : NULL };
        if (events_project(self->events, s, row, &sink, y, err) != OK)
            return err->code;
    }
    if (!observer->site)
        return OK;
    struct site_counters counters;
    spiking_site_count(s, row, self->state_bytes, &counters);
    return observer->site(observer->context, site, number, row->count, &counters, err);
}

static enum error_code apply(void *state, uint32_t site, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err)
{
    struct spiking *self = state;
    const struct spiking_site *s = &self->site[site];
    if (!s->site)
        return self->dense->apply(self->dense->self, site, x, rows, ids, y, err);

    for (size_t first = 0; first < rows; first += BLOCK_ROWS) {
        size_t block = rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS;
        float *block_y = y + first * s->site->outputs;
        if (grow_rows(self, block, err) != OK ||
            encode_rows(self, s, x + first * s->site->inputs, block, err) != OK)
            return err->code;
        if (self->counts &&
            counts_project(self->counts, s, self->row, block, block_y, err) != OK)
            return err->code;
        for (size_t r = 0; r < block; r++)
            if (finish_row(self, site, r, first + r, block_y + r * s->site->outputs,
                           err) != OK)
                return err->code;
    }
    return OK;
}

static void begin_sequence(void *state, uint32_t sequence)
{
    const struct projector *dense = ((struct spiking *)state)->dense;
    if (dense && dense->begin_sequence)
        dense->begin_sequence(dense->self, sequence);
}

static void truncate_sequence(void *state, uint32_t sequence, uint32_t length)
{
    const struct projector *dense = ((struct spiking *)state)->dense;
    if (dense && dense->truncate)
        dense->truncate(dense->self, sequence, length);
}

static void release(void *state)
{
    struct spiking *self = state;
    counts_free(self->counts);
    events_free(self->events);
    arena_free(&self->row_arena);
    arena_free(&self->arena);
    free(self);
}

static enum error_code create_sites(struct spiking *self, const struct model *model,
                                    const struct int8_matrix *matrix,
                                    const struct spiking_settings *settings,
                                    struct error *err)
{
    self->site = arena_array(&self->arena, model->sites, sizeof *self->site);
    if (!self->site)
        return error_memory(err, "sites", (double)model->sites * sizeof *self->site);
    for (uint32_t i = 0; i < model->sites; i++) {
        if (settings->spikes && !settings->spikes[i]) {
            if (!self->dense)
                return error_set(err, ERR_ARGUMENT,
                                 "site %s does not spike, and no "
                                 "dense projector is there for it",
                                 model->site[i].name);
            continue;
        }
        if (spiking_site_init(&self->site[i], &model->site[i], &matrix[i],
                              spiking_rule(settings, i), self->encoder, self->window,
                              err) != OK)
            return err->code;
        spiking_limits_cover(&self->limits, &self->site[i]);
    }
    return OK;
}

static enum error_code create_engine(struct spiking *self,
                                     const struct spiking_settings *settings,
                                     struct error *err)
{
    if (settings->engine == ENGINE_COUNTS)
        return counts_create(&self->counts, self->kernel, &self->limits, self->threads,
                             err);
    struct events_settings events = {
        .kernel = self->kernel,
        .neuron = self->neuron,
        .encoder = self->encoder,
        .dt_ms = settings->dt_ms,
        .threads = self->threads,
    };
    for (size_t i = 0; i < NEURON_MAX_PARAMS; i++)
        events.neuron_param[i] = settings->neuron_param[i];
    for (size_t i = 0; i < ENCODER_MAX_PARAMS; i++)
        events.encoder_param[i] = settings->encoder_param[i];
    return events_create(&self->events, &events, &self->limits, err);
}

enum error_code spiking_create(struct projector *projector, const struct model *model,
                               const struct int8_matrix *matrix,
                               struct projector *dense, const struct kernel *kernel,
                               const struct spiking_settings *settings,
                               struct error *err)
{
    *projector = (struct projector){ 0 };
    if (check_settings(settings, err) != OK)
        return err->code;
    struct spiking *self = calloc(1, sizeof *self);
    if (!self)
        return error_memory(err, "spiking projector", sizeof *self);
    self->kernel = kernel;
    self->neuron = settings->neuron;
    self->encoder = settings->encoder;
    self->dense = dense;
    self->window = settings->window;
    self->threads = settings->threads;
    self->state_bytes = 2 * sizeof(double) * field_count(settings->neuron->state_vars);
    if (create_sites(self, model, matrix, settings, err) != OK ||
        create_engine(self, settings, err) != OK || grow_rows(self, 1, err) != OK) {
        release(self);
        return err->code;
    }
    *projector = (struct projector){ .name = "spiking",
                                     .self = self,
                                     .apply = apply,
                                     .begin_sequence = begin_sequence,
                                     .truncate = truncate_sequence,
                                     .release = release };
    return OK;
}

void spiking_observe(struct projector *projector, const struct spike_observer *observer)
{
    struct spiking *self = projector->self;
    self->observer = observer ? *observer : (struct spike_observer){ 0 };
}
