/* See spike_grid.h. Worths of positional codes are powers of two, so strength goes by
 * their logarithm: a plain sum would show the top bit alone. */
#include "viz/spike_grid.h"

#include <math.h>
#include <stdlib.h>

enum { ROOM_FOR_GAP = 4 }; /* cells this wide leave a pixel between spikes */

enum error_code spike_grid_create(struct spike_grid *grid, uint32_t columns,
                                  uint32_t rows, struct error *err)
{
    size_t cells = (size_t)columns * rows;
    *grid = (struct spike_grid){ .columns = columns, .rows = rows };
    grid->excited = calloc(cells, sizeof *grid->excited);
    grid->inhibited = calloc(cells, sizeof *grid->inhibited);
    grid->column_excited = calloc(columns, sizeof *grid->column_excited);
    grid->column_inhibited = calloc(columns, sizeof *grid->column_inhibited);
    if (grid->excited && grid->inhibited && grid->column_excited &&
        grid->column_inhibited)
        return OK;
    spike_grid_release(grid);
    return error_memory(err, "the cells of a raster", 8.0 * (double)cells);
}

void spike_grid_release(struct spike_grid *grid)
{
    free(grid->excited);
    free(grid->inhibited);
    free(grid->column_excited);
    free(grid->column_inhibited);
    *grid = (struct spike_grid){ 0 };
}

void spike_grid_cover(uint64_t item, uint64_t items, uint32_t cells, uint32_t *from,
                      uint32_t *to)
{
    double scale = (double)cells / (double)items;
    *from = (uint32_t)((double)item * scale);
    *to = (uint32_t)((double)(item + 1) * scale);
    if (*from >= cells)
        *from = cells - 1;
    if (*to <= *from)
        *to = *from + 1;
}

uint32_t spike_grid_drawn(uint32_t cells)
{
    return cells >= ROOM_FOR_GAP ? cells - 1 : cells;
}

static const struct spike_band *find_band(const struct spike_grid *grid, uint64_t node)
{
    uint32_t low = 0, high = grid->bands;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct spike_band *band = &grid->band[middle];
        if (node < band->first_node)
            high = middle;
        else if (node - band->first_node >= band->neurons)
            low = middle + 1;
        else
            return band;
    }
    return NULL;
}

static float fourth_power(float x)
{
    return x * x * x * x;
}

float spike_strength(int32_t worth)
{
    return worth ? log2f(1 + fabsf((float)worth)) : 1.0f / 64;
}

float spike_power(int32_t worth)
{
    return fourth_power(spike_strength(worth));
}

static void add_one(struct spike_grid *grid, const struct spike_band *band,
                    uint64_t step, uint64_t neuron, int32_t worth)
{
    uint32_t left, right, above, below;
    spike_grid_cover(step, grid->steps, grid->columns, &left, &right);
    spike_grid_cover(neuron, band->neurons, band->height, &below, &above);

    bool is_positive = worth >= 0;
    float strength = spike_strength(worth);
    if (strength > grid->strongest)
        grid->strongest = strength;
    for (uint32_t column = left; column < right; column++)
        (is_positive ? grid->column_excited : grid->column_inhibited)[column]++;
    grid->spikes++;

    right = left + spike_grid_drawn(right - left);
    above = below + spike_grid_drawn(above - below);
    float *sum = is_positive ? grid->excited : grid->inhibited;
    for (uint32_t up = below; up < above; up++) {
        size_t row = band->top + band->height - 1 - up;
        for (uint32_t column = left; column < right; column++)
            sum[row * grid->columns + column] += fourth_power(strength);
    }
}

void spike_grid_add(struct spike_grid *grid, uint64_t start_step,
                    const struct recorded_spike *spike, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint64_t step = start_step + spike[i].step;
        const struct spike_band *band = find_band(grid, spike[i].node);
        if (band && step >= grid->first_step && step - grid->first_step < grid->steps)
            add_one(grid, band, step - grid->first_step,
                    spike[i].node - band->first_node, spike[i].worth);
    }
}

float spike_grid_scale(const struct spike_grid *grid, const struct spike_band *band)
{
    double steps = fmax(1, (double)grid->steps / grid->columns);
    double neurons = fmax(1, (double)band->neurons / band->height);
    double most = steps * neurons * (double)fourth_power(grid->strongest);
    return most > 0 ? (float)(1 / most) : 1;
}
