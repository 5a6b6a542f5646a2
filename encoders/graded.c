/* Graded spikes: one step, one spike a channel that is not silent, carrying the count.
 * Delivery multiplies where the other codes add. Source: Orchard et al., "Efficient
 * Neuromorphic Signal Processing with Loihi 2" (2021), section II. */
#include "encoders/schedule.h"

static unsigned steps(int32_t lowest, int32_t highest)
{
    return lowest != 0 || highest != 0;
}

static void range(unsigned steps_given, int32_t *lowest, int32_t *highest)
{
    (void)steps_given;
    *lowest = INT32_MIN;
    *highest = INT32_MAX;
}

static uint32_t spikes(int32_t count, unsigned steps_given)
{
    (void)steps_given;
    return count != 0;
}

static uint32_t train(int32_t count, unsigned steps_given, struct code_event *event)
{
    (void)steps_given;
    if (count != 0)
        event[0] = (struct code_event){ .worth = count };
    return count != 0;
}

const struct encoder graded_encoder = {
    .name = "graded",
    .summary = "one step, each spike carries its count",
    .source = "Orchard et al., Efficient Neuromorphic Signal Processing with Loihi 2 "
              "(2021)",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .is_signed = true,
    .is_graded = true,
    .max_steps = 1,
    .event_cost = { .n = { [OP_MAC_I8_I32] = 1 } },
    .steps = steps,
    .range = range,
    .inject = schedule_inject_signed,
    .levels = unary_levels,
    .worth = unary_worth,
    .spikes = spikes,
    .train = train,
};
