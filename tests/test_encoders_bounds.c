/* From real inputs to spikes and back: every code of the table within its stated error,
 * over random, extreme, all-zero and outlying inputs, token by token, and by chance. */
#include "encoders/threshold.h"
#include "lm/kernel.h"
#include "tests/code_trains.h"
#include "tests/suites.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 48, TOKENS = 50, REPEATS = 4000 };

static float sum_abs(const float *x, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += fabsf(x[i]);
    return sum;
}

/* A row through a code, and what a receiver makes of it. */
struct row {
    float unit;
    int32_t count[CHANNELS];
    double decoded[CHANNELS]; /* of what was coded */
    bool is_clipped[CHANNELS];
    struct quantised totals;
};

static void send_row(const struct code_run *run, struct threshold_rule rule,
                     unsigned window, const float *x, const float *coded,
                     struct row *row)
{
    static struct trains trains;
    const struct encoder *encoder = run->encoder;
    const struct threshold_loops loops = { sum_abs, kernels[0]->count_channels };
    int32_t unclipped[CHANNELS];
    rule.rounds_to_zero = encoder->rounds_to_zero;
    threshold_quantise(&rule, x, coded, CHANNELS, &loops, &row->unit, unclipped,
                       &row->totals);
    encoder->range(window ? window : encoder->max_steps, &rule.count_lowest,
                   &rule.count_highest);
    threshold_quantise(&rule, x, coded, CHANNELS, &loops, &row->unit, row->count,
                       &row->totals);
    unsigned steps =
        window ? window : encoder->steps(row->totals.lowest, row->totals.highest);
    trains_simulate(&trains, run, row->count, CHANNELS, steps);
    size_t clipped = 0;
    for (int i = 0; i < CHANNELS; i++) {
        row->decoded[i] =
            (double)row->unit * (double)trains.sum[i] / code_gain(encoder, steps);
        row->is_clipped[i] = row->count[i] != unclipped[i];
        clipped += row->is_clipped[i];
        CU_ASSERT(row->count[i] != 0 || trains.sum[i] == 0);
    }
    CU_ASSERT_EQUAL(row->totals.clipped, clipped);
    trains_free(&trains);
}

/* Within max_error thresholds, clipped and saturated counts apart; the quotient is a
 * rounded float, one part in 2^23. */
static void check_row(const struct encoder *encoder, const float *coded,
                      const struct row *row)
{
    for (int i = 0; i < CHANNELS; i++) {
        double x = (double)coded[i], bound = encoder->max_error * (double)row->unit;
        CU_ASSERT(row->is_clipped[i] || abs(row->count[i]) == 1 << 30 ||
                  fabs(row->decoded[i] - x) <= bound + fabs(x) / (1 << 23));
    }
}

enum kind { RANDOM, EXTREME, ALL_ZERO, OUTLIERS, KINDS };

static void fill(float *x, enum kind kind, gsl_rng *generator)
{
    static const float extreme[] = { 3e38f, -3e38f, 1e-45f, -1e-38f, 0, 1, -65504 };
    for (int i = 0; i < CHANNELS; i++) {
        x[i] = kind == ALL_ZERO ? 0 : (float)gsl_ran_gaussian(generator, 2);
        if (kind == EXTREME)
            x[i] = extreme[gsl_rng_uniform_int(generator, 7)] / CHANNELS;
        if (kind == OUTLIERS && i % 16 == 5)
            x[i] *= 100;
    }
}

static gsl_rng *generator_at(uint32_t sequence)
{
    gsl_rng *generator = gsl_rng_alloc(random_gsl_type);
    CU_ASSERT_PTR_NOT_NULL_FATAL(generator);
    random_set(generator, 11, &(struct random_place){ .sequence = sequence });
    return generator;
}

static void decoding_is_within_the_bound(void)
{
    static const double k[] = { 0.5, 3, 20 };
    static const unsigned window[] = { 0, 1, 8, 21, 64 };
    gsl_rng *generator = generator_at(1);
    struct code_run run = { .model = neuron_model_find("if"), .seed = 1 };
    float x[CHANNELS];
    struct row row;
    for (size_t c = 0; (run.encoder = encoders[c]) != NULL; c++)
        for (size_t i = 0; i < 3 * 5 * KINDS; i++) {
            const enum kind kind = i / 15;
            struct threshold_rule rule = threshold_default;
            rule.k = k[i % 3];
            if (window[i % 5] > run.encoder->max_steps)
                continue;
            fill(x, kind, generator);
            send_row(&run, rule, window[i % 5], x, x, &row);
            check_row(run.encoder, x, &row);
            if (kind == ALL_ZERO)
                CU_ASSERT_EQUAL(row.totals.silent, CHANNELS);
            if (kind == RANDOM && window[i % 5] == 0)
                CU_ASSERT_EQUAL(row.totals.clipped, 0);
        }
    gsl_rng_free(generator);
}

/* Tokens that drift, then fall silent: what the receiver holds stays within the bound of
 * what came, at every token, also where an outlier makes V jump. */
static void follow(const struct encoder *encoder, const struct threshold_rule *rule)
{
    const struct code_run run = { .model = neuron_model_find("if"),
                                  .encoder = encoder };
    float x[CHANNELS], held[CHANNELS] = { 0 }, coded[CHANNELS];
    double before = HUGE_VAL;
    gsl_rng *generator = generator_at(2);
    struct row row;
    fill(x, RANDOM, generator);
    for (int token = 0; token < TOKENS + 10; token++) {
        for (int i = 0; i < CHANNELS; i++) {
            x[i] += (float)gsl_ran_gaussian(generator, 0.3);
            if (token == 20 && i % 16 == 5)
                x[i] *= 50;
            if (token >= TOKENS)
                x[i] = 0;
            coded[i] = x[i] - held[i];
        }
        send_row(&run, *rule, 0, x, coded, &row);
        check_row(encoder, coded, &row);
        double left = 0;
        for (int i = 0; i < CHANNELS; i++) {
            held[i] += (float)row.decoded[i];
            left += fabs((double)x[i] - (double)held[i]);
            /* held rounds to a float, within 2^-23 of sizes below 1024 */
            CU_ASSERT(fabs((double)x[i] - (double)held[i]) <=
                      encoder->max_error * (double)row.unit + 1e-3);
        }
        if (token > TOKENS)
            CU_ASSERT(left <= before);
        before = left;
        CU_ASSERT_EQUAL(row.totals.clipped, 0);
    }
    if (rule->fixed == 0) /* V falls with what is held: 10 tokens, a factor 2 each */
        CU_ASSERT(before < 1e-2 * CHANNELS);
    gsl_rng_free(generator);
}

static void receivers_follow_what_changes(void)
{
    int codes = 0;
    for (size_t c = 0; encoders[c]; c++) {
        struct threshold_rule rule = threshold_default;
        if (!encoders[c]->is_stateful)
            continue;
        follow(encoders[c], &rule);
        rule.k = 20;
        follow(encoders[c], &rule);
        rule.fixed = 0.7;
        follow(encoders[c], &rule);
        codes++;
    }
    CU_ASSERT(codes >= 2);
}

/* Means and variances of many neurons with one count: binomial, so 5 standard errors
 * are sqrt(variance / n) and, with the fourth moment of a binomial, variance times
 * sqrt((2 + 1 / variance) / n). */
static void check_moments(const struct code_run *run, int32_t count, unsigned steps)
{
    static int32_t counts[REPEATS];
    struct trains trains = { 0 };
    double mean = 0, variance = 0;
    for (int i = 0; i < REPEATS; i++)
        counts[i] = count;
    trains_simulate(&trains, run, counts, REPEATS, steps);
    for (int i = 0; i < REPEATS; i++)
        mean += (double)trains.sum[i] / REPEATS;
    for (int i = 0; i < REPEATS; i++)
        variance += pow((double)trains.sum[i] - mean, 2) / (REPEATS - 1);
    const double rounding = 1e-9; /* of sums of REPEATS doubles */
    double size = abs(count), expected = size * (1 - size / steps);
    double limit = pow(run->encoder->max_deviation, 2) * size;
    CU_ASSERT(expected <= limit);
    double spread = expected * sqrt((2 + 1 / fmax(expected, 1e-3)) / REPEATS);
    CU_ASSERT_DOUBLE_EQUAL(mean, count, 5 * sqrt(expected / REPEATS) + rounding);
    CU_ASSERT_DOUBLE_EQUAL(variance, expected, 5 * spread + rounding);
    trains_free(&trains);
}

static void random_codes_are_right_on_average(void)
{
    struct code_run run = { .model = neuron_model_find("if"), .seed = 5 };
    int codes = 0;
    for (size_t c = 0; (run.encoder = encoders[c]) != NULL; c++) {
        if (!run.encoder->is_random)
            continue;
        check_moments(&run, 0, 40);
        check_moments(&run, 1, 40);
        check_moments(&run, -7, 40);
        check_moments(&run, 20, 40);
        check_moments(&run, 40, 40);
        check_moments(&run, -3, 300);
        codes++;
    }
    CU_ASSERT(codes >= 1);
}

/* The same place and seed draw the same spikes; any other coordinate draws others. */
static void random_codes_depend_on_their_place_only(void)
{
    const struct code_run base = { .model = neuron_model_find("if"), .seed = 5 };
    struct code_run run[6];
    int32_t count[CHANNELS];
    for (int i = 0; i < CHANNELS; i++)
        count[i] = i - CHANNELS / 2;
    for (size_t c = 0; encoders[c]; c++) {
        struct trains trains[6] = { 0 };
        if (!encoders[c]->is_random)
            continue;
        for (int i = 0; i < 6; i++)
            run[i] = base, run[i].encoder = encoders[c];
        run[2].seed++;
        run[3].place.sequence++;
        run[4].place.position++;
        run[5].place.population++;
        for (int i = 0; i < 6; i++) {
            trains[i].keeps_events = true;
            trains_simulate(&trains[i], &run[i], count, CHANNELS, 64);
            bool is_same = trains[i].spikes == trains[0].spikes &&
                           memcmp(trains[i].sent, trains[0].sent,
                                  trains[0].spikes * sizeof *trains[0].sent) == 0;
            CU_ASSERT_EQUAL(is_same, i < 2);
        }
        for (int i = 0; i < 6; i++)
            trains_free(&trains[i]);
    }
}

CU_TestInfo code_bound_tests[] = {
    { "decoding is within the bound", decoding_is_within_the_bound },
    { "receivers follow what changes", receivers_follow_what_changes },
    { "random codes are right on average", random_codes_are_right_on_average },
    { "random codes depend on their place only",
      random_codes_depend_on_their_place_only },
    CU_TEST_INFO_NULL,
};
