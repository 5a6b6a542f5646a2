/* Prices: known sums, what is unpriced is said, and broken profiles name their line. */
#include "sim/energy.h"
#include "tests/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "name = test\nsource = a table\nyear = 2014\n"
                           "process = 45 nm\nbasis = analytic\n";

static enum error_code parse(struct energy_profile *profile, const char *rest,
                             struct error *err)
{
    char text[1024];
    strcpy(text, head);
    strcat(text, rest);
    return energy_profile_parse(profile, text, strlen(text), err);
}

static void shipped_profiles_hold_the_sources_figures(void)
{
    struct energy_profile profile;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, "horowitz-45nm", &err), OK);
    CU_ASSERT_EQUAL(profile.op_pj[OP_ADD_I32], 0.1);
    CU_ASSERT_EQUAL(profile.op_pj[OP_MAC_F32], 4.6);
    CU_ASSERT_EQUAL(profile.access_pj[MEMORY_DRAM], 1300);
    CU_ASSERT_EQUAL(profile.spike_op, OP_ADD_I32);
    CU_ASSERT_EQUAL(profile.year, 2014);
    CU_ASSERT_EQUAL(profile.voltage, 0.9);
    CU_ASSERT(isnan(profile.op_pj[OP_EXP_F32]) && profile.note[0]);
    energy_profile_release(&profile);
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, "spikingbrain-report", &err),
                          OK);
    CU_ASSERT_EQUAL(profile.op_pj[OP_MAC_I8_I32], 0.23);
    CU_ASSERT_EQUAL(profile.spike_op, OP_ADD_I8);
    CU_ASSERT(isnan(profile.access_pj[MEMORY_DRAM]) && isnan(profile.voltage));
    energy_profile_release(&profile);
    CU_ASSERT_EQUAL(energy_profile_find(&profile, "no-such-profile", &err), ERR_IO);
    CU_ASSERT_EQUAL(energy_profile_find(&profile, "./none.conf", &err), ERR_IO);
}

/* By hand: 10 * 0.1 + 4 * 0.2, 100 * 0.1, 16 / 8 * 1300, 4 / 8 * 20, 8 / 8 * 1300. */
static void prices_are_counts_times_prices(void)
{
    struct energy_profile profile;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(parse(&profile,
                                "add_i32_pj = 0.1\nadd_f32_pj = 0.2\n"
                                "access_dram_pj = 1300\naccess_32k_pj = 20\n",
                                &err),
                          OK);
    struct energy_work work = {
        .spike_additions = 100, .weight_bytes = 16, .state_bytes = 4, .cache_bytes = 8
    };
    work.ops.n[OP_ADD_I32] = 10;
    work.ops.n[OP_ADD_F32] = 4;
    struct energy_price price;
    energy_price(&profile, &work, &price);
    CU_ASSERT_DOUBLE_EQUAL(price.ops_pj, 1.8, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(price.spike_pj, 10, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(price.weight_pj, 2600, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(price.state_pj, 10, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(price.cache_pj, 1300, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(price.total_pj, 3921.8, 1e-9);
    CU_ASSERT(price.unpriced_ops == 0 && !price.unpriced_memory);
    energy_profile_release(&profile);
}

static void what_has_no_price_is_said(void)
{
    struct energy_profile profile;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(parse(&profile, "add_f32_pj = 1\nspike_op = add_i8\n", &err),
                          OK);
    struct energy_work work = { .spike_additions = 3, .weight_bytes = 1 };
    work.ops.n[OP_ADD_F32] = 2;
    work.ops.n[OP_EXP_F32] = 5;
    struct energy_price price;
    energy_price(&profile, &work, &price);
    CU_ASSERT_EQUAL(price.total_pj, 2);
    CU_ASSERT_EQUAL(price.unpriced_ops, 8);
    CU_ASSERT(price.unpriced_kind[OP_EXP_F32] && price.unpriced_kind[OP_ADD_I8] &&
              !price.unpriced_kind[OP_ADD_F32]);
    CU_ASSERT(isnan(price.spike_pj) && isnan(price.weight_pj) && price.unpriced_memory);
    CU_ASSERT(price.state_pj == 0 && price.cache_pj == 0);
    energy_profile_release(&profile);
}

/* The report's arithmetic: spikes per channel x 0.03 against 1.5 and 0.23. */
static void the_reports_ratio_is_reproduced(void)
{
    struct energy_profile profile;
    struct error err = { 0 };
    struct energy_price spiking, dense_f16, dense_i8;
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, "spikingbrain-report", &err),
                          OK);
    struct energy_work work = { .spike_additions = 1130 };
    energy_price(&profile, &work, &spiking);
    work = (struct energy_work){ .ops.n[OP_MAC_F16] = 1000 };
    energy_price(&profile, &work, &dense_f16);
    work = (struct energy_work){ .ops.n[OP_MAC_I8_I32] = 1000 };
    energy_price(&profile, &work, &dense_i8);
    CU_ASSERT_DOUBLE_EQUAL(1 - spiking.total_pj / dense_f16.total_pj, 0.9774, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(1 - spiking.total_pj / dense_i8.total_pj, 0.8526, 1e-4);
    energy_profile_release(&profile);
}

static void broken_profiles_name_their_line(void)
{
    static const char *const bad[] = { "add_i32_pj = -1\n",     "add_i32_pj = nan\n",
                                       "add_i32_pj = 1e300\n",  "add_i32_nj = 1\n",
                                       "add_i32 = 1\n",         "add_i64_pj = 1\n",
                                       "access_2k_pj = 1\n",    "access__pj = 1\n",
                                       "weight_level = moon\n", "spike_op = adds\n",
                                       "access_bytes = 0\n",    "voltage_v = high\n",
                                       "add_i32_pj = 1 pJ\n",   "_pj = 1\n" };
    struct energy_profile profile;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(parse(&profile, bad[i], &err), ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "line 6"));
    }
    static const char *const incomplete[] = {
        "", "name = x\n", "name = x\nsource = y\nprocess = z\nbasis = a\n",
        "name = x\nsource = \"\"\nprocess = z\nbasis = a\nyear = 2014\n"
    };
    for (size_t i = 0; i < sizeof incomplete / sizeof incomplete[0]; i++) {
        CU_ASSERT_EQUAL(energy_profile_parse(&profile, incomplete[i],
                                             strlen(incomplete[i]), &err),
                        ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a profile needs a "));
    }
}

CU_TestInfo energy_tests[] = {
    { "shipped profiles hold the sources' figures",
      shipped_profiles_hold_the_sources_figures },
    { "prices are counts times prices", prices_are_counts_times_prices },
    { "what has no price is said", what_has_no_price_is_said },
    { "the report's ratio is reproduced", the_reports_ratio_is_reproduced },
    { "broken profiles name their line", broken_profiles_name_their_line },
    CU_TEST_INFO_NULL,
};
