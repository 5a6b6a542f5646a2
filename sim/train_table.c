/* See train_table.h. */
#include "sim/train_table.h"

#include <stdlib.h>

struct train_window {
    struct train train[TRAIN_COUNTS];
    struct code_event event[TRAIN_COUNTS][TRAIN_MOST_EVENTS];
};

void train_table_free(struct train_table *table)
{
    for (unsigned steps = 0; steps <= TRAIN_MOST_STEPS; steps++)
        free(table->window[steps]);
    free(table->rare);
    *table = (struct train_table){ 0 };
}

static struct train_window *window_of(struct train_table *table,
                                      const struct encoder *encoder, unsigned steps)
{
    if (table->encoder != encoder) {
        train_table_free(table);
        table->encoder = encoder;
    }
    if (!table->window[steps])
        table->window[steps] = calloc(1, sizeof *table->window[steps]);
    return table->window[steps];
}

/* A train that is used once. */
static bool spell(struct train_table *table, const struct encoder *encoder,
                  int32_t count, unsigned steps, struct train *train)
{
    const size_t room = (size_t)encoder->spikes(count, steps) + 1;
    if (room > table->rare_room) {
        struct code_event *more = realloc(table->rare, room * sizeof *more);
        if (!more)
            return false;
        table->rare = more;
        table->rare_room = room;
    }
    *train = (struct train){ table->rare, encoder->train(count, steps, table->rare) };
    return true;
}

bool train_table_get(struct train_table *table, const struct encoder *encoder,
                     int32_t count, unsigned steps, struct train *train)
{
    if (steps > TRAIN_MOST_STEPS || count > TRAIN_MOST_COUNT ||
        count < -TRAIN_MOST_COUNT)
        return spell(table, encoder, count, steps, train);
    struct train_window *window = window_of(table, encoder, steps);
    if (!window)
        return false;
    const size_t at = (size_t)(count + TRAIN_MOST_COUNT);
    struct train *kept = &window->train[at];
    if (!kept->event) {
        if (encoder->spikes(count, steps) > TRAIN_MOST_EVENTS)
            return spell(table, encoder, count, steps, train);
        kept->length = encoder->train(count, steps, window->event[at]);
        kept->event = window->event[at];
    }
    *train = *kept;
    return true;
}

const struct train *train_table_kept(const struct train_table *table,
                                     const struct encoder *encoder, unsigned steps)
{
    if (table->encoder != encoder || steps > TRAIN_MOST_STEPS || !table->window[steps])
        return NULL;
    return table->window[steps]->train + TRAIN_MOST_COUNT;
}
