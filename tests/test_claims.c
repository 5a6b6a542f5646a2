/* Claims: the arithmetic gives the known figures, verdicts turn where they say they do,
 * and every row is complete. */
#include "experiments/claim_document.h"
#include "tests/simple_claims.h"
#include "tests/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static json_t *judged(const char *name, struct claim_measurement *measurement)
{
    struct claim_measurements list = { measurement, measurement ? 1 : 0 };
    const struct claim *claim = claim_find(name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(claim);
    return claim_to_json(claim, &list);
}

/* The row of an array whose `key` is `text`. */
static const json_t *row_of(const json_t *claim, const char *array, const char *key,
                            const char *text)
{
    size_t index;
    const json_t *row;
    json_array_foreach(json_object_get(claim, array), index, row)
    {
        const char *found = json_string_value(json_object_get(row, key));
        if (found && strcmp(found, text) == 0)
            return row;
    }
    return NULL;
}

static double computed(const json_t *claim, const char *what)
{
    const json_t *row = row_of(claim, "computed", "what", what);
    CU_ASSERT_PTR_NOT_NULL(row);
    return json_number_value(json_object_get(row, "value"));
}

static bool agrees(const json_t *claim, const char *what)
{
    return json_is_true(
        json_object_get(row_of(claim, "computed", "what", what), "agrees"));
}

static double turning(const json_t *claim, const char *when)
{
    const json_t *row = row_of(claim, "turns", "when", when);
    CU_ASSERT_PTR_NOT_NULL(row);
    return json_number_value(json_object_get(row, "value"));
}

static const char *verdict(const json_t *claim, const char *scope)
{
    const json_t *row = row_of(claim, "verdicts", "scope", scope);
    const char *word = json_string_value(json_object_get(row, "verdict"));
    return word ? word : "none";
}

/* Tolerances: half a unit of the last digit that is written here. */
static void the_reports_energy_chain_gives_the_known_figures(void)
{
    json_t *fp16 = judged("energy-97-percent", NULL);
    const char *energy = "energy in place of a multiply-accumulate";
    CU_ASSERT_DOUBLE_EQUAL(computed(fp16, energy), 0.0339, 0.00005);
    CU_ASSERT_DOUBLE_EQUAL(computed(fp16, "saving, 8-bit additions"), 0.977, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(computed(fp16, "ratio"), 44.2, 0.05);
    CU_ASSERT(agrees(fp16, "saving, from the printed energy"));
    CU_ASSERT(!agrees(fp16, "ratio"));
    CU_ASSERT(agrees(fp16, "ratio taken from the rounded saving"));
    const char *cause = "of the saving: FP16 to INT8, without any spike";
    CU_ASSERT_DOUBLE_EQUAL(computed(fp16, cause), 0.847, 0.0005);
    const char *weights = "saving, if fetching weights is all that costs";
    CU_ASSERT_DOUBLE_EQUAL(computed(fp16, weights), 0.592, 0.0005);
    json_decref(fp16);

    json_t *int8 = judged("energy-85-percent-int8", NULL);
    CU_ASSERT_DOUBLE_EQUAL(computed(int8, "saving, from the printed energy"), 0.852,
                           0.0005);
    CU_ASSERT(agrees(int8, "saving, from the printed energy"));
    CU_ASSERT_DOUBLE_EQUAL(computed(int8, "ratio"), 6.78, 0.0055);
    CU_ASSERT(!agrees(int8, "ratio"));
    CU_ASSERT_DOUBLE_EQUAL(computed(int8, "saving, additions into 32 bits"), 0.62,
                           0.005);
    CU_ASSERT_DOUBLE_EQUAL(computed(int8, weights), 0.184, 0.0005);
    json_decref(int8);
}

static void sparsity_and_operations_do_not_follow_from_one_another(void)
{
    json_t *claim = judged("sparsity-69-percent", NULL);
    const char *slots = "1 - spikes per channel / 3";
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, slots), 0.623, 0.0005);
    CU_ASSERT(!agrees(claim, slots));
    json_decref(claim);
    claim = judged("computations-70-percent", NULL);
    const char *once = "operations saved, a multiply-accumulate counted once";
    const char *twice = "operations saved, a multiply-accumulate counted as two";
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, once), -0.13, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, twice), 0.43, 0.0051);
    json_decref(claim);
}

static void a_tenth_depends_on_what_is_divided(void)
{
    json_t *claim = judged("deepseek-tenth-of-the-compute", NULL);
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, "training: operations per token"), 9.8,
                           0.05);
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, "training: the same times tokens"), 10.3,
                           0.05);
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, "training: GPU-hours, H100 over H800"),
                           11.06, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, "training: 6 N D, active parameters"), 11.5,
                           0.05);
    CU_ASSERT_STRING_EQUAL(verdict(claim, "training"), "reproduced");
    CU_ASSERT_STRING_EQUAL(verdict(claim, "inference, resident memory"),
                           "not reproduced");
    json_decref(claim);
    claim = judged("deepseek-low-training-cost", NULL);
    CU_ASSERT_DOUBLE_EQUAL(computed(claim, "days on so many chips"), 58, 0.5);
    json_decref(claim);
    claim = judged("first-token-100x-sooner", NULL);
    CU_ASSERT(agrees(claim, "speed-up at 1M"));
    CU_ASSERT(computed(claim, "speed-up at 4M, extrapolated") > 100);
    json_decref(claim);
}

static void rules_turn_at_their_thresholds(void)
{
    double edge = share_to_reproduce(0.85);
    CU_ASSERT_EQUAL(verdict_of_share(edge, 0.85), VERDICT_REPRODUCED);
    CU_ASSERT_EQUAL(verdict_of_share(edge - 1e-9, 0.85), VERDICT_PARTLY);
    CU_ASSERT_EQUAL(verdict_of_share(0.425, 0.85), VERDICT_PARTLY);
    CU_ASSERT_EQUAL(verdict_of_share(0.4249, 0.85), VERDICT_NOT);
    CU_ASSERT_EQUAL(verdict_of_share((double)NAN, 0.85), VERDICT_UNTESTABLE);
    CU_ASSERT_EQUAL(verdict_of_ratio(10.9, 10), VERDICT_REPRODUCED);
    CU_ASSERT_EQUAL(verdict_of_ratio(9, 10), VERDICT_PARTLY);
    CU_ASSERT_EQUAL(verdict_of_ratio(4.9, 10), VERDICT_NOT);
    CU_ASSERT_EQUAL(verdict_of_ratio((double)INFINITY, 10), VERDICT_UNTESTABLE);
    CU_ASSERT_EQUAL(verdict_of_both(VERDICT_NOT, VERDICT_PARTLY), VERDICT_PARTLY);
}

static const char *verdict_at(const char *name, const char *scope, double spikes,
                              double silent)
{
    struct claim_measurement m = simple_measurement(spikes, silent);
    json_t *claim = judged(name, &m);
    static char word[40];
    snprintf(word, sizeof word, "%s", verdict(claim, scope));
    json_decref(claim);
    return word;
}

static void energy_verdicts_turn_where_the_claim_says(void)
{
    static const char *const names[] = { "energy-97-percent",
                                         "energy-85-percent-int8" };
    for (int i = 0; i < 2; i++) {
        struct claim_measurement m = simple_measurement(1, 0.2);
        json_t *claim = judged(names[i], &m);
        double spikes = turning(claim, "additions only, 32-bit sums: reproduced up to "
                                       "spikes per channel of");
        double narrow = turning(claim, "additions only, 8-bit sums: reproduced up to "
                                       "spikes per channel of");
        double silent =
            turning(claim, "with weight fetches: reproduced from a silent share of");
        json_decref(claim);
        CU_ASSERT(spikes < narrow && silent > 0.5 && silent < 1);
        const char *adds = "additions only", *fetches = "with weight fetches";
        CU_ASSERT_STRING_EQUAL(verdict_at(names[i], adds, spikes * 0.999, 0),
                               "reproduced");
        CU_ASSERT_STRING_EQUAL(verdict_at(names[i], adds, spikes * 1.001, 0), "partly");
        CU_ASSERT_STRING_EQUAL(verdict_at(names[i], adds, narrow * 0.999, 0), "partly");
        CU_ASSERT_STRING_EQUAL(verdict_at(names[i], fetches, 1, silent + 0.001),
                               "reproduced");
        CU_ASSERT_STRING_EQUAL(verdict_at(names[i], fetches, 1, silent - 0.001),
                               "partly");
        CU_ASSERT_STRING_EQUAL(verdict_at(names[1], fetches, 1, 0.2), "not reproduced");
    }
}

static void other_verdicts_turn_where_the_claim_says(void)
{
    struct claim_measurement m = simple_measurement(1, 0.2);
    json_t *claim = judged("fires-only-when-needed", &m);
    double silent = turning(claim, "reproduced (most channels silent) from a silent "
                                   "share of");
    json_decref(claim);
    const char *fires = "fires-only-when-needed", *adds = "additions only";
    CU_ASSERT_STRING_EQUAL(verdict_at(fires, adds, 1, silent), "reproduced");
    CU_ASSERT_STRING_EQUAL(verdict_at(fires, adds, 1, silent - 0.001), "partly");
    CU_ASSERT_STRING_EQUAL(verdict_at(fires, adds, 1, 0), "not reproduced");

    claim = judged("computations-70-percent", &m);
    double additions = turning(claim, "additions only: reproduced up to additions per "
                                      "multiply-accumulate (counted as two) of");
    json_decref(claim);
    const char *fewer = "computations-70-percent";
    CU_ASSERT_STRING_EQUAL(verdict_at(fewer, adds, additions * 0.999, 0), "reproduced");
    CU_ASSERT_STRING_EQUAL(verdict_at(fewer, adds, additions * 1.001, 0), "partly");

    m.setting[0].quantity[MEASURED_RATIO] = 1.0199;
    claim = judged("accuracy-2-percent-lost", &m);
    CU_ASSERT_STRING_EQUAL(verdict(claim, "perplexity here"), "reproduced");
    CU_ASSERT_DOUBLE_EQUAL(turning(claim, "perplexity: reproduced up to a ratio of"),
                           1.02, 1e-12);
    json_decref(claim);
    m.setting[0].quantity[MEASURED_RATIO] = 1.0201;
    claim = judged("accuracy-2-percent-lost", &m);
    CU_ASSERT_STRING_EQUAL(verdict(claim, "perplexity here"), "partly");
    json_decref(claim);
}

static void joules_are_judged_where_the_machine_counts_them(void)
{
    struct claim_measurement m = simple_measurement(1, 0.2);
    m.setting[0].quantity[MEASURED_JOULES_SPIKING] = 0.1;
    json_t *claim = judged("energy-85-percent-int8", &m);
    CU_ASSERT_STRING_EQUAL(verdict(claim, "measured joules"), "reproduced");
    json_decref(claim);
    m.setting[0].quantity[MEASURED_JOULES_SPIKING] = (double)NAN;
    claim = judged("energy-85-percent-int8", &m);
    CU_ASSERT_STRING_EQUAL(verdict(claim, "measured joules"), "not testable here");
    json_decref(claim);
}

static bool is_word(const char *word)
{
    for (int v = 0; v < VERDICTS; v++)
        if (strcmp(word, verdict_words[v]) == 0)
            return true;
    return false;
}

static void check_row(const struct claim *claim, struct claim_measurement *m)
{
    json_t *row = judged(claim->name, m);
    const json_t *verdicts = json_object_get(row, "verdicts");
    size_t scopes = 0;
    CU_ASSERT(claim->family[0] && claim->says[0] && claim->who[0] && claim->source[0] &&
              claim->not_measured[0]);
    CU_ASSERT(claim->turns_if ||
              (m && json_array_size(json_object_get(row, "turns")) > 0) || !m);
    CU_ASSERT(claim->reason || json_array_size(json_object_get(row, "computed")) > 0);
    while (claim->scope[scopes]) {
        const json_t *one = json_array_get(verdicts, scopes);
        const char *scope = json_string_value(json_object_get(one, "scope"));
        const char *reason = json_string_value(json_object_get(one, "reason"));
        CU_ASSERT(scope && strcmp(scope, claim->scope[scopes]) == 0);
        CU_ASSERT(is_word(verdict(row, claim->scope[scopes])));
        CU_ASSERT(reason && reason[0] && !strstr(reason, "nan"));
        scopes++;
    }
    CU_ASSERT_EQUAL(json_array_size(verdicts), scopes);
    CU_ASSERT(scopes > 0);
    json_decref(row);
}

static void every_claim_is_complete_with_a_measurement_and_without(void)
{
    struct claim_measurement m = simple_measurement(1, 0.2);
    for (int t = 0; claim_tables[t]; t++)
        for (const struct claim *claim = claim_tables[t]; claim->name; claim++) {
            CU_ASSERT_PTR_EQUAL(claim_find(claim->name), claim);
            check_row(claim, &m);
            check_row(claim, NULL);
            if (claim_tables[t] == claims_of_energy ||
                claim_tables[t] == claims_of_silence)
                CU_ASSERT_PTR_EQUAL(claim->scope, energy_scope);
        }
    CU_ASSERT_PTR_NULL(claim_find("no-such-claim"));
    for (int f = 0; f < FACTS; f++)
        CU_ASSERT(claim_facts[f].name && claim_facts[f].value > 0 &&
                  claim_facts[f].source[0]);
}

CU_TestInfo claim_tests[] = {
    { "the report's energy chain gives the known figures",
      the_reports_energy_chain_gives_the_known_figures },
    { "sparsity and operations do not follow from one another",
      sparsity_and_operations_do_not_follow_from_one_another },
    { "a tenth depends on what is divided", a_tenth_depends_on_what_is_divided },
    { "rules turn at their thresholds", rules_turn_at_their_thresholds },
    { "energy verdicts turn where the claim says",
      energy_verdicts_turn_where_the_claim_says },
    { "other verdicts turn where the claim says",
      other_verdicts_turn_where_the_claim_says },
    { "joules are judged where the machine counts them",
      joules_are_judged_where_the_machine_counts_them },
    { "every claim is complete with a measurement and without",
      every_claim_is_complete_with_a_measurement_and_without },
    CU_TEST_INFO_NULL,
};
