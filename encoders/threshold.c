/* See threshold.h. The loop over channels is written so that compilers turn it into
 * plain SSE2: no calls, no branches, 32-bit lanes throughout. A block of channels that
 * holds a quotient it cannot round is done again, slowly. */
#include "encoders/threshold.h"

#include <float.h>
#include <math.h>

enum { BLOCK = 256, SATURATION = 1 << 30 };

/* Adding 1.5 * 2^23 leaves no bits for a fraction: in the default rounding mode that
 * rounds to the nearest integer, half to even, for |q| < 2^22, and the integer stands
 * in the last bits of the sum. Reading it there spares a conversion, which is undefined
 * for large values and keeps compilers from vectorising. */
static const float round_shift = 12582912.0f;
static const uint32_t round_shift_bits = 0x4b400000;
static const float round_limit = 4194304.0f;

static inline int32_t round_small(float quotient)
{
    union {
        float number;
        uint32_t bits;
    } sum = { quotient + round_shift };
    return (int32_t)(sum.bits - round_shift_bits);
}

/* Towards zero: the nearest integer, less one where it lies beyond the quotient. */
static inline int32_t cut_small(float quotient)
{
    float size = fabsf(quotient);
    int32_t nearest = round_small(size);
    int32_t below = nearest - ((size + round_shift) - round_shift > size);
    return quotient < 0 ? -below : below;
}

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

/* What a block of channels is held against. */
struct block_rule {
    float unit, silence; /* sizes below `silence` count 0 */
    int32_t lowest, highest;
    bool rounds_to_zero;
};

struct block_totals {
    uint32_t clipped, silent;
    int32_t lowest, highest;
    uint64_t magnitude;
};

static inline void tally(struct block_totals *totals, int32_t raw, int32_t clipped)
{
    totals->clipped += raw != clipped;
    totals->silent += clipped == 0;
    totals->lowest = clipped < totals->lowest ? clipped : totals->lowest;
    totals->highest = clipped > totals->highest ? clipped : totals->highest;
}

static inline int32_t clip(int32_t count, const struct block_rule *rule)
{
    int32_t above = count < rule->lowest ? rule->lowest : count;
    return above > rule->highest ? rule->highest : above;
}

/* Some small count is clipped, or some size is silenced. */
static bool is_bounded(const struct block_rule *rule)
{
    return rule->lowest > -(int32_t)round_limit ||
           rule->highest < (int32_t)round_limit || rule->silence > 0;
}

/* False when a quotient was too large or NaN; totals are then to be thrown away. The
 * last two arguments are constant where this is called, so that the loop has no branch
 * and, where nothing is bounded, only half the work. */
static inline bool quantise_small(const struct block_rule *given, const float *x,
                                  size_t channels, int32_t *count,
                                  struct block_totals *totals, bool rounds_to_zero,
                                  bool bounds)
{
    const struct block_rule rule = *given;
    struct block_totals t = { .lowest = INT32_MAX, .highest = INT32_MIN };
    uint32_t unfit = 0, magnitude = 0;
    for (size_t channel = 0; channel < channels; channel++) {
        float quotient = x[channel] / rule.unit;
        int32_t whole = rounds_to_zero ? cut_small(quotient) : round_small(quotient);
        uint32_t is_heard = !bounds || !(fabsf(x[channel]) < rule.silence);
        int32_t raw = whole & -(int32_t)is_heard;
        int32_t clipped = bounds ? clip(raw, &rule) : raw;
        count[channel] = clipped;
        unfit |= !(fabsf(quotient) < round_limit);
        /* At most 2^22 each, so a block's sum is at most 2^30. */
        magnitude += clipped < 0 ? 0u - (uint32_t)clipped : (uint32_t)clipped;
        tally(&t, raw, clipped);
    }
    t.magnitude = magnitude;
    *totals = t;
    return !unfit;
}

static bool quantise_fast(const struct block_rule *rule, const float *x,
                          size_t channels, int32_t *count, struct block_totals *totals)
{
    if (rule->rounds_to_zero)
        return quantise_small(rule, x, channels, count, totals, true, true);
    if (is_bounded(rule))
        return quantise_small(rule, x, channels, count, totals, false, true);
    return quantise_small(rule, x, channels, count, totals, false, false);
}

static void quantise_any(const struct block_rule *rule, const float *x, size_t channels,
                         int32_t *count, struct block_totals *totals)
{
    *totals = (struct block_totals){ .lowest = INT32_MAX, .highest = INT32_MIN };
    for (size_t channel = 0; channel < channels; channel++) {
        float quotient = x[channel] / rule->unit;
        int32_t raw = 0;
        if (fabsf(x[channel]) < rule->silence || isnan(quotient))
            raw = 0;
        else if (fabsf(quotient) >= (float)SATURATION)
            raw = quotient < 0 ? -SATURATION : SATURATION;
        else
            raw = (int32_t)(rule->rounds_to_zero ? truncf(quotient) : rintf(quotient));
        int32_t clipped = clip(raw, rule);
        count[channel] = clipped;
        totals->magnitude += (uint64_t)(clipped < 0 ? -clipped : clipped);
        tally(totals, raw, clipped);
    }
}

static void quantise_group(const struct block_rule *rule, const float *x,
                           size_t channels, int32_t *count, struct quantised *out)
{
    for (size_t first = 0; first < channels; first += BLOCK) {
        size_t length = channels - first < BLOCK ? channels - first : BLOCK;
        struct block_totals t;
        if (!quantise_fast(rule, x + first, length, count + first, &t))
            quantise_any(rule, x + first, length, count + first, &t);
        out->clipped += t.clipped;
        out->silent += t.silent;
        out->lowest = t.lowest < out->lowest ? t.lowest : out->lowest;
        out->highest = t.highest > out->highest ? t.highest : out->highest;
        out->magnitude += t.magnitude;
    }
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

void threshold_quantise(const struct threshold_rule *rule, const float *x,
                        const float *coded, size_t channels,
                        float (*sum_abs)(const float *x, size_t count), float *unit,
                        int32_t *count, struct quantised *out)
{
    const size_t groups = threshold_groups(rule, channels);
    const size_t group = rule->group ? rule->group : channels;
    const bool needs_mean = rule->fixed == 0 || rule->dead_zone > 0;
    double total = 0;

    *out = (struct quantised){ 0 };
    for (size_t g = 0; g < groups; g++) {
        size_t first = g * group;
        size_t length = channels - first < group ? channels - first : group;
        double mean = 0, change = 0;
        if (needs_mean)
            mean = (double)sum_abs(x + first, length) / (double)length;
        if (coded != x && rule->fixed == 0)
            change = (double)sum_abs(coded + first, length) / (double)length;
        unit[g] = group_unit(rule, change > mean ? change : mean);
        total += (double)unit[g];
        const struct block_rule block = { unit[g], (float)(rule->dead_zone * mean),
                                          rule->count_lowest, rule->count_highest,
                                          rule->rounds_to_zero };
        quantise_group(&block, coded + first, length, count + first, out);
    }
    out->mean_threshold = groups ? total / (double)groups : 0;
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
