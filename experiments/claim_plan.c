/* See claim_plan.h. */
#include "experiments/claim_plan.h"

#include "base/version.h"
#include "lm/hf_config.h"

#include <math.h>
#include <stdio.h>

enum { SEQUENCE = 4096 };

static bool plan_read(const char *name, struct operation_plan *plan)
{
    char path[1200];
    struct training_facts training;
    struct error err = { 0 };
    snprintf(path, sizeof path, "%s/configs/%s.json", version_data_folder(), name);
    *plan = (struct operation_plan){ 0 };
    return hf_config_open(plan, &training, path, &err) == OK;
}

bool plan_figures_read(const char *name, struct plan_figures *figures)
{
    struct operation_plan plan;
    struct plan_counts counts;
    struct plan_parameters parameters;
    bool is_read = plan_read(name, &plan);
    if (is_read) {
        operation_plan_count(&plan, SEQUENCE, &counts);
        operation_plan_parameters(&plan, &parameters);
        *figures = (struct plan_figures){
            .parameters = (double)parameters.total,
            .active = (double)parameters.active,
            .training = operation_plan_training(&plan, SEQUENCE),
            .macs = (double)counts.total_mac,
            .cache_bytes = (double)counts.cache_growth,
        };
    }
    operation_plan_release(&plan);
    return is_read;
}

static double operations(const char *name, double tokens)
{
    struct operation_plan plan;
    struct plan_counts counts = { 0 };
    bool is_read = plan_read(name, &plan);
    if (is_read)
        operation_plan_count(&plan, (uint32_t)(tokens / 2), &counts);
    operation_plan_release(&plan);
    return is_read ? (double)counts.total_mac : (double)NAN;
}

double plan_operations_ratio(double tokens)
{
    return operations("qwen2.5-7b", tokens) / operations("spikingbrain-7b", tokens);
}
