/* A growing list of spikes, and the trains that counts stand for. */
#ifndef SIM_SPIKE_LIST_H
#define SIM_SPIKE_LIST_H

#include "encoders/encoder.h"
#include "sim/recording.h"
#include "sim/train_table.h"

/* Of one step, while its spikes are put in place. */
struct step_place {
    size_t next;
    uint64_t last_node;
};

/* Zero-initialise. What has been allocated is kept for the next use. */
struct spike_list {
    struct recorded_spike *at;
    size_t length, room;
    uint32_t last_step;           /* no step was larger so far */
    struct recorded_spike *spare; /* sorting goes from one to the other */
    size_t spare_room;
    struct step_place *place; /* by step */
    size_t place_room;
};

void spike_list_free(struct spike_list *list);
enum error_code spike_list_add(struct spike_list *list, struct recorded_spike spike,
                               struct error *err);
/* What a population's counts (channels) are in a window of so many steps. */
struct counted_window {
    const struct population_info *population;
    const struct encoder *encoder; /* with a closed form */
    const int32_t *count;
    uint64_t steps;
};

/* Fills the list with all that the windows send, by rising step, then node; they begin
 * together, and their populations come in rising order of nodes. `trains` serves all
 * calls of a run. ERR_FORMAT: as population_check_counts() says; the list is empty. */
enum error_code spike_list_spell(struct spike_list *list, struct train_table *trains,
                                 const struct counted_window *window, size_t windows,
                                 struct error *err);
/* By rising step, then node. */
enum error_code spike_list_sort(struct spike_list *list, struct error *err);

#endif
