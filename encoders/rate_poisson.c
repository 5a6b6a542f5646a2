/* Random rate code: an ON and an OFF neuron a channel; at every one of the T steps the
 * one the sign chooses gets the whole level T with probability |count| / T, drawn afresh,
 * and nothing otherwise. This is a Poisson process of rate |count| / T cut into steps of
 * one spike at most (Bernoulli): the spikes of a token are binomial, with mean |count|
 * and variance |count| (1 - |count| / T), which a Poisson count's, |count|, bounds. As
 * the inputs of Diehl et al., Fast-classifying, high-accuracy spiking deep networks
 * through weight and threshold balancing, IJCNN (2015). */
#include "encoders/schedule.h"

#include <math.h>

/* gsl_rng_uniform_int has no bias, which a comparison with |count| / T would have. */
static bool is_drawn(const struct encoding *e, uint32_t neuron, unsigned step,
                     uint32_t magnitude)
{
    struct random_place place = e->place;
    place.neuron = neuron;
    place.step = step;
    random_set(e->random, e->seed, &place);
    return gsl_rng_uniform_int(e->random, e->steps) < magnitude;
}

static bool inject(const struct encoding *e, unsigned step, double *input)
{
    for (size_t channel = 0; channel < e->channels; channel++) {
        const int32_t count = e->count[channel];
        const size_t neuron = 2 * channel + (count < 0);
        input[2 * channel] = input[2 * channel + 1] = 0;
        if (count != 0 &&
            is_drawn(e, (uint32_t)neuron, step, schedule_magnitude(count)))
            input[neuron] = e->steps;
    }
    return true;
}

static bool levels(const struct encoding *e, unsigned step, double *level)
{
    if (step == 0)
        schedule_fill(level, 2 * e->channels, e->steps);
    return step == 0;
}

static int32_t worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)e, (void)step;
    return schedule_on_off_sign(neuron);
}

const struct encoder rate_poisson_encoder = {
    .name = "rate-poisson",
    .summary = "a spike with probability |count| / T a step, ON and OFF neurons, "
               "T = largest |count|",
    .source = "Diehl et al., Fast-classifying, high-accuracy spiking deep networks "
              "through weight and threshold balancing, IJCNN (2015)",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = (double)INFINITY,
    .max_deviation = 1,
    .neurons_per_channel = 2,
    .is_random = true,
    .reading = READ_COUNT,
    .max_steps = CODE_MAX_WINDOW,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .steps = unary_steps,
    .range = unary_range,
    .inject = inject,
    .levels = levels,
    .worth = worth,
};
