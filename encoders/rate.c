/* Rate code, evenly spread: an ON and an OFF neuron a channel; the one the sign chooses
 * gets |count| at every one of the T steps and fires at level T, so that its spikes up
 * to step t are floor((t + 1) |count| / T), and |count| in the end, each worth 1. Rate
 * coding with reset by subtraction, as in converted networks: Rueckauer et al., Frontiers
 * in Neuroscience 11:682 (2017). */
#include "encoders/schedule.h"

static bool inject(const struct encoding *e, unsigned step, double *input)
{
    (void)step;
    return schedule_inject_on_off(e, 0, input);
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

static uint32_t train(int32_t count, unsigned steps, struct code_event *event)
{
    const uint32_t spikes = schedule_magnitude(count);
    for (uint32_t spike = 0; spike < spikes; spike++)
        event[spike] = (struct code_event){ .step = even_step(spike, spikes, steps),
                                            .neuron = count < 0,
                                            .worth = count < 0 ? -1 : 1 };
    return spikes;
}

const struct encoder rate_encoder = {
    .name = "rate",
    .summary = "|count| spikes spread evenly, ON and OFF neurons, T = largest |count|",
    .source = "Rueckauer et al., Frontiers in Neuroscience 11:682 (2017)",
    .params = schedule_no_fields,
    .state_vars = schedule_no_fields,
    .max_error = 0.5,
    .neurons_per_channel = 2,
    .reading = READ_COUNT,
    .max_steps = CODE_MAX_WINDOW,
    .event_cost = { .n = { [OP_ADD_I32] = 1 } },
    .steps = unary_steps,
    .range = unary_range,
    .inject = inject,
    .levels = levels,
    .worth = worth,
    .spikes = unary_spikes,
    .train = train,
};
