/* See firing.h. */
#include "neurons/firing.h"

#include <math.h>

size_t fire_at_level(const struct population *population, double *v, bool is_hard,
                     struct spike *fired)
{
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < population->count; neuron++) {
        const double level = population->level[neuron];
        const double lowest = population->is_signed ? -level : -HUGE_VAL;
        if (!(v[neuron] >= level || v[neuron] <= lowest))
            continue;
        int32_t sign = v[neuron] > 0 ? 1 : -1;
        v[neuron] = is_hard ? 0 : v[neuron] - sign * level;
        fired[spikes++] = (struct spike){ (uint32_t)neuron, sign };
    }
    return spikes;
}
