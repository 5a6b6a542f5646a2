/* A growing list of spikes, and the trains that counts stand for. */
#ifndef SIM_SPIKE_LIST_H
#define SIM_SPIKE_LIST_H

#include "encoders/encoder.h"
#include "sim/recording.h"
#include "sim/train_table.h"

/* Zero-initialise. */
struct spike_list {
    struct recorded_spike *at;
    size_t length, room;
    uint32_t last_step;           /* no step was larger so far */
    struct recorded_spike *spare; /* sorting goes from one to the other */
    size_t spare_room;
};

void spike_list_free(struct spike_list *list);
enum error_code spike_list_add(struct spike_list *list, struct recorded_spike spike,
                               struct error *err);
/* Appends what a population's counts (channels) make in a window; the
 * encoder has a closed form. `trains` serves all calls of a run. ERR_FORMAT: as
 * population_check_counts() says, and nothing is appended. */
enum error_code spike_list_expand(struct spike_list *list, struct train_table *trains,
                                  const struct encoder *encoder,
                                  const struct population_info *population,
                                  const int32_t *count, uint64_t window,
                                  struct error *err);
/* By rising step, then node. */
enum error_code spike_list_sort(struct spike_list *list, struct error *err);

#endif
