/* See spike_list.h. */
#include "sim/spike_list.h"

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
    return OK;
}

enum error_code spike_list_expand(struct spike_list *list,
                                  const struct encoder *encoder,
                                  const struct population_info *population,
                                  const int32_t *count, unsigned steps,
                                  struct error *err)
{
    struct code_event few[64], *event = few;
    size_t room = sizeof few / sizeof few[0];
    uint64_t per_channel = population->size / population->channels;
    for (uint64_t channel = 0; channel < population->channels; channel++) {
        if (count[channel] == 0)
            continue;
        uint32_t expected = encoder->spikes(count[channel], steps);
        if (expected > (uint64_t)steps * per_channel) {
            error_set(err, ERR_FORMAT,
                      "population %s: a count of %d does not fit %u steps",
                      population->name, (int)count[channel], steps);
            goto out;
        }
        if (expected > room) {
            struct code_event *more =
                realloc(event == few ? NULL : event, expected * sizeof *more);
            if (!more) {
                error_memory(err, "a train", (double)expected * sizeof *more);
                goto out;
            }
            event = more;
            room = expected;
        }
        uint32_t length = encoder->train(count[channel], steps, event);
        if (reserve(list, length, err) != OK)
            goto out;
        uint64_t first = population->first_node + channel * per_channel;
        for (uint32_t i = 0; i < length; i++)
            list->at[list->length++] =
                (struct recorded_spike){ first + event[i].neuron, event[i].step,
                                         event[i].worth };
    }
    err->code = OK;
out:
    if (event != few)
        free(event);
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

enum error_code spike_list_sort(struct spike_list *list, struct error *err)
{
    uint32_t last = 0;
    for (size_t i = 0; i < list->length; i++)
        if (list->at[i].step > last)
            last = list->at[i].step;
    size_t *start = calloc((size_t)last + 2, sizeof *start);
    if (!start || !reserve_spare(list)) {
        free(start);
        return error_memory(err, "sorting spikes",
                            (double)list->length * sizeof *list->spare);
    }
    struct recorded_spike *sorted = list->spare;
    size_t room = list->spare_room;
    for (size_t i = 0; i < list->length; i++)
        start[list->at[i].step + 1]++;
    for (size_t step = 0; step < last; step++)
        start[step + 1] += start[step];
    for (size_t i = 0; i < list->length; i++)
        sorted[start[list->at[i].step]++] = list->at[i];
    free(start);
    list->spare = list->at;
    list->spare_room = list->room;
    list->at = sorted;
    list->room = room;
    insertion_sort(list->at, list->length);
    return OK;
}
