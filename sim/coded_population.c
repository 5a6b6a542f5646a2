/* See coded_population.h. */
#include "sim/coded_population.h"

#include "neurons/population.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 256 };

bool coded_init(struct coded_population *coded, struct arena *arena,
                const struct coded_settings *settings, size_t neurons)
{
    *coded = (struct coded_population){ .settings = *settings };
    const struct encoder *encoder = settings->encoder;
    bool good = population_init(&coded->population, arena, settings->neuron, neurons,
                                settings->dt_ms, coded->settings.neuron_param);
    for (size_t i = 0; encoder->state_vars[i].name; i++) {
        double *column = arena_array(arena, neurons, sizeof *column);
        coded->encoding.state[i] = column;
        good = good && column;
    }
    coded->input = arena_array(arena, neurons, sizeof *coded->input);
    coded->level = arena_array(arena, neurons, sizeof *coded->level);
    coded->silence = arena_array(arena, neurons, sizeof *coded->silence);
    coded->earlier = arena_array(arena, neurons, sizeof *coded->earlier);
    coded->fired = arena_array(arena, neurons, sizeof *coded->fired);
    coded->event = arena_array(arena, neurons, sizeof *coded->event);
    coded->neuron_of = arena_array(arena, neurons, sizeof *coded->neuron_of);
    coded->is_awake = arena_array(arena, neurons, sizeof *coded->is_awake);
    coded->drive = arena_array(arena, neurons, sizeof *coded->drive);
    coded->encoding.random = gsl_rng_alloc(random_gsl_type);
    if (!good || !coded->input || !coded->level || !coded->silence || !coded->earlier ||
        !coded->fired || !coded->event || !coded->neuron_of || !coded->is_awake ||
        !coded->drive || !coded->encoding.random)
        return false;
    coded->encoding.param = coded->settings.encoder_param;
    coded->encoding.seed = settings->seed;
    coded->population.level = settings->neuron->follows_levels ? coded->level : NULL;
    population_prepare(&coded->population, settings->neuron);
    coded->population.is_signed = encoder->is_signed;
    coded->population.is_graded = encoder->is_graded;
    return true;
}

void coded_release(struct coded_population *coded)
{
    if (coded->encoding.random)
        gsl_rng_free(coded->encoding.random);
    coded->encoding.random = NULL;
}

void coded_begin(struct coded_population *coded, size_t channels, const int32_t *count,
                 unsigned steps, const struct random_place *place, bool whole)
{
    const struct encoder *encoder = coded->settings.encoder;
    const size_t neurons = channels * encoder->neurons_per_channel;
    coded->population.count = neurons;
    population_rest(&coded->population, coded->settings.neuron);
    memset(coded->input, 0, neurons * sizeof *coded->input);
    memset(coded->earlier, 0, neurons * sizeof *coded->earlier);
    for (size_t i = 0; encoder->state_vars[i].name; i++)
        for (size_t neuron = 0; neuron < neurons; neuron++)
            coded->encoding.state[i][neuron] = encoder->state_vars[i].initial;
    coded->encoding.channels = channels;
    coded->encoding.count = count;
    coded->encoding.steps = steps;
    coded->encoding.place = *place;

    const bool all =
        whole || !coded->settings.response || coded->settings.neuron->follows_levels;
    coded->neurons = neurons;
    coded->awake = all ? neurons : 0;
    coded->in_order = true;
    for (size_t neuron = 0; neuron < neurons; neuron++) {
        coded->neuron_of[neuron] = (uint32_t)neuron;
        coded->is_awake[neuron] = all;
    }
}

/* Wakes the neurons that are given something for the first time. */
static void wake(struct coded_population *coded)
{
    const size_t before = coded->awake;
    for (size_t neuron = 0; neuron < coded->neurons; neuron++) {
        if (coded->is_awake[neuron] || coded->input[neuron] <= 0)
            continue;
        coded->is_awake[neuron] = true;
        coded->neuron_of[coded->awake++] = (uint32_t)neuron;
    }
    if (before > 0 && coded->awake > before)
        coded->in_order = false;
}

/* What a code with READ_FIRST injects at its first step is held for neurons with a
 * threshold of their own: they turn a current into a latency, not a charge. */
static const double *drive(struct coded_population *coded, unsigned step)
{
    const struct encoder *encoder = coded->settings.encoder;
    const struct response *response = coded->settings.response;
    const bool holds = response && response->reading == READ_FIRST &&
                       !coded->settings.neuron->follows_levels;
    if (!holds || step == 0)
        if (!encoder->inject(&coded->encoding, step, coded->input))
            memset(coded->input, 0, coded->neurons * sizeof *coded->input);
    if (coded->settings.neuron->follows_levels)
        return coded->input;
    if (coded->awake < coded->neurons)
        wake(coded);
    for (size_t slot = 0; slot < coded->awake; slot++)
        coded->drive[slot] =
            response_drive(response, coded->input[coded->neuron_of[slot]]);
    return coded->drive;
}

struct step_job {
    struct coded_population *coded;
    const double *driven;
    size_t parts;
    size_t fired[MOST_PARTS];
};

/* Every thread takes parts `threads` apart; each fills the slice of fired[] that is its
 * own. */
static void step_parts(void *context, int me, int threads)
{
    struct step_job *job = context;
    struct coded_population *coded = job->coded;
    const struct neuron_model *model = coded->settings.neuron;
    for (size_t part = (size_t)me; part < job->parts; part += (size_t)threads) {
        const size_t first = coded->awake * part / job->parts;
        struct population slice =
            population_slice(&coded->population, model, first,
                             coded->awake * (part + 1) / job->parts - first);
        const double *input[NEURON_MAX_INPUTS] = { coded->silence, coded->silence,
                                                   coded->silence };
        input[model->drive] = job->driven + first;
        job->fired[part] = model->step(&slice, input, coded->fired + first);
    }
}

/* Steps the awake, in as many slices as there are threads, and joins what fired in
 * order. */
static size_t step_awake(struct coded_population *coded, const double *driven)
{
    enum { WORTH_SHARING = 256 }; /* neurons */
    const size_t threads = (size_t)thread_team_threads(coded->settings.team);
    const size_t most = threads < MOST_PARTS ? threads : MOST_PARTS;
    struct step_job job = {
        coded, driven, coded->awake > WORTH_SHARING ? most : 1, { 0 }
    };
    size_t total = 0;
    thread_team_run(job.parts > 1 ? coded->settings.team : NULL, step_parts, &job);
    for (size_t part = 0; part < job.parts; part++) {
        const size_t first = coded->awake * part / job.parts;
        for (size_t i = 0; i < job.fired[part]; i++) {
            struct spike spike = coded->fired[first + i];
            spike.neuron = coded->neuron_of[first + spike.neuron];
            coded->fired[total++] = spike;
        }
    }
    return total;
}

static int by_neuron(const void *a, const void *b)
{
    const struct spike *x = a, *y = b;
    return (x->neuron > y->neuron) - (x->neuron < y->neuron);
}

size_t coded_step(struct coded_population *coded, unsigned step)
{
    const struct encoder *encoder = coded->settings.encoder;
    const struct response *response = coded->settings.response;
    const double *driven = drive(coded, step);
    if (coded->settings.neuron->follows_levels)
        encoder->levels(&coded->encoding, step, coded->level);

    size_t spikes = step_awake(coded, driven), events = 0;
    if (!coded->in_order)
        qsort(coded->fired, spikes, sizeof *coded->fired, by_neuron);
    for (size_t i = 0; i < spikes; i++) {
        const uint32_t fired = coded->fired[i].neuron;
        int32_t worth = encoder->worth(&coded->encoding, fired, step);
        if (response) {
            const uint32_t earlier = coded->earlier[fired]++;
            if (response->reading == READ_FIRST) {
                if (earlier > 0)
                    continue; /* told already: such a neuron is shut off */
                worth = worth < 0 ? -1 : 1;
            }
            worth *= response_worth(response, earlier, step);
        }
        coded->event[events++] =
            (struct event){ fired, coded->fired[i].payload * worth };
    }
    return events;
}
