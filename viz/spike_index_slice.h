/* What one thread adds to a grid: some of its columns, which are its alone. */
#ifndef VIZ_SPIKE_INDEX_SLICE_H
#define VIZ_SPIKE_INDEX_SLICE_H

#include "viz/spike_index_query.h"
#include "viz/spike_index_share.h"

/* What is decided before: shared by all threads and not changed by them. */
struct query_plan {
    struct spike_grid *grid;
    const struct index_map *map;
    const struct query_part *part;
    size_t parts;
    struct index_axis time;
    struct index_axis *neurons; /* (bands) */
    /* (parts, bands): which sums to read; NULL: the events. */
    const struct index_level **level;
    /* (ranges): bands that have neurons of it, [from, to). */
    uint32_t *band_from, *band_to;
};

struct query_slice {
    const struct query_plan *plan;
    uint32_t first_column, end_column;
    double *excited, *inhibited; /* (columns): spikes */
    double spikes;               /* each once, however many columns it covers */
    /* Room for the sums. */
    struct index_shares time, rows;
    float *line, *total;
    size_t line_room;
    bool has_failed; /* no memory */
};

/* The place of a part's begin on the plot's axis of time. */
static inline int64_t query_origin(const struct query_plan *plan,
                                   const struct query_part *part)
{
    return (int64_t)part->part->head->first_step - (int64_t)plan->grid->first_step;
}

void query_add_events(struct query_slice *slice, size_t part);
void query_add_sums(struct query_slice *slice, size_t part);

#endif
