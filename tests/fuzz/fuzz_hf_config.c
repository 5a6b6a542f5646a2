/* Configurations: any bytes give a plan that can be counted or one sentence. */
#include "lm/hf_config.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct operation_plan plan;
    struct training_facts training;
    struct error err = { 0 };
    if (hf_config_parse(&plan, &training, (const char *)bytes, size, &err) != OK) {
        assert(err.text[0] && !strchr(err.text, '\n'));
        operation_plan_release(&plan);
        return 0;
    }
    struct plan_counts counts;
    struct plan_parameters parameters;
    operation_plan_count(&plan, PLAN_MAX_CONTEXT, &counts);
    operation_plan_parameters(&plan, &parameters);
    double sum = 0; /* in doubles, which do not wrap */
    for (int part = 0; part < PLAN_PARTS; part++)
        sum += (double)counts.mac[part];
    assert(fabs(sum - (double)counts.total_mac) <= 1e-9 * sum);
    assert(parameters.active <= parameters.total && counts.total_mac > 0);
    assert(isfinite(operation_plan_training(&plan, PLAN_MAX_CONTEXT)));
    assert(isfinite(training.tokens) && training.tokens >= 0);
    operation_plan_release(&plan);
    return 0;
}
