/* Every row of the kernel table against the reference, bit for bit, and the reference
 * against plain formulas: floats. */
#include "tests/kernel_operands.h"

#include "lm/block_format.h"
#include "tests/suites.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* What is drawn by kind: as sites have it, ties and numbers next to them, what does not
 * fit a few bits, whatever else a float can be. */
static float any_value(struct operands *o, int kind)
{
    static const float odd[] = { NAN,    INFINITY, -INFINITY, -0.0f,         3e38f,
                                 -3e38f, 1e-45f,   -1e-38f,   1073741824.0f, 0 };
    const float step = (float)((int)draw_below(o, 65) - 32) * 0.25f;
    switch (kind) {
    case 0: return (float)gsl_ran_gaussian(o->generator, 1);
    case 1: return step;
    case 2: return nextafterf(step, draw_below(o, 2) ? INFINITY : -INFINITY);
    case 3: return (float)gsl_ran_gaussian(o->generator, 3e6);
    case 4: return (float)gsl_ran_gaussian(o->generator, 1e9);
    default: return odd[draw_below(o, sizeof odd / sizeof odd[0])];
    }
}

static bool same_totals(const struct count_totals *a, const struct count_totals *b)
{
    return a->clipped == b->clipped && a->silent == b->silent &&
           a->lowest == b->lowest && a->highest == b->highest &&
           a->magnitude == b->magnitude;
}

/* As base/channel_counts.h says. */
static void count_by_formula(const struct count_rule *rule, const float *x,
                             size_t channels, int32_t *count,
                             struct count_totals *totals)
{
    for (size_t i = 0; i < channels; i++) {
        double quotient = (double)(x[i] / rule->unit);
        double whole = rule->rounds_to_zero ? trunc(quotient) : rint(quotient);
        if (isnan(quotient) || fabsf(x[i]) < rule->silence)
            whole = 0;
        whole = fmin(fmax(whole, -COUNT_SATURATION), COUNT_SATURATION);
        count[i] = (int32_t)fmin(fmax(whole, rule->lowest), rule->highest);
        totals->clipped += whole != count[i];
        totals->silent += count[i] == 0;
        totals->lowest = count[i] < totals->lowest ? count[i] : totals->lowest;
        totals->highest = count[i] > totals->highest ? count[i] : totals->highest;
        totals->magnitude += (uint64_t)llabs(count[i]);
    }
}

/* Every length up to three vectors and a half, then blocks and parts of them; nothing is
 * written behind. Totals go on from what stood there. */
static void every_kernel_counts_channels_as_the_formula_says(void)
{
    enum { GUARD = 40, LENGTHS = 56, KINDS = 6 };
    static const float units[] = { 1, 0.5f, 0.37f, 1e-5f, NAN };
    static const float silences[] = { 0, 0.25f, 1.1f, NAN, 0 };
    static const int32_t lowest[] = { INT32_MIN, -8, 0, INT32_MIN, -100000000 };
    static const int32_t highest[] = { INT32_MAX, 7, 3, 0, INT32_MAX };
    static int32_t expected[MOST], count[MOST + GUARD];
    struct operands *o = operands_create();
    for (int trial = 0; trial < 50 * TRIALS; trial++) {
        const size_t channels =
            trial % 3 ? (size_t)trial % LENGTHS : draw_below(o, MOST);
        const struct count_rule rule = { units[draw_below(o, 5)],
                                         silences[draw_below(o, 5)],
                                         lowest[draw_below(o, 5)],
                                         highest[draw_below(o, 5)], draw_below(o, 2) };
        const int kind = (int)draw_below(o, KINDS);
        for (size_t i = 0; i < channels; i++)
            o->x[i + 1] = any_value(o, draw_below(o, 50) ? kind : trial / 6 % KINDS);
        const struct count_totals before = { 3, 4, -2, 1, 1ull << 40 };
        struct count_totals sum = before;
        count_by_formula(&rule, o->x + 1, channels, expected, &sum);
        for (size_t k = 0; kernels[k]; k++) {
            if (!kernels[k]->is_supported())
                continue;
            struct count_totals totals = before;
            memset(count, 0x55, sizeof count);
            kernels[k]->count_channels(&rule, o->x + 1, channels, count, &totals);
            CU_ASSERT(same(count, expected, channels * sizeof *count));
            CU_ASSERT(same_totals(&totals, &sum));
            for (size_t i = channels; i < channels + GUARD; i++)
                CU_ASSERT_EQUAL(count[i], 0x55555555);
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

CU_TestInfo kernel_float_tests[] = {
    { "every kernel sums floats in one order", every_kernel_sums_floats_in_one_order },
    { "every kernel decodes and adds alike", every_kernel_decodes_and_adds_alike },
    { "the largest value passes over NaN", largest_value_passes_over_nan },
    { "every kernel converts halves alike", every_kernel_converts_halves_alike },
    { "every kernel quantises to even and clips",
      every_kernel_quantises_to_even_and_clips },
    { "every kernel counts channels as the formula says",
      every_kernel_counts_channels_as_the_formula_says },
    { "the exponential is close and the same everywhere",
      exponential_is_close_and_the_same_everywhere },
    { "attention loops agree over positions and sizes", attention_loops_agree },
    CU_TEST_INFO_NULL,
};
