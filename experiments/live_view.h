/* --view: the player beside a run, showing its recording while it is written. */
#ifndef EXPERIMENTS_LIVE_VIEW_H
#define EXPERIMENTS_LIVE_VIEW_H

#include "experiments/options.h"

/* --view shows what -o writes. */
enum error_code live_view_check(const struct options *options, struct error *err);
/* Starts lucciola-view on a recording that is being written, if --view asks for it, and
 * leaves it to itself: neither waits for the other. A viewer that does not start is said
 * on stderr and is no failure of the run. */
void live_view_start(const struct options *options, const char *path);

#endif
