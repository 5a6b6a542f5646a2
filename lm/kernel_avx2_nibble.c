/* Weights of 4 bits in 256 bits. Two rows are interleaved byte by byte and multiplied by
 * their two factors in one vpmaddubsw for the low halves and one for the high: two
 * products stay within 2 * 15 * 127 = 3810, so eight pairs of rows are summed in 16 bits
 * before they are widened. A register is two tiles of 32 outputs. And what turns sums
 * into floats, of these weights and of 8 bits. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,f16c")))
#define INLINE static inline __attribute__((always_inline))

enum {
    WIDTH = 8,     /* floats or sums in a register */
    BYTES = 32,    /* of nibbles in a register ... */
    OUTPUTS = 64,  /* ... and their outputs */
    TILE = 32,     /* outputs of 16 bytes: the low halves, then the high ones */
    MOST_ROWS = 16 /* summed in 16 bits */
};

/* Sums of 64 outputs: half a tile each, the first tile's in the low 128 bits. */
struct sums {
    __m256i quarter[4];
};

AVX2 INLINE __m256i load_sums(const int32_t *sum)
{
    return _mm256_loadu_si256((const __m256i *)sum);
}

AVX2 INLINE __m256i load_bytes(const uint8_t *bytes, bool is_whole)
{
    if (is_whole)
        return _mm256_loadu_si256((const __m256i *)bytes);
    return _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}

AVX2 INLINE void add_two(struct sums *sums, __m256i a, __m256i b, __m256i factors)
{
    const __m256i mask = _mm256_set1_epi8(0x0f);
    const __m256i both[2] = { _mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b) };
    for (size_t i = 0; i < 2; i++) {
        __m256i low = _mm256_and_si256(both[i], mask);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(both[i], 4), mask);
        sums->quarter[i] =
            _mm256_add_epi16(sums->quarter[i], _mm256_maddubs_epi16(low, factors));
        sums->quarter[2 + i] =
            _mm256_add_epi16(sums->quarter[2 + i], _mm256_maddubs_epi16(high, factors));
    }
}

/* Widens sixteen sums: eight to each of two places. */
AVX2 INLINE void add_quarter(int32_t *first, int32_t *second, __m256i sums)
{
    const __m128i half[2] = { _mm256_castsi256_si128(sums),
                              _mm256_extracti128_si256(sums, 1) };
    int32_t *const to[2] = { first, second };
    for (size_t i = 0; i < 2; i++) {
        __m256i old = load_sums(to[i]);
        _mm256_storeu_si256((__m256i *)to[i],
                            _mm256_add_epi32(old, _mm256_cvtepi16_epi32(half[i])));
    }
}

/* All rows into the 64 outputs of one register; of a narrow one only 32 exist. */
AVX2 INLINE void add_register(int32_t *sum, const uint8_t *nibble, size_t stride,
                              bool is_whole, const uint32_t *row, const int8_t *factor,
                              size_t count)
{
    for (size_t first = 0; first < count; first += MOST_ROWS) {
        size_t end = first + MOST_ROWS < count ? first + MOST_ROWS : count;
        struct sums sums;
        for (size_t q = 0; q < 4; q++)
            sums.quarter[q] = _mm256_setzero_si256();
        for (size_t e = first; e < end; e += 2) {
            size_t next = e + 1 < end ? e + 1 : e;
            int8_t last = next > e ? factor[next] : 0;
            uint32_t pair = (uint8_t)factor[e] | (uint32_t)(uint8_t)last << 8;
            add_two(&sums, load_bytes(nibble + row[e] * stride, is_whole),
                    load_bytes(nibble + row[next] * stride, is_whole),
                    _mm256_set1_epi16((int16_t)pair));
        }
        for (size_t q = 0; q < 4; q++)
            add_quarter(sum + q * WIDTH, sum + TILE + q * WIDTH, sums.quarter[q]);
    }
}

AVX2 void avx2_add_nibbles(int32_t *sum, const uint8_t *nibble, size_t stride,
                           size_t width, const uint32_t *row, const int8_t *factor,
                           size_t count)
{
    size_t o = 0;
    for (; o + OUTPUTS <= width; o += OUTPUTS)
        add_register(sum + o, nibble + o / OUTPUTS * BYTES, stride, true, row, factor,
                     count);
    if (o == width)
        return;
    int32_t rest[OUTPUTS] = { 0 };
    add_register(rest, nibble + o / OUTPUTS * BYTES, stride, width - o > TILE, row,
                 factor, count);
    for (size_t i = 0; i < width - o; i++)
        sum[o + i] = (int32_t)((uint32_t)sum[o + i] + (uint32_t)rest[i]);
}

AVX2 void avx2_decode(float *y, const int32_t *sum, const float *scale, float unit,
                      bool accumulate, size_t width)
{
    const __m256 units = _mm256_set1_ps(unit);
    size_t whole = width / WIDTH * WIDTH;
    for (size_t o = 0; o < whole; o += WIDTH) {
        __m256 times = _mm256_mul_ps(units, _mm256_loadu_ps(scale + o));
        __m256 more = _mm256_mul_ps(_mm256_cvtepi32_ps(load_sums(sum + o)), times);
        __m256 old = accumulate ? _mm256_loadu_ps(y + o) : _mm256_setzero_ps();
        _mm256_storeu_ps(y + o, _mm256_add_ps(old, more));
    }
    reference_kernel.decode(y + whole, sum + whole, scale + whole, unit, accumulate,
                            width - whole);
}

AVX2 INLINE __m256 load_eight(const uint16_t *half)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)half));
}

AVX2 void avx2_decode_half(float *y, const int32_t *sum, int32_t total,
                           const uint16_t *scale, const uint16_t *minimum, float unit,
                           bool accumulate, size_t width)
{
    const __m256 units = _mm256_set1_ps(unit), totals = _mm256_set1_ps((float)total);
    const __m256i shift =
        _mm256_set1_epi32(minimum ? 0 : (int32_t)(8 * (uint32_t)total));
    size_t whole = width / WIDTH * WIDTH;
    for (size_t o = 0; o < whole; o += WIDTH) {
        __m256i sums = load_sums(sum + o);
        __m256 times = _mm256_mul_ps(units, load_eight(scale + o));
        __m256 more =
            _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(sums, shift)), times);
        if (minimum)
            more = _mm256_add_ps(
                more,
                _mm256_mul_ps(totals, _mm256_mul_ps(units, load_eight(minimum + o))));
        __m256 old = accumulate ? _mm256_loadu_ps(y + o) : _mm256_setzero_ps();
        _mm256_storeu_ps(y + o, _mm256_add_ps(old, more));
    }
    reference_kernel.decode_half(y + whole, sum + whole, total, scale + whole,
                                 minimum ? minimum + whole : NULL, unit, accumulate,
                                 width - whole);
}
#endif
