/* Sigma-delta: what is coded is a channel minus what the receiver holds, the sum of all
 * that was sent, rounded to the nearest threshold and sent as signed unit spikes, one a
 * step. The error of a token is so carried into the next one and never grows: at most
 * half a threshold. Sources: Yoon, LIF and Simplified SRM Neurons Encode Signals Into
 * Spikes via a Form of Asynchronous Pulse Sigma-Delta Modulation, IEEE TNNLS 28 (2016);
 * O'Connor and Welling, Sigma Delta Quantized Networks (arXiv 1611.02024). */
#include "encoders/schedule.h"

const struct encoder sigma_delta_encoder = {
    .name = "sigma_delta",
    .summary = "change since the last token to the nearest threshold, signed spikes",
    .source = "O'Connor and Welling, Sigma Delta Quantized Networks, arXiv 1611.02024",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .is_signed = true,
    .is_stateful = true,
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
