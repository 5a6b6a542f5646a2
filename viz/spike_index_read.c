/* See spike_index_read.h. */
#include "viz/spike_index_read.h"

#include <stdlib.h>

enum { LEAST_ROOM = 1 << 16 };

void event_reader_restart(struct event_reader *reader, uint64_t token)
{
    reader->first_token = reader->next_token = token;
    reader->events = 0;
    reader->first_step = reader->end_step = 0;
}

void event_reader_empty(struct event_reader *reader)
{
    free(reader->event);
    reader->event = NULL;
    reader->events = reader->room = 0;
}

void event_reader_release(struct event_reader *reader)
{
    free(reader->event);
    *reader = (struct event_reader){ 0 };
}

static bool make_room(struct event_reader *reader, size_t more)
{
    size_t needed = reader->events + more,
           room = reader->room ? reader->room : LEAST_ROOM;
    if (needed <= reader->room)
        return true;
    while (room < needed)
        room *= 2;
    struct raw_event *event = realloc(reader->event, room * sizeof *event);
    if (!event)
        return false;
    reader->event = event;
    reader->room = room;
    return true;
}

static int compare_steps(const void *a, const void *b)
{
    const struct raw_event *left = a, *right = b;
    return (left->step > right->step) - (left->step < right->step);
}

void event_reader_sort(struct event_reader *reader)
{
    for (size_t i = 1; i < reader->events; i++)
        if (reader->event[i].step < reader->event[i - 1].step) {
            qsort(reader->event, reader->events, sizeof *reader->event, compare_steps);
            return;
        }
}

/* Appends a token's spikes whose window begins `before` steps behind the first. */
static enum error_code append(struct event_reader *reader, uint64_t token,
                              uint32_t before, uint32_t steps, struct error *err)
{
    struct recorded_spike *spike = NULL;
    size_t length = 0, begin = reader->events;
    if (recording_expand(&reader->recording, token, &spike, &length, err) != OK)
        return err->code;
    if (!make_room(reader, length)) {
        free(spike);
        return error_memory(err, "events of an index", 12.0 * (double)length);
    }
    bool rises = true;
    for (size_t i = 0; i < length; i++) {
        if (spike[i].step >= steps || spike[i].node >= reader->recording.neurons)
            continue;
        struct raw_event event = { before + spike[i].step, (uint32_t)spike[i].node,
                                   spike[i].worth };
        rises = rises && (reader->events == begin ||
                          reader->event[reader->events - 1].step <= event.step);
        reader->event[reader->events++] = event;
    }
    if (!rises)
        qsort(reader->event + begin, reader->events - begin, sizeof *reader->event,
              compare_steps);
    free(spike);
    return OK;
}

static enum error_code find_window(const struct event_reader *reader, uint64_t token,
                                   uint64_t *start, uint32_t *steps, struct error *err)
{
    struct token_column column = { .start_step = start, .steps = steps };
    return recording_read_tokens(&reader->recording, token, 1, &column, err);
}

enum error_code event_reader_next(struct event_reader *reader, bool *fits,
                                  struct error *err)
{
    uint64_t start = 0;
    uint32_t steps = 0;
    *fits = true;
    if (find_window(reader, reader->next_token, &start, &steps, err) != OK)
        return err->code;
    if (reader->next_token == reader->first_token)
        reader->first_step = reader->end_step = start;
    *fits = start >= reader->end_step && start - reader->first_step <= UINT32_MAX &&
            steps <= UINT32_MAX - (start - reader->first_step);
    if (!*fits)
        return OK;
    if (append(reader, reader->next_token, (uint32_t)(start - reader->first_step),
               steps, err) != OK)
        return err->code;
    reader->end_step = start + steps;
    reader->next_token++;
    return OK;
}

enum error_code event_reader_take(struct event_reader *reader, uint64_t token,
                                  struct error *err)
{
    uint64_t start = 0;
    uint32_t steps = 0;
    if (find_window(reader, token, &start, &steps, err) != OK)
        return err->code;
    if (start < reader->first_step ||
        start - reader->first_step > UINT32_MAX - (uint64_t)steps)
        return OK;
    if (append(reader, token, (uint32_t)(start - reader->first_step), steps, err) != OK)
        return err->code;
    if (start + steps > reader->end_step)
        reader->end_step = start + steps;
    return OK;
}
