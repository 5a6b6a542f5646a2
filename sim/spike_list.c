/* See spike_list.h. */
#include "sim/spike_list.h"

#include "sim/population_check.h"

#include <stdlib.h>
#include <string.h>

void spike_list_free(struct spike_list *list)
{
    free(list->at);
    free(list->spare);
    *list = (struct spike_list){ 0 };
}

static enum error_code reserve(struct spike_list *list, size_t more, struct error *err)
{
    if (more <= list->room - list->length)
        return OK;
    size_t room = list->room * 2 + 1024 + more;
    struct recorded_spike *at = NULL;
    if (room < SIZE_MAX / sizeof *at)
        at = realloc(list->at, room * sizeof *at);
    if (!at)
        return error_memory(err, "spikes", (double)room * sizeof *at);
    list->at = at;
    list->room = room;
    return OK;
}

enum error_code spike_list_add(struct spike_list *list, struct recorded_spike spike,
                               struct error *err)
{
    if (reserve(list, 1, err) != OK)
        return err->code;
    list->at[list->length++] = spike;
    list->last_step = spike.step > list->last_step ? spike.step : list->last_step;
    return OK;
}

/* Appends a train, whose neurons count from `first`. */
static enum error_code append(struct spike_list *list, uint64_t first,
                              const struct code_event *event, uint32_t length,
                              struct error *err)
{
    if (reserve(list, length, err) != OK)
        return err->code;
    struct recorded_spike *at = list->at + list->length;
    for (uint32_t i = 0; i < length; i++) {
        at[i] = (struct recorded_spike){ first + event[i].neuron, event[i].step,
                                         event[i].worth };
        list->last_step =
            event[i].step > list->last_step ? event[i].step : list->last_step;
    }
    list->length += length;
    return OK;
}

/* A train that is in no table. */
static enum error_code append_rare(struct spike_list *list,
                                   const struct encoder *encoder, int32_t count,
                                   unsigned steps, uint64_t first, struct error *err)
{
    const uint32_t expected = encoder->spikes(count, steps);
    struct code_event *event = malloc(((size_t)expected + 1) * sizeof *event);
    if (!event)
        return error_memory(err, "a train", (double)expected * sizeof *event);
    append(list, first, event, encoder->train(count, steps, event), err);
    free(event);
    return err->code;
}

enum error_code spike_list_expand(struct spike_list *list, struct train_table *trains,
                                  const struct encoder *encoder,
                                  const struct population_info *population,
                                  const int32_t *count, uint64_t window,
                                  struct error *err)
{
    const unsigned steps = (unsigned)window;
    uint64_t first = population->first_node;
    if (population_check_counts(population, encoder, count, window, err) != OK)
        return err->code;
    err->code = OK;
    for (uint64_t channel = 0; channel < population->channels && err->code == OK;
         channel++, first += encoder->neurons_per_channel) {
        struct train train;
        if (count[channel] == 0)
            continue;
        if (train_table_get(trains, encoder, count[channel], steps, &train))
            append(list, first, train.event, train.length, err);
        else
            append_rare(list, encoder, count[channel], steps, first, err);
    }
    return err->code;
}

static bool is_before(const struct recorded_spike *a, const struct recorded_spike *b)
{
    return a->step != b->step ? a->step < b->step : a->node < b->node;
}

/* Lists are built in rising order of channels, so after a stable sort by step
 * nothing is far from its place. */
static void insertion_sort(struct recorded_spike *at, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        struct recorded_spike spike = at[i];
        size_t to = i;
        for (; to > 0 && is_before(&spike, &at[to - 1]); to--)
            at[to] = at[to - 1];
        at[to] = spike;
    }
}

static bool reserve_spare(struct spike_list *list)
{
    if (list->spare_room >= list->length && list->spare)
        return true;
    free(list->spare);
    list->spare_room = list->room ? list->room : 1;
    list->spare = malloc(list->spare_room * sizeof *list->spare);
    if (!list->spare)
        list->spare_room = 0;
    return list->spare != NULL;
}

/* Of one step, while its spikes are put in place. */
struct step_place {
    size_t next;
    uint64_t last_node;
};

/* Where the spikes of every step begin; NULL: no memory. */
static struct step_place *count_steps(const struct spike_list *list)
{
    struct step_place *place = calloc((size_t)list->last_step + 2, sizeof *place);
    for (size_t i = 0; place && i < list->length; i++)
        place[list->at[i].step + 1].next++;
    for (size_t step = 0; place && step < list->last_step; step++)
        place[step + 1].next += place[step].next;
    return place;
}

enum error_code spike_list_sort(struct spike_list *list, struct error *err)
{
    struct step_place *place = count_steps(list);
    if (!place || !reserve_spare(list)) {
        free(place);
        return error_memory(err, "sorting spikes",
                            (double)list->length * sizeof *list->spare);
    }
    struct recorded_spike *sorted = list->spare;
    size_t room = list->spare_room;
    bool is_sorted = true;
    for (size_t i = 0; i < list->length; i++) {
        const struct recorded_spike spike = list->at[i];
        struct step_place *to = &place[spike.step];
        is_sorted = is_sorted && to->last_node <= spike.node;
        to->last_node = spike.node;
        sorted[to->next++] = spike;
    }
    free(place);
    list->spare = list->at;
    list->spare_room = list->room;
    list->at = sorted;
    list->room = room;
    if (!is_sorted)
        insertion_sort(list->at, list->length);
    return OK;
}
