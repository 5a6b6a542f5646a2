/* Every row of the kernel table against the reference, bit for bit; the reference
 * against plain formulas. */
#include "lm/kernel.h"
#include "lm/block_format.h"
#include "tests/suites.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static struct operands *operands_create(void)
{
    struct operands *o = calloc(1, sizeof *o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    o->generator = gsl_rng_alloc(gsl_rng_mt19937);
    return o;
}

static void operands_free(struct operands *o)
{
    gsl_rng_free(o->generator);
    free(o);
}

static size_t below(struct operands *o, size_t limit)
{
    return (size_t)gsl_rng_uniform_int(o->generator, limit);
}

/* A value in [-127, 127]. */
static int8_t any_small(gsl_rng *generator)
{
    return (int8_t)((int)gsl_rng_uniform_int(generator, 255) - 127);
}

/* Every third trial has only the extremes. */
static int8_t small(struct operands *o, bool is_extreme)
{
    if (is_extreme)
        return below(o, 2) ? 127 : -127;
    return any_small(o->generator);
}

static void draw_integers(struct operands *o, int trial)
{
    bool is_extreme = trial % 3 == 2;
    o->width = 1 + below(o, trial % 2 ? 130 : MOST);
    o->stride = (o->width + 63) / 64 * 64;
    o->rows = 1 + below(o, 300);
    o->count = below(o, trial % 4 ? 2 * o->rows : 9);
    for (size_t i = 0; i < o->rows * o->stride; i++)
        o->weight[i] = i % o->stride < o->width ? small(o, is_extreme) : 0;
    for (size_t e = 0; e < o->count; e++) {
        o->row[e] = (uint32_t)below(o, o->rows);
        o->factor[e] = small(o, is_extreme);
        o->wide[e] = (int32_t)(uint32_t)gsl_rng_get(o->generator);
    }
    for (size_t i = 0; i < o->width; i++)
        o->sum[i] = o->other_sum[i] = (int32_t)(uint32_t)gsl_rng_get(o->generator);
}

/* Rows of nibbles and their scales; behind the width there is anything. Rows rise for the
 * most part, as engines have them. */
static void draw_nibbles(struct operands *o, int trial)
{
    draw_integers(o, trial);
    if (trial % 5 == 4)
        memset(o->weight, trial % 2 ? 0xff : 0, sizeof o->weight);
    size_t tiles = (o->width + 31) / 32, scales = 300 / LEAST_GROUP * tiles * 32;
    for (size_t i = 0; i < scales; i++) {
        o->scale[i] = small(o, trial % 3 == 2);
        o->centre[i] =
            (int16_t)(trial % 3 == 2 ? 15 * o->scale[i] : (int)below(o, 4000) - 2000);
    }
    o->nibbles = (struct kernel_nibbles){
        .nibble = (const uint8_t *)o->weight + trial % 3 * 16,
        .stride = tiles * 16,
        .scale = o->scale,
        .centre = trial % 2 ? o->centre : NULL,
        .scale_stride = tiles * 32,
        .group = LEAST_GROUP + (uint32_t)below(o, trial % 4 ? 60 : 400),
    };
    for (size_t e = 0; trial % 7 && e < o->count; e++)
        o->row[e] = (uint32_t)(e * o->rows / o->count);
    for (size_t e = o->count - o->count / 9; trial % 7 && e < o->count; e++)
        o->row[e] = (uint32_t)below(o, o->rows);
}

static void draw_floats(struct operands *o)
{
    o->count = below(o, MOST);
    for (size_t i = 0; i < MOST + 3; i++) {
        double size = exp(gsl_ran_gaussian(o->generator, 3));
        o->x[i] = (float)(size * gsl_ran_gaussian(o->generator, 1));
        o->y[i] = o->other_y[i] = (float)gsl_ran_gaussian(o->generator, 1);
    }
    for (size_t i = 0; i < MOST; i++) {
        o->half[i] = float_to_half((float)gsl_ran_gaussian(o->generator, 1));
        o->sum[i] = (int32_t)below(o, 1u << 20) - (1 << 19);
    }
}

static bool same(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

static bool same_float(float a, float b)
{
    return same(&a, &b, sizeof a);
}

/* The supported rows behind the reference, one after another. */
static const struct kernel *next_kernel(size_t *index)
{
    while (kernels[++*index])
        if (kernels[*index]->is_supported())
            return kernels[*index];
    return NULL;
}

static void kernels_are_found_by_name(void)
{
    CU_ASSERT_PTR_EQUAL(kernel_find("reference"), kernels[0]);
    CU_ASSERT_PTR_NULL(kernel_find("no such"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(kernel_find(NULL));
    for (size_t i = 0; kernels[i]; i++) {
        bool is_supported = kernels[i]->is_supported();
        CU_ASSERT_PTR_EQUAL(kernel_find(kernels[i]->name),
                            is_supported ? kernels[i] : NULL);
        if (!is_supported)
            printf("    skipped: this CPU lacks %s\n", kernels[i]->name);
    }
}

/* Silent, sparse, busy, beyond 8 bits, and the limits of 32. */
static int32_t any_count(struct operands *o, int kind)
{
    static const int32_t limit[] = { INT32_MIN, INT32_MAX, 127, -127, 128, -128, 0 };
    const int32_t around = (int32_t)below(o, 400) - 200;
    switch (kind) {
    case 0: return 0;
    case 1: return around > 150 ? around - 170 : 0;
    case 2: return around < 0 ? around / 2 - 1 : around / 2 + 1;
    case 3: return around;
    default: return limit[below(o, sizeof limit / sizeof limit[0])];
    }
}

/* Entries of the list, and nothing behind its room, are compared. */
static void every_kernel_lists_the_rows_that_fire(void)
{
    enum { GUARD = 40 };
    static const int32_t gains[] = { 1, 1, 3, 255 };
    static uint32_t row[MOST + GUARD];
    static int8_t factor[MOST + GUARD];
    struct operands *o = operands_create();
    for (int trial = 0; trial < 20 * TRIALS; trial++) {
        const int32_t gain = gains[trial / 5 % 4];
        const size_t channels = below(o, trial % 3 ? 70 : MOST);
        for (size_t i = 0; i < channels; i++)
            o->wide[i] = any_count(o, trial % 5);
        for (size_t k = 0; kernels[k]; k++) {
            if (!kernels[k]->is_supported())
                continue;
            memset(row, 0x55, sizeof row);
            memset(factor, 0x55, sizeof factor);
            const size_t listed =
                kernels[k]->list_rows(row, factor, o->wide, channels, gain, 1000);
            size_t at = 0;
            bool agrees = true;
            for (size_t i = 0; i < channels; i++) {
                const int32_t product =
                    (int32_t)((uint32_t)o->wide[i] * (uint32_t)gain);
                if (product == 0 || product > 127 || product < -127)
                    continue;
                agrees &= at < listed && row[at] == 1000 + i && factor[at] == product;
                at++;
            }
            for (size_t i = channels; i < channels + GUARD; i++)
                agrees &= row[i] == 0x55555555 && factor[i] == 0x55;
            CU_ASSERT(agrees && at == listed);
        }
    }
    operands_free(o);
}

static void reference_adds_rows_as_the_formula_says(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < TRIALS; trial++) {
        draw_integers(o, trial);
        size_t at = below(o, o->width);
        int64_t sum = o->sum[at], wide = sum;
        for (size_t e = 0; e < o->count; e++) {
            int64_t weight = o->weight[o->row[e] * o->stride + at];
            sum += weight * o->factor[e];
            wide += weight * o->wide[e];
        }
        kernels[0]->add_rows(o->sum, o->weight, o->stride, o->width, o->row, o->factor,
                             o->count);
        CU_ASSERT_EQUAL((uint32_t)o->sum[at], (uint32_t)sum);
        kernels[0]->add_rows_wide(o->other_sum, o->weight, o->stride, o->width, o->row,
                                  o->wide, o->count);
        CU_ASSERT_EQUAL((uint32_t)o->other_sum[at], (uint32_t)wide);
    }
    operands_free(o);
}

static void every_kernel_adds_the_same_rows(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < TRIALS; trial++) {
        const struct kernel *kernel;
        for (size_t k = 0; (kernel = next_kernel(&k));) {
            draw_integers(o, trial);
            kernels[0]->add_rows(o->sum, o->weight, o->stride, o->width, o->row,
                                 o->factor, o->count);
            kernel->add_rows(o->other_sum, o->weight, o->stride, o->width, o->row,
                             o->factor, o->count);
            CU_ASSERT(same(o->sum, o->other_sum, sizeof o->sum));
            kernels[0]->add_rows_wide(o->sum, o->weight, o->stride, o->width, o->row,
                                      o->wide, o->count);
            kernel->add_rows_wide(o->other_sum, o->weight, o->stride, o->width, o->row,
                                  o->wide, o->count);
            CU_ASSERT(same(o->sum, o->other_sum, sizeof o->sum));
        }
    }
    operands_free(o);
}

/* Wider than the pieces that any row of the table cuts outputs into. */
static void rows_wider_than_a_piece_are_added_alike(void)
{
    enum { WIDTH = 35009, STRIDE = 35072, ROWS = 19 };
    struct operands *o = operands_create();
    int8_t *weight = malloc((size_t)ROWS * STRIDE);
    int32_t *sum = malloc(4 * WIDTH * sizeof *sum);
    int16_t *centre = malloc((size_t)ROWS * STRIDE * sizeof *centre);
    CU_ASSERT_FATAL(weight && sum && centre);
    for (size_t i = 0; i < (size_t)ROWS * STRIDE; i++)
        centre[i] = weight[i] = any_small(o->generator);
    for (size_t e = 0; e < ROWS; e++) {
        o->row[e] = (uint32_t)below(o, ROWS);
        o->factor[e] = any_small(o->generator);
    }
    const struct kernel *kernel;
    for (size_t k = 0; (kernel = next_kernel(&k));) {
        memset(sum, 0, 4 * WIDTH * sizeof *sum);
        kernels[0]->add_rows(sum, weight, STRIDE, WIDTH, o->row, o->factor, ROWS);
        kernel->add_rows(sum + WIDTH, weight, STRIDE, WIDTH, o->row, o->factor, ROWS);
        CU_ASSERT(same(sum, sum + WIDTH, WIDTH * sizeof *sum));
        for (int has_centre = 0; has_centre < 2; has_centre++) {
            const struct kernel_nibbles nibbles = {
                .nibble = (const uint8_t *)weight,
                .stride = STRIDE,
                .scale = weight,
                .centre = has_centre ? centre : NULL,
                .scale_stride = STRIDE,
                .group = 7,
            };
            kernels[0]->add_nibbles(sum + 2 * WIDTH, &nibbles, WIDTH, o->row, o->factor,
                                    ROWS);
            kernel->add_nibbles(sum + 3 * WIDTH, &nibbles, WIDTH, o->row, o->factor,
                                ROWS);
            CU_ASSERT(same(sum + 2 * WIDTH, sum + 3 * WIDTH, WIDTH * sizeof *sum));
        }
    }
    free(weight);
    free(sum);
    free(centre);
    operands_free(o);
}

static void reference_adds_nibbles_as_the_formula_says(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < TRIALS; trial++) {
        draw_nibbles(o, trial);
        size_t at = below(o, o->width);
        int64_t sum = o->sum[at];
        for (size_t e = 0; e < o->count; e++) {
            size_t place = o->row[e] / o->nibbles.group * o->nibbles.scale_stride + at;
            const uint8_t *row = o->nibbles.nibble + o->row[e] * o->nibbles.stride;
            uint8_t byte = row[at / 32 * 16 + at % 16];
            int64_t q = at % 32 < 16 ? byte % 16 : byte / 16;
            int64_t weight = o->scale[place] * (q - 8);
            weight += o->nibbles.centre ? o->centre[place] : 0;
            sum += o->factor[e] * weight;
        }
        kernels[0]->add_nibbles(o->sum, &o->nibbles, o->width, o->row, o->factor,
                                o->count);
        CU_ASSERT_EQUAL((uint32_t)o->sum[at], (uint32_t)sum);
    }
    operands_free(o);
}

static void every_kernel_adds_the_same_nibbles(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < 4 * TRIALS; trial++) {
        const struct kernel *kernel;
        for (size_t k = 0; (kernel = next_kernel(&k));) {
            draw_nibbles(o, trial);
            kernels[0]->add_nibbles(o->sum, &o->nibbles, o->width, o->row, o->factor,
                                    o->count);
            kernel->add_nibbles(o->other_sum, &o->nibbles, o->width, o->row, o->factor,
                                o->count);
            CU_ASSERT(same(o->sum, o->other_sum, sizeof o->sum));
        }
    }
    operands_free(o);
}

/* Many rows of one group, all of the largest weight and factor: sums wrap mod 2^32 and
 * nothing before them does. */
static void sums_of_nibbles_have_room(void)
{
    enum { MANY = 1 << 16, WIDTH = 40, PADDED = 64, LARGEST = 15 * 127 };
    uint8_t nibble[PADDED / 2];
    int8_t scale[PADDED];
    int16_t centre[PADDED];
    uint32_t *row = calloc(MANY, sizeof *row);
    int8_t *factor = malloc(MANY);
    CU_ASSERT_FATAL(row && factor);
    memset(nibble, 0xff, sizeof nibble);
    for (size_t o = 0; o < PADDED; o++) {
        scale[o] = 127;
        centre[o] = LARGEST - 7 * 127;
    }
    const struct kernel_nibbles nibbles = {
        nibble, PADDED / 2, scale, centre, PADDED, 1
    };
    for (int sign = -1; sign <= 1; sign += 2)
        for (size_t k = 0; kernels[k]; k++) {
            int32_t sum[WIDTH] = { 0 };
            memset(factor, 127 * sign, MANY);
            if (kernels[k]->is_supported())
                kernels[k]->add_nibbles(sum, &nibbles, WIDTH, row, factor, MANY);
            for (size_t o = 0; kernels[k]->is_supported() && o < WIDTH; o++)
                CU_ASSERT_EQUAL((uint32_t)sum[o],
                                (uint32_t)((int64_t)sign * 127 * LARGEST * MANY));
        }
    free(row);
    free(factor);
}

static void every_kernel_sums_floats_in_one_order(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < TRIALS; trial++) {
        draw_floats(o);
        size_t n = o->count;
        double sum = 0, size = 0;
        for (size_t i = 0; i < n; i++) {
            sum += (double)o->x[i + 1] * (double)o->y[i + 3];
            size += fabs((double)o->x[i + 1] * (double)o->y[i + 3]);
        }
        /* 70 additions in a lane, and the product: 6e-8 each. */
        CU_ASSERT_DOUBLE_EQUAL((double)kernels[0]->dot(o->x + 1, o->y + 3, n), sum,
                               5e-6 * size);
        const struct kernel *kernel;
        for (size_t k = 0; (kernel = next_kernel(&k));) {
            CU_ASSERT(same_float(kernels[0]->dot(o->x + 1, o->y + 3, n),
                                 kernel->dot(o->x + 1, o->y + 3, n)));
            CU_ASSERT(same_float(kernels[0]->dot_half(o->x + 1, o->half, n),
                                 kernel->dot_half(o->x + 1, o->half, n)));
            CU_ASSERT(same_float(kernels[0]->sum_abs(o->x + 1, n),
                                 kernel->sum_abs(o->x + 1, n)));
            CU_ASSERT(same_float(kernels[0]->max_abs(o->x + 1, n),
                                 kernel->max_abs(o->x + 1, n)));
        }
    }
    operands_free(o);
}

static void every_kernel_decodes_and_adds_alike(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < TRIALS; trial++) {
        const struct kernel *kernel;
        for (size_t k = 0; (kernel = next_kernel(&k));) {
            draw_floats(o);
            bool accumulate = trial % 2;
            kernels[0]->decode(o->y + 1, o->sum, o->x + 3, 0.37f, accumulate, o->count);
            kernel->decode(o->other_y + 1, o->sum, o->x + 3, 0.37f, accumulate,
                           o->count);
            CU_ASSERT(same(o->y, o->other_y, sizeof o->y));
            kernels[0]->add_half(o->y + 3, -1.7f, o->half + 1, o->count);
            kernel->add_half(o->other_y + 3, -1.7f, o->half + 1, o->count);
            CU_ASSERT(same(o->y, o->other_y, sizeof o->y));
        }
    }
    operands_free(o);
}

static void largest_value_passes_over_nan(void)
{
    float x[40] = { [3] = NAN, [20] = -7, [36] = NAN, [39] = NAN };
    for (size_t k = 0; kernels[k]; k++) {
        if (!kernels[k]->is_supported())
            continue;
        CU_ASSERT_EQUAL(kernels[k]->max_abs(x, 40), 7);
        CU_ASSERT_EQUAL(kernels[k]->max_abs(x, 0), 0);
        x[5] = -INFINITY;
        CU_ASSERT_EQUAL(kernels[k]->max_abs(x, 33), (float)INFINITY);
        x[5] = 0;
        for (size_t count = 0; count < 40; count++) { /* NaN, then falling */
            float y[40] = { NAN };
            for (size_t i = 1; i < 40; i++)
                y[i] = (float)(i == count - 1 ? 1 : i < count ? -1 - (int)i : 9);
            CU_ASSERT_EQUAL(kernels[k]->largest(y, count),
                            count < 2 ? -(float)INFINITY : 1);
        }
    }
}

/* Every half that is a number, and floats that round to even, up, down, to subnormals
 * and to infinity. */
static void every_kernel_converts_halves_alike(void)
{
    enum { ALL = 1 << 16 };
    uint16_t *half = malloc(ALL * sizeof *half), *back = malloc(ALL * sizeof *back);
    float *x = malloc(ALL * sizeof *x), *other = malloc(ALL * sizeof *other);
    CU_ASSERT_FATAL(half && back && x && other);
    size_t count = 0;
    for (uint32_t bits = 0; bits < ALL; bits++)
        if ((bits & 0x7c00) != 0x7c00 || (bits & 0x3ff) == 0)
            half[count++] = (uint16_t)bits;
    const struct kernel *kernel;
    for (size_t k = 0; (kernel = next_kernel(&k));) {
        kernels[0]->from_half(x, half, count);
        kernel->from_half(other, half, count);
        CU_ASSERT(same(x, other, count * sizeof *x));
        kernel->to_half(back, x, count);
        CU_ASSERT(same(half, back, count * sizeof *half));
        for (size_t i = 0; i + 1 < count; i++)
            x[i] = 0.5f * (x[i] + x[i + 1]) * (i % 3 ? 1.0f : 1.00001f);
        x[0] = 65519.9f, x[1] = 65520.0f, x[2] = 1e30f, x[3] = -1e-30f;
        kernels[0]->to_half(half, x, count - 1);
        kernel->to_half(back, x, count - 1);
        CU_ASSERT(same(half, back, (count - 1) * sizeof *half));
        kernels[0]->to_half(half, other, count);
    }
    free(half);
    free(back);
    free(x);
    free(other);
}

static void every_kernel_quantises_to_even_and_clips(void)
{
    static const float x[] = { 0.25f, 0.75f, 1.25f,   -0.25f, -0.75f,
                               400,   -400,  3.4e38f, 0 };
    static const int8_t expected[] = { 0, 2, 2, 0, -2, 99, -99, 99, 0 };
    struct operands *o = operands_create();
    for (size_t k = 0; kernels[k]; k++) {
        if (!kernels[k]->is_supported())
            continue;
        kernels[k]->quantise(o->counts, x, 0.5f, 99, sizeof expected);
        CU_ASSERT(same(o->counts, expected, sizeof expected));
    }
    for (int trial = 0; trial < TRIALS; trial++) {
        const struct kernel *kernel;
        for (size_t k = 0; (kernel = next_kernel(&k));) {
            draw_floats(o);
            float unit = kernels[0]->max_abs(o->x + 1, o->count) / 127 + 1e-20f;
            kernels[0]->quantise(o->counts + 1, o->x + 1, unit, 127, o->count);
            kernel->quantise(o->other_counts + 1, o->x + 1, unit, 127, o->count);
            CU_ASSERT(same(o->counts + 1, o->other_counts + 1, o->count));
        }
    }
    operands_free(o);
}

static void exponential_is_close_and_the_same_everywhere(void)
{
    enum { POINTS = 1000003 };
    const double lowest = -87.33, highest = 88;
    float *x = malloc(POINTS * sizeof *x), *y = malloc(POINTS * sizeof *y);
    CU_ASSERT_FATAL(x && y);
    double worst = 0;
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = (float)(lowest + (highest - lowest) * (double)i / (POINTS - 1));
        y[i] = x[i];
    }
    kernels[0]->exp_array(y, POINTS);
    for (size_t i = 0; i < POINTS; i++)
        worst = fmax(worst, fabs((double)y[i] / exp((double)x[i]) - 1));
    CU_ASSERT(worst < 2e-7);

    const struct kernel *kernel;
    for (size_t k = 0; (kernel = next_kernel(&k));) {
        for (size_t i = 0; i < POINTS; i++)
            x[i] = (float)(lowest + (highest - lowest) * (double)i / (POINTS - 1));
        kernel->exp_array(x, POINTS);
        CU_ASSERT(same(x, y, POINTS * sizeof *x));
    }
    for (size_t k = 0; kernels[k]; k++) {
        float special[] = { -INFINITY, 0, -87.4f, -1e30f, NAN, -0.0f, 88, 1 };
        if (!kernels[k]->is_supported())
            continue;
        kernels[k]->exp_array(special, 8);
        CU_ASSERT(special[0] == 0 && special[1] == 1 && special[2] == 0);
        CU_ASSERT(special[3] == 0 && isnan(special[4]) && special[5] == 1);
        CU_ASSERT(special[6] > 1.65e38f && isfinite(special[6]));
    }
    free(x);
    free(y);
}

static void check_batch(gsl_rng *generator, size_t rows, size_t inputs, size_t width,
                        bool is_extreme)
{
    size_t stride = (width + 63) / 64 * 64;
    int8_t *factor = malloc(rows * inputs), *weight = calloc(inputs, stride);
    int32_t *expected = malloc(rows * width * sizeof *expected);
    int32_t *sum = malloc(rows * width * sizeof *sum);
    CU_ASSERT_FATAL(factor && weight && expected && sum);
    for (size_t i = 0; i < rows * inputs; i++)
        factor[i] = is_extreme ? 127 : any_small(generator);
    for (size_t i = 0; i < inputs; i++)
        for (size_t o = 0; o < width; o++)
            weight[i * stride + o] =
                is_extreme ? (o % 2 ? 127 : -127) : any_small(generator);
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < width; o++) {
            expected[r * width + o] = 0;
            for (size_t i = 0; i < inputs; i++)
                expected[r * width + o] +=
                    factor[r * inputs + i] * weight[i * stride + o];
        }
    for (size_t k = 0; kernels[k]; k++)
        for (int threads = 1; threads <= 3 && kernels[k]->is_supported(); threads++) {
            memset(sum, 0x55, rows * width * sizeof *sum);
            kernel_multiply_batch(kernels[k], sum, factor, rows, inputs, weight, stride,
                                  width, threads);
            CU_ASSERT(same(sum, expected, rows * width * sizeof *sum));
        }
    free(factor);
    free(weight);
    free(expected);
    free(sum);
}

static void batches_are_exact_for_any_kernel_and_threads(void)
{
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (int trial = 0; trial < 25; trial++)
        check_batch(generator, 1 + gsl_rng_uniform_int(generator, trial % 2 ? 5 : 90),
                    1 + gsl_rng_uniform_int(generator, 300),
                    1 + gsl_rng_uniform_int(generator, 400), trial % 5 == 4);
    check_batch(generator, 3, 8192, 70, true);
    check_batch(generator, 17, 8191, 64, true);
    check_batch(generator, 33, 2050, 130, false);
    gsl_rng_free(generator);
}

/* Sizes with a loop of their own and others, counts around a group of positions, heads
 * in every way they are put together. */
static void attention_loops_agree(void)
{
    enum { MOST_SIZE = 136, MOST_COUNT = 37, HEADS = 7, STRIDE = MOST_COUNT + 2 };
    static float query[HEADS * MOST_SIZE], weight[HEADS * STRIDE];
    static float a[HEADS * MOST_SIZE], b[HEADS * MOST_SIZE];
    static uint16_t half[MOST_SIZE * MOST_COUNT];
    for (size_t i = 0; i < HEADS * MOST_SIZE; i++)
        query[i] = sinf((float)i * 1.7f);
    for (size_t i = 0; i < HEADS * STRIDE; i++)
        weight[i] = cosf((float)i);
    for (size_t i = 0; i < MOST_SIZE * MOST_COUNT; i++)
        half[i] = float_to_half(cosf((float)i * 0.37f) * 3);
    static const size_t sizes[] = { 8, 20, 64, 128, 136 };
    for (int k = 0; kernels[k]; k++)
        for (size_t s = 0; kernels[k]->is_supported() && s < 5; s++)
            for (size_t heads = 1; heads <= HEADS; heads++)
                for (size_t count = 1; count <= MOST_COUNT; count += 3) {
                    const size_t size = sizes[s];
                    memset(a, 0x55, sizeof a);
                    memset(b, 0x55, sizeof b);
                    for (size_t h = 0; h < heads; h++)
                        kernel_score(kernels[0], a + h * STRIDE, 0, query + h * size, 1,
                                     half, size, count);
                    kernel_score(kernels[k], b, STRIDE, query, heads, half, size,
                                 count);
                    CU_ASSERT(same(a, b, sizeof a));
                    for (size_t h = 0; h < heads; h++)
                        kernel_mix(kernels[0], a + h * size, 1, weight + h * STRIDE, 0,
                                   half, size, count);
                    kernel_mix(kernels[k], b, heads, weight, STRIDE, half, size, count);
                    CU_ASSERT(same(a, b, sizeof a));
                }
}

CU_TestInfo kernel_tests[] = {
    { "kernels are found by name", kernels_are_found_by_name },
    { "every kernel lists the rows that fire", every_kernel_lists_the_rows_that_fire },
    { "the reference adds rows as the formula says",
      reference_adds_rows_as_the_formula_says },
    { "every kernel adds the same rows", every_kernel_adds_the_same_rows },
    { "rows wider than a piece are added alike",
      rows_wider_than_a_piece_are_added_alike },
    { "the reference adds nibbles as the formula says",
      reference_adds_nibbles_as_the_formula_says },
    { "every kernel adds the same nibbles", every_kernel_adds_the_same_nibbles },
    { "sums of nibbles have room", sums_of_nibbles_have_room },
    { "every kernel sums floats in one order", every_kernel_sums_floats_in_one_order },
    { "every kernel decodes and adds alike", every_kernel_decodes_and_adds_alike },
    { "the largest value passes over NaN", largest_value_passes_over_nan },
    { "every kernel converts halves alike", every_kernel_converts_halves_alike },
    { "every kernel quantises to even and clips",
      every_kernel_quantises_to_even_and_clips },
    { "the exponential is close and the same everywhere",
      exponential_is_close_and_the_same_everywhere },
    { "batches are exact for any kernel and threads",
      batches_are_exact_for_any_kernel_and_threads },
    { "attention loops agree over positions and sizes", attention_loops_agree },
    CU_TEST_INFO_NULL,
};
