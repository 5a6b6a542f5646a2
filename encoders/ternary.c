/* Ternary code {-1, 0, 1}: the count is injected at once and let out one signed unit
 * spike a step, so T is the largest magnitude. With neuron `if` this is SpikingBrain's
 * (arXiv 2509.05276, section 3.3). */
#include "encoders/schedule.h"

const struct encoder ternary_encoder = {
    .name = "ternary",
    .summary = "one signed spike a step, T = largest |count|",
    .source = "arXiv 2509.05276, section 3.3",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .is_signed = true,
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
