/* Weights of 4 bits in 256 bits. Two rows are interleaved byte by byte and multiplied by
 * their two factors in one vpmaddubsw for the low halves and one for the high: two
 * products stay within 2 * 15 * 127 = 3810, so eight pairs of rows of a group are summed in
 * 16 bits before they are widened and multiplied by its scales. A register is two tiles
 * of 32 outputs. And what turns sums into floats. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
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

/* Eight sums of 16 bits become what their group is worth at outputs [o, o + 8). */
AVX2 INLINE void add_eight(int32_t *sum, __m128i eight,
                           const struct nibble_batch *batch, size_t o)
{
    __m256i sums = _mm256_sub_epi32(_mm256_cvtepi16_epi32(eight),
                                    _mm256_set1_epi32(8 * batch->total));
    __m256i scale =
        _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(batch->scale + o)));
    __m256i worth = _mm256_mullo_epi32(sums, scale);
    if (batch->centre) {
        __m256i centre = _mm256_cvtepi16_epi32(
            _mm_loadu_si128((const __m128i *)(batch->centre + o)));
        worth = _mm256_add_epi32(worth, _mm256_mullo_epi32(centre, _mm256_set1_epi32(
                                                                       batch->total)));
    }
    _mm256_storeu_si256((__m256i *)sum, _mm256_add_epi32(load_sums(sum), worth));
}

/* A batch into outputs [o, o + 64), which one register holds; of a narrow one only 32
 * exist. */
AVX2 INLINE void add_register(int32_t *sum, const struct kernel_nibbles *nibbles,
                              const struct nibble_batch *batch, size_t o, bool is_whole)
{
    const uint8_t *nibble = nibbles->nibble + o / OUTPUTS * BYTES;
    struct sums sums;
    for (size_t q = 0; q < 4; q++)
        sums.quarter[q] = _mm256_setzero_si256();
    for (size_t e = 0; e < batch->count; e += 2) {
        size_t next = e + 1 < batch->count ? e + 1 : e;
        int8_t last = next > e ? batch->factor[next] : 0;
        uint32_t pair = (uint8_t)batch->factor[e] | (uint32_t)(uint8_t)last << 8;
        add_two(&sums, load_bytes(nibble + batch->row[e] * nibbles->stride, is_whole),
                load_bytes(nibble + batch->row[next] * nibbles->stride, is_whole),
                _mm256_set1_epi16((int16_t)pair));
    }
    for (size_t q = 0; q < 4; q++) {
        size_t at = q * WIDTH;
        add_eight(sum + at, _mm256_castsi256_si128(sums.quarter[q]), batch, o + at);
        if (is_whole)
            add_eight(sum + TILE + at, _mm256_extracti128_si256(sums.quarter[q], 1),
                      batch, o + TILE + at);
    }
}

AVX2 static void add_batch(int32_t *sum, const struct kernel_nibbles *nibbles,
                           size_t width, const struct nibble_batch *batch)
{
    size_t o = 0;
    for (; o + OUTPUTS <= width; o += OUTPUTS)
        add_register(sum + o, nibbles, batch, o, true);
    if (o == width)
        return;
    int32_t rest[OUTPUTS] = { 0 };
    add_register(rest, nibbles, batch, o, width - o > TILE);
    for (size_t i = 0; i < width - o; i++)
        sum[o + i] = (int32_t)((uint32_t)sum[o + i] + (uint32_t)rest[i]);
}

AVX2 void avx2_add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles,
                           size_t width, const uint32_t *row, const int8_t *factor,
                           size_t count)
{
    for (size_t e = 0; e < count;) {
        const struct nibble_batch batch =
            take_nibbles(nibbles, row + e, factor + e, count - e, MOST_ROWS);
        add_batch(sum, nibbles, width, &batch);
        e += batch.count;
    }
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
#endif
