/* Accuracy on HellaSwag (Zellers et al. 2019): which of four endings the model finds
 * likeliest, by mean log probability of a token. */
#ifndef EXPERIMENTS_HELLASWAG_H
#define EXPERIMENTS_HELLASWAG_H

#include "experiments/session.h"

/* The file has six lines a task: context, index of the right ending, four endings.
 * Starts the session; the caller closes it. */
enum error_code hellaswag_run(struct session *session, const struct options *options,
                              struct error *err);

#endif
