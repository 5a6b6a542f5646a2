/* From costs to rules: which dead zone and which k every site gets when all silence
 * together may cost so many nats per token. */
#ifndef EXPERIMENTS_SITE_RULES_H
#define EXPERIMENTS_SITE_RULES_H

#include "encoders/threshold.h"
#include "experiments/calibration.h"

struct site_rules {
    const struct session *session;
    const struct calibration *calibration;
    const double *probe_cost; /* (sites), of site_costs.h */
    double finest;            /* largest k */
};

/* Fills rule (sites); those of sites that do not spike are the session's. */
enum error_code site_rules_choose(const struct site_rules *rules, double nats,
                                  struct threshold_rule *rule, struct error *err);

#endif
