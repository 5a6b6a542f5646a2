/* What the 512-bit kernels that multiply bytes share: included by them alone. Four
 * listed rows are interleaved byte by byte, so that a dword holds the bytes that one
 * output has in four rows, ready for vpdpbusd with the four factors. */
#ifndef LM_KERNEL_VNNI_H
#define LM_KERNEL_VNNI_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE static inline __attribute__((always_inline))

enum {
    VECTOR = 64,   /* bytes in a register */
    LANES = 16,    /* sums in a register */
    FOUR = 4,      /* rows to a vpdpbusd */
    CHUNK = 16384, /* outputs whose sums stay in the second cache */
};

/* Lane L of part[j] gathers bytes 16 L + 4 j and the three behind it. */
VNNI INLINE void interleave(__m512i part[4], const __m512i w[FOUR])
{
    __m512i ab_low = _mm512_unpacklo_epi8(w[0], w[1]);
    __m512i ab_high = _mm512_unpackhi_epi8(w[0], w[1]);
    __m512i cd_low = _mm512_unpacklo_epi8(w[2], w[3]);
    __m512i cd_high = _mm512_unpackhi_epi8(w[2], w[3]);
    part[0] = _mm512_unpacklo_epi16(ab_low, cd_low);
    part[1] = _mm512_unpackhi_epi16(ab_low, cd_low);
    part[2] = _mm512_unpacklo_epi16(ab_high, cd_high);
    part[3] = _mm512_unpackhi_epi16(ab_high, cd_high);
}

/* Brings sums of interleaved bytes into the order of the bytes: a transposition of 4 x 4
 * blocks of 128 bits. */
VNNI INLINE void order(__m512i part[4])
{
    __m512i a = _mm512_shuffle_i64x2(part[0], part[1], 0x44);
    __m512i b = _mm512_shuffle_i64x2(part[2], part[3], 0x44);
    __m512i c = _mm512_shuffle_i64x2(part[0], part[1], 0xee);
    __m512i d = _mm512_shuffle_i64x2(part[2], part[3], 0xee);
    part[0] = _mm512_shuffle_i64x2(a, b, 0x88);
    part[1] = _mm512_shuffle_i64x2(a, b, 0xdd);
    part[2] = _mm512_shuffle_i64x2(c, d, 0x88);
    part[3] = _mm512_shuffle_i64x2(c, d, 0xdd);
}

/* Adds sixteen sums to those of outputs [first, first + 16) below `width`. */
VNNI INLINE void add_sums(int32_t *sum, size_t first, size_t width, __m512i more)
{
    if (first >= width)
        return;
    size_t left = width - first;
    __mmask16 mask = (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
    __m512i old = _mm512_maskz_loadu_epi32(mask, sum + first);
    _mm512_mask_storeu_epi32(sum + first, mask, _mm512_add_epi32(old, more));
}

#endif
