/* Bidirectional bitwise code: one binary digit of |count| a step, most significant
 * first, the sign on every spike (arXiv 2509.05276, section 3.3). The level halves each
 * step, so a soft reset leaves exactly the digits still to come. */
#include "encoders/schedule.h"

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)neuron;
    return bitwise_worth(e->steps, step);
}

static uint32_t train(int32_t count, unsigned steps, struct code_event *event)
{
    return bitwise_train(schedule_magnitude(count), steps, 0, count < 0 ? -1 : 1,
                         event);
}

const struct encoder bitwise_bidirectional_encoder = {
    .name = "bitwise",
    .summary = "one signed binary digit a step, T = digits of the largest |count|",
    .source = "arXiv 2509.05276, section 3.3",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .is_signed = true,
    .max_steps = BITWISE_MAX_STEPS,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .target_step_cost = { .n = { [OP_SHIFT_I32] = 1 } },
    .steps = bitwise_steps,
    .range = bitwise_range,
    .inject = schedule_inject_signed,
    .levels = bitwise_levels,
    .worth = worth,
    .spikes = bitwise_spikes,
    .train = train,
};
