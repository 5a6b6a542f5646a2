/* What a recording costs under the models of sim/cost_model.h, as tables: every model by
 * role, the tests of when spikes win, the saving by cause, windows of tokens, chips, and
 * what does not spike. */
#ifndef EXPERIMENTS_COST_TABLES_H
#define EXPERIMENTS_COST_TABLES_H

#include "experiments/cost_survey.h"
#include "experiments/profile_list.h"
#include "experiments/table.h"

/* only: one model and the tests; NULL: all tables. prices: of the models; chips: of
 * those, the ones that price synaptic events. */
json_t *cost_tables(const struct cost_survey *survey, const struct run_totals *totals,
                    const struct energy_profile *prices,
                    const struct profile_list *chips, const struct cost_model *only);
void cost_tables_print(const json_t *tables);

#endif
