/* Weights of a group on a grid of 4 bits, in whole multiples of a unit that all groups
 * of an output share:
 *
 *     w ~ unit (scale (q - 8) + centre),   0 <= q <= 15;   symmetric: centre = 0
 *
 * Not the widest grid is taken but the one whose squared error is least among a few
 * narrower and wider ones, then by least squares for the q it gives. A grid that the
 * weights lie on (a Q4_0 or Q4_1 block) is found but for the rounding of scale and
 * centre to whole numbers. */
#ifndef LM_WEIGHT_FIT_H
#define LM_WEIGHT_FIT_H

#include "lm/kernel.h"

enum { FIT_MOST = 256 };

/* Scales are in [-most, most], and |scale (q - 8) + centre| <= (has_minimum ? 15 : 8)
 * most. */
struct fit_limits {
    int32_t most;
    bool has_minimum; /* the centre is free */
};

struct weight_fit {
    int8_t scale;
    int16_t centre;
    int8_t whole[FIT_MOST]; /* q */
};

/* The least unit in which groups of so many of the values have room; 0 where all are
 * so small that they may be 0. Infinite: they are too large. */
float weight_fit_unit(const float *values, size_t count, size_t group,
                      const struct fit_limits *limits);
/* count <= FIT_MOST, values finite. Unit 0 makes them 0. */
void weight_fit(struct weight_fit *fit, const struct kernel *kernel,
                const float *values, size_t count, float unit,
                const struct fit_limits *limits);

#endif
