/* The trains that counts stand for. Those of small counts in short windows are made once:
 * spelling out a run asks for the same few over and over. */
#ifndef SIM_TRAIN_TABLE_H
#define SIM_TRAIN_TABLE_H

#include "encoders/encoder.h"

enum {
    TRAIN_MOST_STEPS = 16,
    TRAIN_MOST_COUNT = 127,
    TRAIN_MOST_EVENTS = 32,
    TRAIN_COUNTS = 2 * TRAIN_MOST_COUNT + 1
};

struct train {
    const struct code_event *event; /* the table's; NULL: not made yet */
    uint32_t length;
};

struct train_window;

/* Zero-initialise. Of one code at a time: asking for another forgets the first. */
struct train_table {
    const struct encoder *encoder;
    struct train_window *window[TRAIN_MOST_STEPS + 1]; /* by steps; NULL: none yet */
    struct code_event *rare; /* the last train that is not kept */
    size_t rare_room;
};

void train_table_free(struct train_table *table);
/* What a count that fits a window of `steps` (the code's `range`) sends in it, as the
 * code's `train` says; until the table is asked again. False: no memory. */
bool train_table_get(struct train_table *table, const struct encoder *encoder,
                     int32_t count, unsigned steps, struct train *train);
/* Those kept of a window: trains[count], |count| <= TRAIN_MOST_COUNT. NULL: none are. */
const struct train *train_table_kept(const struct train_table *table,
                                     const struct encoder *encoder, unsigned steps);

#endif
