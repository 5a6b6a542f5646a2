/* Results of claims: kept, read back, refused when broken. */
#include "base/version.h"
#include "experiments/claim.h"
#include "tests/simple_claims.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stored_results_are_plausible(void)
{
    struct claim_measurements list;
    struct error err = { 0 };
    char path[1200];
    snprintf(path, sizeof path, "%s/claims/results.json", version_data_folder());
    CU_ASSERT_EQUAL_FATAL(claim_measurements_open(&list, path, false, &err), OK);
    CU_ASSERT(list.count > 0);
    for (unsigned i = 0; i < list.count; i++) {
        const struct claim_setting *at = claim_judged(&list.at[i]);
        const double *q = at->quantity;
        CU_ASSERT(list.at[i].date[0] && strstr(list.at[i].command, "lucciola claims"));
        CU_ASSERT(!strchr(list.at[i].command, '/'));
        CU_ASSERT_EQUAL(q[MEASURED_K], 3);
        CU_ASSERT(q[MEASURED_SILENT_SHARE] > 0 && q[MEASURED_SILENT_SHARE] < 1);
        CU_ASSERT_DOUBLE_EQUAL(q[MEASURED_SLOT_SPARSITY_3],
                               1 - q[MEASURED_SPIKES_PER_CHANNEL] / 3, 1e-9);
        CU_ASSERT(claim_saving(at, PRICES_32_BIT, BOUNDARY_SUMS, VARIANT_FP16) > 0.5);
    }
    claim_measurements_release(&list);
}

static void results_come_back_as_they_were_stored(void)
{
    struct claim_measurement one = simple_measurement(1.2, 0.1);
    struct claim_measurement two = simple_measurement(1.3, 0.3);
    struct claim_measurements list = { calloc(CLAIM_MEASUREMENTS, sizeof one), 0 };
    struct error err = { 0 };
    CU_ASSERT_PTR_NOT_NULL_FATAL(list.at);
    const char *path = temporary_path("claims.json");
    snprintf(two.text, sizeof two.text, "another");
    two.tasks = 100;
    two.float_accuracy = 0.5;
    two.accuracy = 0.25;
    two.accuracy_error = 0.125;
    CU_ASSERT_EQUAL(claim_measurements_put(&list, &one, &err), OK);
    CU_ASSERT_EQUAL(claim_measurements_put(&list, &two, &err), OK);
    CU_ASSERT_EQUAL(claim_measurements_put(&list, &one, &err), OK);
    CU_ASSERT_EQUAL(list.count, 2);
    CU_ASSERT_EQUAL_FATAL(claim_measurements_store(&list, path, &err), OK);
    claim_measurements_release(&list);
    CU_ASSERT_EQUAL_FATAL(claim_measurements_open(&list, path, false, &err), OK);
    CU_ASSERT_EQUAL(list.count, 2);
    CU_ASSERT_STRING_EQUAL(list.at[0].text, one.text);
    CU_ASSERT_STRING_EQUAL(list.at[1].text, two.text);
    CU_ASSERT_EQUAL(list.at[1].accuracy_error, two.accuracy_error);
    CU_ASSERT_DOUBLE_EQUAL(list.at[1].setting[0].nj[1][0][0],
                           two.setting[0].nj[1][0][0], 1e-9);
    claim_measurements_release(&list);
    remove(path);
}

static void broken_results_are_refused_in_a_sentence(void)
{
    static const struct {
        const char *text, *part;
    } broken[] = {
        { "", "line" },
        { "{", "line" },
        { "[]", "format" },
        { "{\"format\": \"other\"}", "'other'" },
        { "{\"format\": \"lucciola-claims-1\"}", "list" },
        { "{\"format\": \"lucciola-claims-1\", \"measurements\": [{}]}",
          "measurement 1: 'model'" },
        { "{\"format\": \"lucciola-claims-1\", \"measurements\": [{\"model\": 3}]}",
          "'model'" },
    };
    struct claim_measurements list;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        CU_ASSERT_EQUAL(claim_measurements_parse(&list, broken[i].text,
                                                 strlen(broken[i].text), &err),
                        ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, broken[i].part));
        claim_measurements_release(&list);
    }
    CU_ASSERT_EQUAL(claim_measurements_open(&list, "no/such.json", false, &err),
                    ERR_IO);
    claim_measurements_release(&list);
    CU_ASSERT_EQUAL(claim_measurements_open(&list, "no/such.json", true, &err), OK);
    claim_measurements_release(&list);
}

static void numbers_are_written_as_they_are_read(void)
{
    char text[CLAIM_NUMBER_ROOM];
    CU_ASSERT_STRING_EQUAL(claim_number(0.6915, "share", text), "69.15 %");
    CU_ASSERT_STRING_EQUAL(claim_number(44.247, "x", text), "44.25x");
    CU_ASSERT_STRING_EQUAL(claim_number(2.788e6, "h", text), "2.788 million h");
    CU_ASSERT_STRING_EQUAL(claim_number(27929, "ms", text), "27929 ms");
    CU_ASSERT_STRING_EQUAL(claim_number((double)NAN, "ms", text), "-");
}

CU_TestInfo claim_result_tests[] = {
    { "stored results are plausible", stored_results_are_plausible },
    { "results come back as they were stored", results_come_back_as_they_were_stored },
    { "broken results are refused in a sentence",
      broken_results_are_refused_in_a_sentence },
    { "numbers are written as they are read", numbers_are_written_as_they_are_read },
    CU_TEST_INFO_NULL,
};
