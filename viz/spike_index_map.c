/* See spike_index_map.h. */
#include "viz/spike_index_map.h"

#include <stdlib.h>

enum { USUAL_RANGES = 64, LEAST_BITS = 8, MOST_BITS = 20 };

/* A range holds a piece of one population, or several populations whole: then no row of
 * sums lies in two. Returns how many; range NULL: counts only. */
static uint32_t cut_ranges(const struct index_map *map, uint32_t *range)
{
    const uint32_t most = UINT32_C(1) << map->range_bits;
    uint32_t ranges = 0, begin = 0;
    for (uint32_t p = 0; p < map->populations; p++) {
        uint32_t first = map->first[p], end = map->first[p + 1];
        if (first > begin && end - begin > most) {
            if (range)
                range[ranges] = begin;
            ranges++;
            begin = first;
        }
        while (end - begin > most) {
            if (range)
                range[ranges] = begin;
            ranges++;
            begin += most;
        }
    }
    if (map->neurons > begin) {
        if (range)
            range[ranges] = begin;
        ranges++;
    }
    if (range)
        range[ranges] = map->neurons;
    return ranges;
}

static bool count_rows(struct index_map *map)
{
    uint32_t most = 0;
    for (uint32_t p = 0; p < map->populations; p++)
        if (map->first[p + 1] - map->first[p] > most)
            most = map->first[p + 1] - map->first[p];
    bool is_last = false;
    for (uint32_t height = 0; height < INDEX_HEIGHTS && !is_last; height++) {
        uint32_t bits = height * INDEX_STRIDE;
        uint32_t *row = malloc(((size_t)map->populations + 1) * sizeof *row);
        if (!row)
            return false;
        map->row[map->heights++] = row;
        row[0] = 0;
        for (uint32_t p = 0; p < map->populations; p++) {
            uint64_t size = map->first[p + 1] - map->first[p];
            row[p + 1] =
                row[p] + (uint32_t)((size + (UINT64_C(1) << bits) - 1) >> bits);
        }
        is_last = (uint64_t)most <= UINT64_C(1) << bits;
    }
    return true;
}

enum error_code index_map_init(struct index_map *map,
                               const struct population_info *population,
                               uint32_t populations, struct error *err)
{
    *map = (struct index_map){ .populations = populations, .range_bits = LEAST_BITS };
    map->first = malloc(((size_t)populations + 1) * sizeof *map->first);
    if (!map->first)
        return error_memory(err, "the populations of an index", 4.0 * populations);
    uint64_t neurons = 0;
    for (uint32_t p = 0; p < populations; p++) {
        map->first[p] = (uint32_t)neurons;
        neurons += population[p].size;
        if (neurons >= UINT32_MAX) {
            index_map_release(map);
            return error_set(err, ERR_ARGUMENT,
                             "an index numbers fewer than %lu neurons, found more",
                             (unsigned long)UINT32_MAX);
        }
    }
    map->neurons = map->first[populations] = (uint32_t)neurons;
    while (map->range_bits < MOST_BITS &&
           neurons >> map->range_bits >= (uint64_t)USUAL_RANGES)
        map->range_bits++;
    map->ranges = cut_ranges(map, NULL);
    map->range = malloc(((size_t)map->ranges + 1) * sizeof *map->range);
    if (!map->range || !count_rows(map)) {
        index_map_release(map);
        return error_memory(err, "the rows of an index", 4.0 * (double)neurons);
    }
    cut_ranges(map, map->range);
    return OK;
}

void index_map_release(struct index_map *map)
{
    free(map->first);
    free(map->range);
    for (uint32_t height = 0; height < map->heights; height++)
        free(map->row[height]);
    *map = (struct index_map){ 0 };
}

/* The last of `items` that begins at or before node. */
static uint32_t find(const uint32_t *first, uint32_t items, uint32_t node)
{
    uint32_t low = 0, high = items;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (first[middle] <= node)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t index_map_population(const struct index_map *map, uint32_t node)
{
    return find(map->first, map->populations, node);
}

uint32_t index_map_range(const struct index_map *map, uint32_t node)
{
    return find(map->range, map->ranges, node);
}
