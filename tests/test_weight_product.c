/* One row times a matrix, large enough to be shared out: the same y, bit for bit, for
 * any number of threads, kernel by kernel, and what the plain formula says. */
#include "lm/weight_product.h"
#include "tests/suites.h"
#include "tests/weight_builder.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 300, OUTPUTS = 1000, MOST_THREADS = 5, WIDE = 3 };
_Static_assert((int)INPUTS *(int)OUTPUTS > (int)KERNEL_SHARED_WORK,
               "large enough to be shared out");

struct trial {
    gsl_rng *generator;
    struct arena arena;
    struct weight_matrix matrix;
    uint32_t row[INPUTS], wide_row[WIDE];
    int8_t factor[INPUTS];
    int32_t wide_factor[WIDE];
    struct weight_segment segment[INPUTS];
    size_t segments, wide_begin[INPUTS + 1];
    float bias[OUTPUTS], y[MOST_THREADS][OUTPUTS];
    int32_t sum[MOST_THREADS * PRODUCT_SUMS];
};

/* Two channels of three, and a few factors beyond 8 bits. */
static void fill_lists(struct trial *trial, bool has_wide)
{
    size_t at = 0, wide = 0;
    const size_t group = trial->matrix.group;
    trial->segments = trial->matrix.groups;
    trial->wide_begin[0] = 0;
    for (size_t k = 0; k < trial->segments; k++) {
        struct weight_segment segment = { .begin = at, .group = k, .unit = 0.25f };
        for (size_t i = k * group; i < (k + 1) * group && i < INPUTS; i++) {
            if (has_wide && i % 97 == 5 && wide < WIDE) {
                trial->wide_row[wide] = (uint32_t)i;
                trial->wide_factor[wide] = i % 2 ? 1000 : -30000;
                wide++;
            } else if (i % 3 != 0) {
                trial->row[at] = (uint32_t)i;
                trial->factor[at] =
                    (int8_t)((int)gsl_rng_uniform_int(trial->generator, 255) - 127);
                at++;
            }
        }
        segment.end = at;
        trial->segment[k] = segment;
        trial->wide_begin[k + 1] = wide;
    }
}

static void run(struct trial *trial, const struct kernel *kernel, int threads, float *y)
{
    struct thread_team *team;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(thread_team_create(&team, threads, &err), OK);
    const struct weight_product product = {
        .matrix = &trial->matrix,
        .kernel = kernel,
        .row = trial->row,
        .factor = trial->factor,
        .segment = trial->segment,
        .segments = trial->segments,
        .wide_row = trial->wide_row,
        .wide_factor = trial->wide_factor,
        .wide_begin = trial->wide_begin,
        .bias = trial->bias,
    };
    memset(trial->sum, 0x55, sizeof trial->sum);
    weight_product_run(&product, trial->sum, team, y);
    thread_team_free(team);
}

static void check(struct trial *trial)
{
    run(trial, kernels[0], 1, trial->y[0]);
    for (size_t k = 0; kernels[k]; k++)
        for (int threads = 1; kernels[k]->is_supported() && threads <= MOST_THREADS;
             threads++) {
            float *y = trial->y[1];
            memset(y, 0x55, sizeof trial->y[1]);
            run(trial, kernels[k], threads, y);
            CU_ASSERT_EQUAL(memcmp(y, trial->y[0], sizeof trial->y[0]), 0);
        }
}

static void threads_and_kernels_agree(void)
{
    static const char *const forms[] = { "output", "64", "4bit:32", "4bit:64:min" };
    struct trial *trial = calloc(1, sizeof *trial);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial);
    trial->generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t o = 0; o < OUTPUTS; o++)
        trial->bias[o] = (float)gsl_ran_gaussian(trial->generator, 1);
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        weight_builder_fill(&trial->matrix, &trial->arena, forms[form], INPUTS, OUTPUTS,
                            trial->generator);
        for (int has_wide = 0; has_wide < 2; has_wide++) {
            fill_lists(trial, has_wide);
            check(trial);
        }
        arena_free(&trial->arena);
    }
    gsl_rng_free(trial->generator);
    free(trial);
}

static void sums_are_those_of_the_formula(void)
{
    struct trial *trial = calloc(1, sizeof *trial);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial);
    trial->generator = gsl_rng_alloc(gsl_rng_mt19937);
    weight_builder_fill(&trial->matrix, &trial->arena, "output", INPUTS, OUTPUTS,
                        trial->generator);
    fill_lists(trial, true);
    run(trial, kernel_find(NULL), 3, trial->y[0]);
    for (size_t o = 0; o < OUTPUTS; o++) {
        const int8_t *column = trial->matrix.weight + o;
        int32_t sum = 0;
        for (size_t e = 0; e < trial->segment[0].end; e++)
            sum += trial->factor[e] * column[trial->row[e] * trial->matrix.stride];
        for (size_t e = 0; e < trial->wide_begin[1]; e++)
            sum += trial->wide_factor[e] *
                   column[trial->wide_row[e] * trial->matrix.stride];
        CU_ASSERT_EQUAL(trial->y[0][o], (float)sum * (0.25f * trial->matrix.scale[o]));
    }
    arena_free(&trial->arena);
    gsl_rng_free(trial->generator);
    free(trial);
}

CU_TestInfo weight_product_tests[] = {
    { "threads and kernels agree", threads_and_kernels_agree },
    { "sums are those of the formula", sums_are_those_of_the_formula },
    CU_TEST_INFO_NULL,
};
