/* The sums of a part over ever coarser cells, in both directions apart. Only levels
 * with far fewer cells than the part has events are kept: finer ones are not faster than
 * the events themselves. */
#ifndef VIZ_SPIKE_INDEX_SUMS_H
#define VIZ_SPIKE_INDEX_SUMS_H

#include "viz/spike_index_part.h"

/* One level while it is made: cell[plane] (rows, columns), or NULL. */
struct index_sum {
    uint32_t width_bits, height, rows, columns;
    float *cell[INDEX_PLANES];
};

struct index_sums {
    struct index_sum *level;
    uint32_t levels;
    float unit[2], strongest; /* as in struct index_part_head */
};

enum error_code index_sums_make(struct index_sums *sums, const struct index_map *map,
                                const struct index_stretch *stretch, struct error *err);
void index_sums_release(struct index_sums *sums);

#endif
