/* Weights of 4 bits on 64-bit ARM. Products with a row are added in 16 bits, where
 * sixteen of them fit (16 * 15 * 127 = 30480), before they are widened. And what turns
 * their sums into floats. */
#include "lm/kernel_rows.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum {
    WIDTH = 4,      /* floats or sums in a register */
    BYTES = 16,     /* of a tile ... */
    TILE = 32,      /* ... whose outputs are their low halves, then the high ones */
    TILES = 4,      /* at a time: 16 accumulators of 32 registers */
    EIGHT = 8,      /* sums of 16 bits in a register */
    MOST_ROWS = 16, /* summed in 16 bits */
};

/* Sums of a tile, in the order of its outputs. */
struct sums {
    int16x8_t quarter[TILE / EIGHT];
};

INLINE void add_tile(struct sums *sums, uint8x16_t bytes, int8x8_t factor)
{
    int8x16_t low = vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(0x0f)));
    int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4));
    int16x8_t *quarter = sums->quarter;
    quarter[0] = vmlal_s8(quarter[0], vget_low_s8(low), factor);
    quarter[1] = vmlal_s8(quarter[1], vget_high_s8(low), factor);
    quarter[2] = vmlal_s8(quarter[2], vget_low_s8(high), factor);
    quarter[3] = vmlal_s8(quarter[3], vget_high_s8(high), factor);
}

INLINE void widen_sums(int32_t *sum, const struct sums *sums)
{
    for (size_t q = 0; q < TILE / EIGHT; q++, sum += EIGHT) {
        int16x8_t eight = sums->quarter[q];
        vst1q_s32(sum, vaddw_s16(vld1q_s32(sum), vget_low_s16(eight)));
        vst1q_s32(sum + WIDTH, vaddw_s16(vld1q_s32(sum + WIDTH), vget_high_s16(eight)));
    }
}

/* All rows into `tiles` tiles. */
INLINE void add_tiles(int32_t *sum, const uint8_t *nibble, size_t stride, size_t tiles,
                      const uint32_t *row, const int8_t *factor, size_t count)
{
    const int16x8_t zero = vdupq_n_s16(0);
    for (size_t first = 0; first < count; first += MOST_ROWS) {
        size_t end = first + MOST_ROWS < count ? first + MOST_ROWS : count;
        struct sums sums[TILES];
        for (size_t t = 0; t < tiles; t++)
            sums[t] = (struct sums){ { zero, zero, zero, zero } };
        for (size_t e = first; e < end; e++) {
            const uint8_t *from = nibble + row[e] * stride;
            for (size_t t = 0; t < tiles; t++)
                add_tile(&sums[t], vld1q_u8(from + t * BYTES), vdup_n_s8(factor[e]));
        }
        for (size_t t = 0; t < tiles; t++)
            widen_sums(sum + t * TILE, &sums[t]);
    }
}

void neon_add_nibbles(int32_t *sum, const uint8_t *nibble, size_t stride, size_t width,
                      const uint32_t *row, const int8_t *factor, size_t count)
{
    size_t o = 0;
    for (; o + TILES * TILE <= width; o += TILES * TILE)
        add_tiles(sum + o, nibble + o / 2, stride, TILES, row, factor, count);
    for (; o + TILE <= width; o += TILE)
        add_tiles(sum + o, nibble + o / 2, stride, 1, row, factor, count);
    if (o == width)
        return;
    int32_t rest[TILE] = { 0 };
    memcpy(rest, sum + o, (width - o) * sizeof *rest);
    add_tiles(rest, nibble + o / 2, stride, 1, row, factor, count);
    memcpy(sum + o, rest, (width - o) * sizeof *rest);
}

INLINE float32x4_t load_four(const uint16_t *half)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(half)));
}

void neon_decode_half(float *y, const int32_t *sum, int32_t total,
                      const uint16_t *scale, const uint16_t *minimum, float unit,
                      bool accumulate, size_t width)
{
    const float32x4_t totals = vdupq_n_f32((float)total);
    const int32x4_t shift = vdupq_n_s32(minimum ? 0 : (int32_t)(8 * (uint32_t)total));
    size_t whole = width / WIDTH * WIDTH;
    for (size_t o = 0; o < whole; o += WIDTH) {
        float32x4_t sums = vcvtq_f32_s32(vsubq_s32(vld1q_s32(sum + o), shift));
        float32x4_t more = vmulq_f32(sums, vmulq_n_f32(load_four(scale + o), unit));
        if (minimum) {
            float32x4_t least = vmulq_n_f32(load_four(minimum + o), unit);
            more = vaddq_f32(more, vmulq_f32(totals, least));
        }
        float32x4_t old = accumulate ? vld1q_f32(y + o) : vdupq_n_f32(0);
        vst1q_f32(y + o, vaddq_f32(old, more));
    }
    reference_kernel.decode_half(y + whole, sum + whole, total, scale + whole,
                                 minimum ? minimum + whole : NULL, unit, accumulate,
                                 width - whole);
}
#endif
