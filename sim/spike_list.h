/* A growing list of spikes, and the trains that counts stand for. */
#ifndef SIM_SPIKE_LIST_H
#define SIM_SPIKE_LIST_H

#include "encoders/encoder.h"
#include "sim/recording.h"

/* Zero-initialise. */
struct spike_list {
    struct recorded_spike *at;
    size_t length, room;
    struct recorded_spike *spare; /* sorting goes from one to the other */
    size_t spare_room;
};

void spike_list_free(struct spike_list *list);
enum error_code spike_list_add(struct spike_list *list, struct recorded_spike spike,
                               struct error *err);
/* Appends what a population's counts (channels) make in a window of `steps`; the
 * encoder has a closed form. */
enum error_code spike_list_expand(struct spike_list *list,
                                  const struct encoder *encoder,
                                  const struct population_info *population,
                                  const int32_t *count, unsigned steps,
                                  struct error *err);
/* By rising step, then node. */
enum error_code spike_list_sort(struct spike_list *list, struct error *err);

#endif
