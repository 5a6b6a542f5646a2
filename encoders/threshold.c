/* See threshold.h. */
#include "encoders/threshold.h"

#include <float.h>
#include <math.h>

const struct threshold_rule threshold_default = {
    .k = 3,
    .lowest = 1e-5,
    .highest = 1e4,
    .count_lowest = INT32_MIN,
    .count_highest = INT32_MAX,
};

enum error_code threshold_check(const struct threshold_rule *rule, struct error *err)
{
    if (!(rule->fixed >= 0) || (rule->fixed > 0 && (float)rule->fixed < FLT_MIN) ||
        rule->fixed > (double)FLT_MAX)
        return error_set(err, ERR_ARGUMENT,
                         "fixed threshold %g: expected a positive "
                         "32-bit float, or 0 for an adaptive one",
                         rule->fixed);
    if (rule->fixed == 0 && !(rule->k > 0 && isfinite(rule->k)))
        return error_set(err, ERR_ARGUMENT, "k %g: expected a number above 0", rule->k);
    if (!(rule->dead_zone >= 0 && isfinite(rule->dead_zone)))
        return error_set(err, ERR_ARGUMENT, "dead zone %g: expected 0 or more",
                         rule->dead_zone);
    if (!(rule->lowest >= (double)FLT_MIN && rule->lowest <= rule->highest &&
          rule->highest <= (double)FLT_MAX))
        return error_set(err, ERR_ARGUMENT,
                         "threshold clamp %g to %g: expected two "
                         "positive 32-bit floats in rising order",
                         rule->lowest, rule->highest);
    if (rule->count_lowest > 0 || rule->count_highest < 0)
        return error_set(err, ERR_ARGUMENT,
                         "counts clipped to %ld .. %ld: expected 0 "
                         "within",
                         (long)rule->count_lowest, (long)rule->count_highest);
    return OK;
}

size_t threshold_groups(const struct threshold_rule *rule, size_t channels)
{
    if (rule->group == 0)
        return channels > 0;
    return (channels + rule->group - 1) / rule->group;
}

/* V of a group. A mean of NaN passes through both comparisons. */
static float group_unit(const struct threshold_rule *rule, double mean)
{
    if (rule->fixed > 0)
        return (float)rule->fixed;
    double unit = mean / rule->k;
    unit = unit < rule->lowest ? rule->lowest : unit;
    return (float)(unit > rule->highest ? rule->highest : unit);
}

bool threshold_quantise(const struct threshold_rule *rule, const float *x,
                        const float *coded, size_t channels,
                        const struct threshold_loops *loops, float *unit,
                        int32_t *count, struct quantised *out)
{
    const size_t groups = threshold_groups(rule, channels);
    const size_t group = rule->group ? rule->group : channels;
    struct count_totals totals = { 0 };
    bool is_finite = true;
    double total = 0;

    for (size_t g = 0; g < groups; g++) {
        size_t first = g * group;
        size_t length = channels - first < group ? channels - first : group;
        double mean = (double)loops->sum_abs(x + first, length) / (double)length;
        double change = 0;
        if (coded != x && rule->fixed == 0)
            change = (double)loops->sum_abs(coded + first, length) / (double)length;
        is_finite &= isfinite(mean) != 0;
        unit[g] = group_unit(rule, change > mean ? change : mean);
        total += (double)unit[g];
        const struct count_rule against = { unit[g], (float)(rule->dead_zone * mean),
                                            rule->count_lowest, rule->count_highest,
                                            rule->rounds_to_zero };
        loops->count(&against, coded + first, length, count + first, &totals);
    }
    *out = (struct quantised){
        .clipped = totals.clipped,
        .silent = totals.silent,
        .lowest = totals.lowest,
        .highest = totals.highest,
        .magnitude = totals.magnitude,
        .mean_threshold = groups ? total / (double)groups : 0,
    };
    return is_finite;
}

void threshold_cost(const struct threshold_rule *rule, size_t channels,
                    struct op_count *cost)
{
    const size_t groups = threshold_groups(rule, channels);
    const bool is_clipped =
        rule->count_lowest != INT32_MIN || rule->count_highest != INT32_MAX;

    *cost = (struct op_count){ 0 };
    cost->n[OP_DIVIDE_F32] = cost->n[OP_ROUND_F32] = channels;
    if (rule->fixed == 0 || rule->dead_zone > 0) /* mean|x| */
        cost->n[OP_ADD_F32] = channels, cost->n[OP_DIVIDE_F32] += groups;
    if (rule->fixed == 0) /* V = mean / k, clamped */
        cost->n[OP_DIVIDE_F32] += groups, cost->n[OP_COMPARE_F32] += 2 * groups;
    if (rule->dead_zone > 0)
        cost->n[OP_MULTIPLY_F32] = groups, cost->n[OP_COMPARE_F32] += channels;
    if (is_clipped)
        cost->n[OP_COMPARE_F32] += 2 * channels;
}
