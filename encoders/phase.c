/* Phase code, weighted spikes: the window is periods of K = 8 steps. The count is
 * injected where a period begins, sign and all, and the level 2^(K-1-phase) lets it out
 * as its binary digits, each spike worth the level; so every period repeats the count,
 * and decoding divides by their number. What does not fill a period is silent: nothing
 * goes in and the level blocks. Source: Kim et al., Deep neural networks with weighted
 * spikes, Neurocomputing 311 (2018), 373. */
#include "encoders/schedule.h"

enum { PERIOD = 8, LARGEST = (1 << PERIOD) - 1 };

static const double blocking = 0x1p60;

static unsigned steps(int32_t lowest, int32_t highest)
{
    return lowest == 0 && highest == 0 ? 0 : PERIOD;
}

static void range(unsigned steps_given, int32_t *lowest, int32_t *highest)
{
    *highest = steps_given < PERIOD ? 0 : LARGEST;
    *lowest = -*highest;
}

static int32_t gain(unsigned steps_given)
{
    return steps_given < PERIOD ? 1 : (int32_t)(steps_given / PERIOD);
}

static bool is_within_period(const struct encoding *e, unsigned step)
{
    return step < e->steps / PERIOD * PERIOD;
}

static bool inject(const struct encoding *e, unsigned step, double *input)
{
    return is_within_period(e, step) && schedule_inject_signed(e, step % PERIOD, input);
}

static bool levels(const struct encoding *e, unsigned step, double *level)
{
    schedule_fill(level, e->channels,
                  is_within_period(e, step) ? bitwise_worth(PERIOD, step % PERIOD)
                                            : blocking);
    return true;
}

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)e, (void)neuron;
    return bitwise_worth(PERIOD, step % PERIOD);
}

static uint32_t spikes(int32_t count, unsigned steps_given)
{
    return steps_given / PERIOD * bitwise_spikes(count, PERIOD);
}

static uint32_t train(int32_t count, unsigned steps_given, struct code_event *event)
{
    uint32_t made = 0;
    for (unsigned period = 0; period < steps_given / PERIOD; period++) {
        uint32_t digits = bitwise_train(schedule_magnitude(count), PERIOD, 0,
                                        count < 0 ? -1 : 1, event + made);
        for (uint32_t i = 0; i < digits; i++)
            event[made++].step += period * PERIOD;
    }
    return made;
}

const struct encoder phase_encoder = {
    .name = "phase",
    .summary = "the 8 binary digits of |count|, signed, again every 8 steps",
    .source = "Kim et al., Deep neural networks with weighted spikes, Neurocomputing "
              "311 (2018), 373",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .is_signed = true,
    .max_steps = CODE_MAX_WINDOW,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    /* The sum so far; where a period begins, an addition to the total instead. */
    .target_step_cost = { .n = { [OP_SHIFT_I32] = 1 } },
    .steps = steps,
    .range = range,
    .gain = gain,
    .inject = inject,
    .levels = levels,
    .worth = worth,
    .spikes = spikes,
    .train = train,
};
