/* See kernel_operands.h. */
#include "tests/kernel_operands.h"

#include "lm/block_format.h"
#include "tests/suites.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct operands *operands_create(void)
{
    struct operands *o = calloc(1, sizeof *o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    o->generator = gsl_rng_alloc(gsl_rng_mt19937);
    return o;
}

void operands_free(struct operands *o)
{
    gsl_rng_free(o->generator);
    free(o);
}

size_t draw_below(struct operands *o, size_t limit)
{
    return (size_t)gsl_rng_uniform_int(o->generator, limit);
}

int8_t draw_small(gsl_rng *generator)
{
    return (int8_t)((int)gsl_rng_uniform_int(generator, 255) - 127);
}

int8_t draw_any_small(struct operands *o, bool is_extreme)
{
    if (is_extreme)
        return draw_below(o, 2) ? 127 : -127;
    return draw_small(o->generator);
}

void draw_integers(struct operands *o, int trial)
{
    bool is_extreme = trial % 3 == 2;
    o->width = 1 + draw_below(o, trial % 2 ? 130 : MOST);
    o->stride = (o->width + 63) / 64 * 64;
    o->rows = 1 + draw_below(o, 300);
    o->count = draw_below(o, trial % 4 ? 2 * o->rows : 9);
    for (size_t i = 0; i < o->rows * o->stride; i++)
        o->weight[i] = i % o->stride < o->width ? draw_any_small(o, is_extreme) : 0;
    for (size_t e = 0; e < o->count; e++) {
        o->row[e] = (uint32_t)draw_below(o, o->rows);
        o->factor[e] = draw_any_small(o, is_extreme);
        o->wide[e] = (int32_t)(uint32_t)gsl_rng_get(o->generator);
    }
    for (size_t i = 0; i < o->width; i++)
        o->sum[i] = o->other_sum[i] = (int32_t)(uint32_t)gsl_rng_get(o->generator);
}

void draw_nibbles(struct operands *o, int trial)
{
    draw_integers(o, trial);
    if (trial % 5 == 4)
        memset(o->weight, trial % 2 ? 0xff : 0, sizeof o->weight);
    size_t tiles = (o->width + 31) / 32, scales = 300 / LEAST_GROUP * tiles * 32;
    for (size_t i = 0; i < scales; i++) {
        o->scale[i] = draw_any_small(o, trial % 3 == 2);
        o->centre[i] = (int16_t)(trial % 3 == 2 ? 15 * o->scale[i]
                                                : (int)draw_below(o, 4000) - 2000);
    }
    o->nibbles = (struct kernel_nibbles){
        .nibble = (const uint8_t *)o->weight + trial % 3 * 16,
        .stride = tiles * 16,
        .scale = o->scale,
        .centre = trial % 2 ? o->centre : NULL,
        .scale_stride = tiles * 32,
        .group = LEAST_GROUP + (uint32_t)draw_below(o, trial % 4 ? 60 : 400),
    };
    for (size_t e = 0; trial % 7 && e < o->count; e++)
        o->row[e] = (uint32_t)(e * o->rows / o->count);
    for (size_t e = o->count - o->count / 9; trial % 7 && e < o->count; e++)
        o->row[e] = (uint32_t)draw_below(o, o->rows);
}

void draw_floats(struct operands *o)
{
    o->count = draw_below(o, MOST);
    for (size_t i = 0; i < MOST + 3; i++) {
        double size = exp(gsl_ran_gaussian(o->generator, 3));
        o->x[i] = (float)(size * gsl_ran_gaussian(o->generator, 1));
        o->y[i] = o->other_y[i] = (float)gsl_ran_gaussian(o->generator, 1);
    }
    for (size_t i = 0; i < MOST; i++) {
        o->half[i] = float_to_half((float)gsl_ran_gaussian(o->generator, 1));
        o->sum[i] = (int32_t)draw_below(o, 1u << 20) - (1 << 19);
    }
}

bool same(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

bool same_float(float a, float b)
{
    return same(&a, &b, sizeof a);
}

const struct kernel *next_kernel(size_t *index)
{
    while (kernels[++*index])
        if (kernels[*index]->is_supported())
            return kernels[*index];
    return NULL;
}
