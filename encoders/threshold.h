/* From real inputs to integer counts: the one rule by which counting codes round.
 * V = mean|x| / k, per token, clamped (SpikingBrain report, section 3.3), over the
 * whole site or per group of channels; or fixed. count = rint(x / V), half to even,
 * silenced where |x| < dead_zone * mean|x|, then clipped to the window if the window is
 * fixed. A code that sends changes counts x minus what the receiver holds, by the V of x
 * or of the changes, whichever is larger: where x falls silent, V must not fall with it,
 * or what is still held would take more spikes than ever. */
#ifndef ENCODERS_THRESHOLD_H
#define ENCODERS_THRESHOLD_H

#include "base/channel_counts.h"
#include "base/error.h"
#include "base/op_count.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct threshold_rule {
    double k;                            /* > 0 */
    double fixed;                        /* > 0: V itself, k is not used */
    double dead_zone;                    /* multiples of mean|x|; 0: none */
    double lowest, highest;              /* clamp of V */
    uint32_t group;                      /* channels sharing a V; 0: all */
    int32_t count_lowest, count_highest; /* clip; INT32_MIN, INT32_MAX: none */
    bool rounds_to_zero; /* cut off instead of rounding to the nearest */
};

/* k = 3, no dead zone, clamp 1e-5 .. 1e4, one V, no clip. */
extern const struct threshold_rule threshold_default;

/* Refuses what makes no sense (k <= 0, NaN, a clamp upside down), with a sentence. */
enum error_code threshold_check(const struct threshold_rule *rule, struct error *err);

struct quantised {
    size_t clipped;          /* counts that the window cut */
    size_t silent;           /* counts that are 0 */
    int32_t lowest, highest; /* of the counts */
    uint64_t magnitude;      /* sum of |count| */
    double mean_threshold;   /* over groups */
};

/* A kernel's. */
struct threshold_loops {
    float (*sum_abs)(const float *x, size_t count); /* sum of |x|, in a fixed order */
    count_loop *count;
};

size_t threshold_groups(const struct threshold_rule *rule, size_t channels);
/* unit[g] = V of group g; count (channels) of coded, which is x itself or, for codes that
 * send changes, x minus what the receiver holds: then V comes from the larger of mean|x|
 * and mean|coded|. The dead zone silences |coded| < dead_zone * mean|x|. Deterministic:
 * the same values give the same counts anywhere. Counts saturate at +-2^30. A NaN in
 * coded gives a count of 0, one in x, where V comes from the mean, a V of NaN. Returns
 * whether |x| adds up to a finite number in every group. */
bool threshold_quantise(const struct threshold_rule *rule, const float *x,
                        const float *coded, size_t channels,
                        const struct threshold_loops *loops, float *unit,
                        int32_t *count, struct quantised *out);
/* Operations of quantising `channels` channels in 32-bit floats. */
void threshold_cost(const struct threshold_rule *rule, size_t channels,
                    struct op_count *cost);

#endif
