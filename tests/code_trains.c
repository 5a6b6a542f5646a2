/* See code_trains.h. */
#include "tests/code_trains.h"

#include "neurons/population.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

void trains_begin(struct trains *trains, size_t channels)
{
    if (channels > trains->channels) {
        free(trains->sum);
        trains->sum = malloc(channels * sizeof *trains->sum);
        CU_ASSERT_PTR_NOT_NULL_FATAL(trains->sum);
        trains->channels = channels;
    }
    memset(trains->sum, 0, channels * sizeof *trains->sum);
    trains->spikes = 0;
}

void trains_free(struct trains *trains)
{
    free(trains->sum);
    free(trains->sent);
    *trains = (struct trains){ 0 };
}

void trains_send(struct trains *trains, uint32_t channel, struct code_event event)
{
    trains->sum[channel] += event.worth;
    if (trains->keeps_events && trains->spikes >= trains->room) {
        trains->room = trains->room ? 2 * trains->room : 1024;
        trains->sent = realloc(trains->sent, trains->room * sizeof *trains->sent);
        CU_ASSERT_PTR_NOT_NULL_FATAL(trains->sent);
    }
    if (trains->keeps_events)
        trains->sent[trains->spikes] = (struct sent){ channel, event };
    trains->spikes++;
}

int32_t code_gain(const struct encoder *encoder, unsigned steps)
{
    return encoder->gain ? encoder->gain(steps) : 1;
}

/* The columns of neurons and code, freed with the arena. */
struct columns {
    struct arena arena;
    struct population population;
    double *input, *level;
    struct spike *fired;
};

static void columns_init(struct columns *c, const struct code_run *run,
                         struct encoding *e)
{
    const size_t neurons = e->channels * run->encoder->neurons_per_channel;
    double param[NEURON_MAX_PARAMS];
    *c = (struct columns){ 0 };
    field_defaults(run->model->params, param);
    CU_ASSERT_FATAL(
        population_init(&c->population, &c->arena, run->model, neurons, 1, param));
    c->input = arena_array(&c->arena, neurons, sizeof *c->input);
    c->level = arena_array(&c->arena, neurons, sizeof *c->level);
    c->fired = arena_array(&c->arena, neurons, sizeof *c->fired);
    CU_ASSERT_FATAL(c->input && c->level && c->fired);
    const struct field *variable = run->encoder->state_vars;
    for (size_t i = 0; variable[i].name; i++) {
        e->state[i] = arena_array(&c->arena, neurons, sizeof(double));
        CU_ASSERT_PTR_NOT_NULL_FATAL(e->state[i]);
        for (size_t neuron = 0; neuron < neurons; neuron++)
            e->state[i][neuron] = variable[i].initial;
    }
    population_prepare(&c->population, run->model);
    c->population.level = c->level;
    c->population.is_signed = run->encoder->is_signed;
    c->population.is_graded = run->encoder->is_graded;
}

static void simulate_step(struct columns *c, const struct code_run *run,
                          const struct encoding *e, unsigned step,
                          struct trains *trains)
{
    const struct encoder *encoder = run->encoder;
    const double *const inputs[NEURON_MAX_INPUTS] = { c->input };
    if (!encoder->inject(e, step, c->input))
        memset(c->input, 0, c->population.count * sizeof *c->input);
    encoder->levels(e, step, c->level);
    size_t spikes = run->model->step(&c->population, inputs, c->fired);
    for (size_t i = 0; i < spikes; i++) {
        uint32_t neuron = c->fired[i].neuron;
        int32_t worth = c->fired[i].payload * encoder->worth(e, neuron, step);
        uint32_t part = neuron % encoder->neurons_per_channel;
        trains_send(trains, neuron / encoder->neurons_per_channel,
                    (struct code_event){ step, part, worth });
    }
}

void trains_simulate(struct trains *trains, const struct code_run *run,
                     const int32_t *count, size_t channels, unsigned steps)
{
    double param[ENCODER_MAX_PARAMS];
    struct columns columns;
    struct encoding e = {
        .channels = channels,
        .param = param,
        .count = count,
        .steps = steps,
        .random = gsl_rng_alloc(random_gsl_type),
        .seed = run->seed,
        .place = run->place,
    };
    CU_ASSERT_PTR_NOT_NULL_FATAL(e.random);
    field_defaults(run->encoder->params, param);
    columns_init(&columns, run, &e);
    trains_begin(trains, channels);
    for (unsigned step = 0; step < steps; step++)
        simulate_step(&columns, run, &e, step, trains);
    for (size_t i = 0; i < columns.population.count; i++)
        if (columns.population.state[0][i] != 0) {
            CU_FAIL("something stayed in a membrane");
            break;
        }
    arena_free(&columns.arena);
    gsl_rng_free(e.random);
}
