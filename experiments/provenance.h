/* Where a recording comes from: what /run holds. */
#ifndef EXPERIMENTS_PROVENANCE_H
#define EXPERIMENTS_PROVENANCE_H

#include "experiments/session.h"
#include "sim/recording.h"

/* Versions, libraries, processor, generator and the present time: what any run has. */
enum error_code provenance_host(struct recording_info *info, struct error *err);
/* All but command and config, which are the caller's. */
enum error_code provenance_fill(struct recording_info *info,
                                const struct session *session, struct error *err);

#endif
