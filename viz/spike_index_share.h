/* Which cells of a plot the bins of an index fall on, along one axis. A bin is 2^bits
 * items (steps or neurons); where a cell's border cuts it, its sum is divided by the
 * number of items on either side, so that every cell with an item gets a share and
 * nothing is lost. */
#ifndef VIZ_SPIKE_INDEX_SHARE_H
#define VIZ_SPIKE_INDEX_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An axis: items [0, items) spread over cells as spike_grid_cover does. */
struct index_axis {
    uint64_t items;
    uint32_t cells;
    uint64_t *begin; /* (cells + 1): first item of a cell; NULL: items are wide */
};

bool index_axis_init(struct index_axis *axis, uint64_t items, uint32_t cells);
void index_axis_release(struct index_axis *axis);

struct index_share {
    uint32_t bin, cell;
    float drawn, counted; /* the share for sums, and for numbers of spikes */
    bool is_first;        /* of the bin's cells, within the axis */
};

struct index_shares {
    struct index_share *share; /* rising bins; rising cells */
    size_t shares, room;
    uint32_t first_bin, end_bin; /* those that have shares */
    bool is_split; /* shares of a bin add up to its part within the axis */
};

/* Bin b holds items [origin + (b << bits), ...), cut to `end`; of these [from, to) are
 * asked for, and cells [first_cell, end_cell). All may lie beyond the axis; origin may be
 * negative. False: no memory. */
struct index_bins {
    int64_t origin, end;
    uint32_t bits;
    int64_t from, to;
    uint32_t first_cell, end_cell;
};
bool index_shares_find(struct index_shares *shares, const struct index_axis *axis,
                       const struct index_bins *bins);
void index_shares_release(struct index_shares *shares);

#endif
