/* Sums by series against sums over cells. */
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/number_text.h"
#include "viz/scene_histogram.h"
#include "viz/scene_series.h"

#include <math.h>
#include <string.h>

enum { TOKENS = 30 };

static void sums_are_those_of_the_cells(void)
{
    struct error err = { 0 };
    struct scene scene;
    const char *path = temporary_path("series.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "bitwise", 40, TOKENS, true, false,
                                          &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(scene.serieses, 3);
    CU_ASSERT_STRING_EQUAL(scene.series[0].name, "attn_in");
    CU_ASSERT_EQUAL(scene.series[0].populations, 2);
    CU_ASSERT_STRING_EQUAL(scene.series[2].name, "head");
    for (uint64_t from = 0; from < TOKENS; from += 7)
        for (uint64_t to = from; to <= TOKENS; to += 5) {
            struct series_sum sum = scene_series_between(&scene, 0, from, to);
            struct series_sum a = scene_population_between(&scene, 0, from, to);
            struct series_sum b = scene_population_between(&scene, 2, from, to);
            CU_ASSERT_EQUAL(sum.spikes, a.spikes + b.spikes);
            CU_ASSERT_EQUAL(sum.silent, a.silent + b.silent);
            CU_ASSERT_EQUAL(sum.neuron_steps, a.neuron_steps + b.neuron_steps);
            CU_ASSERT_EQUAL(sum.channels, 80.0 * (double)(to - from));
        }
    CU_ASSERT_TRUE(scene.peak_rate > 0 && scene.peak_rate <= 1);
    scene_release(&scene);
}

/* Read whole, and token by token. */
static void histograms_are_those_of_the_counts(void)
{
    struct error err = { 0 };
    struct scene scene;
    uint64_t sum[4 * COUNT_BINS] = { 0 }, bins[4 * COUNT_BINS];
    const char *path = temporary_path("histogram.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "bitwise", 400, TOKENS, true, false,
                                          &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene.histogram);
    CU_ASSERT_EQUAL(scene.histogram_tokens, TOKENS);
    for (uint64_t token = 0; token < TOKENS; token++) {
        uint64_t silent = 0;
        CU_ASSERT_EQUAL_FATAL(scene_token_histogram(&scene, token, bins, &err), OK);
        for (int i = 0; i < 4 * COUNT_BINS; i++)
            sum[i] += bins[i];
        for (int i = 0; i < 4; i++)
            silent += scene.cell[token * 4 + i].silent - bins[i * COUNT_BINS];
        CU_ASSERT_EQUAL(silent, 0);
    }
    for (int i = 0; i < 4 * COUNT_BINS; i++)
        CU_ASSERT_EQUAL(scene.histogram[i], sum[i]);
    scene_release(&scene);
}

static bool reads(double value, const char *unit, const char *expected)
{
    char text[NUMBER_TEXT];
    number_text(text, value, unit);
    if (strcmp(text, expected) != 0)
        printf("\n    %g: '%s', expected '%s'", value, text, expected);
    return strcmp(text, expected) == 0;
}

static void numbers_have_three_digits(void)
{
    CU_ASSERT_TRUE(reads(0, "", "0"));
    CU_ASSERT_TRUE(reads(0.0375, "", "0.04"));
    CU_ASSERT_TRUE(reads(7, "", "7.00"));
    CU_ASSERT_TRUE(reads(12.82e-6, "J", "12.8 µJ"));
    CU_ASSERT_TRUE(reads(128212918, "", "128 M"));
    CU_ASSERT_TRUE(reads(999.96, "", "1.00 k"));
    CU_ASSERT_TRUE(reads(-4.25e9, "", "-4.25 G"));
    CU_ASSERT_TRUE(reads((double)NAN, "J", "-"));
    CU_ASSERT_EQUAL(number_ceiling(0), 1);
    CU_ASSERT_DOUBLE_EQUAL(number_ceiling(0.21), 0.25, 1e-12);
    CU_ASSERT_EQUAL(number_ceiling(2000), 2000);
}

CU_TestInfo scene_series_tests[] = {
    { "sums by series are those of the cells", sums_are_those_of_the_cells },
    { "histograms are those of the counts", histograms_are_those_of_the_counts },
    { "numbers have three digits and a prefix", numbers_have_three_digits },
    CU_TEST_INFO_NULL,
};
