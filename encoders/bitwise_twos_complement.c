/* Two's complement code: T = the digits of two's complement, sign included. Step 0 is
 * the sign: 2^(T-1) is injected where the count is negative, at level 2^(T-1), and the
 * spike is worth -2^(T-1). Step 1 injects the other digits, count + 2^(T-1) where
 * negative and the count itself elsewhere, which leave one a step, most significant
 * first. Both injections are at least 0, so any unsigned neuron can carry the code; the
 * second never meets a membrane, since the first fires at once. A token of one step
 * holds -1 and 0 only (arXiv 2509.05276, section 3.3). */
#include "encoders/schedule.h"

static unsigned steps(int32_t lowest, int32_t highest)
{
    if (lowest == 0 && highest == 0)
        return 0;
    uint32_t below = lowest < 0 ? (uint32_t)~lowest : 0;
    uint32_t above = highest > 0 ? (uint32_t)highest : 0;
    return schedule_digits(below | above) + 1;
}

static void range(unsigned steps_given, int32_t *lowest, int32_t *highest)
{
    bitwise_range(steps_given - 1, lowest, highest);
    *lowest -= 1;
}

static uint32_t low_digits(int32_t count, unsigned steps_given)
{
    if (steps_given == 0)
        return 0;
    return (uint32_t)count & ((UINT32_C(1) << (steps_given - 1)) - 1);
}

static bool inject(const struct encoding *e, unsigned step, double *input)
{
    if (step > 1)
        return false;
    const double sign = bitwise_worth(e->steps, 0);
    for (size_t channel = 0; channel < e->channels; channel++) {
        int32_t count = e->count[channel];
        if (step == 0)
            input[channel] = count < 0 ? sign : 0;
        else
            input[channel] = low_digits(count, e->steps);
    }
    return true;
}

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)neuron;
    int32_t digit = bitwise_worth(e->steps, step);
    return step == 0 ? -digit : digit;
}

static uint32_t spikes(int32_t count, unsigned steps_given)
{
    uint32_t low = low_digits(count, steps_given);
    return (count < 0) + bitwise_spikes((int32_t)low, steps_given);
}

static uint32_t train(int32_t count, unsigned steps_given, struct code_event *event)
{
    uint32_t made = 0;
    if (count < 0)
        event[made++] = (struct code_event){ .worth = -bitwise_worth(steps_given, 0) };
    return made + bitwise_train(low_digits(count, steps_given), steps_given, 0, 1,
                                event + made);
}

const struct encoder bitwise_twos_complement_encoder = {
    .name = "bitwise-twos-complement",
    .summary = "one digit of two's complement a step, the sign first",
    .source = "arXiv 2509.05276, section 3.3",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .max_steps = BITWISE_MAX_STEPS,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .target_step_cost = { .n = { [OP_SHIFT_I32] = 1 } },
    .steps = steps,
    .range = range,
    .inject = inject,
    .levels = bitwise_levels,
    .worth = worth,
    .spikes = spikes,
    .train = train,
};
