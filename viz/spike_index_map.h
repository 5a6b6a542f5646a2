/* How an index divides the neurons of a recording: into ranges, one block of events
 * each, and at level j into rows of 2^j neurons of one population, for sums. Both follow
 * from the populations alone and are not stored. */
#ifndef VIZ_SPIKE_INDEX_MAP_H
#define VIZ_SPIKE_INDEX_MAP_H

#include "base/error.h"
#include "sim/recording.h"

#include <stdint.h>

enum { INDEX_STRIDE = 2, INDEX_HEIGHTS = 17 }; /* levels 0, 2, .. 32 */

struct index_map {
    uint32_t populations, neurons;
    uint32_t *first; /* (populations + 1): nodes */
    uint32_t range_bits;
    uint32_t ranges;
    uint32_t *range;  /* (ranges + 1): first node; at most 2^range_bits nodes each */
    uint32_t heights; /* levels of rows that there are */
    uint32_t *row[INDEX_HEIGHTS]; /* (populations + 1): first row at a level */
};

/* ERR_ARGUMENT: more neurons than an index can number. Nothing to release on failure. */
enum error_code index_map_init(struct index_map *map,
                               const struct population_info *population,
                               uint32_t populations, struct error *err);
void index_map_release(struct index_map *map);
/* The population of a node below neurons. */
uint32_t index_map_population(const struct index_map *map, uint32_t node);
/* The range of a node below neurons. */
uint32_t index_map_range(const struct index_map *map, uint32_t node);

static inline uint32_t index_map_rows(const struct index_map *map, uint32_t height)
{
    return map->row[height][map->populations];
}

#endif
