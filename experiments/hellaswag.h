/* Accuracy on HellaSwag (Zellers et al. 2019): which of four endings the model finds
 * likeliest, by mean log probability of a token. */
#ifndef EXPERIMENTS_HELLASWAG_H
#define EXPERIMENTS_HELLASWAG_H

#include "experiments/session.h"

enum { HELLASWAG_WINDOW = 512 }; /* tokens of the longest task */

struct hellaswag_answers {
    double *is_right; /* (tasks): 0 or 1, malloc'ed */
    size_t tasks, right, room;
};

/* `most` tasks of a file (0: all) by one projector of a session that was started with
 * room for HELLASWAG_WINDOW rows. Free answers->is_right in any case. */
enum error_code hellaswag_score(struct session *session, struct projector *projector,
                                const char *path, size_t most,
                                struct hellaswag_answers *answers, struct error *err);

/* The file has six lines a task: context, index of the right ending, four endings.
 * Starts the session; the caller closes it. */
enum error_code hellaswag_run(struct session *session, const struct options *options,
                              struct error *err);

#endif
