/* Every spike code of the table with every counting neuron, step by step against its
 * closed form. */
#include "encoders/encoder.h"
#include "neurons/population.h"
#include "tests/suites.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHANNELS = 640, MOST_NEURONS = 2 * MOST_CHANNELS };

/* What the neurons of a code sent: sums by channel, and every event in order. */
struct trains {
    int64_t sum[MOST_CHANNELS];
    struct sent {
        uint32_t channel;
        struct code_event event;
    } * sent;
    size_t spikes, room;
};

static void trains_send(struct trains *trains, uint32_t channel,
                        struct code_event event)
{
    if (trains->spikes == trains->room) {
        trains->room = trains->room ? 2 * trains->room : 1024;
        trains->sent = realloc(trains->sent, trains->room * sizeof *trains->sent);
        CU_ASSERT_PTR_NOT_NULL_FATAL(trains->sent);
    }
    trains->sum[channel] += event.worth;
    trains->sent[trains->spikes++] = (struct sent){ channel, event };
}

static void simulate(const struct neuron_model *model, const struct encoder *encoder,
                     struct encoding *e, struct trains *trains)
{
    static double input[MOST_NEURONS], level[MOST_NEURONS];
    static struct spike fired[MOST_NEURONS];
    const double *const inputs[NEURON_MAX_INPUTS] = { input };
    double param[NEURON_MAX_PARAMS];
    struct arena arena = { 0 };
    struct population p;
    field_defaults(model->params, param);
    CU_ASSERT_FATAL(population_init(&p, &arena, model,
                                    e->channels * encoder->neurons_per_channel, 1,
                                    param));
    population_prepare(&p, model);
    p.level = level;
    p.is_signed = encoder->is_signed;
    p.is_graded = encoder->is_graded;
    for (unsigned step = 0; step < e->steps; step++) {
        if (!encoder->inject(e, step, input))
            memset(input, 0, sizeof input);
        encoder->levels(e, step, level);
        size_t spikes = model->step(&p, inputs, fired);
        for (size_t i = 0; i < spikes; i++) {
            uint32_t neuron = fired[i].neuron;
            int32_t worth = fired[i].payload * encoder->worth(e, neuron, step);
            uint32_t part = neuron % encoder->neurons_per_channel;
            trains_send(trains, neuron / encoder->neurons_per_channel,
                        (struct code_event){ step, part, worth });
        }
    }
    for (size_t i = 0; i < p.count; i++)
        CU_ASSERT_EQUAL(p.state[0][i], 0);
    arena_free(&arena);
}

static int by_step_and_channel(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;
    if (x->event.step != y->event.step)
        return x->event.step < y->event.step ? -1 : 1;
    return x->channel < y->channel ? -1 : x->channel > y->channel;
}

static void closed_form(const struct encoder *encoder, const struct encoding *e,
                        struct trains *trains)
{
    for (uint32_t channel = 0; channel < e->channels; channel++) {
        int32_t count = e->count[channel];
        uint32_t spikes = encoder->spikes(count, e->steps);
        struct code_event *event = malloc((spikes + 1) * sizeof *event);
        CU_ASSERT_PTR_NOT_NULL_FATAL(event);
        CU_ASSERT_EQUAL(encoder->train(count, e->steps, event), spikes);
        for (uint32_t i = 0; i < spikes; i++) {
            CU_ASSERT(i == 0 || event[i].step > event[i - 1].step);
            trains_send(trains, channel, event[i]);
        }
        free(event);
    }
    if (trains->spikes)
        qsort(trains->sent, trains->spikes, sizeof *trains->sent, by_step_and_channel);
}

static void check_counts(const struct neuron_model *model,
                         const struct encoder *encoder, const int32_t *count,
                         size_t channels, unsigned steps)
{
    struct encoding e = { .channels = channels, .count = count, .steps = steps };
    struct trains stepped = { 0 }, closed = { 0 };
    simulate(model, encoder, &e, &stepped);
    closed_form(encoder, &e, &closed);
    CU_ASSERT_EQUAL(stepped.spikes, closed.spikes);
    for (size_t i = 0; i < stepped.spikes && i < closed.spikes; i++)
        if (memcmp(&stepped.sent[i], &closed.sent[i], sizeof closed.sent[i]) != 0) {
            CU_FAIL("a spike differs from the closed form");
            break;
        }
    for (size_t channel = 0; channel < channels; channel++)
        CU_ASSERT(stepped.sum[channel] == count[channel] &&
                  closed.sum[channel] == count[channel]);
    free(stepped.sent);
    free(closed.sent);
}

typedef void pair_check(const struct neuron_model *, const struct encoder *);

static void for_every_counting_pair(pair_check *check)
{
    int pairs = 0;
    for (size_t n = 0; neuron_models[n]; n++)
        for (size_t c = 0; encoders[c]; c++)
            if (neuron_models[n]->is_exact_counter && encoders[c]->spikes) {
                check(neuron_models[n], encoders[c]);
                pairs++;
            }
    CU_ASSERT(pairs >= 6);
}

static void small_counts(const struct neuron_model *model,
                         const struct encoder *encoder)
{
    int32_t count[601];
    for (int i = 0; i < 601; i++)
        count[i] = i - 300;
    unsigned steps = encoder->steps(-300, 300);
    check_counts(model, encoder, count, 601, steps);
    if (steps + 3 <= encoder->max_steps)
        check_counts(model, encoder, count, 601, steps + 3);
    for (int i = 0; i < 601; i++)
        check_counts(model, encoder, &count[i], 1, encoder->steps(count[i], count[i]));
}

static void every_small_count_is_spelt_exactly(void)
{
    for_every_counting_pair(small_counts);
}

static void large_counts(const struct neuron_model *model,
                         const struct encoder *encoder)
{
    int32_t lowest, highest, count[16];
    encoder->range(encoder->max_steps, &lowest, &highest);
    lowest = lowest < -(1 << 30) ? -(1 << 30) : lowest;
    highest = highest > 1 << 30 ? 1 << 30 : highest;
    uint32_t random = 7;
    for (int i = 0; i < 16; i++) {
        random = random * 1664525u + 1013904223u;
        int64_t span = (int64_t)highest - lowest + 1;
        count[i] = (int32_t)(lowest + (int64_t)(random >> 1) % span);
    }
    count[14] = lowest;
    count[15] = highest;
    check_counts(model, encoder, count, 16, encoder->steps(lowest, highest));
}

static void large_counts_are_spelt_exactly(void)
{
    for_every_counting_pair(large_counts);
}

static void table_is_complete_and_in_order(void)
{
    for (size_t i = 0; encoders[i]; i++) {
        const struct encoder *encoder = encoders[i];
        CU_ASSERT_PTR_EQUAL(encoder_find(encoder->name), encoder);
        CU_ASSERT(i == 0 || strcmp(encoders[i - 1]->name, encoder->name) < 0);
        CU_ASSERT(encoder->summary && encoder->source && encoder->params);
        CU_ASSERT(encoder->neurons_per_channel >= 1 && encoder->max_steps >= 1);
        CU_ASSERT_EQUAL(encoder->spikes == NULL, encoder->train == NULL);
        CU_ASSERT(field_count(encoder->params) <= ENCODER_MAX_PARAMS);
        CU_ASSERT(field_count(encoder->state_vars) <= ENCODER_MAX_STATE);
    }
    CU_ASSERT_PTR_NULL(encoder_find("none"));
}

/* A window holds its range, and one step less does not hold its ends. */
static void steps_and_range_agree(void)
{
    for (size_t i = 0; encoders[i]; i++) {
        const struct encoder *encoder = encoders[i];
        CU_ASSERT_EQUAL(encoder->steps(0, 0), 0);
        for (unsigned steps = 1; steps <= encoder->max_steps && steps < 400; steps++) {
            int32_t lowest, highest;
            encoder->range(steps, &lowest, &highest);
            CU_ASSERT(lowest <= 0 && highest >= 0);
            CU_ASSERT_EQUAL(encoder->steps(lowest, highest), steps);
            if (steps < encoder->max_steps)
                CU_ASSERT(encoder->steps(lowest - 1, 0) == steps + 1 &&
                          encoder->steps(0, highest + 1) == steps + 1);
        }
    }
}

/* SpikingBrain report, section 3.3: 256 values take 256 steps in binary, 128 in
 * ternary, 8 bitwise, 7 bidirectional. */
static void windows_are_those_of_the_report(void)
{
    static const struct {
        const char *name;
        int32_t lowest, highest;
        unsigned steps;
    } expected[] = {
        { "binary", 0, 256, 256 },
        { "ternary", -128, 128, 128 },
        { "bitwise-unsigned", 0, 255, 8 },
        { "bitwise", -127, 127, 7 },
        { "bitwise-twos-complement", -128, 127, 8 },
        { "graded", -128, 128, 1 },
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct encoder *encoder = encoder_find(expected[i].name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(encoder);
        CU_ASSERT_EQUAL(encoder->steps(expected[i].lowest, expected[i].highest),
                        expected[i].steps);
    }
}

CU_TestInfo encoder_tests[] = {
    { "the table is complete and in order", table_is_complete_and_in_order },
    { "steps and range agree", steps_and_range_agree },
    { "windows are those of the report", windows_are_those_of_the_report },
    { "every small count is spelt exactly", every_small_count_is_spelt_exactly },
    { "large counts are spelt exactly", large_counts_are_spelt_exactly },
    CU_TEST_INFO_NULL,
};
