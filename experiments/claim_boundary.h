/* What a claim's judge reads of the measurement, by boundary. NaN: not measured. */
#ifndef EXPERIMENTS_CLAIM_BOUNDARY_H
#define EXPERIMENTS_CLAIM_BOUNDARY_H

#include "experiments/claim.h"

extern const char claim_no_joules[], claim_no_model[]; /* reasons */

double case_value(const struct claim_case *c, enum claim_quantity which);
/* 1 - spiking / other. */
double case_saving(const struct claim_case *c, enum claim_prices prices,
                   enum boundary boundary, enum variant other);
/* Saving of the whole token where sums wait in registers between two spikes, not in the
 * memory that an event-driven machine has to use. */
double case_kinder_token(const struct claim_case *c, enum variant other);
/* By the machine's counters, against its INT8 network. */
double case_saved_joules(const struct claim_case *c);
/* This verdict at SCOPE_JOULES if there were joules to judge by. */
void case_joules(struct claim_case *c, enum verdict verdict);

#endif
