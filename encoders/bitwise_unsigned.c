/* Unsigned bitwise code: an ON and an OFF neuron a channel; the one the sign chooses
 * sends a binary digit of the magnitude a step, most significant first (arXiv
 * 2509.05276, section 3.3). */
#include "encoders/schedule.h"

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    return schedule_on_off_sign(neuron) * bitwise_worth(e->steps, step);
}

static uint32_t train(int32_t count, unsigned steps, struct code_event *event)
{
    return bitwise_train(schedule_magnitude(count), steps, count < 0 ? 1 : 0,
                         count < 0 ? -1 : 1, event);
}

const struct encoder bitwise_unsigned_encoder = {
    .name = "bitwise-unsigned",
    .summary = "one binary digit a step, ON and OFF neurons, T = digits of the largest "
               "|count|",
    .source = "arXiv 2509.05276, section 3.3",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 2,
    .max_steps = BITWISE_MAX_STEPS,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .target_step_cost = { .n = { [OP_SHIFT_I32] = 1 } },
    .steps = bitwise_steps,
    .range = bitwise_range,
    .inject = schedule_inject_on_off,
    .levels = bitwise_levels_on_off,
    .worth = worth,
    .spikes = bitwise_spikes,
    .train = train,
};
