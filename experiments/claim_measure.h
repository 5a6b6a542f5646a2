/* Measures a model on a text for the claims: the float and INT8 networks once, the
 * spiking one at every k. */
#ifndef EXPERIMENTS_CLAIM_MEASURE_H
#define EXPERIMENTS_CLAIM_MEASURE_H

#include "experiments/claim_measurement.h"
#include "experiments/options.h"

extern const struct option option_claim_measure[]; /* -f, -w, --chunks, ... */

/* By the options (also option_model, option_spiking, option_common). Without --k the
 * values of the report's table 11. */
enum error_code claim_measure(struct claim_measurement *measurement,
                              const struct options *options, const char *command,
                              struct error *err);

#endif
