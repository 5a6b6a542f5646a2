/* `lucciola network FILE.nir`: runs a NIR graph, prints what each node did, records it,
 * and writes it as NIR again. */
#ifndef EXPERIMENTS_NIR_NETWORK_H
#define EXPERIMENTS_NIR_NETWORK_H

#include "experiments/options.h"

/* Options that only NIR graphs have. */
extern const struct option option_nir[];

bool nir_network_is_path(const char *operand); /* ends in .nir */
/* Takes option_nir, option_common, and --ms, --dt, --output and --png of the command;
 * `command` is its whole line, for the recording. */
enum error_code nir_network_run(const struct options *options, const char *path,
                                const char *command, struct error *err);

#endif
