/* `run --from`: the tokens of a recording through the network again, and its spikes
 * held against the recorded ones. */
#ifndef EXPERIMENTS_REPLAY_H
#define EXPERIMENTS_REPLAY_H

#include "experiments/session.h"

/* The recording's own configuration rules; options of the command line win, so that
 * `--engine events` replays through the queue what `counts` recorded. Differences are
 * an error that names the first. */
enum error_code replay(struct session *session, struct options *options,
                       const char *path, struct error *err);

#endif
