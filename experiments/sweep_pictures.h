/* Pictures of a sweep, drawn by gnuplot from scripts that hold their data and stay beside
 * them in the folder. */
#ifndef EXPERIMENTS_SWEEP_PICTURES_H
#define EXPERIMENTS_SWEEP_PICTURES_H

#include "experiments/sweep_grid.h"

/* Where two points have worked: silence.png (perplexity against the silent share),
 * spikes.png (against spikes per token and steps) and energy-PROFILE.png (against energy
 * by boundary, with the Pareto front). Of the chosen point (from 1): counts.png and
 * rates.png. `rows` are those of sweep_rows. */
enum error_code sweep_draw(const char *folder, const struct sweep_grid *grid,
                           const json_t *lines, const json_t *rows, size_t chosen,
                           struct error *err);

/* The rows that no other row beats in both `cost` and `loss`, by rising cost: their
 * indices into front[]; returns how many. Rows without the figures are passed over. */
size_t sweep_front(const json_t *rows, const char *cost, const char *loss,
                   size_t *front);

#endif
