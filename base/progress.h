/* One progress line on stderr, shown only when stderr is a terminal and the job has
 * lasted over a second. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>

struct progress {
    const char *what;
    double started, shown; /* seconds, monotonic clock */
    bool is_terminal, is_drawn;
};

void progress_begin(struct progress *progress, const char *what);
/* done of total units; `detail` may be NULL. */
void progress_update(struct progress *progress, double done, double total,
                     const char *detail);
void progress_end(struct progress *progress); /* wipes the line */

/* Seconds of the monotonic clock. */
double clock_seconds(void);

#endif
