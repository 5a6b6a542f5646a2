/* Models of cost against their sources' arithmetic, done by hand, and a survey of a
 * recording against a slow count of its own. */
#include "experiments/cost_survey.h"
#include "sim/cost_model.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdlib.h>

static bool open_prices(struct energy_profile *prices)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL(energy_profile_find(prices, "horowitz-45nm", &err), OK);
    return err.code == OK;
}

/* Section 5.5: 1.13 spikes a channel at 0.03 pJ are 0.0339 pJ, 97.7 % less than 1.5 and
 * 85.2 % less than 0.23. With 32-bit sums 1.13 * 0.1 against 0.3: 62.3 %. */
static void the_reports_chain_is_reproduced(void)
{
    struct energy_profile prices;
    const struct cost_counts n = { .macs = 100, .sop = 113 };
    double pj[COST_VARIANTS];
    if (!open_prices(&prices))
        return;
    cost_model_find("additions-8")->price(&prices, &n, pj);
    CU_ASSERT_DOUBLE_EQUAL(pj[COST_SPIKING] / 100, 0.0339, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(1 - pj[COST_SPIKING] / pj[COST_OTHER], 0.977, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(1 - pj[COST_SPIKING] / pj[COST_INT8], 0.852, 1e-3);
    cost_model_find("additions-32")->price(&prices, &n, pj);
    CU_ASSERT_DOUBLE_EQUAL(1 - pj[COST_SPIKING] / pj[COST_INT8], 0.6233, 1e-4);
    cost_model_find("naive")->price(&prices, &n, pj);
    CU_ASSERT_DOUBLE_EQUAL(pj[COST_SPIKING], 113 * 0.9, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(pj[COST_OTHER], 460, 1e-9);
    CU_ASSERT(isnan(pj[COST_INT8]) && !cost_model_find("nothing"));
    energy_profile_release(&prices);
}

/* 4.6 / 0.9, 0.23 / 0.03, 0.3 / 0.1, and (0.3 + 1300 / 8) / (0.1 + 1300 / 8). At the
 * bound the model's two sides are equal. */
static void bounds_are_where_both_sides_meet(void)
{
    static const struct {
        const char *model;
        double bound;
    } expected[] = { { "naive", 5.1111 },
                     { "additions-8", 7.6667 },
                     { "additions-32", 3 },
                     { "spike-rows", 1.00123 } };
    struct energy_profile prices;
    if (!open_prices(&prices))
        return;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct cost_model *model = cost_model_find(expected[i].model);
        struct cost_counts n = { .macs = 1000, .dense_bytes = 1000 };
        double bound = model->bound(&prices, &n), pj[COST_VARIANTS];
        CU_ASSERT_DOUBLE_EQUAL(bound, expected[i].bound, 1e-4);
        n.sop = n.spike_bytes = 1000 * bound;
        model->price(&prices, &n, pj);
        double dense = isnan(pj[COST_INT8]) ? pj[COST_OTHER] : pj[COST_INT8];
        CU_ASSERT_DOUBLE_EQUAL(pj[COST_SPIKING] / dense, 1, 1e-12);
    }
    energy_profile_release(&prices);
}

/* The points; a middle of each piece; (100 - 20) / 1015808 pJ a byte beyond 1 MB; no
 * more than DRAM. */
static void prices_of_access_are_linear_in_size(void)
{
    struct energy_profile prices;
    if (!open_prices(&prices))
        return;
    CU_ASSERT_EQUAL(access_price(&prices, 4), 10);
    CU_ASSERT_EQUAL(access_price(&prices, 8192), 10);
    CU_ASSERT_EQUAL(access_price(&prices, 20480), 15);
    CU_ASSERT_EQUAL(access_price(&prices, 32768), 20);
    CU_ASSERT_EQUAL(access_price(&prices, 540672), 60);
    CU_ASSERT_EQUAL(access_price(&prices, 1048576), 100);
    CU_ASSERT_DOUBLE_EQUAL(access_price(&prices, 1048576 + 1015808), 180, 1e-9);
    CU_ASSERT_EQUAL(access_price(&prices, 1e12), 1300);
    energy_profile_release(&prices);
}

/* 10 inputs, 20 outputs, 2 tokens, 7 spikes, 6 steps; every buffer under 8 KB, so a
 * word of 4 bytes costs 5 pJ. Spiking: additions 7 * 20 + 6 * 20 = 260; addresses 140;
 * words 7 + 140 + 2 * (140 + 2 * 20) = 507. Dense, twice: 200 * 3.2 + 20 * 0.1 = 642,
 * addresses 30, words 10 + 200 + 20 = 230. */
static void lemaires_formula_agrees_with_hand(void)
{
    const struct linear_site site = {
        .inputs = 10, .outputs = 20, .runs = 2, .spikes = 7, .steps = 6
    };
    struct energy_profile prices;
    double pj[3];
    if (!open_prices(&prices))
        return;
    lemaire_spiking(&prices, &site, pj);
    CU_ASSERT_DOUBLE_EQUAL(pj[LEMAIRE_OPERATIONS], 26, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(pj[LEMAIRE_ADDRESSES], 14, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(pj[LEMAIRE_MEMORY], 507 * 5, 1e-9);
    lemaire_dense(&prices, &site, pj);
    CU_ASSERT_DOUBLE_EQUAL(pj[LEMAIRE_OPERATIONS], 1284, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(pj[LEMAIRE_ADDRESSES], 6, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(pj[LEMAIRE_MEMORY], 460 * 5, 1e-9);
    energy_profile_release(&prices);
}

/* NeuroBench's documents: 3 x 3 weights, 3 of them 0, one input 0: 4 of 9 products. The
 * silent input's column holds 2 weights. */
static void neurobenchs_example_has_4_of_9(void)
{
    static const int32_t input[] = { 1, 0, -1 };
    static const uint32_t targets[] = { 3, 2, 1 };
    CU_ASSERT_EQUAL(effective_operations(input, 3, targets, 3), 4);
    CU_ASSERT_EQUAL(effective_operations(input, 3, NULL, 3), 6);
    static const int32_t all[] = { 1, 1, -1 };
    CU_ASSERT_EQUAL(effective_operations(all, 3, NULL, 3), 9);
}

/* Yan et al.: T = 1 is 1 bit, 3 two, 5 and 7 three, 8 four; 3 bits with 8-bit weights
 * at T = 5: 7.5 %. */
static void windows_match_bits(void)
{
    static const unsigned bits[] = { 0, 1, 2, 2, 3, 3, 3, 3, 4 };
    for (unsigned steps = 0; steps < 9; steps++)
        CU_ASSERT_EQUAL(matched_bits(steps), bits[steps]);
    CU_ASSERT_EQUAL(matched_bits(UINT64_MAX), 64);
    CU_ASSERT_DOUBLE_EQUAL(matched_rate(3, 8, 5), 0.075, 1e-15);
}

/* By hand, 8-bit sums: 150, 23, 0.8 * 23, 113 * 0.03. */
static void savings_split_by_cause_add_up(void)
{
    const struct cost_counts n = {
        .macs = 100, .active_macs = 80, .sop = 113, .row_bytes = 84
    };
    struct energy_profile prices;
    struct saving_split split;
    if (!open_prices(&prices))
        return;
    saving_split(&prices, &n, true, false, &split);
    CU_ASSERT_DOUBLE_EQUAL(split.format_pj, 127, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(split.silence_pj, 4.6, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(split.additions_pj, 18.4 - 3.39, 1e-9);
    for (int i = 0; i < 4; i++) {
        saving_split(&prices, &n, i & 1, i & 2, &split);
        CU_ASSERT_DOUBLE_EQUAL(split.format_pj + split.silence_pj + split.additions_pj +
                                   split.spiking_pj,
                               split.fp16_pj, 1e-9 * split.fp16_pj);
    }
    energy_profile_release(&prices);
}

/* Channels silent for all of every 8 tokens, and active products, counted slowly. */
static void count_slowly(const struct recorded *run, double *silent, double *active)
{
    enum { WINDOW = 8 };
    const struct recording *recording = &run->recording;
    int32_t *count = calloc(recording->channels * WINDOW, sizeof *count);
    struct error err = { 0 };
    *silent = *active = 0;
    for (uint64_t first = 0; count && first < recording->tokens; first += WINDOW) {
        for (uint64_t t = 0; t < WINDOW && first + t < recording->tokens; t++)
            recording_read_counts(recording, first + t, count + t * recording->channels,
                                  &err);
        for (uint32_t p = 0; p < recording->populations; p++) {
            const struct population_info *info = &recording->population[p];
            for (uint64_t c = 0; c < info->channels; c++) {
                unsigned spoke = 0;
                for (uint64_t t = 0; t < WINDOW && first + t < recording->tokens; t++)
                    spoke +=
                        count[t * recording->channels + info->first_channel + c] != 0;
                *active += (double)(spoke * info->fan_out);
                *silent += spoke == 0 && first + WINDOW <= recording->tokens;
            }
        }
    }
    free(count);
}

static void a_survey_agrees_with_a_slow_count(void)
{
    const char *path = temporary_path("survey.h5");
    struct cost_survey *survey = malloc(sizeof *survey);
    struct recorded run = { 0 };
    struct energy_profile prices;
    struct error err = { 0 };
    double silent, active;
    CU_ASSERT_EQUAL(synthetic_write(path, "ternary", 70, 20, true, false, &err), OK);
    CU_ASSERT_EQUAL(recorded_open(&run, path, &err), OK);
    if (survey && err.code == OK && open_prices(&prices)) {
        CU_ASSERT_EQUAL(cost_survey_make(survey, &run, &prices, &err), OK);
        count_slowly(&run, &silent, &active);
        const struct cost_counts *all = &survey->role[survey->roles].counts;
        CU_ASSERT_EQUAL(survey->roles, 3);
        CU_ASSERT_EQUAL(all->active_macs, active);
        CU_ASSERT_EQUAL(all->effective, active);
        CU_ASSERT_EQUAL(survey->batch[BATCH_NEIGHBOURS][0].batches, 20);
        CU_ASSERT_EQUAL(survey->batch[BATCH_NEIGHBOURS][1].batches, 2);
        CU_ASSERT_EQUAL(survey->batch[BATCH_NEIGHBOURS][2].batches, 0);
        CU_ASSERT(silent > 0);
        CU_ASSERT_EQUAL(survey->batch[BATCH_NEIGHBOURS][1].silent, silent);
        CU_ASSERT_EQUAL(survey->batch[BATCH_NEIGHBOURS][0].silent,
                        survey->role[survey->roles].silent);
        double macs = 0;
        for (size_t role = 0; role < survey->roles; role++)
            macs += survey->role[role].counts.macs;
        CU_ASSERT_EQUAL(all->macs, macs);
        CU_ASSERT(all->block_bytes >= all->active_macs && all->bits >= all->runs);
        energy_profile_release(&prices);
    }
    recorded_close(&run);
    free(survey);
}

CU_TestInfo cost_model_tests[] = {
    { "the report's chain is reproduced", the_reports_chain_is_reproduced },
    { "bounds are where both sides meet", bounds_are_where_both_sides_meet },
    { "prices of access are linear in size", prices_of_access_are_linear_in_size },
    { "Lemaire's formula agrees with hand", lemaires_formula_agrees_with_hand },
    { "NeuroBench's example has 4 of 9", neurobenchs_example_has_4_of_9 },
    { "windows match bits", windows_match_bits },
    { "savings split by cause add up", savings_split_by_cause_add_up },
    { "a survey agrees with a slow count", a_survey_agrees_with_a_slow_count },
    CU_TEST_INFO_NULL,
};
