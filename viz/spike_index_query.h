/* Adds what parts of an index hold of a plot to its grid: from the events where they are
 * few enough, else from sums over cells about as large as a pixel. Cost follows the
 * number of pixels, and of parts. */
#ifndef VIZ_SPIKE_INDEX_QUERY_H
#define VIZ_SPIKE_INDEX_QUERY_H

#include "viz/spike_grid.h"
#include "viz/spike_index_layout.h"

/* A part, and the steps [from, to) that are wanted of it. */
struct query_part {
    const struct index_part *part;
    uint64_t from, to;
};

/* Up to this many events of a plot are added one by one, which is exact. */
struct query_limits {
    uint64_t exact_events, most_events; /* 0, 0: the usual ones */
};

enum error_code index_query(struct spike_grid *grid, const struct index_map *map,
                            const struct query_part *part, size_t parts,
                            const struct query_limits *limits, struct error *err);

#endif
