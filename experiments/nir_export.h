/* `lucciola export MODEL --site NAME,... --to nir -o FILE.nir`. */
#ifndef EXPERIMENTS_NIR_EXPORT_H
#define EXPERIMENTS_NIR_EXPORT_H

#include "experiments/options.h"

/* Takes --site and --output of the command; the operand is the model. */
enum error_code nir_export(const struct options *options, struct error *err);

#endif
