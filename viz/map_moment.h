/* What glows on the map, and how much: of a language model the rates of the token under
 * the cursor or the selected one; of a network what fired just before the cursor and
 * fades, of small ones neuron by neuron. */
#ifndef VIZ_MAP_MOMENT_H
#define VIZ_MAP_MOMENT_H

#include "viz/pane.h"

enum { MOST_LIGHTS = 4096 }; /* neurons that are shown one by one */

struct map_moment {
    uint64_t token;
    double *rate; /* (populations), spikes a neuron and step; NaN: did not run */
    float *light; /* (neurons), 0 .. 1; NULL: populations glow as a whole */
};

enum error_code map_moment_init(struct map_moment *moment, const struct stage *stage,
                                unsigned which, struct error *err);
void map_moment_release(struct map_moment *moment);

#endif
