/* 64-bit ARM with the dot product extension: four listed rows, interleaved, by their
 * four factors in one sdot, which multiplies signed by signed and adds in 32 bits. */
#include "lm/kernel_rows.h"

#if defined(NEON_DOT)
#include <arm_neon.h>
#include <string.h>
#include <sys/auxv.h>

/* GCC's arm_neon.h wants the architecture with the extension. */
#define DOT __attribute__((target("arch=armv8.2-a+dotprod")))
#define INLINE static inline __attribute__((always_inline))

enum {
    WIDTH = 4,      /* sums in a register */
    BYTES = 16,     /* in a register */
    PARTS = 4,      /* of a register of bytes, by their sums */
    FOUR = 4,       /* rows to an sdot */
    TILE_STEPS = 4, /* of 16 bytes: 16 accumulators of 32 registers */
};

struct group {
    const uint8_t *at[FOUR];
    int8x16_t factors; /* the four, four times */
};

static bool is_supported(void)
{
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
}

/* The rows from list place `e` on; behind `count`, that row again with factor 0. */
DOT INLINE struct group find_group(const void *rows, size_t stride, const uint32_t *row,
                                   const int8_t *factor, size_t e, size_t count)
{
    struct group group;
    int32_t factors = 0;
    size_t left = count - e < FOUR ? count - e : FOUR;
    memcpy(&factors, factor + e, left);
    group.factors = vreinterpretq_s8_s32(vdupq_n_s32(factors));
    for (size_t r = 0; r < FOUR; r++)
        group.at[r] = (const uint8_t *)rows + row[r < left ? e + r : e] * stride;
    return group;
}

/* Lane L of part[j] gathers what the rows have at byte 4 j + L of sixteen. */
DOT INLINE void interleave(uint8x16_t part[PARTS], const struct group *group, size_t at)
{
    uint8x16_t a = vld1q_u8(group->at[0] + at), b = vld1q_u8(group->at[1] + at);
    uint8x16_t c = vld1q_u8(group->at[2] + at), d = vld1q_u8(group->at[3] + at);
    uint16x8_t ab_low = vreinterpretq_u16_u8(vzip1q_u8(a, b));
    uint16x8_t ab_high = vreinterpretq_u16_u8(vzip2q_u8(a, b));
    uint16x8_t cd_low = vreinterpretq_u16_u8(vzip1q_u8(c, d));
    uint16x8_t cd_high = vreinterpretq_u16_u8(vzip2q_u8(c, d));
    part[0] = vreinterpretq_u8_u16(vzip1q_u16(ab_low, cd_low));
    part[1] = vreinterpretq_u8_u16(vzip2q_u16(ab_low, cd_low));
    part[2] = vreinterpretq_u8_u16(vzip1q_u16(ab_high, cd_high));
    part[3] = vreinterpretq_u8_u16(vzip2q_u16(ab_high, cd_high));
}

DOT INLINE int32x4_t add_products(int32x4_t sum, uint8x16_t part, int8x16_t factors)
{
    return vdotq_s32(sum, vreinterpretq_s8_u8(part), factors);
}

/* All rows into `steps` * 16 outputs. */
DOT INLINE void add_tile(int32_t *sum, const int8_t *weight, size_t stride,
                         size_t steps, const uint32_t *row, const int8_t *factor,
                         size_t count)
{
    int32x4_t acc[TILE_STEPS][PARTS];
    for (size_t s = 0; s < steps; s++)
        for (size_t j = 0; j < PARTS; j++)
            acc[s][j] = vld1q_s32(sum + s * BYTES + j * WIDTH);
    for (size_t e = 0; e < count; e += FOUR) {
        struct group group = find_group(weight, stride, row, factor, e, count);
        for (size_t s = 0; s < steps; s++) {
            uint8x16_t part[PARTS];
            interleave(part, &group, s * BYTES);
            for (size_t j = 0; j < PARTS; j++)
                acc[s][j] = add_products(acc[s][j], part[j], group.factors);
        }
    }
    for (size_t s = 0; s < steps; s++)
        for (size_t j = 0; j < PARTS; j++)
            vst1q_s32(sum + s * BYTES + j * WIDTH, acc[s][j]);
}

DOT static void add_rows(int32_t *sum, const int8_t *weight, size_t stride,
                         size_t width, const uint32_t *row, const int8_t *factor,
                         size_t count)
{
    size_t o = 0;
    for (; o + TILE_STEPS * BYTES <= width; o += TILE_STEPS * BYTES)
        add_tile(sum + o, weight + o, stride, TILE_STEPS, row, factor, count);
    for (; o + BYTES <= width; o += BYTES)
        add_tile(sum + o, weight + o, stride, 1, row, factor, count);
    reference_kernel.add_rows(sum + o, weight + o, stride, width - o, row, factor,
                              count);
}

const struct kernel neon_dot_kernel = {
    .name = "neon-dot",
    .is_supported = is_supported,
    .list_rows = reference_list_rows,
    .add_rows = add_rows,
    .add_rows_wide = reference_add_rows_wide,
    .add_nibbles = neon_add_nibbles,
    .decode = reference_decode,
    .dot_half = neon_dot_half,
    .add_half = neon_add_half,
    .dot = neon_dot,
    .sum_abs = neon_sum_abs,
    .max_abs = neon_max_abs,
    .largest = neon_largest,
    .exp_array = neon_exp_array,
    .to_half = neon_to_half,
    .from_half = neon_from_half,
    .quantise = reference_quantise,
    .count_channels = reference_count_channels,
    .add_histogram = reference_add_histogram,
    .pack_counts = reference_pack_counts,
};
#endif
