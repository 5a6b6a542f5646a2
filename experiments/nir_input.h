/* What goes into the Input nodes of a NIR graph: Poisson spikes or a constant. */
#ifndef EXPERIMENTS_NIR_INPUT_H
#define EXPERIMENTS_NIR_INPUT_H

#include "experiments/options.h"
#include "sim/nir_run.h"

struct nir_input;

/* Reads --input-rate and --input-value; without either, 100 Hz. dt_ms: of a step. */
enum error_code nir_input_open(struct nir_input **input, const struct options *options,
                               struct nir_run *run, double dt_ms, struct error *err);
/* The values of one step, counted from 0. */
enum error_code nir_input_step(struct nir_input *input, uint64_t step,
                               struct error *err);
bool nir_input_is_spikes(const struct nir_input *input);
/* One line: what it is. */
const char *nir_input_text(const struct nir_input *input);
/* Adds what there is to say after the run to stderr, and frees. */
void nir_input_close(struct nir_input *input);

#endif
