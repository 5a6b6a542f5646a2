/* Where a recording comes from: what /run holds. */
#ifndef EXPERIMENTS_PROVENANCE_H
#define EXPERIMENTS_PROVENANCE_H

#include "experiments/session.h"
#include "sim/recording.h"

/* All but command and config, which are the caller's. */
enum error_code provenance_fill(struct recording_info *info,
                                const struct session *session, struct error *err);

#endif
