/* What silencing each site costs: one probe per site, kept in a file as it goes, so that
 * a killed run continues and other budgets need no second measurement. */
#ifndef EXPERIMENTS_SITE_COSTS_H
#define EXPERIMENTS_SITE_COSTS_H

#include "experiments/calibration.h"

/* Half of its channels are silent while a site is probed. */
static const double probe_share = 0.5;

/* cost[s] (sites): nats per token that the probe of site s costs; 0 where it does not
 * spike. `path`: the file; one that was made with another model or text is refused. */
enum error_code site_costs_measure(struct calibration *calibration,
                                   const struct session *session,
                                   const struct scoring_text *text, const char *path,
                                   double *cost, struct error *err);

#endif
