/* Reals to counts (base/channel_counts.h) and counts to a histogram, the reference. Loops
 * are written so that compilers turn them into plain SSE2 or ASIMD: no calls, no
 * branches, lanes of one width throughout. A block of channels that holds a quotient
 * that these cannot round is done again, slowly. */
#include "lm/kernel_rows.h"

#include <math.h>

enum {
    BLOCK = 256,
    SIZES = 240, /* sums of so many fit 8 bits */
    LARGEST_SIZE = 128,
};

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

/* Of a block: what compilers take in 32-bit lanes. */
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

static inline int32_t clip(int32_t count, const struct count_rule *rule)
{
    int32_t above = count < rule->lowest ? rule->lowest : count;
    return above > rule->highest ? rule->highest : above;
}

/* Some small count is clipped, or some size is silenced. */
static bool is_bounded(const struct count_rule *rule)
{
    return rule->lowest > -(int32_t)round_limit ||
           rule->highest < (int32_t)round_limit || rule->silence > 0;
}

/* False when a quotient was too large or NaN; totals are then to be thrown away. The
 * last two arguments are constant where this is called, so that the loop has no branch
 * and, where nothing is bounded, only half the work. */
static inline bool count_small(const struct count_rule *given, const float *x,
                               size_t channels, int32_t *count,
                               struct block_totals *totals, bool rounds_to_zero,
                               bool bounds)
{
    const struct count_rule rule = *given;
    struct block_totals t = { 0 };
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

static bool count_fast(const struct count_rule *rule, const float *x, size_t channels,
                       int32_t *count, struct block_totals *totals)
{
    if (rule->rounds_to_zero)
        return count_small(rule, x, channels, count, totals, true, true);
    if (is_bounded(rule))
        return count_small(rule, x, channels, count, totals, false, true);
    return count_small(rule, x, channels, count, totals, false, false);
}

static void count_any(const struct count_rule *rule, const float *x, size_t channels,
                      int32_t *count, struct block_totals *totals)
{
    const int32_t most = COUNT_SATURATION;
    *totals = (struct block_totals){ 0 };
    for (size_t channel = 0; channel < channels; channel++) {
        float quotient = x[channel] / rule->unit;
        int32_t raw = 0;
        if (fabsf(x[channel]) < rule->silence || isnan(quotient))
            raw = 0;
        else if (fabsf(quotient) >= (float)most)
            raw = quotient < 0 ? -most : most;
        else
            raw = (int32_t)(rule->rounds_to_zero ? truncf(quotient) : rintf(quotient));
        int32_t clipped = clip(raw, rule);
        count[channel] = clipped;
        totals->magnitude += (uint64_t)(clipped < 0 ? -clipped : clipped);
        tally(totals, raw, clipped);
    }
}

void reference_count_channels(const struct count_rule *rule, const float *x,
                              size_t channels, int32_t *count,
                              struct count_totals *totals)
{
    for (size_t first = 0; first < channels; first += BLOCK) {
        size_t length = channels - first < BLOCK ? channels - first : BLOCK;
        struct block_totals t;
        if (!count_fast(rule, x + first, length, count + first, &t))
            count_any(rule, x + first, length, count + first, &t);
        totals->clipped += t.clipped;
        totals->silent += t.silent;
        totals->lowest = t.lowest < totals->lowest ? t.lowest : totals->lowest;
        totals->highest = t.highest > totals->highest ? t.highest : totals->highest;
        totals->magnitude += t.magnitude;
    }
}

/* In 8 bits, which compilers take sixteen at a time. */
static unsigned at_least(const uint8_t *size, size_t count, uint8_t least)
{
    uint8_t sizes = 0;
    for (size_t i = 0; i < count; i++)
        sizes = (uint8_t)(sizes + (size[i] >= least));
    return sizes;
}

/* A bin holds what reaches its least size, and not that of the next bin. */
static void add_sizes(uint64_t *histogram, const uint8_t *least, size_t bins,
                      const int32_t *count, size_t channels)
{
    uint8_t size[SIZES];
    for (size_t i = 0; i < channels; i++) {
        uint32_t whole = count[i] < 0 ? 0u - (uint32_t)count[i] : (uint32_t)count[i];
        size[i] = (uint8_t)(whole < LARGEST_SIZE ? whole : LARGEST_SIZE);
    }
    unsigned reached = (unsigned)channels;
    for (size_t bin = 1; bin < bins && reached > 0; bin++) {
        const unsigned more = at_least(size, channels, least[bin]);
        histogram[bin - 1] += reached - more;
        reached = more;
    }
    histogram[bins - 1] += reached;
}

void reference_add_histogram(uint64_t *histogram, const uint8_t *least, size_t bins,
                             const int32_t *count, size_t channels)
{
    for (size_t first = 0; first < channels; first += SIZES)
        add_sizes(histogram, least, bins, count + first,
                  channels - first < SIZES ? channels - first : SIZES);
}

size_t reference_pack_counts(const int32_t *count, size_t channels, int8_t *packed)
{
    size_t beyond = 0;
    for (size_t first = 0; first < channels; first += SIZES) {
        const size_t end = channels - first < SIZES ? channels : first + SIZES;
        uint32_t here = 0;
        for (size_t i = first; i < end; i++) {
            const bool is_beyond = (uint32_t)count[i] + INT8_MAX > 2 * INT8_MAX;
            packed[i] = (int8_t)(is_beyond ? COUNT_BEYOND : count[i]);
            here += is_beyond;
        }
        beyond += here;
    }
    return beyond;
}
