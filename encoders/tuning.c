/* Population code with triangular tuning curves: eight neurons a channel prefer -4 w,
 * -3 w, -2 w, -w, w, 2 w, 3 w and 4 w, where w = T steps. One that prefers m is driven by
 *
 *     A = max(0, w - |count - m|)
 *
 * at every step and fires at level w, so A times in all, evenly spread, each spike worth
 * m / w, -4 to 4. At most two neurons are driven, and they share a count as linear
 * interpolation does: the sum of A m / w is the count, up to |count| = 4 w. Nobody
 * prefers 0, which is silent. Population coding: Pouget, Dayan and Zemel, Nature Reviews
 * Neuroscience 1 (2000), 125; decoding by one weight a neuron: Eliasmith and Anderson,
 * Neural Engineering (2003), chapter 2. */
#include "encoders/schedule.h"

/* The longest window reaches as far as a rate code's. */
enum { NEURONS = 8, CENTRES = NEURONS / 2, MAX_STEPS = CODE_MAX_WINDOW / CENTRES };

/* -4 .. -1, 1 .. 4 */
static int32_t preferred(uint32_t neuron)
{
    int32_t part = (int32_t)(neuron % NEURONS);
    return part < CENTRES ? part - CENTRES : part - CENTRES + 1;
}

static uint32_t drive(int32_t count, uint32_t neuron, unsigned steps_given)
{
    const int32_t centre = preferred(neuron) * (int32_t)steps_given;
    uint32_t distance = schedule_magnitude(count - centre);
    return distance < steps_given ? steps_given - distance : 0;
}

static unsigned steps(int32_t lowest, int32_t highest)
{
    return (unary_steps(lowest, highest) + CENTRES - 1) / CENTRES;
}

static void range(unsigned steps_given, int32_t *lowest, int32_t *highest)
{
    unary_range(CENTRES * steps_given, lowest, highest);
}

static bool inject(const struct encoding *e, unsigned step, double *input)
{
    (void)step;
    for (size_t channel = 0; channel < e->channels; channel++)
        for (uint32_t part = 0; part < NEURONS; part++)
            input[NEURONS * channel + part] = drive(e->count[channel], part, e->steps);
    return true;
}

static bool levels(const struct encoding *e, unsigned step, double *level)
{
    if (step == 0)
        schedule_fill(level, NEURONS * e->channels, e->steps);
    return step == 0;
}

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)e, (void)step;
    return preferred(neuron);
}

static uint32_t spikes(int32_t count, unsigned steps_given)
{
    uint32_t magnitude = schedule_magnitude(count);
    return magnitude < steps_given ? magnitude : steps_given;
}

/* The two neurons that are driven, merged by step. */
static uint32_t train(int32_t count, unsigned steps_given, struct code_event *event)
{
    const uint32_t all = spikes(count, steps_given);
    uint32_t neuron = 0, made = 0;
    while (all > 0 && drive(count, neuron, steps_given) == 0)
        neuron++;
    const uint32_t first = all > 0 ? drive(count, neuron, steps_given) : 0;
    for (uint32_t a = 0, b = 0; made < all; made++) {
        unsigned at_a = a < first ? even_step(a, first, steps_given) : steps_given;
        unsigned at_b =
            b < all - first ? even_step(b, all - first, steps_given) : steps_given;
        uint32_t fires = neuron + (at_b < at_a);
        event[made] =
            (struct code_event){ at_b < at_a ? at_b : at_a, fires, preferred(fires) };
        *(at_b < at_a ? &b : &a) += 1;
    }
    return made;
}

const struct encoder tuning_encoder = {
    .name = "tuning",
    .summary = "eight neurons a channel with triangular tuning curves, T = largest "
               "|count| / 4",
    .source = "Pouget, Dayan and Zemel, Nature Reviews Neuroscience 1 (2000), 125",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = NEURONS,
    .reading = READ_COUNT,
    .max_steps = MAX_STEPS,
    .event_cost = { .n = { [OP_MAC_I8_I32] = 1 } },
    .steps = steps,
    .range = range,
    .inject = inject,
    .levels = levels,
    .worth = worth,
    .spikes = spikes,
    .train = train,
};
