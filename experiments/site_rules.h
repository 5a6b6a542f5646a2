/* From costs to rules: which dead zone and which k every site gets when all silence
 * together may cost so many nats per token. */
#ifndef EXPERIMENTS_SITE_RULES_H
#define EXPERIMENTS_SITE_RULES_H

#include "encoders/threshold.h"
#include "experiments/calibration.h"

/* What silence is to save: bytes of weights, or channels, each worth the same. */
enum saving { SAVE_BYTES, SAVE_CHANNELS };

struct site_rules {
    const struct session *session;
    const struct calibration *calibration;
    const double *probe_cost; /* (sites), of site_costs.h */
    double finest;            /* largest k */
    enum saving saving;
};

/* Fills rule (sites); those of sites that do not spike are the session's. */
enum error_code site_rules_choose(const struct site_rules *rules, double nats,
                                  struct threshold_rule *rule, struct error *err);
/* Dead zones (sites) alone, at least cost, with which `share` of all channels of the
 * sites that spike are silent, or of their bytes, whichever is to be saved. */
enum error_code site_rules_silence(const struct site_rules *rules, double share,
                                   double *dead_zone, struct error *err);
/* That share, when silence may cost so many nats. */
enum error_code site_rules_share(const struct site_rules *rules, double nats,
                                 double *share, struct error *err);
/* Dead zones (sites) with which every site has the same silent share. */
void site_rules_uniform(const struct site_rules *rules, double share,
                        double *dead_zone);

#endif
