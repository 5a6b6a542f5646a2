/* Spikes gathered into the cells of a plot: bands of neurons upwards, steps to the
 * right. A spike fills every cell that its neuron and step cover and at least one, so
 * none gets lost where many neurons or steps share a pixel. */
#ifndef VIZ_SPIKE_GRID_H
#define VIZ_SPIKE_GRID_H

#include "base/error.h"
#include "sim/recording.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* Neurons [first_node, first_node + neurons) on the rows [top, top + height); the first
 * neuron is at the bottom. Bands of a grid are in rising order of first_node. */
struct spike_band {
    uint64_t first_node, neurons;
    uint32_t top, height;
};

struct spike_grid {
    uint32_t columns, rows;
    uint64_t first_step, steps;
    const struct spike_band *band; /* the caller's */
    uint32_t bands;
    float *excited, *inhibited; /* (rows, columns): sums of strength^4 */
    uint64_t *column_excited, *column_inhibited; /* (columns): spikes */
    float strongest;                             /* of a spike, see spike_strength */
    uint64_t spikes;                             /* within the bands */
};

/* log2(1 + |worth|), and a little for a worth of 0, which shows all the same. */
float spike_strength(int32_t worth);
/* Its fourth power. */
float spike_power(int32_t worth);

/* On failure there is nothing to release. */
enum error_code spike_grid_create(struct spike_grid *grid, uint32_t columns,
                                  uint32_t rows, struct error *err);
void spike_grid_release(struct spike_grid *grid);
/* Spikes of a token whose window begins at start_step; those outside the bands or the
 * steps are passed over. */
void spike_grid_add(struct spike_grid *grid, uint64_t start_step,
                    const struct recorded_spike *spike, size_t length);
/* The cells [*from, *to) of one of `items` spread over `cells`; never none. */
void spike_grid_cover(uint64_t item, uint64_t items, uint32_t cells, uint32_t *from,
                      uint32_t *to);
/* How many of `cells` cells in a row are drawn: wide ones leave a gap behind them. */
uint32_t spike_grid_drawn(uint32_t cells);
/* Strength of a cell, 0 .. 1: the fourth power mean over the neurons and steps it
 * covers, so that a strong spike among silent slots outweighs many weak ones. scale: of
 * the cell's band. */
float spike_grid_scale(const struct spike_grid *grid, const struct spike_band *band);
static inline float spike_grid_strength(float scale, float sum)
{
    float strength = sqrtf(sqrtf(sum * scale));
    return strength < 1 ? strength : 1;
}

#endif
