/* Operation counts of the models that claims compare, from data/configs. */
#ifndef EXPERIMENTS_CLAIM_PLAN_H
#define EXPERIMENTS_CLAIM_PLAN_H

#include <stdbool.h>

struct plan_figures {
    double parameters, active; /* total, and met by a token */
    double training;           /* operations per token, sequences of 4096 */
    double macs;               /* per generated token at 4096 positions */
    double cache_bytes;        /* a token adds, 16 bits */
};
/* False: the configuration is not there or not readable. */
bool plan_figures_read(const char *name, struct plan_figures *figures);
/* Multiply-accumulates per token in the middle of a prompt of `tokens`, Qwen2.5-7B over
 * SpikingBrain-7B; NaN: unknown. */
double plan_operations_ratio(double tokens);

#endif
