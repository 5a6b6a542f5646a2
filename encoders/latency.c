/* Latency code, time to first spike: an ON and an OFF neuron a channel; the one the sign
 * chooses gets |count| at step 0, and the level falls by 1 a step from T, so that it
 * fires once, at step T - |count|: the larger, the earlier. The spike is worth the level,
 * |count|. Falling thresholds as in Rueckauer and Liu, Conversion of Analog to Spiking
 * Neural Networks Using Sparse Temporal Coding, ISCAS (2018). */
#include "encoders/schedule.h"

static bool levels(const struct encoding *e, unsigned step, double *level)
{
    schedule_fill(level, 2 * e->channels, e->steps - step);
    return true;
}

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    return schedule_on_off_sign(neuron) * (int32_t)(e->steps - step);
}

static uint32_t spikes(int32_t count, unsigned steps)
{
    (void)steps;
    return count != 0;
}

static uint32_t train(int32_t count, unsigned steps, struct code_event *event)
{
    if (count != 0)
        event[0] = (struct code_event){ .step = steps - schedule_magnitude(count),
                                        .neuron = count < 0,
                                        .worth = count };
    return count != 0;
}

const struct encoder latency_encoder = {
    .name = "latency",
    .summary =
        "one spike, at step T - |count|; ON and OFF neurons, T = largest |count|",
    .source =
        "Rueckauer and Liu, Conversion of Analog to Spiking Neural Networks Using "
        "Sparse Temporal Coding, ISCAS (2018)",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 2,
    .reading = READ_FIRST,
    .max_steps = CODE_MAX_WINDOW,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    /* All that has arrived is added once more at every step: T - t times in the end. */
    .target_step_cost = { .n = { [OP_ADD_I32] = 1 } },
    .steps = unary_steps,
    .range = unary_range,
    .inject = schedule_inject_on_off,
    .levels = levels,
    .worth = worth,
    .spikes = spikes,
    .train = train,
};
