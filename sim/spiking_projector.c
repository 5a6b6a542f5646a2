/* See spiking_projector.h: which pairs can work, which site spikes, rows to counts, and
 * what is counted. The engines are in spiking_counts.c and spiking_events.c. */
#include "sim/spiking_projector.h"

#include "sim/receivers.h"
#include "sim/spiking_counts.h"
#include "sim/spiking_events.h"
#include "sim/spiking_site.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts and steps whose spikes are looked up. */
enum { REACH = 127, TABLE_STEPS = 17 };

struct spiking {
    const struct kernel *kernel;
    const struct neuron_model *neuron;
    const struct encoder *encoder;
    struct projector *dense;
    unsigned window;
    struct thread_team *team;
    size_t state_bytes; /* read and written by one update */
    struct spike_observer observer;
    struct spiking_site *site; /* (sites); .site NULL: goes to `dense` */
    struct spiking_limits limits;
    struct counts_engine *counts; /* one of the two */
    struct events_engine *events;
    struct receivers *receivers;   /* of a stateful code */
    float *change;                 /* (channels) */
    struct response response;      /* entries 0: the neurons follow levels */
    struct arena arena, row_arena; /* the second: for `rows` rows, grown */
    size_t rows;
    struct encoded *row;                         /* (rows) */
    uint32_t spikes[TABLE_STEPS][2 * REACH + 1]; /* of small counts, by steps */
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
    if (!neuron->follows_levels && encoder->reading == READ_LEVELS)
        return error_set(err, ERR_ARGUMENT,
                         "encoder %s sets the level that a charge is counted down "
                         "against, and neuron %s fires at a threshold of its own",
                         encoder->name, neuron->name);
    if (settings->window == 0 && response_is_needed(neuron, encoder, 0))
        return error_set(err, ERR_ARGUMENT,
                         "neuron %s is read from encoder %s through its measured "
                         "response, which needs a fixed window of steps",
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

/* spikes[count + REACH] of the small counts within [lowest, highest]. */
static void tabulate_spikes(const struct encoder *encoder, unsigned steps,
                            int32_t lowest, int32_t highest, uint32_t *spikes)
{
    lowest = lowest < -REACH ? -REACH : lowest;
    highest = highest > REACH ? REACH : highest;
    for (int32_t count = lowest; count <= highest; count++)
        spikes[count + REACH] = count ? encoder->spikes(count, steps) : 0;
}

/* Of the numbers of steps that most tokens take. */
static void tabulate_steps(struct spiking *self)
{
    const unsigned most = self->encoder->max_steps;
    for (unsigned steps = 1; steps < TABLE_STEPS && steps <= most; steps++) {
        int32_t lowest, highest;
        self->encoder->range(steps, &lowest, &highest);
        tabulate_spikes(self->encoder, steps, lowest, highest, self->spikes[steps]);
    }
}

/* The spikes of a row by the closed form. Most counts are small, in no order that a
 * branch could be predicted from: those are looked up in a table. */
static void count_spikes(const struct spiking *self, size_t channels,
                         struct encoded *row)
{
    const struct encoder *encoder = self->encoder;
    const int32_t lowest = row->quantised.lowest, highest = row->quantised.highest;
    uint32_t made[2 * REACH + 1];
    const uint32_t *spikes = made + REACH;
    if (row->steps < TABLE_STEPS)
        spikes = self->spikes[row->steps] + REACH;
    else
        tabulate_spikes(encoder, row->steps, lowest, highest, made);

    const bool is_small = lowest >= -REACH && highest <= REACH;
    uint64_t total = 0;
    for (size_t channel = 0; is_small && channel < channels; channel++)
        total += spikes[row->count[channel]];
    for (size_t channel = 0; !is_small && channel < channels; channel++) {
        int32_t count = row->count[channel];
        if (count >= -REACH && count <= REACH)
            total += spikes[count];
        else
            total += encoder->spikes(count, row->steps);
    }
    row->spikes = total;
    row->active = channels - row->quantised.silent;
}

/* Rows to counts. Of several that fail the first is named, whatever the threads do. */
static enum error_code encode_row(struct spiking *self, const struct spiking_site *s,
                                  const float *x, size_t r, float *held,
                                  struct error *err)
{
    if (spiking_site_encode(s, self->kernel, self->encoder, self->window,
                            x + r * s->site->inputs, held, self->change, &self->row[r],
                            err) != OK)
        return err->code;
    if (self->counts && self->observer.site)
        count_spikes(self, s->site->inputs, &self->row[r]);
    return OK;
}

/* A row codes its change from the one before: in order. */
static enum error_code encode_changes(struct spiking *self, uint32_t site,
                                      const float *x, size_t rows,
                                      const struct row_id *ids, struct error *err)
{
    for (size_t r = 0; r < rows; r++) {
        struct receiver receiver;
        if (receivers_get(self->receivers, ids[r].sequence, site, &receiver, err) !=
                OK ||
            encode_row(self, &self->site[site], x, r, receiver.x, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code encode_rows(struct spiking *self, const struct spiking_site *s,
                                   const float *x, size_t rows, struct error *err)
{
    size_t failed = rows;
    if (rows == 1) /* a region of one thread is not free */
        return encode_row(self, s, x, 0, NULL, err);
#pragma omp parallel for num_threads(thread_team_threads(self->team))                  \
    reduction(min                                                                      \
              : failed) if (rows * s->site->inputs > KERNEL_SHARED_WORK / 8)
    for (size_t r = 0; r < rows; r++) {
        struct error ignored;
        if (encode_row(self, s, x, r, NULL, &ignored) != OK)
            failed = r < failed ? r : failed;
    }
    if (failed == rows)
        return OK;
    return encode_row(self, s, x, failed, NULL, err);
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

static enum error_code forward_state(void *context, const struct population *population,
                                     struct error *err)
{
    const struct event_place *at = context;
    return at->observer->stepped(at->observer->context, at->site, at->row, population,
                                 err);
}

/* y (outputs) holds what the spikes add; the receiver's output comes out. */
static enum error_code receive(struct spiking *self, uint32_t site, uint32_t sequence,
                               float *y, struct error *err)
{
    const struct site *shape = self->site[site].site;
    struct receiver receiver;
    if (receivers_get(self->receivers, sequence, site, &receiver, err) != OK)
        return err->code;
    for (size_t o = 0; o < shape->outputs; o++) {
        receiver.y[o] += y[o];
        y[o] = receiver.y[o] + (shape->bias ? shape->bias[o] : 0);
    }
    return OK;
}

/* Row r of self->row is row `number` of the call. */
static enum error_code finish_row(struct spiking *self, uint32_t site, size_t r,
                                  size_t number, const struct row_id *id, float *y,
                                  struct error *err)
{
    const struct spiking_site *s = &self->site[site];
    const struct spike_observer *observer = &self->observer;
    struct encoded *row = &self->row[r];
    if (self->events) {
        struct event_place place = { observer, site, number };
        struct event_sink sink = { &place, observer->event ? forward_event : NULL,
                                   observer->stepped ? forward_state : NULL };
        struct random_place draws = { .sequence = id->sequence,
                                      .position = id->position,
                                      .population = site };
        if (events_project(self->events, s, &draws, row, &sink, y, err) != OK)
            return err->code;
    }
    if (self->receivers && receive(self, site, id->sequence, y, err) != OK)
        return err->code;
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
        const float *block_x = x + first * s->site->inputs;
        if (grow_rows(self, block, err) != OK)
            return err->code;
        if ((self->receivers
                 ? encode_changes(self, site, block_x, block, ids + first, err)
                 : encode_rows(self, s, block_x, block, err)) != OK)
            return err->code;
        if (self->counts &&
            counts_project(self->counts, s, self->row, block, block_y, err) != OK)
            return err->code;
        for (size_t r = 0; r < block; r++)
            if (finish_row(self, site, r, first + r, &ids[first + r],
                           block_y + r * s->site->outputs, err) != OK)
                return err->code;
    }
    return OK;
}

static void begin_sequence(void *state, uint32_t sequence)
{
    struct spiking *self = state;
    const struct projector *dense = self->dense;
    if (self->receivers)
        receivers_forget(self->receivers, sequence);
    if (dense && dense->begin_sequence)
        dense->begin_sequence(dense->self, sequence);
}

static void truncate_sequence(void *state, uint32_t sequence, uint32_t length)
{
    struct spiking *self = state;
    const struct projector *dense = self->dense;
    if (self->receivers)
        receivers_forget(self->receivers, sequence);
    if (dense && dense->truncate)
        dense->truncate(dense->self, sequence, length);
}

static void release(void *state)
{
    struct spiking *self = state;
    counts_free(self->counts);
    events_free(self->events);
    receivers_free(self->receivers);
    arena_free(&self->row_arena);
    arena_free(&self->arena);
    free(self);
}

static enum error_code create_sites(struct spiking *self, const struct model *model,
                                    const struct weight_matrix *matrix,
                                    const struct spiking_settings *settings,
                                    struct error *err)
{
    self->site = arena_array(&self->arena, model->sites, sizeof *self->site);
    if (self->encoder->is_stateful)
        self->receivers = receivers_create(model->sites);
    if (!self->site || (self->encoder->is_stateful && !self->receivers))
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
        self->site[i].next = i + 1 < model->sites ? &matrix[i + 1] : NULL;
        spiking_limits_cover(&self->limits, &self->site[i]);
        if (self->response.entries)
            self->site[i].resolution = RESPONSE_SCALE;
        if (self->receivers)
            receivers_add_site(self->receivers, i, model->site[i].inputs,
                               model->site[i].outputs);
    }
    self->change = arena_array(&self->arena, self->limits.channels, sizeof(float));
    if (!self->change)
        return error_memory(err, "changes", (double)self->limits.channels);
    return OK;
}

static struct coded_settings coded_settings(const struct spiking_settings *settings)
{
    struct coded_settings coded = {
        .neuron = settings->neuron,
        .encoder = settings->encoder,
        .seed = settings->seed,
        .dt_ms = settings->dt_ms,
        .team = settings->team,
    };
    memcpy(coded.neuron_param, settings->neuron_param, sizeof coded.neuron_param);
    memcpy(coded.encoder_param, settings->encoder_param, sizeof coded.encoder_param);
    return coded;
}

static enum error_code create_engine(struct spiking *self,
                                     const struct spiking_settings *settings,
                                     struct error *err)
{
    if (settings->engine == ENGINE_COUNTS)
        return counts_create(&self->counts, self->kernel, &self->limits, self->team,
                             err);
    struct coded_settings coded = coded_settings(settings);
    coded.response = self->response.entries ? &self->response : NULL;
    return events_create(&self->events, &coded, self->kernel, &self->limits, err);
}

static enum error_code measure_response(struct spiking *self,
                                        const struct spiking_settings *settings,
                                        struct error *err)
{
    if (!response_is_needed(self->neuron, self->encoder, self->window))
        return OK;
    const struct coded_settings coded = coded_settings(settings);
    return response_measure(&self->response, &self->arena, &coded, self->window, err);
}

enum error_code spiking_create(struct projector *projector, const struct model *model,
                               const struct weight_matrix *matrix,
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
    self->team = settings->team;
    self->state_bytes = 2 * sizeof(double) * field_count(settings->neuron->state_vars);
    if (self->encoder->spikes)
        tabulate_steps(self);
    if (measure_response(self, settings, err) != OK ||
        create_sites(self, model, matrix, settings, err) != OK ||
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

const struct response *spiking_response(const struct projector *projector)
{
    const struct spiking *self = projector->self;
    return self->response.entries ? &self->response : NULL;
}

void spiking_observe(struct projector *projector, const struct spike_observer *observer)
{
    struct spiking *self = projector->self;
    self->observer = observer ? *observer : (struct spike_observer){ 0 };
}
