/* See spike_list.h. */
#include "sim/spike_list.h"

#include "sim/population_check.h"

#include <stdlib.h>
#include <string.h>

void spike_list_free(struct spike_list *list)
{
    free(list->at);
    free(list->spare);
    free(list->place);
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

/* A place of zeros for each of so many steps. */
static enum error_code clear_places(struct spike_list *list, size_t steps,
                                    struct error *err)
{
    if (steps > list->place_room) {
        struct step_place *place = NULL;
        if (steps < SIZE_MAX / sizeof *place)
            place = realloc(list->place, steps * sizeof *place);
        if (!place)
            return error_memory(err, "steps of spikes", (double)steps * sizeof *place);
        list->place = place;
        list->place_room = steps;
    }
    memset(list->place, 0, steps * sizeof *list->place);
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

/* Adds to the steps the events of every channel. All trains that are kept are made. */
static bool count_steps_of(const struct counted_window *window,
                           struct train_table *trains, struct step_place *place)
{
    const uint64_t channels = window->population->channels;
    size_t channels_of[TRAIN_COUNTS] = { 0 }; /* by count */
    struct train train;
    for (uint64_t channel = 0; channel < channels; channel++) {
        const int32_t count = window->count[channel];
        if (count >= -TRAIN_MOST_COUNT && count <= TRAIN_MOST_COUNT) {
            channels_of[count + TRAIN_MOST_COUNT]++;
            continue;
        }
        if (!train_table_get(trains, window->encoder, count, (unsigned)window->steps,
                             &train))
            return false;
        for (uint32_t i = 0; i < train.length; i++)
            place[train.event[i].step].next++;
    }
    for (int32_t at = 0; at < TRAIN_COUNTS; at++) {
        const int32_t count = at - TRAIN_MOST_COUNT;
        if (count == 0 || channels_of[at] == 0)
            continue;
        if (!train_table_get(trains, window->encoder, count, (unsigned)window->steps,
                             &train))
            return false;
        for (uint32_t i = 0; i < train.length; i++)
            place[train.event[i].step].next += channels_of[at];
    }
    return true;
}

/* Every event to the next place of its step. */
static bool place_spikes(const struct counted_window *window,
                         struct train_table *trains, struct step_place *place,
                         struct recorded_spike *at)
{
    const uint64_t channels = window->population->channels;
    const struct train *kept =
        train_table_kept(trains, window->encoder, (unsigned)window->steps);
    uint64_t first = window->population->first_node;
    for (uint64_t channel = 0; channel < channels;
         channel++, first += window->encoder->neurons_per_channel) {
        const int32_t count = window->count[channel];
        struct train train = { NULL, 0 };
        if (count == 0)
            continue;
        if (kept && count >= -TRAIN_MOST_COUNT && count <= TRAIN_MOST_COUNT)
            train = kept[count];
        if (!train.event && !train_table_get(trains, window->encoder, count,
                                             (unsigned)window->steps, &train))
            return false;
        for (uint32_t i = 0; i < train.length; i++) {
            const struct code_event event = train.event[i];
            at[place[event.step].next++] =
                (struct recorded_spike){ first + event.neuron, event.step,
                                         event.worth };
        }
    }
    return true;
}

static enum error_code spell(struct spike_list *list, struct train_table *trains,
                             const struct counted_window *window, size_t windows,
                             size_t steps, struct error *err)
{
    bool good = true;
    size_t length = 0;
    for (size_t i = 0; good && i < windows; i++)
        good = count_steps_of(&window[i], trains, list->place);
    for (size_t step = 0; step < steps; step++) {
        const size_t here = list->place[step].next;
        list->place[step].next = length;
        length += here;
    }
    if (good && reserve(list, length, err) != OK)
        return err->code;
    for (size_t i = 0; good && i < windows; i++)
        good = place_spikes(&window[i], trains, list->place, list->at);
    if (!good)
        return error_memory(err, "trains", sizeof(struct code_event));
    list->length = length;
    return OK;
}

enum error_code spike_list_spell(struct spike_list *list, struct train_table *trains,
                                 const struct counted_window *window, size_t windows,
                                 struct error *err)
{
    uint64_t steps = 0;
    list->length = 0;
    list->last_step = 0;
    for (size_t i = 0; i < windows; i++) {
        if (population_check_counts(window[i].population, window[i].encoder,
                                    window[i].count, window[i].steps, err) != OK)
            return err->code;
        steps = window[i].steps > steps ? window[i].steps : steps;
    }
    if (clear_places(list, (size_t)steps + 1, err) != OK ||
        spell(list, trains, window, windows, (size_t)steps, err) != OK)
        return err->code;
    list->last_step = steps ? (uint32_t)steps - 1 : 0;
    return OK;
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

/* Where the spikes of every step begin. */
static enum error_code count_steps(struct spike_list *list, struct error *err)
{
    if (clear_places(list, (size_t)list->last_step + 2, err) != OK)
        return err->code;
    for (size_t i = 0; i < list->length; i++)
        list->place[list->at[i].step + 1].next++;
    for (size_t step = 0; step < list->last_step; step++)
        list->place[step + 1].next += list->place[step].next;
    return OK;
}

enum error_code spike_list_sort(struct spike_list *list, struct error *err)
{
    if (count_steps(list, err) != OK)
        return err->code;
    if (!reserve_spare(list))
        return error_memory(err, "sorting spikes",
                            (double)list->length * sizeof *list->spare);
    struct recorded_spike *sorted = list->spare;
    size_t room = list->spare_room;
    bool is_sorted = true;
    for (size_t i = 0; i < list->length; i++) {
        const struct recorded_spike spike = list->at[i];
        struct step_place *to = &list->place[spike.step];
        is_sorted = is_sorted && to->last_node <= spike.node;
        to->last_node = spike.node;
        sorted[to->next++] = spike;
    }
    list->spare = list->at;
    list->spare_room = list->room;
    list->at = sorted;
    list->room = room;
    if (!is_sorted)
        insertion_sort(list->at, list->length);
    return OK;
}
