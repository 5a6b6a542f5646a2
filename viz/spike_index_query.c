/* See spike_index_query.h. */
#include "viz/spike_index_query.h"

#include "viz/spike_index_slice.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum { EXACT_EVENTS = 3000000, MOST_EVENTS = 8000000, MOST_COARSER = 8, SLICES = 4 };

/* Cells may be this much larger than a pixel: half a level's step. */
static const double most_pixels = 1.42;

/* Events of the blocks that a plot touches. */
static uint64_t count_events(const struct query_plan *plan, size_t index)
{
    const struct query_part *wanted = &plan->part[index];
    const struct index_part *part = wanted->part;
    uint64_t events = 0;
    for (uint32_t s = 0; s < part->head->strips; s++) {
        uint64_t first = part->head->first_step + part->strip[s].first;
        if (first >= wanted->to || first + part->strip[s].steps <= wanted->from)
            continue;
        const struct index_block *block = &part->block[(size_t)s * plan->map->ranges];
        for (uint32_t range = 0; range < plan->map->ranges; range++)
            if (plan->band_from[range] < plan->band_to[range])
                events += block[range].events;
    }
    return events;
}

static const struct index_level *find_level(const struct index_part *part,
                                            uint32_t width, uint32_t height)
{
    for (uint32_t i = 0; i < part->head->levels; i++) {
        const struct index_level *level = &part->level[i];
        if (level->width_bits == width * INDEX_STRIDE && level->height == height)
            return level;
    }
    return NULL;
}

/* The exponent of the largest cell that is not too large a pixel. */
static uint32_t ideal(double items, uint32_t most)
{
    uint32_t level = 0;
    while (level < most &&
           (double)(UINT64_C(1) << ((level + 1) * INDEX_STRIDE)) <= items * most_pixels)
        level++;
    return level;
}

/* The level whose cells are as large as pixels; where a part has none so coarse in one
 * direction, the coarsest. coarser: how many levels more are allowed. */
static const struct index_level *choose_level(const struct query_plan *plan,
                                              const struct index_part *part,
                                              const struct spike_band *band,
                                              uint32_t coarser)
{
    const struct spike_grid *grid = plan->grid;
    if (band->height == 0)
        return NULL;
    uint32_t most_width = 0;
    while (most_width < MOST_WIDTH_BITS / INDEX_STRIDE &&
           UINT64_C(1) << (most_width * INDEX_STRIDE) < part->head->steps)
        most_width++;
    uint32_t width = ideal((double)grid->steps / grid->columns, most_width);
    uint32_t height =
        ideal((double)band->neurons / band->height, plan->map->heights - 1);
    for (uint32_t more = 0; more <= coarser; more++)
        for (uint32_t up = 0; up <= more; up++) {
            const struct index_level *level =
                find_level(part, width + more - up, height + up);
            if (level)
                return level;
        }
    return NULL;
}

/* Chooses levels of a part; returns the events that are left to be added one by one. */
static uint64_t choose_levels(const struct query_plan *plan, size_t index,
                              uint64_t events, uint32_t coarser)
{
    const struct index_level **level = plan->level + index * plan->grid->bands;
    const struct spike_band *before = NULL;
    bool all = true;
    for (uint32_t b = 0; b < plan->grid->bands; b++) {
        const struct spike_band *band = &plan->grid->band[b];
        bool is_alike = before && before->neurons == band->neurons &&
                        before->height == band->height;
        level[b] = is_alike ? level[b - 1]
                            : choose_level(plan, plan->part[index].part, band, coarser);
        all = all && (level[b] || band->height == 0);
        before = band;
    }
    return all ? 0 : events;
}

static enum error_code choose(struct query_plan *plan,
                              const struct query_limits *limits, struct error *err)
{
    uint64_t all = 0, exact = limits->exact_events, most = limits->most_events;
    uint64_t *events = malloc((plan->parts + 1) * sizeof *events);
    if (!events)
        return error_memory(err, "the parts of an index", 8.0 * (double)plan->parts);
    for (size_t i = 0; i < plan->parts; i++)
        all += events[i] = count_events(plan, i);
    for (uint32_t coarser = 0; all > exact && coarser <= MOST_COARSER; coarser++) {
        uint64_t left = 0;
        for (size_t i = 0; i < plan->parts; i++)
            if (events[i] > exact / plan->parts)
                left += choose_levels(plan, i, events[i], coarser);
        if (left <= most)
            break;
    }
    free(events);
    return OK;
}

static void find_bands(const struct query_plan *plan)
{
    const struct spike_grid *grid = plan->grid;
    uint32_t b = 0;
    for (uint32_t range = 0; range < plan->map->ranges; range++) {
        uint64_t first = plan->map->range[range], end = plan->map->range[range + 1];
        while (b < grid->bands &&
               grid->band[b].first_node + grid->band[b].neurons <= first)
            b++;
        uint32_t last = b;
        while (last < grid->bands && grid->band[last].first_node < end)
            last++;
        plan->band_from[range] = b;
        plan->band_to[range] = last;
    }
}

static enum error_code plan_init(struct query_plan *plan,
                                 const struct query_limits *limits, struct error *err)
{
    const struct spike_grid *grid = plan->grid;
    plan->level = calloc(plan->parts * grid->bands + 1, sizeof *plan->level);
    plan->neurons = calloc(grid->bands, sizeof *plan->neurons);
    plan->band_from = malloc((size_t)plan->map->ranges * sizeof *plan->band_from);
    plan->band_to = malloc((size_t)plan->map->ranges * sizeof *plan->band_to);
    bool good = plan->level && plan->neurons && plan->band_from && plan->band_to &&
                index_axis_init(&plan->time, grid->steps, grid->columns);
    for (uint32_t b = 0; b < grid->bands && good; b++)
        good = index_axis_init(&plan->neurons[b], grid->band[b].neurons,
                               grid->band[b].height);
    if (!good)
        return error_memory(err, "a plan of a raster", 8.0 * (double)plan->parts);
    find_bands(plan);
    return choose(plan, limits, err);
}

static void plan_release(struct query_plan *plan)
{
    for (uint32_t b = 0; b < plan->grid->bands && plan->neurons; b++)
        index_axis_release(&plan->neurons[b]);
    index_axis_release(&plan->time);
    free(plan->level);
    free(plan->neurons);
    free(plan->band_from);
    free(plan->band_to);
}

static void add_slice(struct query_slice *slice)
{
    for (size_t i = 0; i < slice->plan->parts && !slice->has_failed; i++) {
        query_add_events(slice, i);
        query_add_sums(slice, i);
    }
    index_shares_release(&slice->time);
    index_shares_release(&slice->rows);
    free(slice->line);
    free(slice->total);
}

/* Where there is a share of a spike, there is one. */
static uint64_t whole(double spikes)
{
    return spikes > 0 && spikes < 1 ? 1 : (uint64_t)rint(spikes);
}

static enum error_code add_all(const struct query_plan *plan, struct error *err)
{
    struct spike_grid *grid = plan->grid;
    uint32_t columns = grid->columns;
    double *spikes = calloc(2 * (size_t)columns, sizeof *spikes);
    bool has_failed = !spikes;
    double all = 0;
    if (!has_failed) {
#pragma omp parallel for schedule(dynamic) reduction(|| : has_failed) reduction(+ : all)
        for (uint32_t i = 0; i < SLICES; i++) {
            struct query_slice slice = {
                .plan = plan,
                .first_column = (uint32_t)((uint64_t)columns * i / SLICES),
                .end_column = (uint32_t)((uint64_t)columns * (i + 1) / SLICES),
                .excited = spikes,
                .inhibited = spikes + columns,
            };
            if (slice.first_column < slice.end_column)
                add_slice(&slice);
            has_failed = has_failed || slice.has_failed;
            all += slice.spikes;
        }
    }
    for (uint32_t column = 0; column < columns && !has_failed; column++) {
        grid->column_excited[column] += whole(spikes[column]);
        grid->column_inhibited[column] += whole(spikes[columns + column]);
    }
    grid->spikes += whole(all);
    free(spikes);
    return has_failed ? error_memory(err, "the lines of a raster", 8.0 * columns) : OK;
}

/* A row of steps over the columns that each step covers. */
static void spread_row(const struct spike_grid *by_step, const struct spike_grid *grid,
                       const float *step_sum, float *sum)
{
    for (uint32_t step = 0; step < by_step->columns; step++) {
        if (step_sum[step] == 0)
            continue;
        uint32_t left, right;
        spike_grid_cover(step, grid->steps, grid->columns, &left, &right);
        right = left + spike_grid_drawn(right - left);
        for (uint32_t column = left; column < right; column++)
            sum[column] += step_sum[step];
    }
}

static void spread(const struct spike_grid *by_step, struct spike_grid *grid)
{
#pragma omp parallel for schedule(static)
    for (uint32_t row = 0; row < grid->rows; row++) {
        const size_t from = (size_t)row * by_step->columns;
        const size_t to = (size_t)row * grid->columns;
        spread_row(by_step, grid, by_step->excited + from, grid->excited + to);
        spread_row(by_step, grid, by_step->inhibited + from, grid->inhibited + to);
    }
    for (uint32_t step = 0; step < by_step->columns; step++) {
        uint32_t left, right;
        spike_grid_cover(step, grid->steps, grid->columns, &left, &right);
        for (uint32_t column = left; column < right; column++) {
            grid->column_excited[column] += by_step->column_excited[step];
            grid->column_inhibited[column] += by_step->column_inhibited[step];
        }
    }
    grid->spikes += by_step->spikes;
}

/* Where steps are wider than columns, a spike would be added to each column it covers:
 * columns of a step are gathered instead, and spread at the end. */
static enum error_code query_steps(struct spike_grid *grid, const struct index_map *map,
                                   const struct query_part *part, size_t parts,
                                   const struct query_limits *limits, struct error *err)
{
    struct spike_grid by_step;
    if (spike_grid_create(&by_step, (uint32_t)grid->steps, grid->rows, err) != OK)
        return err->code;
    by_step.first_step = grid->first_step;
    by_step.steps = grid->steps;
    by_step.band = grid->band;
    by_step.bands = grid->bands;
    by_step.strongest = grid->strongest;
    enum error_code code = index_query(&by_step, map, part, parts, limits, err);
    if (code == OK)
        spread(&by_step, grid);
    spike_grid_release(&by_step);
    return code;
}

enum error_code index_query(struct spike_grid *grid, const struct index_map *map,
                            const struct query_part *part, size_t parts,
                            const struct query_limits *limits, struct error *err)
{
    static const struct query_limits usual = { EXACT_EVENTS, MOST_EVENTS };
    struct query_plan plan = { .grid = grid, .map = map, .part = part, .parts = parts };
    if (parts == 0 || grid->bands == 0 || grid->steps == 0 || grid->columns == 0)
        return OK;
    if (grid->steps < grid->columns)
        return query_steps(grid, map, part, parts, limits, err);
    if (!limits || limits->most_events == 0)
        limits = &usual;
    enum error_code code = plan_init(&plan, limits, err);
    if (code == OK)
        code = add_all(&plan, err);
    plan_release(&plan);
    return code;
}
