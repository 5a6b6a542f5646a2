/* See train_table.h. */
#include "sim/train_table.h"

#include <stdlib.h>

enum { COUNTS = 2 * TRAIN_MOST_COUNT + 1, UNKNOWN = UINT8_MAX };

struct train_window {
    uint8_t length[COUNTS]; /* UNKNOWN: not made yet */
    struct code_event event[COUNTS][TRAIN_MOST_EVENTS];
};

void train_table_free(struct train_table *table)
{
    for (unsigned steps = 0; steps <= TRAIN_MOST_STEPS; steps++)
        free(table->window[steps]);
    *table = (struct train_table){ 0 };
}

static struct train_window *window_of(struct train_table *table, unsigned steps)
{
    struct train_window *window = table->window[steps];
    if (window)
        return window;
    window = malloc(sizeof *window);
    for (unsigned i = 0; window && i < COUNTS; i++)
        window->length[i] = UNKNOWN;
    return table->window[steps] = window;
}

bool train_table_get(struct train_table *table, const struct encoder *encoder,
                     int32_t count, unsigned steps, struct train *train)
{
    if (steps > TRAIN_MOST_STEPS || count > TRAIN_MOST_COUNT ||
        count < -TRAIN_MOST_COUNT)
        return false;
    if (table->encoder != encoder) {
        train_table_free(table);
        table->encoder = encoder;
    }
    struct train_window *window = window_of(table, steps);
    const unsigned at = (unsigned)(count + TRAIN_MOST_COUNT);
    if (!window)
        return false;
    if (window->length[at] == UNKNOWN) {
        const uint32_t expected = encoder->spikes(count, steps);
        if (expected > TRAIN_MOST_EVENTS)
            return false;
        window->length[at] = (uint8_t)encoder->train(count, steps, window->event[at]);
    }
    *train = (struct train){ window->event[at], window->length[at] };
    return true;
}
