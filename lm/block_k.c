/* K-quants: blocks of 256 elements, cut into sub-blocks with small integer scales (and
 * minima) that share a half-precision factor d (and dmin):
 *
 *     element = d scale q - dmin minimum         Q2_K, Q4_K, Q5_K
 *     element = d scale (q - origin)             Q3_K, Q6_K
 *
 * d scale is exact in float32 (11 + 8 bits), so each element is rounded once only. */
#include "lm/block_decode.h"

/* y = scale ((q >> shift) & mask) - minimum; callers pass constants for count, shift
 * and mask, and it is unrolled for each. */
static inline void spread(const uint8_t *q, int count, int shift, int mask, float scale,
                          float minimum, float *y)
{
    for (int i = 0; i < count; i++)
        y[i] = scale * (float)((q[i] >> shift) & mask) - minimum;
}

/* 16 sub-blocks of 16. Byte s of the first 16: scale in the low, minimum in the high
 * four bits. Two bits an element: 32 bytes give 128 elements, in four passes of rising
 * shift. */
bool decode_q2_k(const uint8_t *blocks, size_t block_count, float *values)
{
    enum { SCALES = 16, QUANTS = 64, BYTES = SCALES + QUANTS + 4 };
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++, blocks += BYTES) {
        const uint8_t *scale = blocks, *q = blocks + SCALES;
        uint16_t d_bits = half_at(q + QUANTS), min_bits = half_at(q + QUANTS + 2);
        float d = widen_half(d_bits), dmin = widen_half(min_bits);
        is_finite &= half_is_finite(d_bits) && half_is_finite(min_bits);
        for (int part = 0; part < 2; part++, q += 32)
            for (int shift = 0; shift < 8; shift += 2)
                for (int half = 0; half < 2; half++, scale++, values += 16)
                    spread(q + 16 * half, 16, shift, 3, d * (float)(*scale & 15),
                           dmin * (float)(*scale >> 4), values);
    }
    return is_finite;
}

/* Sub-block s of Q3_K: four low bits in a nibble of bytes 0-7, two high bits in bytes
 * 8-11, 32 taken off. */
static inline int q3_scale(const uint8_t *scales, int s)
{
    int low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4;
    int high = scales[8 + s % 4] >> (2 * (s / 4)) & 3;
    return (low | high << 4) - 32;
}

/* 16 sub-blocks of 16. Low two bits as in Q2_K; the third is inverted: a clear bit in
 * the mask takes 4 off. Bit b of the 32 mask bytes serves pass b. */
bool decode_q3_k(const uint8_t *blocks, size_t block_count, float *values)
{
    enum { MASK = 32, QUANTS = 64, SCALES = 12, BYTES = MASK + QUANTS + SCALES + 2 };
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++, blocks += BYTES) {
        const uint8_t *scales = blocks + MASK + QUANTS;
        uint16_t d_bits = half_at(scales + SCALES);
        float d = widen_half(d_bits);
        is_finite &= half_is_finite(d_bits);
        for (int s = 0; s < 16; s++, values += 16) {
            int pass = s / 2, shift = 2 * (pass % 4);
            const uint8_t *mask = blocks + 16 * (s % 2);
            const uint8_t *q = blocks + MASK + 32 * (pass / 4) + 16 * (s % 2);
            float scale = d * (float)q3_scale(scales, s);
            for (int i = 0; i < 16; i++) {
                int high = (mask[i] >> pass & 1) << 2;
                values[i] = scale * (float)((q[i] >> shift & 3) + high - 4);
            }
        }
    }
    return is_finite;
}

/* Scale and minimum of sub-block s of Q4_K and Q5_K, six bits each in 12 bytes: the
 * first four are plain; of the others the low bits are nibbles of the last four bytes,
 * the two high bits sit on top of the plain ones. */
static inline void k_scale(const uint8_t *bytes, int s, int *scale, int *minimum)
{
    if (s < 4) {
        *scale = bytes[s] & 63;
        *minimum = bytes[s + 4] & 63;
    } else {
        *scale = (bytes[s + 4] & 15) | bytes[s - 4] >> 6 << 4;
        *minimum = bytes[s + 4] >> 4 | bytes[s] >> 6 << 4;
    }
}

/* 8 sub-blocks of 32; 32 bytes give a sub-block in the low and the next in the high
 * nibbles. */
bool decode_q4_k(const uint8_t *blocks, size_t block_count, float *values)
{
    enum { FACTORS = 4, SCALES = 12, QUANTS = 128, BYTES = FACTORS + SCALES + QUANTS };
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++, blocks += BYTES) {
        uint16_t d_bits = half_at(blocks), min_bits = half_at(blocks + 2);
        float d = widen_half(d_bits), dmin = widen_half(min_bits);
        is_finite &= half_is_finite(d_bits) && half_is_finite(min_bits);
        const uint8_t *q = blocks + FACTORS + SCALES;
        for (int s = 0; s < 8; s++, values += 32) {
            int scale, minimum;
            k_scale(blocks + FACTORS, s, &scale, &minimum);
            spread(q + 32 * (s / 2), 32, 4 * (s % 2), 15, d * (float)scale,
                   dmin * (float)minimum, values);
        }
    }
    return is_finite;
}

/* As Q4_K, with a fifth bit: bit s of 32 bytes for sub-block s. */
bool decode_q5_k(const uint8_t *blocks, size_t block_count, float *values)
{
    enum { FACTORS = 4, SCALES = 12, HIGH = 32, BYTES = FACTORS + SCALES + HIGH + 128 };
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++, blocks += BYTES) {
        uint16_t d_bits = half_at(blocks), min_bits = half_at(blocks + 2);
        float d = widen_half(d_bits), dmin = widen_half(min_bits);
        is_finite &= half_is_finite(d_bits) && half_is_finite(min_bits);
        const uint8_t *high = blocks + FACTORS + SCALES;
        for (int s = 0; s < 8; s++, values += 32) {
            int scale, minimum, shift = 4 * (s % 2);
            k_scale(blocks + FACTORS, s, &scale, &minimum);
            const uint8_t *q = high + HIGH + 32 * (s / 2);
            float factor = d * (float)scale, offset = dmin * (float)minimum;
            for (int i = 0; i < 32; i++) {
                int whole = (q[i] >> shift & 15) | (high[i] >> s & 1) << 4;
                values[i] = factor * (float)whole - offset;
            }
        }
    }
    return is_finite;
}

/* 16 sub-blocks of 16, signed scales. 128 elements at a time in four groups of 32: low
 * four bits from the nibbles of 64 bytes, high two from 32 bytes at shift 2 * group. */
bool decode_q6_k(const uint8_t *blocks, size_t block_count, float *values)
{
    enum { LOW = 128, HIGH = 64, SCALES = 16, BYTES = LOW + HIGH + SCALES + 2 };
    bool is_finite = true;
    for (size_t block = 0; block < block_count; block++, blocks += BYTES) {
        const int8_t *scales = (const int8_t *)blocks + LOW + HIGH;
        uint16_t d_bits = half_at(blocks + LOW + HIGH + SCALES);
        float d = widen_half(d_bits);
        is_finite &= half_is_finite(d_bits);
        for (int s = 0; s < 16; s++, values += 16) {
            int part = s / 8, group = s / 2 % 4, half = s % 2;
            const uint8_t *low = blocks + 64 * part + 32 * (group % 2) + 16 * half;
            const uint8_t *high = blocks + LOW + 32 * part + 16 * half;
            float scale = d * (float)scales[s];
            for (int i = 0; i < 16; i++) {
                int whole =
                    (low[i] >> 4 * (group / 2) & 15) | (high[i] >> 2 * group & 3) << 4;
                values[i] = scale * (float)(whole - 32);
            }
        }
    }
    return is_finite;
}
