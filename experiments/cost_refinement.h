/* Costs of sites, each probed alone with half of its channels silent, corrected for what
 * sites cost together at the share that is wanted: a factor for every role, and one that
 * rises or falls with depth, are chosen so that the model strays least. One coordinate
 * after the other, by GSL's minimiser (Brent's). */
#ifndef EXPERIMENTS_COST_REFINEMENT_H
#define EXPERIMENTS_COST_REFINEMENT_H

#include "experiments/site_rules.h"

struct cost_refinement {
    double before, after; /* divergence in nats */
};

/* Changes cost (sites), which is what `rules` allot by. `share`: of what rules are to
 * save; measured on the first `windows` windows of the calibration, whose float model is
 * silenced (silencer.h). */
enum error_code cost_refine(struct calibration *calibration,
                            const struct site_rules *rules, double share,
                            size_t windows, double *cost, struct cost_refinement *found,
                            struct error *err);

#endif
