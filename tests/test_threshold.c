/* The one place that rounds: half to even, by float division, and nothing lost. */
#include "encoders/encoder.h"
#include "encoders/threshold.h"
#include "lm/kernel.h"
#include "tests/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 1000 };

static float sum_abs(const float *x, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += fabsf(x[i]);
    return sum;
}

/* By every kernel, which give the same; true where |x| adds up to a finite number. */
static bool quantise(const struct threshold_rule *rule, const float *x,
                     const float *coded, size_t channels, float *unit, int32_t *count,
                     struct quantised *out)
{
    static int32_t other[CHANNELS];
    struct threshold_loops loops = { sum_abs, kernels[0]->count_channels };
    bool is_finite =
        threshold_quantise(rule, x, coded, channels, &loops, unit, count, out);
    for (size_t k = 1; kernels[k]; k++) {
        struct quantised totals;
        loops.count = kernels[k]->count_channels;
        if (!kernels[k]->is_supported())
            continue;
        CU_ASSERT_EQUAL(threshold_quantise(rule, x, coded, channels, &loops, unit,
                                           other, &totals),
                        is_finite);
        CU_ASSERT(memcmp(other, count, channels * sizeof *count) == 0);
        CU_ASSERT(totals.clipped == out->clipped && totals.silent == out->silent &&
                  totals.lowest == out->lowest && totals.highest == out->highest &&
                  totals.magnitude == out->magnitude);
    }
    return is_finite;
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

/* About normal, mean 0, deviation 1. */
static float next_normal(uint32_t *random)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += next_random(random) / 16777216.0;
    return (float)(sum - 6);
}

static void ties_go_to_even(void)
{
    static const struct {
        float x;
        int32_t count;
    } tie[] = {
        { 0.5f, 0 },
        { 1.5f, 2 },
        { 2.5f, 2 },
        { 3.5f, 4 },
        { -0.5f, 0 },
        { -1.5f, -2 },
        { -2.5f, -2 },
        { 126.5f, 126 },
        { 127.5f, 128 },
        { -0.0f, 0 },
        { 0.49999997f, 0 },
        { 0.50000006f, 1 },
        { 4194302.5f, 4194302 },
        { 4194303.5f, 4194304 },
        { 4194304.5f, 4194304 },
        { 8388607.5f, 8388608 },
        { 16777217.0f, 16777216 },
        { 1e30f, 1 << 30 },
        { -1e30f, -(1 << 30) },
        { INFINITY, 1 << 30 },
        { NAN, 0 },
    };
    enum { CASES = sizeof tie / sizeof tie[0] };
    float x[CASES];
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    int32_t count[CASES];
    float unit;
    rule.fixed = 1;
    for (int i = 0; i < CASES; i++)
        x[i] = tie[i].x;
    quantise(&rule, x, x, CASES, &unit, count, &out);
    for (int i = 0; i < CASES; i++)
        CU_ASSERT_EQUAL(count[i], tie[i].count);
    for (int i = 0; i < CASES; i++) { /* alone, so that others do not slow it */
        quantise(&rule, &x[i], &x[i], 1, &unit, count, &out);
        CU_ASSERT_EQUAL(count[0], tie[i].count);
    }
    CU_ASSERT_EQUAL(unit, 1);
}

/* Every quotient within 2^22 goes the fast way, and the others the slow one. */
static void check_rounding(bool rounds_to_zero)
{
    static float x[CHANNELS];
    static int32_t count[CHANNELS];
    static const float scale[] = { 1, 8, 300, 4194304, 4300000, 1e9f, 1e-3f };
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    uint32_t random = 3;
    float unit;
    rule.rounds_to_zero = rounds_to_zero;
    for (size_t s = 0; s < sizeof scale / sizeof scale[0]; s++)
        for (int round = 0; round < 50; round++) {
            rule.fixed = round % 2 ? 1 : 0.01 + next_random(&random) / 1e6;
            for (int i = 0; i < CHANNELS; i++)
                x[i] = (float)((int32_t)next_random(&random) - (1 << 23)) / (1 << 23) *
                       scale[s];
            quantise(&rule, x, x, CHANNELS, &unit, count, &out);
            for (int i = 0; i < CHANNELS; i++) {
                float quotient = x[i] / (float)rule.fixed;
                float expected = rounds_to_zero ? truncf(quotient) : rintf(quotient);
                if (fabsf(expected) < 1 << 30)
                    CU_ASSERT_EQUAL(count[i], (int32_t)expected);
            }
        }
}

static void rounding_is_that_of_rintf(void)
{
    check_rounding(false);
}

static void cutting_is_that_of_truncf(void)
{
    static const struct {
        float x;
        int32_t count;
    } cut[] = {
        { 0.99999994f, 0 },
        { -0.99999994f, 0 },
        { 1, 1 },
        { -1, -1 },
        { 1.5f, 1 },
        { -1.5f, -1 },
        { 2.5f, 2 },
        { -2.9999998f, -2 },
        { 3, 3 },
        { 4194303.5f, 4194303 },
        { 8388607.5f, 8388607 },
        { 1e30f, 1 << 30 },
        { -1e30f, -(1 << 30) },
        { NAN, 0 },
    };
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    rule.fixed = 1;
    rule.rounds_to_zero = true;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        int32_t count;
        float unit;
        quantise(&rule, &cut[i].x, &cut[i].x, 1, &unit, &count, &out);
        CU_ASSERT_EQUAL(count, cut[i].count);
    }
    check_rounding(true);
}

/* x of four kinds: random, extreme, all zero, with outliers. */
static void fill(float *x, int kind, uint32_t *random)
{
    static const float extreme[] = { 3e38f, -3e38f, 1e-45f, -1e-38f, 0, 1, -65504 };
    for (int i = 0; i < CHANNELS; i++) {
        x[i] = kind == 2 ? 0 : next_normal(random);
        if (kind == 1)
            x[i] = extreme[next_random(random) % 7] / CHANNELS;
        if (kind == 3 && next_random(random) % 100 == 0)
            x[i] *= 1e4f;
    }
}

/* The quotient is a rounded float: one part in 2^24 of it comes on top of max_error. */
static void decoded_values_are_within_the_bound(void)
{
    static float x[CHANNELS], unit[CHANNELS];
    static int32_t count[CHANNELS];
    uint32_t random = 5;
    for (size_t c = 0; encoders[c]; c++)
        for (int kind = 0; kind < 4; kind++) {
            struct threshold_rule rule = threshold_default;
            struct quantised out;
            rule.group = kind == 3 ? 128 : 0;
            fill(x, kind, &random);
            quantise(&rule, x, x, CHANNELS, unit, count, &out);
            for (int i = 0; i < CHANNELS; i++) {
                double v = (double)unit[rule.group ? i / 128 : 0];
                double quotient = (double)x[i] / v;
                if (fabs(quotient) > 1 << 30)
                    CU_ASSERT_EQUAL(abs(count[i]), 1 << 30)
                else
                    CU_ASSERT(fabs(quotient - count[i]) <=
                              encoders[c]->max_error + fabs(quotient) / (1 << 23));
            }
        }
}

static void check_totals(const struct quantised *out, const int32_t *count)
{
    struct quantised expected = { 0 };
    for (int i = 0; i < CHANNELS; i++) {
        expected.silent += count[i] == 0;
        expected.magnitude += (uint64_t)llabs(count[i]);
        expected.lowest = count[i] < expected.lowest ? count[i] : expected.lowest;
        expected.highest = count[i] > expected.highest ? count[i] : expected.highest;
    }
    CU_ASSERT_EQUAL(out->silent, expected.silent);
    CU_ASSERT_EQUAL(out->magnitude, expected.magnitude);
    CU_ASSERT_EQUAL(out->lowest, expected.lowest);
    CU_ASSERT_EQUAL(out->highest, expected.highest);
}

static void groups_have_their_own_threshold(void)
{
    static float x[CHANNELS];
    static int32_t count[CHANNELS];
    uint32_t random = 9;
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    float unit[8];
    rule.group = 128;
    CU_ASSERT_EQUAL(threshold_groups(&rule, CHANNELS), 8);
    CU_ASSERT_EQUAL(threshold_groups(&rule, 128), 1);
    CU_ASSERT_EQUAL(threshold_groups(&threshold_default, CHANNELS), 1);
    for (int kind = 0; kind < 4; kind++) {
        fill(x, kind, &random);
        quantise(&rule, x, x, CHANNELS, unit, count, &out);
        double mean = 0;
        for (int g = 0; g < 8; g++) {
            size_t length = g < 7 ? 128 : CHANNELS - 7 * 128;
            double v = (double)sum_abs(x + g * 128, length) / (double)length / 3;
            v = fmin(fmax(v, 1e-5), 1e4);
            CU_ASSERT_EQUAL(unit[g], (float)v);
            mean += (double)unit[g] / 8;
        }
        CU_ASSERT_DOUBLE_EQUAL(out.mean_threshold, mean, 1e-12 * mean);
        check_totals(&out, count);
    }
}

static void dead_zone_silences_and_leaves_the_others(void)
{
    static float x[CHANNELS];
    static int32_t plain[CHANNELS], count[CHANNELS];
    uint32_t random = 11;
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    float unit;
    fill(x, 0, &random);
    quantise(&rule, x, x, CHANNELS, &unit, plain, &out);
    for (int tenths = 0; tenths < 10; tenths += 3) {
        rule.fixed = tenths / 10.0;
        rule.dead_zone = 0;
        quantise(&rule, x, x, CHANNELS, &unit, plain, &out);
        rule.dead_zone = 0.6;
        quantise(&rule, x, x, CHANNELS, &unit, count, &out);
        float silence = (float)(0.6 * ((double)sum_abs(x, CHANNELS) / CHANNELS));
        for (int i = 0; i < CHANNELS; i++)
            CU_ASSERT_EQUAL(count[i], fabsf(x[i]) < silence ? 0 : plain[i]);
        check_totals(&out, count);
    }
}

/* V is the larger of the two that x and the changes would have alone. */
static void changes_are_counted_in_the_larger_thresholds(void)
{
    static float x[CHANNELS], coded[CHANNELS], unit[8], of_x[8], of_coded[8];
    static int32_t count[CHANNELS];
    uint32_t random = 17;
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    rule.group = 128;
    rule.dead_zone = 0.2;
    for (int kind = 0; kind < 4; kind++) {
        fill(x, kind, &random);
        fill(coded, 0, &random);
        quantise(&rule, x, x, CHANNELS, of_x, count, &out);
        quantise(&rule, coded, coded, CHANNELS, of_coded, count, &out);
        quantise(&rule, x, coded, CHANNELS, unit, count, &out);
        for (int g = 0; g < 8; g++)
            CU_ASSERT_EQUAL(unit[g], fmaxf(of_x[g], of_coded[g]));
        for (int i = 0; i < CHANNELS; i++) {
            size_t first = (size_t)(i / 128) * 128;
            size_t length = CHANNELS - first < 128 ? CHANNELS - first : 128;
            double mean = (double)sum_abs(x + first, length) / (double)length;
            bool is_silent = fabsf(coded[i]) < (float)(0.2 * mean);
            float expected = is_silent ? 0 : rintf(coded[i] / unit[i / 128]);
            CU_ASSERT_EQUAL(count[i], (int32_t)expected);
        }
        check_totals(&out, count);
    }
}

static void clipped_counts_are_counted(void)
{
    static float x[CHANNELS];
    static int32_t plain[CHANNELS], count[CHANNELS];
    uint32_t random = 13;
    struct threshold_rule rule = threshold_default;
    struct quantised out;
    float unit;
    for (int kind = 0; kind < 4; kind++) {
        rule.count_lowest = INT32_MIN;
        rule.count_highest = INT32_MAX;
        fill(x, kind, &random);
        quantise(&rule, x, x, CHANNELS, &unit, plain, &out);
        CU_ASSERT_EQUAL(out.clipped, 0);
        rule.count_lowest = -4;
        rule.count_highest = 3;
        quantise(&rule, x, x, CHANNELS, &unit, count, &out);
        size_t clipped = 0;
        for (int i = 0; i < CHANNELS; i++) {
            int32_t expected = plain[i] < -4 ? -4 : plain[i] > 3 ? 3 : plain[i];
            CU_ASSERT_EQUAL(count[i], expected);
            clipped += expected != plain[i];
        }
        CU_ASSERT_EQUAL(out.clipped, clipped);
        check_totals(&out, count);
    }
}

static void values_that_are_not_finite_are_noticed(void)
{
    static float x[CHANNELS], unit[8];
    static int32_t count[CHANNELS];
    uint32_t random = 19;
    struct quantised out;
    fill(x, 0, &random);
    for (int fixed = 0; fixed < 2; fixed++)
        for (uint32_t group = 0; group <= 128; group += 128) {
            struct threshold_rule rule = threshold_default;
            rule.fixed = fixed;
            rule.group = group;
            CU_ASSERT(quantise(&rule, x, x, CHANNELS, unit, count, &out));
            for (int kind = 0; kind < 3; kind++) {
                static const float bad[] = { NAN, INFINITY, -INFINITY };
                const float good = x[777];
                x[777] = bad[kind];
                CU_ASSERT(!quantise(&rule, x, x, CHANNELS, unit, count, &out));
                x[777] = good;
            }
        }
}

static void senseless_rules_are_refused(void)
{
    const double not_a_number = nan("");
    struct threshold_rule rule[12];
    struct error err = { 0 };
    for (int i = 0; i < 12; i++)
        rule[i] = threshold_default;
    rule[0].k = 0;
    rule[1].k = not_a_number;
    rule[2].k = -1;
    rule[3].k = HUGE_VAL;
    rule[4].fixed = -1;
    rule[5].fixed = not_a_number;
    rule[6].fixed = 1e-50;
    rule[7].dead_zone = -0.1;
    rule[8].dead_zone = not_a_number;
    rule[9].lowest = 2e4;
    rule[10].highest = not_a_number;
    rule[11].count_highest = -1;
    for (int i = 0; i < 12; i++) {
        err.text[0] = '\0';
        CU_ASSERT_EQUAL(threshold_check(&rule[i], &err), ERR_ARGUMENT);
        CU_ASSERT(strlen(err.text) > 10);
    }
    CU_ASSERT_EQUAL(threshold_check(&threshold_default, &err), OK);
}

CU_TestInfo threshold_tests[] = {
    { "ties go to even", ties_go_to_even },
    { "rounding is that of rintf", rounding_is_that_of_rintf },
    { "cutting is that of truncf", cutting_is_that_of_truncf },
    { "decoded values are within the bound", decoded_values_are_within_the_bound },
    { "groups have their own threshold", groups_have_their_own_threshold },
    { "the dead zone silences and leaves the others",
      dead_zone_silences_and_leaves_the_others },
    { "changes are counted in the larger thresholds",
      changes_are_counted_in_the_larger_thresholds },
    { "clipped counts are counted", clipped_counts_are_counted },
    { "values that are not finite are noticed",
      values_that_are_not_finite_are_noticed },
    { "senseless rules are refused", senseless_rules_are_refused },
    CU_TEST_INFO_NULL,
};
