/* See event_queue.h. Discrete time and bounded delay make a ring of slots right:
 * sending and passing on cost the same however many events are in flight, and nothing
 * is ever compared. Slots keep their room when they are emptied. */
#include "sim/event_queue.h"

#include <assert.h>
#include <stdlib.h>

struct slot {
    struct event *event;
    size_t count, room;
};

struct event_queue {
    uint32_t slots, present;
    size_t in_flight;
    struct slot slot[];
};

struct event_queue *event_queue_create(uint32_t max_delay)
{
    if (max_delay == UINT32_MAX)
        return NULL;
    size_t slots = (size_t)max_delay + 1;
    struct event_queue *queue = NULL;
    if (slots <= (SIZE_MAX - sizeof *queue) / sizeof queue->slot[0])
        queue = calloc(1, sizeof *queue + slots * sizeof queue->slot[0]);
    if (queue)
        queue->slots = (uint32_t)slots;
    return queue;
}

void event_queue_free(struct event_queue *queue)
{
    if (!queue)
        return;
    for (uint32_t slot = 0; slot < queue->slots; slot++)
        free(queue->slot[slot].event);
    free(queue);
}

static bool slot_grow(struct slot *slot)
{
    size_t room = slot->room ? 2 * slot->room : 64;
    if (room > SIZE_MAX / sizeof *slot->event)
        return false;
    struct event *event = realloc(slot->event, room * sizeof *event);
    if (!event)
        return false;
    slot->event = event;
    slot->room = room;
    return true;
}

bool event_queue_send(struct event_queue *queue, uint32_t delay, struct event event)
{
    assert(delay < queue->slots);
    uint32_t before_wrap = queue->slots - queue->present;
    struct slot *slot =
        &queue
             ->slot[delay < before_wrap ? queue->present + delay : delay - before_wrap];
    if (slot->count == slot->room && !slot_grow(slot))
        return false;
    slot->event[slot->count++] = event;
    queue->in_flight++;
    return true;
}

const struct event *event_queue_arrivals(const struct event_queue *queue, size_t *count)
{
    const struct slot *slot = &queue->slot[queue->present];
    *count = slot->count;
    return slot->event;
}

void event_queue_advance(struct event_queue *queue)
{
    struct slot *slot = &queue->slot[queue->present];
    queue->in_flight -= slot->count;
    slot->count = 0;
    queue->present = queue->present + 1 < queue->slots ? queue->present + 1 : 0;
}

size_t event_queue_in_flight(const struct event_queue *queue)
{
    return queue->in_flight;
}
