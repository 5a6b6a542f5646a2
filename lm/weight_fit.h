/* Weights of a group on a grid of 4 bits, scale and minimum in 16-bit floats:
 *
 *     symmetric      w ~ scale (q - 8)
 *     with minimum   w ~ scale q + minimum,   0 <= q <= 15
 *
 * Not the widest grid is taken but the one whose squared error is least among a few
 * narrower and wider ones, then by least squares for the q it gives. A grid that the
 * weights lie on (a Q4_0 or Q4_1 block) is found exactly. */
#ifndef LM_WEIGHT_FIT_H
#define LM_WEIGHT_FIT_H

#include "lm/kernel.h"

enum { FIT_MOST = 256 };

struct weight_fit {
    uint16_t scale, minimum; /* minimum 0 where symmetric */
    int8_t whole[FIT_MOST];  /* q */
};

/* count <= FIT_MOST, values finite. False: they are too large for 16 bits. */
bool weight_fit(struct weight_fit *fit, const struct kernel *kernel,
                const float *values, size_t count, bool has_minimum);

#endif
