/* What goes into the Input nodes of a NIR graph: the spikes of a file, Poisson spikes or
 * a constant. A population of the file goes to the Input of its name; where there is one
 * of each, names do not matter. A spike at t belongs to the step that begins at or before
 * t; a millionth of a step forgives rounding. */
#ifndef EXPERIMENTS_NIR_INPUT_H
#define EXPERIMENTS_NIR_INPUT_H

#include "experiments/options.h"
#include "sim/nir_run.h"

struct nir_input;

/* Reads --input, --input-rate and --input-value; without any, 100 Hz. dt_ms: of a step. */
enum error_code nir_input_open(struct nir_input **input, const struct options *options,
                               struct nir_run *run, double dt_ms, struct error *err);
/* The values of one step, counted from 0. */
enum error_code nir_input_step(struct nir_input *input, uint64_t step,
                               struct error *err);
/* Steps up to the end of the file; 0: there is none. */
uint64_t nir_input_steps(const struct nir_input *input);
bool nir_input_is_spikes(const struct nir_input *input);
/* One line: what it is. */
const char *nir_input_text(const struct nir_input *input);
void nir_input_close(struct nir_input *input);

#endif
