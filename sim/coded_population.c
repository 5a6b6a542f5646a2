/* See coded_population.h. */
#include "sim/coded_population.h"

#include "neurons/population.h"

#include <string.h>

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
    coded->encoding.random = gsl_rng_alloc(random_gsl_type);
    if (!good || !coded->input || !coded->level || !coded->silence || !coded->earlier ||
        !coded->fired || !coded->event || !coded->encoding.random)
        return false;
    coded->encoding.param = coded->settings.encoder_param;
    coded->encoding.seed = settings->seed;
    population_prepare(&coded->population, settings->neuron);
    coded->population.level = settings->response ? NULL : coded->level;
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
                 unsigned steps, const struct random_place *place)
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
}

/* What a code with READ_FIRST injects at its first step is held: its neurons turn a
 * current into a latency, not a charge. */
static void drive(struct coded_population *coded, unsigned step)
{
    const struct encoder *encoder = coded->settings.encoder;
    const struct response *response = coded->settings.response;
    const size_t neurons = coded->population.count;
    if (response && response->reading == READ_FIRST && step > 0)
        return;
    if (!encoder->inject(&coded->encoding, step, coded->input))
        memset(coded->input, 0, neurons * sizeof *coded->input);
    else if (response)
        for (size_t neuron = 0; neuron < neurons; neuron++)
            coded->input[neuron] = response_drive(response, coded->input[neuron]);
}

size_t coded_step(struct coded_population *coded, unsigned step)
{
    const struct neuron_model *neuron = coded->settings.neuron;
    const struct encoder *encoder = coded->settings.encoder;
    const struct response *response = coded->settings.response;
    const double *input[NEURON_MAX_INPUTS] = { coded->silence, coded->silence,
                                               coded->silence };
    input[neuron->drive] = coded->input;
    drive(coded, step);
    if (!response)
        encoder->levels(&coded->encoding, step, coded->level);

    size_t spikes = neuron->step(&coded->population, input, coded->fired), events = 0;
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
