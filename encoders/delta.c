/* Send-on-delta: what is coded is the change of a channel since what the receiver holds,
 * and it is sent once it reaches a whole threshold, as that many signed unit spikes, one
 * a step. The receiver adds them to what it holds and so stays less than one threshold
 * behind. Source: Miskowicz, Send-On-Delta Concept: An Event-Based Data Reporting
 * Strategy, Sensors 6 (2006), 49. */
#include "encoders/schedule.h"

const struct encoder delta_encoder = {
    .name = "delta",
    .summary = "whole thresholds of change since the last token, signed spikes",
    .source = "Miskowicz, Send-On-Delta Concept: An Event-Based Data Reporting "
              "Strategy, Sensors 6 (2006), 49",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 1,
    .neurons_per_channel = 1,
    .is_signed = true,
    .is_stateful = true,
    .rounds_to_zero = true,
    .max_steps = CODE_MAX_WINDOW,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .steps = unary_steps,
    .range = unary_range,
    .inject = schedule_inject_signed,
    .levels = unary_levels,
    .worth = unary_worth,
    .spikes = unary_spikes,
    .train = unary_train_signed,
};
