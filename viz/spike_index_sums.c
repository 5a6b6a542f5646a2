/* See spike_index_sums.h. The finest levels are added up from the events, the others
 * from four cells of a finer one. */
#include "viz/spike_index_sums.h"

#include "viz/spike_grid.h"

#include <stdbool.h>
#include <stdlib.h>

enum { EVENTS_PER_CELL = 8, SMALL_WORTHS = 256 };
enum { MERGED = 1 << INDEX_STRIDE };

/* What every event of a sign has in common. */
static void find_units(struct index_sums *sums, const struct index_stretch *stretch,
                       bool has[2])
{
    int32_t low[2] = { 0 }, high[2] = { 0 };
    for (size_t i = 0; i < stretch->events; i++) {
        int32_t worth = stretch->event[i].worth;
        int sign = worth < 0;
        if (!has[sign])
            low[sign] = high[sign] = worth;
        has[sign] = true;
        low[sign] = worth < low[sign] ? worth : low[sign];
        high[sign] = worth > high[sign] ? worth : high[sign];
    }
    for (int sign = 0; sign < 2; sign++) {
        int32_t extreme = sign ? low[sign] : high[sign];
        if (has[sign] && spike_strength(extreme) > sums->strongest)
            sums->strongest = spike_strength(extreme);
        if (has[sign] && low[sign] == high[sign])
            sums->unit[sign] = spike_power(low[sign]);
    }
}

static bool has_plane(const struct index_sums *sums, const bool has[2], int plane)
{
    int sign = plane & 1;
    return has[sign] && (plane < COUNT_EXCITED || sums->unit[sign] <= 0);
}

/* Levels by height, then width, each with room for its planes. */
static bool plan_levels(struct index_sums *sums, const struct index_map *map,
                        const struct index_stretch *stretch, const bool has[2])
{
    uint64_t most = stretch->events / EVENTS_PER_CELL;
    for (uint32_t height = 0; height < map->heights; height++) {
        uint64_t rows = index_map_rows(map, height), columns = 0;
        for (uint32_t bits = 0; bits <= MOST_WIDTH_BITS && columns != 1;
             bits += INDEX_STRIDE) {
            uint64_t width = UINT64_C(1) << bits;
            columns = (stretch->steps + width - 1) >> bits;
            if (rows * columns > most)
                continue;
            struct index_sum *level = &sums->level[sums->levels++];
            *level = (struct index_sum){
                bits, height, (uint32_t)rows, (uint32_t)columns, { 0 }
            };
            for (int plane = 0; plane < INDEX_PLANES; plane++)
                if (has_plane(sums, has, plane) &&
                    !(level->cell[plane] =
                          calloc((size_t)(rows * columns), sizeof(float))))
                    return false;
        }
    }
    return true;
}

static const struct index_sum *find_level(const struct index_sums *sums,
                                          uint32_t before, int64_t bits, int64_t height)
{
    for (uint32_t i = before; i-- > 0;)
        if (sums->level[i].width_bits == bits && sums->level[i].height == height)
            return &sums->level[i];
    return NULL;
}

static void merge_columns(struct index_sum *to, const struct index_sum *from, int plane)
{
    for (uint32_t row = 0; row < to->rows; row++) {
        const float *in = from->cell[plane] + (size_t)row * from->columns;
        float *out = to->cell[plane] + (size_t)row * to->columns;
        for (uint32_t column = 0; column < from->columns; column++)
            out[column / MERGED] += in[column];
    }
}

static void merge_rows(struct index_sum *to, const struct index_sum *from,
                       const struct index_map *map, int plane)
{
    const uint32_t *low = map->row[from->height], *high = map->row[to->height];
    for (uint32_t p = 0; p < map->populations; p++) {
        for (uint32_t row = low[p]; row < low[p + 1]; row++) {
            uint32_t target = high[p] + (row - low[p]) / MERGED;
            const float *in = from->cell[plane] + (size_t)row * from->columns;
            float *out = to->cell[plane] + (size_t)target * to->columns;
            for (uint32_t column = 0; column < to->columns; column++)
                out[column] += in[column];
        }
    }
}

static void add_events(struct index_sum *level, const struct index_map *map,
                       const struct index_stretch *stretch, const float *small)
{
    uint32_t p = 0, bits = level->height * INDEX_STRIDE;
    for (size_t i = 0; i < stretch->events; i++) {
        const struct raw_event *event = &stretch->event[i];
        if (event->node < map->first[p])
            p = index_map_population(map, event->node);
        while (event->node >= map->first[p + 1])
            p++;
        uint32_t row = map->row[level->height][p] +
                       (uint32_t)((uint64_t)(event->node - map->first[p]) >> bits);
        size_t cell = (size_t)row * level->columns +
                      (size_t)((uint64_t)event->step >> level->width_bits);
        int sign = event->worth < 0;
        int64_t size = event->worth < 0 ? -(int64_t)event->worth : event->worth;
        level->cell[POWER_EXCITED + sign][cell] +=
            size < SMALL_WORTHS ? small[size] : spike_power(event->worth);
        if (level->cell[COUNT_EXCITED + sign])
            level->cell[COUNT_EXCITED + sign][cell]++;
    }
}

enum error_code index_sums_make(struct index_sums *sums, const struct index_map *map,
                                const struct index_stretch *stretch, struct error *err)
{
    float small[SMALL_WORTHS];
    bool has[2] = { false, false };
    *sums = (struct index_sums){ 0 };
    find_units(sums, stretch, has);
    if (!stretch->has_sums)
        return OK;
    for (int32_t i = 0; i < SMALL_WORTHS; i++)
        small[i] = spike_power(i);
    size_t most = (size_t)map->heights * (MOST_WIDTH_BITS / INDEX_STRIDE + 1);
    sums->level = calloc(most, sizeof *sums->level);
    if (!sums->level || !plan_levels(sums, map, stretch, has)) {
        index_sums_release(sums);
        return error_memory(err, "the sums of an index", 4.0 * (double)stretch->events);
    }
    for (uint32_t i = 0; i < sums->levels; i++) {
        struct index_sum *level = &sums->level[i];
        int64_t bits = level->width_bits, height = level->height;
        const struct index_sum *narrow =
            find_level(sums, i, bits - INDEX_STRIDE, height);
        const struct index_sum *low = find_level(sums, i, bits, height - 1);
        for (int plane = 0; plane < INDEX_PLANES; plane++) {
            if (level->cell[plane] && narrow)
                merge_columns(level, narrow, plane);
            else if (level->cell[plane] && low)
                merge_rows(level, low, map, plane);
        }
        if (!narrow && !low)
            add_events(level, map, stretch, small);
    }
    return OK;
}

void index_sums_release(struct index_sums *sums)
{
    for (uint32_t i = 0; i < sums->levels; i++)
        for (int plane = 0; plane < INDEX_PLANES; plane++)
            free(sums->level[i].cell[plane]);
    free(sums->level);
    *sums = (struct index_sums){ 0 };
}
