/* Binary code {0, 1}: an ON and an OFF neuron a channel; the one the sign chooses lets
 * the magnitude out one unit spike a step (arXiv 2509.05276, section 3.3). */
#include "encoders/schedule.h"

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)e, (void)step;
    return schedule_on_off_sign(neuron);
}

static uint32_t train(int32_t count, unsigned steps, struct code_event *event)
{
    (void)steps;
    return unary_train(count, 1, event);
}

const struct encoder binary_encoder = {
    .name = "binary",
    .summary = "one unsigned spike a step, ON and OFF neurons, T = largest |count|",
    .source = "arXiv 2509.05276, section 3.3",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 2,
    .max_steps = CODE_MAX_WINDOW,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .steps = unary_steps,
    .range = unary_range,
    .inject = schedule_inject_on_off,
    .levels = unary_levels_on_off,
    .worth = worth,
    .spikes = unary_spikes,
    .train = train,
};
