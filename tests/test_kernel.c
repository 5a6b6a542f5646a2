/* Every row of the kernel table against the reference, and the reference against plain
 * formulas: whole numbers. Floats: test_kernel_float.c. */
#include "tests/kernel_operands.h"
#include "tests/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    const int32_t around = (int32_t)draw_below(o, 400) - 200;
    switch (kind) {
    case 0: return 0;
    case 1: return around > 150 ? around - 170 : 0;
    case 2: return around < 0 ? around / 2 - 1 : around / 2 + 1;
    case 3: return around;
    default: return limit[draw_below(o, sizeof limit / sizeof limit[0])];
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
        const size_t channels = draw_below(o, trial % 3 ? 70 : MOST);
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
                const bool fits = product >= -127 && product <= 127;
                if (product == 0)
                    continue;
                agrees &= at < listed && row[at] == 1000 + i &&
                          factor[at] == (fits ? product : COUNT_BEYOND);
                at++;
            }
            for (size_t i = channels; i < channels + GUARD; i++)
                agrees &= row[i] == 0x55555555 && factor[i] == 0x55;
            CU_ASSERT(agrees && at == listed);
        }
    }
    operands_free(o);
}

static void every_kernel_packs_counts(void)
{
    enum { GUARD = 40 };
    static int8_t packed[MOST + GUARD];
    struct operands *o = operands_create();
    for (int trial = 0; trial < 20 * TRIALS; trial++) {
        const size_t channels = draw_below(o, trial % 3 ? 70 : MOST);
        size_t beyond = 0;
        for (size_t i = 0; i < channels; i++) {
            o->wide[i] = any_count(o, trial % 5);
            beyond += o->wide[i] < -127 || o->wide[i] > 127;
        }
        for (size_t k = 0; kernels[k]; k++) {
            if (!kernels[k]->is_supported())
                continue;
            memset(packed, 0x55, sizeof packed);
            bool agrees = kernels[k]->pack_counts(o->wide, channels, packed) == beyond;
            for (size_t i = 0; i < channels; i++)
                agrees &=
                    packed[i] ==
                    (o->wide[i] < -127 || o->wide[i] > 127 ? COUNT_BEYOND : o->wide[i]);
            for (size_t i = channels; i < channels + GUARD; i++)
                agrees &= packed[i] == 0x55;
            CU_ASSERT(agrees);
        }
    }
    operands_free(o);
}

/* Bins of any widths, over lengths with parts of a block. */
static void every_kernel_makes_the_histogram_of_the_formula(void)
{
    enum { MOST_BINS = 20 };
    struct operands *o = operands_create();
    for (int trial = 0; trial < 20 * TRIALS; trial++) {
        const size_t channels = draw_below(o, trial % 3 ? 300 : MOST);
        uint64_t expected[MOST_BINS], histogram[MOST_BINS];
        uint8_t least[MOST_BINS] = { 0 };
        size_t bins = 1;
        for (int size = 0; bins < MOST_BINS && trial % 20; bins++) {
            size += 1 + (int)draw_below(o, trial % 2 ? 3 : 40);
            if (size > 128)
                break;
            least[bins] = (uint8_t)size;
        }
        for (size_t bin = 0; bin < MOST_BINS; bin++)
            expected[bin] = bin + (1ull << 40);
        for (size_t i = 0; i < channels; i++) {
            o->wide[i] = any_count(o, trial % 5);
            size_t bin = bins - 1;
            while (llabs(o->wide[i]) < least[bin])
                bin--;
            expected[bin]++;
        }
        for (size_t k = 0; kernels[k]; k++) {
            if (!kernels[k]->is_supported())
                continue;
            for (size_t bin = 0; bin < MOST_BINS; bin++)
                histogram[bin] = bin + (1ull << 40);
            kernels[k]->add_histogram(histogram, least, bins, o->wide, channels);
            CU_ASSERT(same(histogram, expected, sizeof expected));
        }
    }
    operands_free(o);
}

static void reference_adds_rows_as_the_formula_says(void)
{
    struct operands *o = operands_create();
    for (int trial = 0; trial < TRIALS; trial++) {
        draw_integers(o, trial);
        size_t at = draw_below(o, o->width);
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

/* Any rows, some of them twice; or all of them, in order, but for a few. */
static void draw_list(struct operands *o, size_t rows, bool has_few_gaps)
{
    o->count = 0;
    for (size_t e = 0; e < rows; e++) {
        if (has_few_gaps && e % 7 == 3)
            continue;
        o->row[o->count] = (uint32_t)(has_few_gaps ? e : draw_below(o, rows));
        o->factor[o->count++] = draw_small(o->generator);
    }
}

/* Sums of `width` outputs by the reference and by another row of the table. */
static void compare_wide(const struct operands *o, const struct kernel *kernel,
                         const int8_t *weight, const int16_t *centre, size_t stride,
                         size_t width, int32_t *sum)
{
    memset(sum, 0, 4 * width * sizeof *sum);
    kernels[0]->add_rows(sum, weight, stride, width, o->row, o->factor, o->count);
    kernel->add_rows(sum + width, weight, stride, width, o->row, o->factor, o->count);
    CU_ASSERT(same(sum, sum + width, width * sizeof *sum));
    for (int has_centre = 0; has_centre < 2; has_centre++) {
        const struct kernel_nibbles nibbles = {
            .nibble = (const uint8_t *)weight,
            .stride = stride,
            .scale = weight,
            .centre = has_centre ? centre : NULL,
            .scale_stride = stride,
            .group = 7,
        };
        kernels[0]->add_nibbles(sum + 2 * width, &nibbles, width, o->row, o->factor,
                                o->count);
        kernel->add_nibbles(sum + 3 * width, &nibbles, width, o->row, o->factor,
                            o->count);
        CU_ASSERT(same(sum + 2 * width, sum + 3 * width, width * sizeof *sum));
    }
}

/* As wide as rows must be to be walked in other ways, and wider than the pieces that any
 * row of the table cuts outputs into. */
static void wide_rows_are_added_alike(void)
{
    enum { WIDEST = 35009, STRIDE = 35072, ROWS = 19 };
    static const size_t widths[] = { 2500, 5003, WIDEST };
    struct operands *o = operands_create();
    int8_t *weight = malloc((size_t)ROWS * STRIDE);
    int32_t *sum = malloc(4 * WIDEST * sizeof *sum);
    int16_t *centre = malloc((size_t)ROWS * STRIDE * sizeof *centre);
    CU_ASSERT_FATAL(weight && sum && centre);
    for (size_t i = 0; i < (size_t)ROWS * STRIDE; i++)
        centre[i] = weight[i] = draw_small(o->generator);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (int has_few_gaps = 0; has_few_gaps < 2; has_few_gaps++) {
            const struct kernel *kernel;
            draw_list(o, ROWS, has_few_gaps);
            for (size_t k = 0; (kernel = next_kernel(&k));)
                compare_wide(o, kernel, weight, centre, STRIDE, widths[w], sum);
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
        size_t at = draw_below(o, o->width);
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

static void check_batch(gsl_rng *generator, size_t rows, size_t inputs, size_t width,
                        bool is_extreme)
{
    size_t stride = (width + 63) / 64 * 64;
    int8_t *factor = malloc(rows * inputs), *weight = calloc(inputs, stride);
    int32_t *expected = malloc(rows * width * sizeof *expected);
    int32_t *sum = malloc(rows * width * sizeof *sum);
    CU_ASSERT_FATAL(factor && weight && expected && sum);
    for (size_t i = 0; i < rows * inputs; i++)
        factor[i] = is_extreme ? 127 : draw_small(generator);
    for (size_t i = 0; i < inputs; i++)
        for (size_t o = 0; o < width; o++)
            weight[i * stride + o] =
                is_extreme ? (o % 2 ? 127 : -127) : draw_small(generator);
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

CU_TestInfo kernel_tests[] = {
    { "kernels are found by name", kernels_are_found_by_name },
    { "every kernel lists the rows that fire", every_kernel_lists_the_rows_that_fire },
    { "every kernel packs counts", every_kernel_packs_counts },
    { "every kernel makes the histogram of the formula",
      every_kernel_makes_the_histogram_of_the_formula },
    { "the reference adds rows as the formula says",
      reference_adds_rows_as_the_formula_says },
    { "every kernel adds the same rows", every_kernel_adds_the_same_rows },
    { "wide rows are added alike", wide_rows_are_added_alike },
    { "the reference adds nibbles as the formula says",
      reference_adds_nibbles_as_the_formula_says },
    { "every kernel adds the same nibbles", every_kernel_adds_the_same_nibbles },
    { "sums of nibbles have room", sums_of_nibbles_have_room },
    { "batches are exact for any kernel and threads",
      batches_are_exact_for_any_kernel_and_threads },
    CU_TEST_INFO_NULL,
};
