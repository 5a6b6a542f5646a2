/* See firing.h. */
#include "neurons/firing.h"

#include <math.h>

size_t fire(const struct firing *f, size_t first, size_t end, struct spike *fired)
{
    size_t spikes = 0;
    for (size_t neuron = first; neuron < end; neuron++) {
        const double v = f->v[neuron], threshold = f->threshold[neuron];
        if (!(v >= threshold || (f->is_signed && v <= -threshold)))
            continue;
        if (f->wait && f->wait[neuron] > 0)
            continue;
        const int32_t sign = v > 0 || !f->is_signed ? 1 : -1;
        const double reset = f->reset ? f->reset[neuron] : 0;
        const bool is_hard = f->is_always_hard || (f->hard && f->hard[neuron] >= 0.5);
        f->v[neuron] = is_hard ? reset : v - sign * (threshold - reset);
        if (f->wait)
            f->wait[neuron] = f->hold[neuron];
        fired[spikes++] = (struct spike){ (uint32_t)neuron, sign };
    }
    return spikes;
}

double firing_hold(double t_ref_ms, double dt_ms)
{
    return rint(t_ref_ms / dt_ms) + 1;
}
