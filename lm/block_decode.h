/* The decoders behind the table of block_format.c. */
#ifndef LM_BLOCK_DECODE_H
#define LM_BLOCK_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "blocks are read as they stand in the file");

/* block_plain.c */
bool decode_f32(const uint8_t *blocks, size_t block_count, float *values);
bool decode_f16(const uint8_t *blocks, size_t block_count, float *values);
bool decode_bf16(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q4_0(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q4_1(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q5_0(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q5_1(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q8_0(const uint8_t *blocks, size_t block_count, float *values);
/* block_k.c */
bool decode_q2_k(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q3_k(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q4_k(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q5_k(const uint8_t *blocks, size_t block_count, float *values);
bool decode_q6_k(const uint8_t *blocks, size_t block_count, float *values);

static inline uint16_t half_at(const uint8_t *bytes)
{
    uint16_t bits;
    memcpy(&bits, bytes, sizeof bits);
    return bits;
}

static inline bool half_is_finite(uint16_t half)
{
    return (half & 0x7c00) != 0x7c00;
}

/* Exponent and fraction move to their places of a float. Subnormals, and zero, are a
 * whole number of 2^-24; scaling them up as floats would be shorter, but a float that
 * is itself subnormal costs the CPU 100 cycles. Masks, not choices: loops vectorise. */
static inline float widen_half(uint16_t half)
{
    uint32_t exponent = half & 0x7c00, rebias = 0x38000000, bits;
    uint32_t is_small = 0 - (uint32_t)(exponent == 0);
    uint32_t is_special = 0 - (uint32_t)(exponent == 0x7c00); /* infinity or NaN */
    float value = (float)(half & 0x03ff) * 0x1p-24f;
    memcpy(&bits, &value, sizeof bits);
    uint32_t normal =
        ((uint32_t)(half & 0x7fff) << 13) + rebias + (is_special & rebias);
    bits = (bits & is_small) | (normal & ~is_small) | (uint32_t)(half & 0x8000) << 16;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
