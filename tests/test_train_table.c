/* Trains from a table are those that the code spells out, of every code. */
#include "sim/train_table.h"
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
        struct code_event event[TRAIN_MOST_EVENTS];
        struct train train;
        if (count < lowest || count > highest ||
            encoder->spikes(count, steps) > TRAIN_MOST_EVENTS)
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

static void large_trains_are_left_to_the_code(void)
{
    struct train_table table = { 0 };
    const struct encoder *rate = encoder_find("rate");
    struct train train;
    CU_ASSERT_FALSE(train_table_get(&table, rate, 1, TRAIN_MOST_STEPS + 1, &train));
    CU_ASSERT_FALSE(train_table_get(&table, rate, TRAIN_MOST_COUNT + 1, 4, &train));
    CU_ASSERT_FALSE(train_table_get(&table, rate, -TRAIN_MOST_COUNT - 1, 4, &train));
    CU_ASSERT_FALSE(train_table_get(&table, rate, INT32_MIN, 4, &train));
    train_table_free(&table);
}

CU_TestInfo train_table_tests[] = {
    { "every train is the code's", every_train_is_the_codes },
    { "large trains are left to the code", large_trains_are_left_to_the_code },
    CU_TEST_INFO_NULL,
};
