/* Plain numbers, and blocks of 32 elements with one half-precision scale d: element = q
 * d, or q d + m where the block has a minimum m. The first 16 elements are the low four
 * bits of 16 bytes, the other 16 the high four; a fifth bit stands in a word of its
 * own, bit j for element j.
 *
 * Loops over a block have constant bounds and no branch, and whether all is finite is
 * gathered in integers, so that the compiler vectorises them. */
#include "lm/block_decode.h"

enum { ELEMENTS = 32, HALF = ELEMENTS / 2, SCALE_BYTES = 2 };

bool decode_f32(const uint8_t *blocks, size_t block_count, float *values)
{
    uint32_t bad = 0;
    memcpy(values, blocks, block_count * sizeof *values);
    for (size_t i = 0; i < block_count; i++) {
        uint32_t bits;
        memcpy(&bits, blocks + i * sizeof bits, sizeof bits);
        bad |= (bits & 0x7f800000) == 0x7f800000;
    }
    return !bad;
}

bool decode_f16(const uint8_t *blocks, size_t block_count, float *values)
{
    uint32_t bad = 0;
    for (size_t i = 0; i < block_count; i++) {
        uint16_t half = half_at(blocks + 2 * i);
        bad |= !half_is_finite(half);
        values[i] = widen_half(half);
    }
    return !bad;
}

bool decode_bf16(const uint8_t *blocks, size_t block_count, float *values)
{
    uint32_t bad = 0;
    for (size_t i = 0; i < block_count; i++) {
        uint32_t bits = (uint32_t)half_at(blocks + 2 * i) << 16;
        bad |= (bits & 0x7f800000) == 0x7f800000;
        memcpy(&values[i], &bits, sizeof bits);
    }
    return !bad;
}

bool decode_q8_0(const uint8_t *blocks, size_t block_count, float *values)
{
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++) {
        const int8_t *q = (const int8_t *)blocks + SCALE_BYTES;
        float d = widen_half(half_at(blocks));
        is_finite &= half_is_finite(half_at(blocks));
        for (int j = 0; j < ELEMENTS; j++)
            values[j] = (float)q[j] * d;
        blocks += SCALE_BYTES + ELEMENTS;
        values += ELEMENTS;
    }
    return is_finite;
}

/* Four bits: element = (q - origin) d + m. */
static inline void spread_nibbles(const uint8_t *q, int origin, float d, float m,
                                  float *values)
{
    for (int j = 0; j < HALF; j++) {
        values[j] = (float)((q[j] & 15) - origin) * d + m;
        values[j + HALF] = (float)((q[j] >> 4) - origin) * d + m;
    }
}

bool decode_q4_0(const uint8_t *blocks, size_t block_count, float *values)
{
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++) {
        is_finite &= half_is_finite(half_at(blocks));
        spread_nibbles(blocks + SCALE_BYTES, 8, widen_half(half_at(blocks)), 0, values);
        blocks += SCALE_BYTES + HALF;
        values += ELEMENTS;
    }
    return is_finite;
}

bool decode_q4_1(const uint8_t *blocks, size_t block_count, float *values)
{
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++) {
        uint16_t d = half_at(blocks), m = half_at(blocks + SCALE_BYTES);
        is_finite &= half_is_finite(d) && half_is_finite(m);
        spread_nibbles(blocks + 2 * SCALE_BYTES, 0, widen_half(d), widen_half(m),
                       values);
        blocks += 2 * SCALE_BYTES + HALF;
        values += ELEMENTS;
    }
    return is_finite;
}

/* Five bits, the same. Testing a byte against eight masks instead of shifting a word by
 * j keeps the loop within what SSE2 has. */
static inline void spread_fives(const uint8_t *high, const uint8_t *q, int origin,
                                float d, float m, float *values)
{
    static const uint8_t mask[8] = { 1, 2, 4, 8, 16, 32, 64, 128 };
    for (int group = 0; group < HALF; group += 8)
        for (int j = 0; j < 8; j++) {
            int low = (q[group + j] & 15) | (high[group / 8] & mask[j] ? 16 : 0);
            int upper = (q[group + j] >> 4) | (high[group / 8 + 2] & mask[j] ? 16 : 0);
            values[group + j] = (float)(low - origin) * d + m;
            values[group + j + HALF] = (float)(upper - origin) * d + m;
        }
}

bool decode_q5_0(const uint8_t *blocks, size_t block_count, float *values)
{
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++) {
        const uint8_t *high = blocks + SCALE_BYTES;
        is_finite &= half_is_finite(half_at(blocks));
        spread_fives(high, high + 4, 16, widen_half(half_at(blocks)), 0, values);
        blocks += SCALE_BYTES + 4 + HALF;
        values += ELEMENTS;
    }
    return is_finite;
}

bool decode_q5_1(const uint8_t *blocks, size_t block_count, float *values)
{
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++) {
        uint16_t d = half_at(blocks), m = half_at(blocks + SCALE_BYTES);
        const uint8_t *high = blocks + 2 * SCALE_BYTES;
        is_finite &= half_is_finite(d) && half_is_finite(m);
        spread_fives(high, high + 4, 0, widen_half(d), widen_half(m), values);
        blocks += 2 * SCALE_BYTES + 4 + HALF;
        values += ELEMENTS;
    }
    return is_finite;
}
