/* Weights of 4 bits on 64-bit ARM. Products with the rows of a group are added in 16
 * bits, where sixteen of them fit (16 * 15 * 127 = 30480), before they are widened and
 * multiplied by the group's scales. */
#include "lm/kernel_rows.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum {
    WIDTH = 4,      /* sums in a register */
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

/* Sums of a tile become what their group is worth at outputs [o, o + 32). */
INLINE void add_worth(int32_t *sum, const struct sums *sums,
                      const struct nibble_batch *batch, size_t o)
{
    const int16x8_t shift = vdupq_n_s16((int16_t)(8 * batch->total));
    for (size_t q = 0; q < TILE / EIGHT; q++, sum += EIGHT, o += EIGHT) {
        int16x8_t eight = vsubq_s16(sums->quarter[q], shift);
        int16x8_t scale = vmovl_s8(vld1_s8(batch->scale + o));
        int32x4_t low = vld1q_s32(sum), high = vld1q_s32(sum + WIDTH);
        low = vmlal_s16(low, vget_low_s16(eight), vget_low_s16(scale));
        high = vmlal_s16(high, vget_high_s16(eight), vget_high_s16(scale));
        if (batch->centre) {
            int16x8_t centre = vld1q_s16(batch->centre + o);
            int16_t total = (int16_t)batch->total;
            low = vmlal_n_s16(low, vget_low_s16(centre), total);
            high = vmlal_n_s16(high, vget_high_s16(centre), total);
        }
        vst1q_s32(sum, low);
        vst1q_s32(sum + WIDTH, high);
    }
}

/* A batch into `tiles` tiles from output `o` on. */
INLINE void add_tiles(int32_t *sum, const struct kernel_nibbles *nibbles, size_t tiles,
                      const struct nibble_batch *batch, size_t o)
{
    const int16x8_t zero = vdupq_n_s16(0);
    struct sums sums[TILES];
    for (size_t t = 0; t < tiles; t++)
        sums[t] = (struct sums){ { zero, zero, zero, zero } };
    for (size_t e = 0; e < batch->count; e++) {
        const uint8_t *from =
            nibbles->nibble + batch->row[e] * nibbles->stride + o / TILE * BYTES;
        for (size_t t = 0; t < tiles; t++)
            add_tile(&sums[t], vld1q_u8(from + t * BYTES), vdup_n_s8(batch->factor[e]));
    }
    for (size_t t = 0; t < tiles; t++)
        add_worth(sum + t * TILE, &sums[t], batch, o + t * TILE);
}

static void add_batch(int32_t *sum, const struct kernel_nibbles *nibbles, size_t width,
                      const struct nibble_batch *batch)
{
    size_t o = 0;
    for (; o + TILES * TILE <= width; o += TILES * TILE)
        add_tiles(sum + o, nibbles, TILES, batch, o);
    for (; o + TILE <= width; o += TILE)
        add_tiles(sum + o, nibbles, 1, batch, o);
    if (o == width)
        return;
    int32_t rest[TILE] = { 0 };
    memcpy(rest, sum + o, (width - o) * sizeof *rest);
    add_tiles(rest, nibbles, 1, batch, o);
    memcpy(sum + o, rest, (width - o) * sizeof *rest);
}

void neon_add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles, size_t width,
                      const uint32_t *row, const int8_t *factor, size_t count)
{
    for (size_t e = 0; e < count;) {
        const struct nibble_batch batch =
            take_nibbles(nibbles, row + e, factor + e, count - e, MOST_ROWS);
        add_batch(sum, nibbles, width, &batch);
        e += batch.count;
    }
}
#endif
