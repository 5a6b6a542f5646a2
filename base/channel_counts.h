/* From reals to integer counts, channel by channel: the loop that a code's threshold
 * (encoders/threshold.h) asks for and a kernel (lm/kernel.h) has, which do not include one
 * another. */
#ifndef BASE_CHANNEL_COUNTS_H
#define BASE_CHANNEL_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COUNT_SATURATION = 1 << 30 };
enum { COUNT_BEYOND = INT8_MIN }; /* stands in int8 counts for one beyond -127 .. 127 */

/* What channels are held against. */
struct count_rule {
    float unit;              /* > 0, or NaN */
    float silence;           /* |x| below it counts 0; 0 or NaN: none does */
    int32_t lowest, highest; /* clip: lowest <= 0 <= highest */
    bool rounds_to_zero;     /* cut off instead of rounding to the nearest */
};

struct count_totals {
    size_t clipped;          /* counts that the clip changed */
    size_t silent;           /* counts that are 0 */
    int32_t lowest, highest; /* of the counts, and of what stood here */
    uint64_t magnitude;      /* sum of |count| */
};

/* count[i] = x[i] / unit in 32-bit floats, rounded half to even or cut off, saturating at
 * +-COUNT_SATURATION, 0 for NaN and where |x[i]| < silence; then clipped. Adds to totals. */
typedef void count_loop(const struct count_rule *rule, const float *x, size_t channels,
                        int32_t *count, struct count_totals *totals);

#endif
