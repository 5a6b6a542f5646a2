/* The results of a sweep as tables of text, and flat for CSV. */
#ifndef EXPERIMENTS_SWEEP_TABLE_H
#define EXPERIMENTS_SWEEP_TABLE_H

#include "experiments/sweep_grid.h"
#include "experiments/table.h"

/* One flat object per line of sweep_lines: number (from 1), label, the axes, every
 * figure, and for every profile and boundary "PROFILE, BOUNDARY, spiking_nj" (int8_nj,
 * fp16_nj, saved_int8, saved_fp16); or a sentence. */
json_t *sweep_rows(const struct sweep_grid *grid, const json_t *lines);
/* The key of such a figure. */
void sweep_energy_key(char *text, size_t room, const char *profile,
                      const char *boundary, const char *figure);

void sweep_print_tables(const json_t *rows, const json_t *lines);

#endif
