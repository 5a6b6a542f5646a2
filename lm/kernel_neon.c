/* 64-bit ARM, with what all of them have. Two rows are multiplied by their factors and
 * added in 16 bits, where 2 * 127 * 127 = 32258 fits, before they are widened. The
 * sixteen lanes of the float kernels are four registers; the last elements come padded
 * with +0, which leaves a lane as it was. What compilers turn into the same instructions
 * by themselves is left to the reference. */
#include "lm/kernel_rows.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum {
    WIDTH = 4, /* floats or sums in a register */
    LANES = 16,
    QUARTERS = LANES / WIDTH,
    TILE_STEPS = 4, /* of 16 outputs: 16 accumulators of 32 registers */
};

struct lanes {
    float32x4_t quarter[QUARTERS];
};

static bool is_supported(void)
{
    return true;
}

INLINE void add_two(int32x4_t acc[QUARTERS], const int8_t *a, const int8_t *b,
                    int8x8_t a_factor, int8x8_t b_factor)
{
    int8x16_t first = vld1q_s8(a), second = vld1q_s8(b);
    int16x8_t low = vmull_s8(vget_low_s8(first), a_factor);
    int16x8_t high = vmull_s8(vget_high_s8(first), a_factor);
    low = vmlal_s8(low, vget_low_s8(second), b_factor);
    high = vmlal_s8(high, vget_high_s8(second), b_factor);
    acc[0] = vaddw_s16(acc[0], vget_low_s16(low));
    acc[1] = vaddw_s16(acc[1], vget_high_s16(low));
    acc[2] = vaddw_s16(acc[2], vget_low_s16(high));
    acc[3] = vaddw_s16(acc[3], vget_high_s16(high));
}

/* All rows into `steps` * 16 outputs. */
INLINE void add_tile(int32_t *sum, const int8_t *weight, size_t stride, size_t steps,
                     const uint32_t *row, const int8_t *factor, size_t count)
{
    int32x4_t acc[TILE_STEPS][QUARTERS];
    for (size_t s = 0; s < steps; s++)
        for (size_t j = 0; j < QUARTERS; j++)
            acc[s][j] = vld1q_s32(sum + s * LANES + j * WIDTH);
    for (size_t e = 0; e < count; e += 2) {
        size_t next = e + 1 < count ? e + 1 : e;
        int8x8_t first = vdup_n_s8(factor[e]);
        int8x8_t second = vdup_n_s8(next > e ? factor[next] : 0);
        const int8_t *a = weight + row[e] * stride;
        const int8_t *b = weight + row[next] * stride;
        for (size_t s = 0; s < steps; s++)
            add_two(acc[s], a + s * LANES, b + s * LANES, first, second);
    }
    for (size_t s = 0; s < steps; s++)
        for (size_t j = 0; j < QUARTERS; j++)
            vst1q_s32(sum + s * LANES + j * WIDTH, acc[s][j]);
}

static void add_rows(int32_t *sum, const int8_t *weight, size_t stride, size_t width,
                     const uint32_t *row, const int8_t *factor, size_t count)
{
    size_t o = 0;
    for (; o + TILE_STEPS * LANES <= width; o += TILE_STEPS * LANES)
        add_tile(sum + o, weight + o, stride, TILE_STEPS, row, factor, count);
    for (; o + LANES <= width; o += LANES)
        add_tile(sum + o, weight + o, stride, 1, row, factor, count);
    reference_kernel.add_rows(sum + o, weight + o, stride, width - o, row, factor,
                              count);
}

INLINE struct lanes zero_lanes(void)
{
    const float32x4_t zero = vdupq_n_f32(0);
    return (struct lanes){ { zero, zero, zero, zero } };
}

INLINE struct lanes load_lanes(const float *x, size_t left)
{
    float padded[LANES] = { 0 };
    if (left < LANES)
        x = memcpy(padded, x, left * sizeof *x);
    struct lanes lanes;
    for (size_t j = 0; j < QUARTERS; j++)
        lanes.quarter[j] = vld1q_f32(x + j * WIDTH);
    return lanes;
}

INLINE float32x4_t load_four(const uint16_t *half)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(half)));
}

INLINE struct lanes load_half(const uint16_t *half, size_t left)
{
    uint16_t padded[LANES] = { 0 };
    if (left < LANES)
        half = memcpy(padded, half, left * sizeof *half);
    struct lanes lanes;
    for (size_t j = 0; j < QUARTERS; j++)
        lanes.quarter[j] = load_four(half + j * WIDTH);
    return lanes;
}

INLINE void add_products(struct lanes *sum, struct lanes x, struct lanes y)
{
    for (size_t j = 0; j < QUARTERS; j++)
        sum->quarter[j] =
            vaddq_f32(sum->quarter[j], vmulq_f32(x.quarter[j], y.quarter[j]));
}

INLINE float sum_lanes(const struct lanes *lane)
{
    const float32x4_t *quarter = lane->quarter;
    float32x4_t four =
        vaddq_f32(vaddq_f32(quarter[0], quarter[2]), vaddq_f32(quarter[1], quarter[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

float neon_dot_half(const float *x, const uint16_t *half, size_t count)
{
    struct lanes sum = zero_lanes();
    for (size_t i = 0; i < count; i += LANES)
        add_products(&sum, load_lanes(x + i, count - i),
                     load_half(half + i, count - i));
    return sum_lanes(&sum);
}

void neon_add_half(float *y, float a, const uint16_t *half, size_t count)
{
    const float32x4_t times = vdupq_n_f32(a);
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH) {
        float32x4_t more = vmulq_f32(times, load_four(half + i));
        vst1q_f32(y + i, vaddq_f32(vld1q_f32(y + i), more));
    }
    reference_kernel.add_half(y + whole, a, half + whole, count - whole);
}

float neon_dot(const float *x, const float *y, size_t count)
{
    struct lanes sum = zero_lanes();
    for (size_t i = 0; i < count; i += LANES)
        add_products(&sum, load_lanes(x + i, count - i), load_lanes(y + i, count - i));
    return sum_lanes(&sum);
}

float neon_sum_abs(const float *x, size_t count)
{
    struct lanes sum = zero_lanes();
    for (size_t i = 0; i < count; i += LANES) {
        struct lanes more = load_lanes(x + i, count - i);
        for (size_t j = 0; j < QUARTERS; j++)
            sum.quarter[j] = vaddq_f32(sum.quarter[j], vabsq_f32(more.quarter[j]));
    }
    return sum_lanes(&sum);
}

float neon_max_abs(const float *x, size_t count)
{
    /* fmax would keep NaN; nothing is greater than NaN, nor NaN than anything. */
    struct lanes largest = zero_lanes();
    for (size_t i = 0; i < count; i += LANES) {
        struct lanes more = load_lanes(x + i, count - i);
        for (size_t j = 0; j < QUARTERS; j++) {
            float32x4_t size = vabsq_f32(more.quarter[j]), old = largest.quarter[j];
            largest.quarter[j] = vbslq_f32(vcgtq_f32(size, old), size, old);
        }
    }
    float each[LANES];
    for (size_t j = 0; j < QUARTERS; j++)
        vst1q_f32(each + j * WIDTH, largest.quarter[j]);
    return reference_kernel.max_abs(each, LANES);
}

float neon_largest(const float *x, size_t count)
{
    const size_t whole = count / WIDTH * WIDTH;
    float each[WIDTH];
    float32x4_t most = vdupq_n_f32(reference_kernel.largest(x + whole, count - whole));
    for (size_t i = 0; i < whole; i += WIDTH) { /* NaN is passed over, as above */
        float32x4_t more = vld1q_f32(x + i);
        most = vbslq_f32(vcgtq_f32(more, most), more, most);
    }
    vst1q_f32(each, most);
    return reference_kernel.largest(each, WIDTH);
}

INLINE float32x4_t exp_four(float32x4_t x)
{
    const struct exp_constants *c = &exp_constants;
    float32x4_t round = vdupq_n_f32(c->round);
    float32x4_t shifted = vaddq_f32(vmulq_n_f32(x, c->log2_e), round);
    float32x4_t n = vsubq_f32(shifted, round);
    float32x4_t r = vsubq_f32(x, vmulq_n_f32(n, c->ln2_high));
    r = vsubq_f32(r, vmulq_n_f32(n, c->ln2_low));
    float32x4_t p = vdupq_n_f32(c->p[0]);
    for (size_t i = 1; i < sizeof c->p / sizeof c->p[0]; i++)
        p = vaddq_f32(vmulq_f32(p, r), vdupq_n_f32(c->p[i]));
    float32x4_t value = vaddq_f32(vmulq_f32(p, vmulq_f32(r, r)), r);
    value = vaddq_f32(value, vdupq_n_f32(1.0f));

    uint32x4_t power = vreinterpretq_u32_f32(shifted);
    power = vshlq_n_u32(vaddq_u32(power, vdupq_n_u32(127)), 23);
    value = vmulq_f32(value, vreinterpretq_f32_u32(power));
    uint32x4_t is_tiny = vcltq_f32(x, vdupq_n_f32(c->lowest));
    return vbslq_f32(is_tiny, vdupq_n_f32(0), value);
}

void neon_exp_array(float *x, size_t count)
{
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH)
        vst1q_f32(x + i, exp_four(vld1q_f32(x + i)));
    reference_kernel.exp_array(x + whole, count - whole);
}

void neon_to_half(uint16_t *half, const float *x, size_t count)
{
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH)
        vst1_u16(half + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(x + i))));
    reference_kernel.to_half(half + whole, x + whole, count - whole);
}

void neon_from_half(float *x, const uint16_t *half, size_t count)
{
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH)
        vst1q_f32(x + i, load_four(half + i));
    reference_kernel.from_half(x + whole, half + whole, count - whole);
}

const struct kernel neon_kernel = {
    .name = "neon",
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
