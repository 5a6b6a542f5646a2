/* Operands of one trial of the kernel tests, drawn at random, and how results are held
 * against each other. */
#ifndef TESTS_KERNEL_OPERANDS_H
#define TESTS_KERNEL_OPERANDS_H

#include "lm/kernel.h"

#include <gsl/gsl_rng.h>

enum { MOST = 1100, TRIALS = 60, LEAST_GROUP = 10 };

/* Operands of one trial. Arrays begin at an odd place, so nothing is aligned. */
struct operands {
    gsl_rng *generator;
    size_t width, stride, rows, count;
    int8_t weight[300 * (MOST + 100)];
    struct kernel_nibbles nibbles; /* of the same bytes */
    int8_t scale[300 / LEAST_GROUP * (MOST + 100)];
    int16_t centre[300 / LEAST_GROUP * (MOST + 100)];
    uint32_t row[MOST];
    int8_t factor[MOST];
    int32_t wide[MOST], sum[MOST], other_sum[MOST];
    float x[MOST + 3], y[MOST + 3], other_y[MOST + 3];
    uint16_t half[MOST + 32], other_half[MOST + 32];
    int8_t counts[MOST + 1], other_counts[MOST + 1];
};

struct operands *operands_create(void);
void operands_free(struct operands *o);

size_t draw_below(struct operands *o, size_t limit);
/* In [-127, 127]; the second draws the two extremes alone where it is told to. */
int8_t draw_small(gsl_rng *generator);
int8_t draw_any_small(struct operands *o, bool is_extreme);

/* Every third trial has only extremes. */
void draw_integers(struct operands *o, int trial);
/* Rows of nibbles and their scales; behind the width there is anything. Rows rise for the
 * most part, as engines have them. */
void draw_nibbles(struct operands *o, int trial);
void draw_floats(struct operands *o);

bool same(const void *a, const void *b, size_t bytes);
bool same_float(float a, float b);
/* The supported rows behind the reference, one after another: *index begins at 0. */
const struct kernel *next_kernel(size_t *index);

#endif
