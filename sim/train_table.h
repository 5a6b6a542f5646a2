/* The trains that small counts stand for in short windows, each made once: spelling out a
 * run asks for the same few over and over. */
#ifndef SIM_TRAIN_TABLE_H
#define SIM_TRAIN_TABLE_H

#include "encoders/encoder.h"

enum { TRAIN_MOST_STEPS = 16, TRAIN_MOST_COUNT = 127, TRAIN_MOST_EVENTS = 32 };

struct train_window;

/* Zero-initialise. Of one code at a time. */
struct train_table {
    const struct encoder *encoder;
    struct train_window *window[TRAIN_MOST_STEPS + 1]; /* by steps; NULL: none yet */
};

struct train {
    const struct code_event *event; /* the table's, until it is asked again */
    uint32_t length;
};

void train_table_free(struct train_table *table);
/* What a count that fits a window of `steps` (the code's `range`) sends in it, as the
 * code's `train` says. False: too much for a table (or no memory); the code itself is
 * to be asked. */
bool train_table_get(struct train_table *table, const struct encoder *encoder,
                     int32_t count, unsigned steps, struct train *train);

#endif
