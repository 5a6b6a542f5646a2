/* Trains from a table are those that the code spells out, of every code; counts and
 * windows that are none of a code's are refused before it is asked. */
#include "sim/spike_list.h"
#include "tests/suites.h"
static bool is_same(const struct code_event *a, const struct code_event *b)
{
    return a->step == b->step && a->neuron == b->neuron && a->worth == b->worth;
}

/* Twice, so that what was kept is asked for too. */
static void check_window(struct train_table *table, const struct encoder *encoder,
                         unsigned steps)
{
    int32_t lowest, highest;
    encoder->range(steps, &lowest, &highest);
    for (int32_t i = 0; i < 4 * TRAIN_MOST_COUNT; i++) {
        const int32_t count = i / 2 - TRAIN_MOST_COUNT;
        struct code_event event[TRAIN_MOST_COUNT * TRAIN_MOST_STEPS];
        struct train train;
        if (count < lowest || count > highest)
            continue;
        CU_ASSERT_FATAL(train_table_get(table, encoder, count, steps, &train));
        CU_ASSERT_EQUAL_FATAL(train.length, encoder->train(count, steps, event));
        for (uint32_t at = 0; at < train.length; at++)
            CU_ASSERT(is_same(&train.event[at], &event[at]));
    }
}

static void every_train_is_the_codes(void)
{
    struct train_table table = { 0 };
    for (size_t c = 0; encoders[c]; c++)
        for (unsigned steps = 1; encoders[c]->train && steps <= TRAIN_MOST_STEPS;
             steps++)
            if (steps <= encoders[c]->max_steps)
                check_window(&table, encoders[c], steps);
    train_table_free(&table);
}

/* Kept are small counts in short windows; the others are as the code's all the same. */
static void large_trains_are_not_kept(void)
{
    struct train_table table = { 0 };
    const struct encoder *rate = encoder_find("rate");
    struct train train;
    for (unsigned steps = 1; steps <= 2 * TRAIN_MOST_STEPS; steps++)
        for (int32_t count = -(int32_t)steps; count <= (int32_t)steps; count++) {
            CU_ASSERT(train_table_get(&table, rate, count, steps, &train));
            CU_ASSERT_EQUAL(train.length, (uint32_t)abs(count));
            const struct train *kept = train_table_kept(&table, rate, steps);
            CU_ASSERT_FATAL(!kept == (steps > TRAIN_MOST_STEPS));
            CU_ASSERT(!kept || kept[count].event == train.event);
        }
    CU_ASSERT_PTR_NULL(train_table_kept(&table, encoder_find("ternary"), 1));
    CU_ASSERT(train_table_get(&table, rate, 4 * TRAIN_MOST_COUNT, 4 * TRAIN_MOST_COUNT,
                              &train));
    CU_ASSERT_EQUAL(train.length, 4 * TRAIN_MOST_COUNT);
    train_table_free(&table);
}

/* One channel. */
static enum error_code expand(const struct encoder *encoder, int32_t count,
                              uint64_t steps, uint64_t neurons)
{
    const struct population_info population = { .name = "one",
                                                .size = neurons,
                                                .channels = 1 };
    struct train_table trains = { 0 };
    struct spike_list list = { 0 };
    struct error err = { 0 };
    const struct counted_window window = { &population, encoder, &count, steps };
    const enum error_code code = spike_list_spell(&list, &trains, &window, 1, &err);
    CU_ASSERT(code == OK || (list.length == 0 && strstr(err.text, "population one")));
    for (size_t i = 0; i < list.length; i++)
        CU_ASSERT(list.at[i].step < steps && list.at[i].node < neurons);
    train_table_free(&trains);
    spike_list_free(&list);
    return code;
}

static void foreign_counts_are_refused(void)
{
    static const uint64_t window[] = { 1, 2, 3, 4, 8, 16, 17, 31, 64 };
    for (size_t c = 0; encoders[c]; c++) {
        const struct encoder *code = encoders[c];
        const uint64_t neurons = code->neurons_per_channel;
        for (size_t w = 0; code->train && w < sizeof window / sizeof *window; w++) {
            int32_t lowest, highest;
            if (window[w] > code->max_steps)
                continue;
            code->range((unsigned)window[w], &lowest, &highest);
            CU_ASSERT_EQUAL(expand(code, lowest, window[w], neurons), OK);
            CU_ASSERT_EQUAL(expand(code, highest, window[w], neurons), OK);
            if (lowest > INT32_MIN)
                CU_ASSERT_EQUAL(expand(code, lowest - 1, window[w], neurons),
                                ERR_FORMAT);
            if (highest < INT32_MAX)
                CU_ASSERT_EQUAL(expand(code, highest + 1, window[w], neurons),
                                ERR_FORMAT);
        }
        if (!code->train)
            continue;
        CU_ASSERT_EQUAL(expand(code, 0, 0, neurons), OK);
        CU_ASSERT_EQUAL(expand(code, 1, 0, neurons), ERR_FORMAT);
        CU_ASSERT_EQUAL(expand(code, 0, code->max_steps + 1, neurons), ERR_FORMAT);
        CU_ASSERT_EQUAL(expand(code, 1, UINT64_C(1) << 32 | 1, neurons), ERR_FORMAT);
        CU_ASSERT_EQUAL(expand(code, 1, 1, neurons + 1), ERR_FORMAT);
    }
}

CU_TestInfo train_table_tests[] = {
    { "every train is the code's", every_train_is_the_codes },
    { "large trains are not kept", large_trains_are_not_kept },
    { "foreign counts are refused", foreign_counts_are_refused },
    CU_TEST_INFO_NULL,
};
