/* Adds sums over cells of about a pixel. Rows of cells are added up first, weighted by
 * what of them lies in a row of pixels: long sums of neighbours in memory, which is
 * what makes this fast. Only then is the line laid onto columns. */
#include "viz/spike_index_slice.h"

#include <stdlib.h>

static const double most_spikes = 1e18; /* foreign bytes may say anything */

/* A plane of a level, cut to the bins that the slice's columns need. */
struct cell_plane {
    const uint16_t *cell;
    uint32_t columns, first, end;
};

static struct cell_plane plane_of(const struct query_slice *slice,
                                  const struct index_part *part,
                                  const struct index_level *level, int plane)
{
    struct cell_plane cells = { NULL, level->columns, slice->time.first_bin,
                                slice->time.end_bin };
    if (level->plane_at[plane])
        cells.cell = (const void *)(part->bytes + level->plane_at[plane]);
    return cells;
}

static void add_row(float *line, const struct cell_plane *plane, uint32_t row,
                    float weight)
{
    const uint16_t *cell = plane->cell + (size_t)row * plane->columns + plane->first;
    uint32_t bins = plane->end - plane->first;
    for (uint32_t i = 0; i < bins; i++)
        line[i] += weight * index_unpack(cell[i]);
}

static void draw_line(const struct query_slice *slice, const float *line, float *pixel)
{
    const struct index_shares *time = &slice->time;
    for (size_t i = 0; i < time->shares; i++) {
        const struct index_share *share = &time->share[i];
        pixel[share->cell] += line[share->bin - time->first_bin] * share->drawn;
    }
}

static void count_line(struct query_slice *slice, const float *line, double unit,
                       double *column)
{
    const struct index_shares *time = &slice->time;
    for (size_t i = 0; i < time->shares; i++) {
        const struct index_share *share = &time->share[i];
        double all = (double)line[share->bin - time->first_bin] / unit;
        double spikes = all * (double)share->counted;
        if (!(spikes > 0 && all < most_spikes))
            continue;
        column[share->cell] += spikes;
        if (time->is_split)
            slice->spikes += spikes;
        else if (share->is_first)
            slice->spikes += all;
    }
}

/* Rows of pixels of a band, bottom up. */
static void draw_rows(struct query_slice *slice, const struct cell_plane *plane,
                      const struct spike_band *band, float *sum, float *total)
{
    const struct spike_grid *grid = slice->plan->grid;
    const struct index_shares *rows = &slice->rows;
    uint32_t bins = plane->end - plane->first;
    for (size_t i = 0; i < rows->shares;) {
        uint32_t cell = rows->share[i].cell;
        float *line = slice->line;
        for (uint32_t bin = 0; bin < bins; bin++)
            line[bin] = 0;
        for (; i < rows->shares && rows->share[i].cell == cell; i++)
            if (rows->share[i].drawn > 0)
                add_row(line, plane, rows->share[i].bin, rows->share[i].drawn);
        if (total)
            for (uint32_t bin = 0; bin < bins; bin++)
                total[bin] += line[bin];
        size_t row = band->top + band->height - 1 - cell;
        draw_line(slice, line, sum + row * grid->columns);
    }
}

/* Every row once: a neuron that is drawn on several rows of pixels spikes but once. */
static void total_rows(const struct query_slice *slice, const struct cell_plane *plane,
                       float *total)
{
    const struct index_shares *rows = &slice->rows;
    for (size_t i = 0; i < rows->shares; i++) {
        const struct index_share *share = &rows->share[i];
        bool is_new = i == 0 || rows->share[i - 1].bin != share->bin;
        if (rows->is_split || is_new)
            add_row(total, plane, share->bin, share->counted);
    }
}

static void add_sign(struct query_slice *slice, const struct index_part *part,
                     const struct index_level *level, const struct spike_band *band,
                     int sign)
{
    const struct spike_grid *grid = slice->plan->grid;
    struct cell_plane power = plane_of(slice, part, level, POWER_EXCITED + sign);
    struct cell_plane count = plane_of(slice, part, level, COUNT_EXCITED + sign);
    double unit = (double)part->head->unit[sign];
    uint32_t bins = power.end - power.first;
    bool is_uniform = unit > 0 || !count.cell;
    if (!power.cell)
        return;
    for (uint32_t bin = 0; bin < bins; bin++)
        slice->total[bin] = 0;
    bool adds_up = is_uniform && slice->rows.is_split;
    draw_rows(slice, &power, band, sign ? grid->inhibited : grid->excited,
              adds_up ? slice->total : NULL);
    if (!adds_up)
        total_rows(slice, is_uniform ? &power : &count, slice->total);
    count_line(slice, slice->total, unit > 0 ? unit : 1,
               sign ? slice->inhibited : slice->excited);
}

static bool make_room(struct query_slice *slice)
{
    size_t bins = slice->time.end_bin - slice->time.first_bin;
    if (bins <= slice->line_room)
        return true;
    free(slice->line);
    free(slice->total);
    slice->line = malloc(bins * sizeof *slice->line);
    slice->total = malloc(bins * sizeof *slice->total);
    slice->line_room = slice->line && slice->total ? bins : 0;
    return slice->line_room > 0;
}

static bool find_time(struct query_slice *slice, const struct query_part *wanted,
                      const struct index_level *level)
{
    const struct query_plan *plan = slice->plan;
    int64_t first = (int64_t)plan->grid->first_step;
    const struct index_bins bins = {
        .origin = query_origin(plan, wanted),
        .end = query_origin(plan, wanted) + (int64_t)wanted->part->head->steps,
        .bits = level->width_bits,
        .from = (int64_t)wanted->from - first,
        .to = (int64_t)wanted->to - first,
        .first_cell = slice->first_column,
        .end_cell = slice->end_column,
    };
    return index_shares_find(&slice->time, &plan->time, &bins) && make_room(slice);
}

/* Rows are of one population; a band lies within one. */
static bool find_rows(struct query_slice *slice, uint32_t b,
                      const struct index_level *level, uint32_t population)
{
    const struct index_map *map = slice->plan->map;
    const struct spike_band *band = &slice->plan->grid->band[b];
    int64_t origin = (int64_t)map->first[population] - (int64_t)band->first_node;
    const struct index_bins bins = {
        .origin = origin,
        .end = origin + map->first[population + 1] - map->first[population],
        .bits = level->height * INDEX_STRIDE,
        .from = 0,
        .to = (int64_t)band->neurons,
        .first_cell = 0,
        .end_cell = band->height,
    };
    if (!index_shares_find(&slice->rows, &slice->plan->neurons[b], &bins))
        return false;
    uint32_t first_row = map->row[level->height][population];
    for (size_t i = 0; i < slice->rows.shares; i++)
        slice->rows.share[i].bin += first_row;
    return true;
}

void query_add_sums(struct query_slice *slice, size_t part_index)
{
    const struct query_plan *plan = slice->plan;
    const struct query_part *wanted = &plan->part[part_index];
    uint32_t bits = UINT32_MAX;
    for (uint32_t b = 0; b < plan->grid->bands && !slice->has_failed; b++) {
        const struct spike_band *band = &plan->grid->band[b];
        const struct index_level *level =
            plan->level[part_index * plan->grid->bands + b];
        if (!level || band->height == 0)
            continue;
        if (level->width_bits != bits && !find_time(slice, wanted, level)) {
            slice->has_failed = true;
            return;
        }
        bits = level->width_bits;
        if (slice->time.shares == 0)
            continue;
        uint32_t p = index_map_population(plan->map, (uint32_t)band->first_node);
        uint64_t node = band->first_node, end = band->first_node + band->neurons;
        for (; node < end && p < plan->map->populations; p++) {
            node = plan->map->first[p + 1];
            if (!find_rows(slice, b, level, p)) {
                slice->has_failed = true;
                return;
            }
            for (int sign = 0; sign < 2; sign++)
                add_sign(slice, wanted->part, level, band, sign);
        }
    }
}
