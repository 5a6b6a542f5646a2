/* The claims, by family. */
#ifndef EXPERIMENTS_CLAIM_TABLE_H
#define EXPERIMENTS_CLAIM_TABLE_H

#include "experiments/claim.h"

extern const struct claim claims_of_energy[]; /* of spiking language models */
extern const struct claim claims_of_silence[];
extern const struct claim claims_of_quality[];
extern const struct claim claims_of_scheme[];
extern const struct claim claims_of_deepseek[]; /* each ends with a NULL name */

/* All of them in the order they are printed; NULL-terminated. */
extern const struct claim *const claim_tables[];
const struct claim *claim_find(const char *name); /* NULL: none */

#endif
