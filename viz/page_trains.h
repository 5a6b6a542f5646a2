/* Spikes of a stretch of tokens, packed losslessly for the page. What a neuron does in a
 * token's window is its train: the (step, worth) of its spikes. Few trains differ, for a
 * code gives the same one to the same count, so each is written once and neurons name
 * them by rank: how often that train comes in its population and token. Any code and
 * any network can be packed, whatever made its spikes. Layout: notes/viewer.md. */
#ifndef VIZ_PAGE_TRAINS_H
#define VIZ_PAGE_TRAINS_H

#include "sim/recording.h"
#include "viz/page_bytes.h"

struct page_trains {
    struct page_bytes table;   /* of the distinct trains */
    struct page_bytes cells;   /* by token, then population: the ranks' trains */
    struct page_bytes symbols; /* by token, then population, then neuron: ranks */
    uint32_t trains;           /* distinct */
    uint64_t spikes;
    struct train_set *set;
};

/* On failure there is nothing to release. */
enum error_code page_trains_init(struct page_trains *trains, struct error *err);
void page_trains_release(struct page_trains *trains);
/* One token: its spikes, in rising order of step within a neuron, at the chosen
 * populations. After a failure only page_trains_release may follow. */
enum error_code page_trains_add(struct page_trains *trains,
                                const struct recording *recording,
                                const uint32_t *population, uint32_t populations,
                                const struct recorded_spike *spike, size_t length,
                                struct error *err);

#endif
