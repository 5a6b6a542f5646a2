/* See spiking_events.h. One row at a site: the code injects, the population steps, what
 * fires goes into the queue with its worth, and what arrives walks its rows of weights
 * into one integer per output and segment. Only the walk is shared out, by outputs. */
#include "sim/spiking_events.h"

#include "sim/event_queue.h"

#include <stdlib.h>
#include <string.h>

enum {
    LARGEST_FACTOR = 127,
    SHARED_WORK = 1 << 15, /* additions below which waking threads costs more */
};

struct events_engine {
    const struct kernel *kernel;
    struct thread_team *team;
    unsigned neurons_per_channel;
    bool is_bounded; /* events never add up to more than the counts */
    struct arena arena;
    struct event_queue *queue;
    struct coded_population coded;
    unsigned char *has_fired; /* (channels) */
    int32_t *sum;             /* (segments, outputs) */
    uint64_t *magnitude;      /* (segments): sum of |worth| ... */
    int64_t *total;           /* ... and of worth */
    struct row_list list;     /* arrivals of a step */
};

void events_free(struct events_engine *engine)
{
    if (!engine)
        return;
    event_queue_free(engine->queue);
    coded_release(&engine->coded);
    arena_free(&engine->arena);
    free(engine);
}

static bool allocate(struct events_engine *self, const struct coded_settings *settings,
                     const struct spiking_limits *limits)
{
    struct arena *arena = &self->arena;
    bool is_coded = coded_init(&self->coded, arena, settings, limits->neurons);
    self->queue = event_queue_create(0);
    self->has_fired = arena_array(arena, limits->channels, 1);
    self->sum = arena_array(arena, limits->sums, sizeof *self->sum);
    self->magnitude = arena_array(arena, limits->segments, sizeof *self->magnitude);
    return is_coded && self->queue && self->has_fired && self->sum && self->magnitude &&
           row_list_init(&self->list, arena, limits->neurons, limits->segments);
}

enum error_code events_create(struct events_engine **engine,
                              const struct coded_settings *settings,
                              const struct kernel *kernel,
                              const struct spiking_limits *limits, struct error *err)
{
    struct events_engine *self = calloc(1, sizeof *self);
    *engine = NULL;
    if (!self)
        return error_memory(err, "engine events", sizeof *self);
    self->kernel = kernel;
    self->team = settings->team;
    self->neurons_per_channel = settings->encoder->neurons_per_channel;
    self->is_bounded = settings->neuron->is_exact_counter && settings->encoder->spikes;
    if (!allocate(self, settings, limits)) {
        double bytes = (double)self->arena.bytes;
        events_free(self);
        return error_memory(err, "engine events", bytes);
    }
    *engine = self;
    return OK;
}

static void begin_row(struct events_engine *self, const struct spiking_site *s,
                      const struct encoded *row, const struct random_place *place,
                      bool whole)
{
    coded_begin(&self->coded, s->site->inputs, row->count, row->steps, place, whole);
    memset(self->has_fired, 0, s->site->inputs);
    memset(self->magnitude, 0, s->segments * sizeof *self->magnitude);
    memset(self->sum, 0, (size_t)s->segments * s->site->outputs * sizeof *self->sum);
}

/* One step of the population; what fires is sent. */
static enum error_code fire(struct events_engine *self, unsigned step,
                            struct encoded *row, const struct event_sink *sink,
                            struct error *err)
{
    size_t spikes = coded_step(&self->coded, step);
    for (size_t i = 0; i < spikes; i++) {
        const struct event event = self->coded.event[i];
        unsigned char *has_fired =
            &self->has_fired[event.source / self->neurons_per_channel];
        if (!event_queue_send(self->queue, 0, event))
            return error_memory(err, "spikes in flight",
                                (double)event_queue_in_flight(self->queue) *
                                    sizeof(struct event));
        row->active += !*has_fired;
        *has_fired = 1;
        if (sink->event &&
            sink->event(sink->context, step, event.source, event.worth, err) != OK)
            return err->code;
    }
    row->spikes += spikes;
    return OK;
}

/* The arrivals as rows to add; sources rise, so segments do. */
static size_t list_arrivals(struct events_engine *self, const struct spiking_site *s)
{
    struct row_list *list = &self->list;
    size_t events, narrow = 0, wide = 0, i = 0;
    const struct event *event = event_queue_arrivals(self->queue, &events);
    list->begin[0] = list->wide_begin[0] = 0;
    for (uint32_t k = 0; k < s->segments; k++) {
        const uint32_t end = spiking_segment_end(s, k);
        for (; i < events; i++) {
            const uint32_t channel = event[i].source / self->neurons_per_channel;
            const int32_t worth = event[i].worth;
            if (channel >= end)
                break;
            self->magnitude[k] += (uint64_t)llabs(worth);
            if (worth > LARGEST_FACTOR || worth < -LARGEST_FACTOR) {
                list->wide_channel[wide] = channel;
                list->wide_factor[wide++] = worth;
            } else {
                list->channel[narrow] = channel;
                list->factor[narrow++] = (int8_t)worth;
            }
        }
        list->begin[k + 1] = narrow;
        list->wide_begin[k + 1] = wide;
    }
    return events;
}

struct delivery {
    struct events_engine *self;
    const struct spiking_site *s;
};

/* Outputs of one thread. */
static void add_arrivals(void *context, int me, int threads)
{
    const struct delivery *delivery = context;
    const struct events_engine *self = delivery->self;
    const struct spiking_site *s = delivery->s;
    const size_t outputs = s->site->outputs;
    const size_t share = spiking_site_share(s, threads), first = share * (size_t)me;
    if (first >= outputs)
        return;
    for (uint32_t k = 0; k < s->segments; k++)
        spiking_site_add(s, self->kernel, &self->list, k,
                         self->sum + k * outputs + first, first,
                         outputs - first < share ? outputs - first : share);
}

static void deliver(struct events_engine *self, const struct spiking_site *s)
{
    struct delivery delivery = { self, s };
    const size_t events = list_arrivals(self, s);
    thread_team_run(events * s->site->outputs > SHARED_WORK ? self->team : NULL,
                    add_arrivals, &delivery);
}

static enum error_code decode(const struct events_engine *self,
                              const struct spiking_site *s, const struct encoded *row,
                              float *y, struct error *err)
{
    const size_t outputs = s->site->outputs;
    for (uint32_t k = 0; k < s->segments; k++) {
        if (!self->is_bounded &&
            spiking_site_check_sum(s, self->magnitude[k], err) != OK)
            return err->code;
        spiking_site_decode(s, self->kernel, row->unit, k, self->sum + k * outputs, y,
                            0, outputs);
    }
    return OK;
}

enum error_code events_project(struct events_engine *engine,
                               const struct spiking_site *s,
                               const struct random_place *place, struct encoded *row,
                               const struct event_sink *sink, float *y,
                               struct error *err)
{
    begin_row(engine, s, row, place, sink->stepped != NULL);
    for (unsigned step = 0; step < row->steps; step++) {
        enum error_code code = fire(engine, step, row, sink, err);
        if (code == OK && sink->stepped)
            code = sink->stepped(sink->context, &engine->coded.population, err);
        if (code == OK)
            deliver(engine, s);
        event_queue_advance(engine->queue); /* also leaves it empty on failure */
        if (code != OK)
            return code;
    }
    return decode(engine, s, row, y, err);
}
