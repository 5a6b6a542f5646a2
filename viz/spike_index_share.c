/* See spike_index_share.h. */
#include "viz/spike_index_share.h"

#include "viz/spike_grid.h"

#include <math.h>
#include <stdlib.h>

static uint32_t cell_of(uint64_t item, uint64_t items, uint32_t cells)
{
    uint32_t from, to;
    spike_grid_cover(item, items, cells, &from, &to);
    return from;
}

/* The first item at or behind the cell's border, exactly as spike_grid_cover rounds. */
static uint64_t first_of(uint32_t cell, uint64_t items, uint32_t cells)
{
    uint64_t item = (uint64_t)ceil((double)cell * ((double)items / (double)cells));
    item = item < items ? item : items;
    while (item > 0 && cell_of(item - 1, items, cells) >= cell)
        item--;
    while (item < items && cell_of(item, items, cells) < cell)
        item++;
    return item;
}

bool index_axis_init(struct index_axis *axis, uint64_t items, uint32_t cells)
{
    *axis = (struct index_axis){ .items = items, .cells = cells };
    if (items < cells)
        return true;
    axis->begin = malloc(((size_t)cells + 1) * sizeof *axis->begin);
    if (!axis->begin)
        return false;
    for (uint32_t cell = 0; cell < cells; cell++)
        axis->begin[cell] = first_of(cell, items, cells);
    axis->begin[cells] = items;
    return true;
}

void index_axis_release(struct index_axis *axis)
{
    free(axis->begin);
    *axis = (struct index_axis){ 0 };
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void put(struct index_shares *shares, const struct index_bins *bins,
                struct index_share share)
{
    if (share.cell < bins->first_cell || share.cell >= bins->end_cell ||
        shares->shares == shares->room)
        return;
    if (shares->shares == 0)
        shares->first_bin = share.bin;
    shares->end_bin = share.bin + 1;
    shares->share[shares->shares++] = share;
}

/* Items [low, high) of the axis, which are `part` of the bin's. */
static void split(struct index_shares *shares, const struct index_axis *axis,
                  const struct index_bins *bins, uint32_t bin, uint64_t low,
                  uint64_t high, double existing)
{
    uint32_t first = cell_of(low, axis->items, axis->cells);
    for (uint32_t cell = first; low < high; cell++) {
        uint64_t border = axis->begin[cell + 1] < high ? axis->begin[cell + 1] : high;
        float weight = (float)((double)(border - low) / existing);
        if (border > low)
            put(shares, bins,
                (struct index_share){ bin, cell, weight, weight, cell == first });
        low = border;
    }
}

/* Every item covers whole cells, the last of them for counting alone where there is room
 * for a gap. */
static void cover(struct index_shares *shares, const struct index_axis *axis,
                  const struct index_bins *bins, uint32_t bin, uint64_t low,
                  uint64_t high, double existing)
{
    uint32_t from, to, last, ignored;
    float weight = (float)(1 / existing);
    spike_grid_cover(low, axis->items, axis->cells, &from, &to);
    spike_grid_cover(high - 1, axis->items, axis->cells, &ignored, &last);
    uint32_t drawn = high - low > 1 ? last - from : spike_grid_drawn(last - from);
    for (uint32_t cell = from; cell < last; cell++)
        put(shares, bins,
            (struct index_share){ bin, cell, cell - from < drawn ? weight : 0, weight,
                                  cell == from });
}

bool index_shares_find(struct index_shares *shares, const struct index_axis *axis,
                       const struct index_bins *bins)
{
    int64_t from = larger(larger(bins->from, bins->origin), 0);
    int64_t to = smaller(smaller(bins->to, bins->end), (int64_t)axis->items);
    shares->shares = 0;
    shares->first_bin = shares->end_bin = 0;
    shares->is_split = axis->begin != NULL;
    if (axis->begin && bins->first_cell < bins->end_cell) {
        from = larger(from, (int64_t)axis->begin[bins->first_cell]);
        to = smaller(to, (int64_t)axis->begin[bins->end_cell]);
    }
    if (from >= to || axis->cells == 0)
        return true;
    int64_t width = INT64_C(1) << bins->bits;
    uint64_t first = (uint64_t)(from - bins->origin) >> bins->bits;
    uint64_t last = (uint64_t)(to - 1 - bins->origin) >> bins->bits;
    size_t room = (size_t)(last - first) + 2 * (size_t)axis->cells + 4;
    if (room > shares->room) {
        struct index_share *share = realloc(shares->share, room * sizeof *share);
        if (!share)
            return false;
        shares->share = share;
        shares->room = room;
    }
    for (uint64_t bin = first; bin <= last; bin++) {
        int64_t begin = bins->origin + (int64_t)(bin << bins->bits);
        double existing = (double)(smaller(begin + width, bins->end) - begin);
        uint64_t low = (uint64_t)larger(begin, from);
        uint64_t high = (uint64_t)smaller(begin + width, to);
        if (axis->begin)
            split(shares, axis, bins, (uint32_t)bin, low, high, existing);
        else
            cover(shares, axis, bins, (uint32_t)bin, low, high, existing);
    }
    return true;
}

void index_shares_release(struct index_shares *shares)
{
    free(shares->share);
    *shares = (struct index_shares){ 0 };
}
