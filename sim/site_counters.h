/* What one token did at one site: integers that depend on the code alone, never on the
 * engine that ran. notes/architecture.md says how each is counted. */
#ifndef SIM_SITE_COUNTERS_H
#define SIM_SITE_COUNTERS_H

#include <stdint.h>

enum site_counter {
    COUNT_STEPS,            /* T of this site and token */
    COUNT_SILENT,           /* channels with count 0 */
    COUNT_SMALL,            /* channels with |count| <= 7 */
    COUNT_MAGNITUDE,        /* sum of |count| */
    COUNT_SPIKES,
    COUNT_CLIPPED,          /* channels whose count the fixed window cut */
    COUNT_SOP,              /* spikes * fan-out: additions of a weight */
    COUNT_SPIKE_BYTES,      /* weight and scale bytes if every spike fetches its row */
    COUNT_ROW_BYTES,        /* the same if every active channel's row is fetched once */
    COUNT_STATE_BYTES,      /* membranes and accumulators, read and written */
    COUNT_UPDATES,          /* neuron updates = neurons * T */
    SITE_COUNTERS
};

struct site_counters {
    double threshold;       /* V, mean over groups */
    uint64_t n[SITE_COUNTERS];
};

/* Names, units and meanings for tables and recordings, by enum. */
struct site_counter_info { const char *name, *unit, *meaning; };
extern const struct site_counter_info site_counter_info[SITE_COUNTERS];

#endif
