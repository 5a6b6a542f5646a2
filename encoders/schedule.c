/* See schedule.h. */
#include "encoders/schedule.h"

const struct field schedule_no_fields[] = { { 0 } };

uint32_t schedule_magnitude(int32_t count)
{
    return count < 0 ? 0u - (uint32_t)count : (uint32_t)count;
}

unsigned schedule_digits(uint32_t value)
{
    unsigned digits = 0;
    for (; value; value >>= 1)
        digits++;
    return digits;
}

static uint32_t ones(uint32_t value)
{
    uint32_t count = 0;
    for (; value; value &= value - 1)
        count++;
    return count;
}

static uint32_t largest_magnitude(int32_t lowest, int32_t highest)
{
    uint32_t below = schedule_magnitude(lowest), above = schedule_magnitude(highest);
    return below > above ? below : above;
}

bool schedule_inject_signed(const struct encoding *e, unsigned step, double *input)
{
    if (step != 0)
        return false;
    for (size_t channel = 0; channel < e->channels; channel++)
        input[channel] = e->count[channel];
    return true;
}

bool schedule_inject_on_off(const struct encoding *e, unsigned step, double *input)
{
    if (step != 0)
        return false;
    for (size_t channel = 0; channel < e->channels; channel++) {
        double count = e->count[channel];
        input[2 * channel] = count > 0 ? count : 0;
        input[2 * channel + 1] = count < 0 ? -count : 0;
    }
    return true;
}

int32_t schedule_on_off_sign(uint32_t neuron)
{
    return neuron % 2 == 0 ? 1 : -1;
}

unsigned unary_steps(int32_t lowest, int32_t highest)
{
    return largest_magnitude(lowest, highest);
}

void unary_range(unsigned steps, int32_t *lowest, int32_t *highest)
{
    *lowest = -(int32_t)steps;
    *highest = (int32_t)steps;
}

void schedule_fill(double *level, size_t neurons, double value)
{
    for (size_t neuron = 0; neuron < neurons; neuron++)
        level[neuron] = value;
}

bool unary_levels(const struct encoding *e, unsigned step, double *level)
{
    if (step == 0)
        schedule_fill(level, e->channels, 1);
    return step == 0;
}

bool unary_levels_on_off(const struct encoding *e, unsigned step, double *level)
{
    if (step == 0)
        schedule_fill(level, 2 * e->channels, 1);
    return step == 0;
}

int32_t unary_worth(const struct encoding *e, uint32_t neuron, unsigned step)
{
    (void)e, (void)neuron, (void)step;
    return 1;
}

uint32_t unary_spikes(int32_t count, unsigned steps)
{
    (void)steps;
    return schedule_magnitude(count);
}

uint32_t unary_train(int32_t count, uint32_t negative, struct code_event *event)
{
    uint32_t spikes = schedule_magnitude(count);
    for (uint32_t step = 0; step < spikes; step++)
        event[step] = (struct code_event){ .step = step,
                                           .neuron = count < 0 ? negative : 0,
                                           .worth = count < 0 ? -1 : 1 };
    return spikes;
}

uint32_t unary_train_signed(int32_t count, unsigned steps, struct code_event *event)
{
    (void)steps;
    return unary_train(count, 0, event);
}

unsigned even_step(uint32_t spike, uint32_t spikes, unsigned steps)
{
    return (unsigned)((((uint64_t)spike + 1) * steps - 1) / spikes);
}

unsigned bitwise_steps(int32_t lowest, int32_t highest)
{
    return schedule_digits(largest_magnitude(lowest, highest));
}

void bitwise_range(unsigned steps, int32_t *lowest, int32_t *highest)
{
    *highest = (int32_t)((UINT32_C(1) << steps) - 1);
    *lowest = -*highest;
}

int32_t bitwise_worth(unsigned steps, unsigned step)
{
    return (int32_t)(UINT32_C(1) << (steps - 1 - step));
}

bool bitwise_levels(const struct encoding *e, unsigned step, double *level)
{
    schedule_fill(level, e->channels, bitwise_worth(e->steps, step));
    return true;
}

bool bitwise_levels_on_off(const struct encoding *e, unsigned step, double *level)
{
    schedule_fill(level, 2 * e->channels, bitwise_worth(e->steps, step));
    return true;
}

uint32_t bitwise_spikes(int32_t count, unsigned steps)
{
    (void)steps;
    return ones(schedule_magnitude(count));
}

uint32_t bitwise_train(uint32_t magnitude, unsigned steps, uint32_t neuron,
                       int32_t sign, struct code_event *event)
{
    uint32_t spikes = 0;
    for (unsigned step = 0; step < steps; step++) {
        int32_t worth = bitwise_worth(steps, step);
        if (magnitude & (uint32_t)worth)
            event[spikes++] = (struct code_event){ step, neuron, sign * worth };
    }
    return spikes;
}
