/* What every token of a recording costs under models of cost, one row a token and model:
 * the sites that spike, and beside them what does not spike, by part. */
#ifndef EXPERIMENTS_COST_TOKENS_H
#define EXPERIMENTS_COST_TOKENS_H

#include "experiments/cost_survey.h"
#include "experiments/table.h"

/* only: one model; NULL: all. *rows: an array of flat objects, the caller's. A head that
 * spikes is in the rows of those tokens for which it ran. */
enum error_code cost_tokens(const struct recorded *run,
                            const struct energy_profile *prices,
                            const struct cost_model *only, json_t **rows,
                            struct error *err);
void cost_tokens_print(const json_t *rows);

#endif
