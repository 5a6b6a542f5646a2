/* Spikes in flight: a ring of time slots, slot d holds what arrives d steps from now.
 * An event names its source; delivery walks the source's row of weights, so a spike
 * costs one entry here however many synapses it has. Within a slot events keep the
 * order in which they were sent: a run is the same on every machine and with any number
 * of threads, since threads own targets. */
#ifndef SIM_EVENT_QUEUE_H
#define SIM_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event {
    uint32_t source; /* neuron that fired */
    int32_t worth;   /* whole units, fixed when it fired */
};

struct event_queue;

struct event_queue *event_queue_create(uint32_t max_delay); /* NULL: no memory */
void event_queue_free(struct event_queue *queue);

/* Arrive `delay` steps from now, 0 <= delay <= max_delay. False: no memory. */
bool event_queue_send(struct event_queue *queue, uint32_t delay, struct event event);
/* What arrives in the present step; valid until the next send or advance. */
const struct event *event_queue_arrivals(const struct event_queue *queue,
                                         size_t *count);
void event_queue_advance(struct event_queue *queue);
/* Everything sent and not yet passed by, for conservation tests. */
size_t event_queue_in_flight(const struct event_queue *queue);

#endif
