/* What a run's tokens cost, and what the dense networks would have cost for the same
 * tokens: typed operations and bytes, made of the run's totals alone, so a live run and
 * its recording give the same figures. */
#ifndef SIM_WORK_H
#define SIM_WORK_H

#include "sim/energy.h"
#include "sim/run_totals.h"
#include "sim/spiking_projector.h"

struct work {
    uint64_t tokens;
    uint64_t spiking_macs; /* dense operations of the sites that spike */
    uint64_t spiking_sop;
    uint64_t spike_additions; /* 0 where a spike multiplies (graded) */
    struct energy_work projection[VARIANTS];
    struct energy_work host; /* attention, norms, softmax, ...: all variants */
    uint64_t all_operations; /* dense-equivalent, of whole tokens */
};

/* settings: neuron, encoder, threshold rule and window of the run; weights: in
 * which form they were held. */
void work_of(struct work *work, const struct run_totals *totals,
             const struct spiking_settings *settings,
             const struct weight_plan *weights);
/* Dense-equivalent operations routed through spikes / all of them: projections by
 * multiply-accumulates, attention, norms, softmax, RoPE and gates by their
 * operations. */
double work_event_driven_share(const struct work *work);

/* What falls within a boundary, of all tokens. */
struct energy_work work_within(const struct work *work, enum variant variant,
                               enum boundary boundary);

/* Its price in pJ. NaN where the boundary adds memory without a price, for it would
 * repeat the one before, and where sums of projections have none, for the rest would pass
 * for the whole. */
double work_price_pj(const struct work *work, const struct energy_profile *profile,
                     enum variant variant, enum boundary boundary);

#endif
