/* What one token did at one site: integers that depend on the code alone, never on the
 * engine that ran. How they are counted:
 * - A synaptic operation is one spike reaching one target: the addition of a weight.
 * - Weights are 1 byte each. A spike fetches its channel's row, fan-out bytes; so does
 *   an active channel (one that spikes at least once) when each row is read once.
 *   Scales are 4 bytes per output and group of weights, all read once a token, in both
 *   byte counts.
 * - State: every update of a neuron reads and writes its variables, 8 bytes each, and
 *   every synaptic operation reads and writes a 4-byte accumulator. No accumulator is
 *   taken to wait in a register: an event-driven machine cannot know which comes next.
 * - Neurons are updated at every step, also when nothing arrives. */
#ifndef SIM_SITE_COUNTERS_H
#define SIM_SITE_COUNTERS_H

#include <stdint.h>

enum site_counter {
    COUNT_STEPS,     /* T of this site and token */
    COUNT_SILENT,    /* channels with count 0 */
    COUNT_SMALL,     /* channels with |count| <= 7, silent ones included */
    COUNT_MAGNITUDE, /* sum of |count| */
    COUNT_SPIKES,
    COUNT_CLIPPED,     /* channels whose count the window cut */
    COUNT_SOP,         /* spikes * fan-out: additions of a weight */
    COUNT_SPIKE_BYTES, /* weight and scale bytes if every spike fetches its row */
    COUNT_ROW_BYTES,   /* the same if every active channel's row is fetched once */
    COUNT_STATE_BYTES, /* membranes and accumulators, read and written */
    COUNT_UPDATES,     /* neuron updates = neurons * T */
    SITE_COUNTERS
};

struct site_counters {
    double threshold; /* V, mean over groups */
    uint64_t n[SITE_COUNTERS];
};

/* Names, units and meanings for tables and recordings, by enum. */
struct site_counter_info {
    const char *name, *unit, *meaning;
};
extern const struct site_counter_info site_counter_info[SITE_COUNTERS];

#endif
