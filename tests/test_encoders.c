/* Every spike code of the table with every counting neuron, step by step against its
 * closed form. */
#include "tests/code_trains.h"
#include "tests/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_step_and_channel(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;
    if (x->event.step != y->event.step)
        return x->event.step < y->event.step ? -1 : 1;
    if (x->channel != y->channel)
        return x->channel < y->channel ? -1 : 1;
    return x->event.neuron < y->event.neuron ? -1 : x->event.neuron > y->event.neuron;
}

static void closed_form(const struct encoder *encoder, const int32_t *count,
                        size_t channels, unsigned steps, struct trains *trains)
{
    trains_begin(trains, channels);
    for (uint32_t channel = 0; channel < channels; channel++) {
        uint32_t spikes = encoder->spikes(count[channel], steps);
        struct code_event *event = malloc((spikes + 1) * sizeof *event);
        CU_ASSERT_PTR_NOT_NULL_FATAL(event);
        CU_ASSERT_EQUAL(encoder->train(count[channel], steps, event), spikes);
        for (uint32_t i = 0; i < spikes; i++) {
            CU_ASSERT(i == 0 || event[i].step > event[i - 1].step ||
                      (event[i].step == event[i - 1].step &&
                       event[i].neuron > event[i - 1].neuron));
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
    const struct code_run run = { .model = model, .encoder = encoder };
    const int64_t gain = code_gain(encoder, steps);
    struct trains stepped = { .keeps_events = true }, closed = { .keeps_events = true };
    trains_simulate(&stepped, &run, count, channels, steps);
    closed_form(encoder, count, channels, steps, &closed);
    CU_ASSERT(gain >= 1);
    CU_ASSERT_EQUAL(stepped.spikes, closed.spikes);
    for (size_t i = 0; i < stepped.spikes && i < closed.spikes; i++)
        if (memcmp(&stepped.sent[i], &closed.sent[i], sizeof closed.sent[i]) != 0) {
            CU_FAIL("a spike differs from the closed form");
            break;
        }
    for (size_t channel = 0; channel < channels; channel++)
        CU_ASSERT(stepped.sum[channel] == gain * count[channel] &&
                  closed.sum[channel] == gain * count[channel]);
    trains_free(&stepped);
    trains_free(&closed);
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

/* What fits of the counts up to 300, in the shortest window and in longer ones. */
static void small_counts(const struct neuron_model *model,
                         const struct encoder *encoder)
{
    static const unsigned longer[] = { 0, 1, 3, 16, 40 };
    int32_t count[601], lowest, highest, channels = 0;
    encoder->range(encoder->max_steps, &lowest, &highest);
    for (int32_t i = -300; i <= 300; i++)
        if (i >= lowest && i <= highest)
            count[channels++] = i;
    unsigned steps = encoder->steps(count[0], count[channels - 1]);
    for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++)
        if (steps + longer[i] <= encoder->max_steps)
            check_counts(model, encoder, count, (size_t)channels, steps + longer[i]);
    for (int i = 0; i < channels; i++)
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

static void window_ends(const struct neuron_model *model, const struct encoder *encoder)
{
    static const unsigned window[] = { 1, 2, 3, 8, 15, 16, 31, 100 };
    for (size_t i = 0; i < sizeof window / sizeof window[0]; i++) {
        int32_t lowest, highest;
        if (window[i] > encoder->max_steps)
            continue;
        encoder->range(window[i], &lowest, &highest);
        lowest = lowest < -(1 << 30) ? -(1 << 30) : lowest;
        highest = highest > 1 << 30 ? 1 << 30 : highest;
        const int32_t count[] = { lowest, lowest / 2, 0, highest / 3, highest };
        check_counts(model, encoder, count, 5, window[i]);
    }
}

static void the_ends_of_every_window_are_spelt_exactly(void)
{
    for_every_counting_pair(window_ends);
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
        CU_ASSERT_EQUAL(encoder->spikes == NULL, encoder->is_random);
        CU_ASSERT_EQUAL(encoder->max_deviation > 0, encoder->is_random);
        CU_ASSERT_EQUAL(isinf(encoder->max_error) != 0, encoder->is_random);
        CU_ASSERT(encoder->max_error > 0);
        CU_ASSERT(field_count(encoder->params) <= ENCODER_MAX_PARAMS);
        CU_ASSERT(field_count(encoder->state_vars) <= ENCODER_MAX_STATE);
    }
    CU_ASSERT_PTR_NULL(encoder_find("none"));
}

/* A code's windows have gaps where one more step does not always hold more counts. */
static bool has_gaps(const struct encoder *encoder)
{
    return strcmp(encoder->name, "burst") == 0 || strcmp(encoder->name, "phase") == 0;
}

static bool holds(const struct encoder *encoder, unsigned steps, int32_t lowest,
                  int32_t highest)
{
    int32_t least = 0, most = 0;
    if (steps > 0)
        encoder->range(steps, &least, &most);
    return least <= lowest && most >= highest;
}

/* steps() is the shortest window that holds the counts; max_steps is enough for them. */
static void check_shortest(const struct encoder *encoder, int32_t lowest,
                           int32_t highest)
{
    unsigned steps = encoder->steps(lowest, highest);
    CU_ASSERT(steps >= 1 && steps <= encoder->max_steps);
    CU_ASSERT(holds(encoder, steps, lowest, highest));
    CU_ASSERT_FALSE(holds(encoder, steps - 1, lowest, highest));
}

/* A window holds its range, and one step less does not hold its ends. */
static void steps_and_range_agree(void)
{
    for (size_t i = 0; encoders[i]; i++) {
        const struct encoder *encoder = encoders[i];
        int32_t least, most;
        encoder->range(encoder->max_steps, &least, &most);
        CU_ASSERT_EQUAL(encoder->steps(0, 0), 0);
        for (unsigned steps = 1; steps <= encoder->max_steps && steps < 400; steps++) {
            int32_t lowest, highest;
            encoder->range(steps, &lowest, &highest);
            CU_ASSERT(lowest <= 0 && highest >= 0);
            CU_ASSERT(encoder->steps(lowest, highest) <= steps);
            if (!has_gaps(encoder))
                CU_ASSERT_EQUAL(encoder->steps(lowest, highest), steps);
            if (lowest < 0 || highest > 0)
                check_shortest(encoder, lowest, highest);
            if (lowest > least) {
                CU_ASSERT(encoder->steps(lowest - 1, 0) > steps);
                check_shortest(encoder, lowest - 1, 0);
            }
            if (highest < most) {
                CU_ASSERT(encoder->steps(0, highest + 1) > steps);
                check_shortest(encoder, 0, highest + 1);
            }
            if (!has_gaps(encoder) && steps < encoder->max_steps)
                CU_ASSERT(encoder->steps(lowest - 1, 0) == steps + 1 &&
                          encoder->steps(0, highest + 1) == steps + 1);
        }
    }
}

/* Not one spike for a zero, whatever the window and the other channels. */
static void a_zero_count_is_silent(void)
{
    static const unsigned window[] = { 0, 1, 8, 31, 300 };
    const struct neuron_model *model = neuron_model_find("if");
    for (size_t c = 0; encoders[c]; c++)
        for (size_t w = 0; w < sizeof window / sizeof window[0]; w++) {
            const struct code_run run = { .model = model, .encoder = encoders[c] };
            struct trains trains = { .keeps_events = true };
            int32_t lowest = 0, highest = 0;
            if (window[w] > encoders[c]->max_steps)
                continue;
            if (window[w] > 0)
                encoders[c]->range(window[w], &lowest, &highest);
            const int32_t count[] = { 0, lowest, 0, highest, 0 };
            trains_simulate(&trains, &run, count, 5, window[w]);
            for (size_t i = 0; i < trains.spikes; i++)
                CU_ASSERT(count[trains.sent[i].channel] != 0);
            CU_ASSERT(trains.spikes > 0 || highest == 0);
            if (encoders[c]->spikes)
                CU_ASSERT_EQUAL(encoders[c]->spikes(0, window[w]), 0);
            trains_free(&trains);
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
    { "a zero count is silent", a_zero_count_is_silent },
    { "windows are those of the report", windows_are_those_of_the_report },
    { "every small count is spelt exactly", every_small_count_is_spelt_exactly },
    { "the ends of every window are spelt exactly",
      the_ends_of_every_window_are_spelt_exactly },
    { "large counts are spelt exactly", large_counts_are_spelt_exactly },
    CU_TEST_INFO_NULL,
};
