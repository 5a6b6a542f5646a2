/* Sampled frequencies against expected probabilities, edges, determinism. */
#include "lm/sampler.h"
#include "tests/suites.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TOKENS = 8, DRAWS = 40000, MANY = 2003 };

static const float logits[TOKENS] = {
    1.0f, 3.0f, -1.0f, 2.0f, 0.0f, 2.5f, -4.0f, 1.5f
};

static struct sampler *make(double temperature, uint32_t top_k, double top_p,
                            double min_p)
{
    struct error err = { 0 };
    struct sampler *sampler;
    const struct sampler_settings settings = { temperature, top_k, top_p, min_p, 42 };
    CU_ASSERT_EQUAL(sampler_create(&sampler, kernel_find(NULL), TOKENS, &settings,
                                   &err),
                    OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sampler);
    return sampler;
}

/* Draws at 40,000 positions against exp(logit / temperature) over the allowed
 * tokens. The statistic exceeds the bound once in a million seeds; the seed is
 * fixed. */
static void check_distribution(struct sampler *sampler, double temperature,
                               const char *allowed)
{
    double expected[TOKENS] = { 0 }, sum = 0, statistic = 0;
    unsigned seen[TOKENS] = { 0 }, kinds = 0;
    for (int i = 0; i < TOKENS; i++)
        if (allowed[i] == '1')
            sum += expected[i] = exp((double)logits[i] / temperature);
    for (uint32_t position = 0; position < DRAWS; position++) {
        int32_t id = sampler_choose(sampler, logits, 3, position);
        CU_ASSERT_FATAL(id >= 0 && id < TOKENS);
        seen[id]++;
    }
    for (int i = 0; i < TOKENS; i++) {
        double mean = DRAWS * expected[i] / sum;
        if (allowed[i] != '1') {
            CU_ASSERT_EQUAL(seen[i], 0);
            continue;
        }
        statistic += (seen[i] - mean) * (seen[i] - mean) / mean;
        kinds++;
    }
    if (kinds > 1)
        CU_ASSERT(statistic < gsl_cdf_chisq_Qinv(1e-6, kinds - 1.0));
    sampler_free(sampler);
}

static void frequencies_follow_the_probabilities(void)
{
    check_distribution(make(1, 0, 1, 0), 1, "11111111");
    check_distribution(make(0.5, 0, 1, 0), 0.5, "11111111");
    check_distribution(make(3, 0, 1, 0), 3, "11111111");
}

static void top_k_keeps_the_largest(void)
{
    check_distribution(make(1, 3, 1, 0), 1, "01010100");
    check_distribution(make(2, 1, 1, 0), 2, "01000000");
    check_distribution(make(1, TOKENS, 1, 0), 1, "11111111");
    check_distribution(make(1, 1000, 1, 0), 1, "11111111");
}

/* Shares in falling order: 0.416, 0.252, 0.153, 0.093, 0.056, ... */
static void top_p_keeps_the_fewest_that_reach_it(void)
{
    check_distribution(make(1, 0, 0.5, 0), 1, "01000100");
    check_distribution(make(1, 0, 0.41, 0), 1, "01000000");
    check_distribution(make(1, 0, 0.9, 0), 1, "01010101");
    check_distribution(make(1, 0, 0, 0), 1, "01000000");
    /* Of the three largest, 0.507, 0.307, 0.186. */
    check_distribution(make(1, 3, 0.6, 0), 1, "01000100");
    check_distribution(make(1, 3, 0.9, 0), 1, "01010100");
}

/* Relative to the largest: 0.135, 1, 0.018, 0.368, 0.050, 0.607, 0.001, 0.223; before
 * the temperature. */
static void min_p_keeps_those_near_the_largest(void)
{
    check_distribution(make(1, 0, 1, 0.3), 1, "01010100");
    check_distribution(make(5, 0, 1, 0.3), 5, "01010100");
    check_distribution(make(1, 0, 1, 1), 1, "01000000");
    check_distribution(make(1, 2, 1, 0.3), 1, "01000100");
}

static void greedy_takes_the_first_of_the_largest(void)
{
    static const float ties[TOKENS] = { 1, 4, 2, 4, 4, 0, -1, 3 };
    struct sampler *sampler = make(0, 0, 1, 0);
    CU_ASSERT_EQUAL(sampler_choose(sampler, ties, 0, 0), 1);
    CU_ASSERT_EQUAL(sampler_choose(sampler, logits, 0, 9), 1);
    sampler_free(sampler);
    sampler = make(1, 1, 1, 0);
    CU_ASSERT_EQUAL(sampler_choose(sampler, ties, 0, 0), 1);
    sampler_free(sampler);
}

static void draws_are_a_function_of_seed_and_place(void)
{
    struct sampler *a = make(2, 0, 1, 0), *b = make(2, 0, 1, 0);
    bool differs = false;
    for (uint32_t position = 200; position-- > 0;)
        sampler_choose(b, logits, 9, position);
    for (uint32_t position = 0; position < 200; position++) {
        int32_t id = sampler_choose(a, logits, 1, position);
        CU_ASSERT_EQUAL(id, sampler_choose(b, logits, 1, position));
        differs |= id != sampler_choose(b, logits, 2, position);
    }
    CU_ASSERT(differs);
    sampler_free(a);
    sampler_free(b);
}

static void broken_logits_are_never_chosen(void)
{
    const float hole = -INFINITY, no = NAN;
    const float some[TOKENS] = { no, hole, 1, no, 2, hole, no, hole };
    const float none[TOKENS] = { no, hole, no, no, hole, hole, no, hole };
    const float large[TOKENS] = { 1, no, 3e38f, INFINITY, 2, INFINITY, 0, 0 };
    const float extreme[TOKENS] = { 3e38f, -3e38f, 0, 1, 2, 3, 4, 5 };
    const double temperature[] = { 0, 1e-300, 1, 1e300 };
    for (int i = 0; i < 4; i++)
        for (int top_p = 0; top_p < 2; top_p++) {
            struct sampler *sampler = make(temperature[i], 0, top_p ? 0.99 : 1, 0);
            for (uint32_t position = 0; position < 100; position++) {
                int32_t id = sampler_choose(sampler, some, 0, position);
                CU_ASSERT(id == 2 || id == 4);
                CU_ASSERT_EQUAL(sampler_choose(sampler, none, 0, position), 0);
                CU_ASSERT_EQUAL(sampler_choose(sampler, large, 0, position), 3);
                id = sampler_choose(sampler, extreme, 0, position);
                CU_ASSERT(id >= 0 && id < TOKENS);
            }
            sampler_free(sampler);
        }
}

static void settings_are_checked(void)
{
    static const struct sampler_settings bad[] = {
        { -1, 0, 1, 0, 1 },
        { (double)NAN, 0, 1, 0, 1 },
        { (double)INFINITY, 0, 1, 0, 1 },
        { 1, 0, 1.5, 0, 1 },
        { 1, 0, -0.1, 0, 1 },
        { 1, 0, (double)NAN, 0, 1 },
        { 1, 0, 1, 2, 1 },
        { 1, 0, 1, -1, 1 },
        { 1, 0, 1, (double)NAN, 1 },
    };
    struct sampler *sampler;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(sampler_create(&sampler, kernel_find(NULL), TOKENS, &bad[i],
                                       &err),
                        ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(sampler);
    }
    const struct sampler_settings good = { 1, 0, 1, 0, 1 };
    CU_ASSERT_EQUAL(sampler_create(&sampler, kernel_find(NULL), 0, &good, &err),
                    ERR_ARGUMENT);
}

/* To 2e-6 of itself: see sum_exp(). */
static void log_probabilities_sum_to_one(void)
{
    const struct kernel *kernel = kernels[0];
    double sum = 0;
    for (int i = 0; i < TOKENS; i++)
        sum += exp(log_probability(kernel, logits, TOKENS, i));
    CU_ASSERT_DOUBLE_EQUAL(sum, 1, 2e-6);

    static const float shifted[2] = { 1e30f, 1e30f };
    CU_ASSERT_DOUBLE_EQUAL(log_probability(kernel, shifted, 2, 1), -log(2), 1e-12);
    const float broken[4] = { NAN, 0, -INFINITY, 0 };
    CU_ASSERT_DOUBLE_EQUAL(log_probability(kernel, broken, 4, 1), -log(2), 1e-12);
    CU_ASSERT(log_probability(kernel, broken, 4, 0) < -1e300);
    CU_ASSERT(log_probability(kernel, broken, 4, 2) < -1e300);
    const float endless[3] = { INFINITY, NAN, 3 };
    CU_ASSERT_EQUAL(log_probability(kernel, endless, 3, 0), 0);
    CU_ASSERT(log_probability(kernel, endless, 3, 2) < -1e300);
    const float apart[2] = { 3e38f, -3e38f };
    CU_ASSERT_EQUAL(log_probability(kernel, apart, 2, 0), 0);
}

/* What log_probability() computes, in double and in one sum. */
static double plain_log_probability(const float *x, uint32_t count, uint32_t id)
{
    double largest = -HUGE_VAL, sum = 0;
    for (uint32_t i = 0; i < count; i++)
        largest = fmax(largest, (double)x[i]);
    for (uint32_t i = 0; i < count; i++)
        sum += isnan(x[i]) ? 0 : exp((double)x[i] - largest);
    return (double)x[id] - largest - log(sum);
}

/* Narrow, wide and nearly flat; lengths around a block of it; the last two of a long
 * vocabulary broken. */
static void log_probabilities_follow_the_plain_formula(void)
{
    static const uint32_t counts[] = { 1, 7, 127, 128, 129, MANY };
    static const double widths[] = { 0.01, 3, 40 };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    static float x[MANY];
    for (int trial = 0; trial < 18; trial++) { /* 2e-6: likewise */
        const uint32_t count = counts[trial % 6];
        for (uint32_t i = 0; i < count; i++)
            x[i] = (float)gsl_ran_gaussian(generator, widths[trial / 6]) + 20;
        if (count == MANY)
            x[MANY - 2] = NAN, x[MANY - 1] = -INFINITY;
        for (uint32_t id = 0; id < count && id + 2 < MANY; id += 1 + count / 9) {
            const double first = log_probability(kernels[0], x, count, (int32_t)id);
            CU_ASSERT_DOUBLE_EQUAL(first, plain_log_probability(x, count, id), 2e-6);
            for (size_t k = 1; kernels[k]; k++)
                if (kernels[k]->is_supported())
                    CU_ASSERT_EQUAL(log_probability(kernels[k], x, count, (int32_t)id),
                                    first);
        }
    }
    gsl_rng_free(generator);
}

/* Few different values, so that ties are everywhere: of equals the lowest ids. At a
 * temperature of 1e6 all are as likely, and 400 draws miss one of nine once in 1e20. */
static void choices_of_a_large_vocabulary_are_the_likeliest(void)
{
    enum { KEEP = 9 };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    const struct sampler_settings greedy = { 0, 0, 1, 0, 1 };
    const struct sampler_settings hot = { 1e6, KEEP, 1, 0, 1 };
    static float x[MANY];
    for (int trial = 0; trial < 20; trial++) {
        const uint32_t count = trial % 2 ? MANY : 250 + (uint32_t)trial;
        struct sampler *first, *any;
        struct error err = { 0 };
        CU_ASSERT_FATAL(
            sampler_create(&first, kernel_find(NULL), count, &greedy, &err) == OK &&
            sampler_create(&any, kernel_find(NULL), count, &hot, &err) == OK);
        for (uint32_t i = 0; i < count; i++)
            x[i] = (float)gsl_rng_uniform_int(generator, trial < 10 ? 20 : 2000) - 1000;
        x[gsl_rng_uniform_int(generator, count)] = NAN;
        bool chosen[MANY] = { false };
        for (uint32_t position = 0; position < 400; position++)
            chosen[sampler_choose(any, x, 0, position)] = true;
        for (int n = 0; n < KEEP; n++) {
            const int32_t likeliest = sampler_choose(first, x, 0, 0);
            for (int32_t i = 0; i < likeliest; i++)
                CU_ASSERT(!(x[i] >= x[likeliest]));
            for (uint32_t i = (uint32_t)likeliest; i < count; i++)
                CU_ASSERT(!(x[i] > x[likeliest]));
            CU_ASSERT(chosen[likeliest]);
            chosen[likeliest] = false;
            x[likeliest] = -INFINITY;
        }
        for (uint32_t i = 0; i < count; i++)
            CU_ASSERT(!chosen[i]);
        sampler_free(first);
        sampler_free(any);
    }
    gsl_rng_free(generator);
}

static void a_choice_costs_what_it_compares_and_weighs(void)
{
    struct sampler_settings settings = { .temperature = 0, .top_k = 40, .top_p = 1 };
    struct op_count ops;
    sampler_cost(&settings, 1000, &ops);
    CU_ASSERT(ops.n[OP_COMPARE_F32] == 1000 && ops.n[OP_EXP_F32] == 0);
    settings.temperature = 1;
    sampler_cost(&settings, 1000, &ops);
    CU_ASSERT(ops.n[OP_COMPARE_F32] == 1000 && ops.n[OP_EXP_F32] == 40);
    settings.top_k = 0;
    sampler_cost(&settings, 1000, &ops);
    CU_ASSERT(ops.n[OP_EXP_F32] == 1000 && ops.n[OP_ADD_F32] == 1000);
}

CU_TestInfo sampler_tests[] = {
    { "frequencies follow the probabilities", frequencies_follow_the_probabilities },
    { "top-k keeps the largest", top_k_keeps_the_largest },
    { "top-p keeps the fewest that reach it", top_p_keeps_the_fewest_that_reach_it },
    { "min-p keeps those near the largest", min_p_keeps_those_near_the_largest },
    { "greedy takes the first of the largest", greedy_takes_the_first_of_the_largest },
    { "draws are a function of seed and place",
      draws_are_a_function_of_seed_and_place },
    { "broken logits are never chosen", broken_logits_are_never_chosen },
    { "settings are checked", settings_are_checked },
    { "log probabilities sum to one", log_probabilities_sum_to_one },
    { "log probabilities follow the plain formula",
      log_probabilities_follow_the_plain_formula },
    { "choices of a large vocabulary are the likeliest",
      choices_of_a_large_vocabulary_are_the_likeliest },
    { "a choice costs what it compares and weighs",
      a_choice_costs_what_it_compares_and_weighs },
    CU_TEST_INFO_NULL,
};
