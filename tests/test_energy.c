/* Prices: known sums, what is unpriced is said, and broken profiles name their line. */
#include "sim/energy.h"
#include "sim/run_totals.h"
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
    CU_ASSERT_EQUAL(profile.op_pj[OP_MULTIPLY_I32], 3.1);
    CU_ASSERT(isnan(profile.synaptic_event_pj) && isnan(profile.static_mw));
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

/* KerasSpiking's table of devices, J to pJ, and the chips' own figures. */
static void chips_hold_the_sources_figures(void)
{
    static const struct {
        const char *name;
        double event, active, idle;
    } chip[] = {
        { "keras-arm", 900, 900, 900 },
        { "keras-cpu", 8600, 8600, 8600 },
        { "keras-gpu", 300, 300, 300 },
        { "keras-loihi", 27.1, 81, 81 },
        { "keras-spinnaker", 13300, 26000, 26000 },
        { "keras-spinnaker2", 450, 2190, 2190 },
        { "loihi", 23.6, 81, 52 },
    };
    struct energy_profile profile;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof chip / sizeof chip[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, chip[i].name, &err), OK);
        CU_ASSERT_STRING_EQUAL(profile.name, chip[i].name);
        CU_ASSERT_EQUAL(profile.synaptic_event_pj, chip[i].event);
        CU_ASSERT_EQUAL(profile.update_active_pj, chip[i].active);
        CU_ASSERT_EQUAL(profile.update_idle_pj, chip[i].idle);
        energy_profile_release(&profile);
    }
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, "truenorth", &err), OK);
    CU_ASSERT_EQUAL(profile.synaptic_event_pj, 26);
    CU_ASSERT(isnan(profile.update_active_pj) && profile.event_includes[EVENT_UPDATES]);
    energy_profile_release(&profile);
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, "spinnaker2", &err), OK);
    CU_ASSERT_EQUAL(profile.synaptic_event_pj, 10);
    CU_ASSERT(isnan(profile.update_idle_pj) && !profile.event_includes[EVENT_UPDATES]);
    energy_profile_release(&profile);
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, "snn-convention", &err), OK);
    CU_ASSERT_EQUAL(profile.op_pj[OP_MAC_I8_I32], 4.6);
    CU_ASSERT_EQUAL(profile.op_pj[profile.spike_op], 0.9);
    energy_profile_release(&profile);
}

/* By hand: (100 + 6) * 2, 3 * 10 + 5 * 4, 7 * 0.5, 7 * 3 a hop, weights of events and
 * state within the event, 8 other bytes at 1 pJ an access of 8; operations of updates
 * (10) and graded spikes (6) are priced by event, so 4 of 20 remain. */
static void events_are_priced_once(void)
{
    static const char prices[] =
        "synaptic_event_pj = 2\nevent_includes = \"weights, state\"\n"
        "update_active_pj = 10\nupdate_idle_pj = 4\nspike_out_pj = 0.5\nhop_pj = 3\n"
        "static_mw = 104\nadd_f32_pj = 1\naccess_dram_pj = 1\n";
    struct energy_profile profile;
    struct energy_price price;
    struct error err = { 0 };
    struct energy_work work = { .spike_additions = 100,
                                .weight_bytes = 64,
                                .event_bytes = 56,
                                .state_bytes = 40,
                                .spikes = 7,
                                .updates = 8,
                                .active_updates = 3 };
    work.ops.n[OP_ADD_F32] = 20;
    work.update_ops.n[OP_ADD_F32] = 10;
    work.event_ops.n[OP_ADD_F32] = 6;
    CU_ASSERT_EQUAL_FATAL(parse(&profile, prices, &err), OK);
    CU_ASSERT_EQUAL(profile.static_mw, 104);
    energy_price(&profile, &work, &price);
    CU_ASSERT_EQUAL(price.spike_pj, 212);
    CU_ASSERT_EQUAL(price.update_pj, 50);
    CU_ASSERT_EQUAL(price.sent_pj, 3.5);
    CU_ASSERT_EQUAL(price.hop_pj, 21);
    CU_ASSERT_EQUAL(price.ops_pj, 4);
    CU_ASSERT_EQUAL(price.weight_pj, 1);
    CU_ASSERT(price.state_pj == 0 && !price.unpriced_memory);
    CU_ASSERT_EQUAL(price.total_pj, 270.5);
    energy_profile_release(&profile);

    /* Without their prices, updates and spikes are counted as unpriced. */
    CU_ASSERT_EQUAL_FATAL(parse(&profile, "synaptic_event_pj = 2\n", &err), OK);
    energy_price(&profile, &work, &price);
    CU_ASSERT(isnan(price.update_pj) && price.unpriced_updates == 8);
    CU_ASSERT(isnan(price.sent_pj) && price.unpriced_spikes == 7);
    CU_ASSERT(isnan(price.state_pj) && price.unpriced_memory);
    CU_ASSERT(price.unpriced_ops == 4 && isnan(price.hop_pj));
    CU_ASSERT_EQUAL(price.total_pj, 212);
    energy_profile_release(&profile);
}

/* 10 channels of 2 neurons, 6 silent: 4 * 2 neurons are active, at 5 steps and at 3. */
static void neurons_of_channels_that_speak_are_active(void)
{
    struct population_info population = { .channels = 10, .size = 20 };
    struct site_counters first = { .n = { [COUNT_SILENT] = 6, [COUNT_STEPS] = 5 } };
    struct site_counters second = { .n = { [COUNT_SILENT] = 6, [COUNT_STEPS] = 3 } };
    struct run_totals totals;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(run_totals_init(&totals, &population, 1, &err), OK);
    run_totals_add(&totals, 0, &first);
    run_totals_add(&totals, 0, &second);
    CU_ASSERT_EQUAL(totals.site[0].active_updates, 8 * 5 + 8 * 3);
    run_totals_release(&totals);
}

static void broken_profiles_name_their_line(void)
{
    static const char *const bad[] = {
        "add_i32_pj = -1\n",       "add_i32_pj = nan\n", "add_i32_pj = 1e300\n",
        "add_i32_nj = 1\n",        "add_i32 = 1\n",      "add_i64_pj = 1\n",
        "access_2k_pj = 1\n",      "access__pj = 1\n",   "weight_level = moon\n",
        "spike_op = adds\n",       "access_bytes = 0\n", "voltage_v = high\n",
        "add_i32_pj = 1 pJ\n",     "_pj = 1\n",          "hop_pj = -1\n",
        "synaptic_event_nj = 1\n", "static_pj = 1\n",    "static_mw = -1\n",
        "event_includes = moon\n"
    };
    struct energy_profile profile;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(parse(&profile, bad[i], &err), ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "line 6"));
    }
    CU_ASSERT_EQUAL(parse(&profile, "event_includes = state\n", &err), ERR_FORMAT);
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
    { "chips hold the sources' figures", chips_hold_the_sources_figures },
    { "events are priced once", events_are_priced_once },
    { "neurons of channels that speak are active",
      neurons_of_channels_that_speak_are_active },
    { "broken profiles name their line", broken_profiles_name_their_line },
    CU_TEST_INFO_NULL,
};
