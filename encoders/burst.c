/* Burst code: the count is injected at step 0, sign and all; a spike is worth the level,
 * 2^(spikes in a row just before), and a step without a spike puts the level back to 1.
 * A burst of r spikes takes 2^r - 1 off, so |count| leaves as the longest burst that
 * fits, a pause, the longest burst that fits the rest, and so on: r (r + 1) / 2 steps
 * hold every count up to 2^r - 1. Source: Park et al., Fast and Efficient Information
 * Transmission with Burst Spikes in Deep Spiking Neural Networks, DAC (2019). */
#include "encoders/schedule.h"

enum { LEVEL, NEXT };
enum { LONGEST = 30, MAX_STEPS = LONGEST * (LONGEST + 1) / 2, LARGEST_LEVEL = 1 << 30 };

static const struct field state_vars[] = {
    [LEVEL] = { "level", "V", "threshold and worth of this step", 1, 1, LARGEST_LEVEL },
    [NEXT] = { "next", "V", "the level of the next step", 1, 1, LARGEST_LEVEL },
    { 0 },
};

/* The longest burst within `rest` > 0: the largest r with 2^r - 1 <= rest. */
static unsigned longest_burst(uint32_t rest)
{
    return schedule_digits(rest + 1) - 1;
}

static uint32_t burst_sum(unsigned spikes)
{
    return (UINT32_C(1) << spikes) - 1;
}

/* Counts just below 2^r - 1 take the most: a burst of r - 1, a pause, one of r - 1 .. */
static unsigned steps(int32_t lowest, int32_t highest)
{
    uint32_t largest = unary_steps(lowest, highest);
    unsigned before = 0, most = 0;
    while (largest > 0) {
        unsigned burst = longest_burst(largest);
        /* Shorter counts first, which start after the bursts so far. */
        unsigned below = before + burst * (burst + 1) / 2;
        most = below > most ? below : most;
        largest -= burst_sum(burst);
        before += burst + 1;
    }
    return most;
}

/* What `steps` hold: a longest burst whose shorter counts fit, then what the steps after
 * its pause hold. */
static void range(unsigned steps_given, int32_t *lowest, int32_t *highest)
{
    uint32_t largest = 0;
    while (steps_given > 0) {
        unsigned burst = 1;
        while ((burst + 1) * (burst + 2) / 2 <= steps_given)
            burst++;
        largest += burst_sum(burst);
        steps_given -= burst < steps_given ? burst + 1 : burst;
    }
    *highest = (int32_t)largest;
    *lowest = -*highest;
}

static bool levels(const struct encoding *e, unsigned step, double *level)
{
    (void)step;
    for (size_t neuron = 0; neuron < e->channels; neuron++) {
        level[neuron] = e->state[LEVEL][neuron] = e->state[NEXT][neuron];
        e->state[NEXT][neuron] = 1;
    }
    return true;
}

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)step;
    const double level = e->state[LEVEL][neuron];
    e->state[NEXT][neuron] = level < LARGEST_LEVEL ? 2 * level : level;
    return (int32_t)level;
}

static uint32_t spikes(int32_t count, unsigned steps_given)
{
    uint32_t made = 0;
    (void)steps_given;
    for (uint32_t rest = schedule_magnitude(count); rest > 0;) {
        unsigned burst = longest_burst(rest);
        rest -= burst_sum(burst);
        made += burst;
    }
    return made;
}

static uint32_t train(int32_t count, unsigned steps_given, struct code_event *event)
{
    uint32_t made = 0;
    unsigned step = 0;
    (void)steps_given;
    for (uint32_t rest = schedule_magnitude(count); rest > 0; step++) {
        unsigned burst = longest_burst(rest);
        rest -= burst_sum(burst);
        for (unsigned i = 0; i < burst; i++) {
            int32_t worth = (int32_t)(UINT32_C(1) << i);
            event[made++] = (struct code_event){ .step = step++,
                                                 .worth = count < 0 ? -worth : worth };
        }
    }
    return made;
}

const struct encoder burst_encoder = {
    .name = "burst",
    .summary = "signed bursts, each spike worth twice the one before",
    .source = "Park et al., Fast and Efficient Information Transmission with Burst "
              "Spikes in Deep Spiking Neural Networks, DAC (2019)",
    .params = schedule_no_fields,
    .state_vars = state_vars,
    .max_error = 0.5,
    .neurons_per_channel = 1,
    .is_signed = true,
    .max_steps = MAX_STEPS,
    .event_cost = { .n = { [OP_ADD_I32] = 1, [OP_SHIFT_I32] = 1 } },
    .steps = steps,
    .range = range,
    .inject = schedule_inject_signed,
    .levels = levels,
    .worth = worth,
    .spikes = spikes,
    .train = train,
};
