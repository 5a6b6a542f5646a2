/* 512 bits without VNNI: two rows are interleaved byte by byte, widened to 16 bits and
 * multiplied by their two factors in one vpmaddwd. vpmaddubsw would do without
 * widening, but it saturates. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, STEP = 32, TILE_STEPS = 4 };

static bool is_supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           avx2_kernel.is_supported();
}

/* acc[0] gathers outputs 0 to 7 and 16 to 23, acc[1] the others of 32. */
AVX512 INLINE void add_two(__m512i acc[2], __m256i a, __m256i b, __m512i factor)
{
    __m512i low = _mm512_cvtepi8_epi16(_mm256_unpacklo_epi8(a, b));
    __m512i high = _mm512_cvtepi8_epi16(_mm256_unpackhi_epi8(a, b));
    acc[0] = _mm512_add_epi32(acc[0], _mm512_madd_epi16(low, factor));
    acc[1] = _mm512_add_epi32(acc[1], _mm512_madd_epi16(high, factor));
}

AVX512 INLINE void add_sums(int32_t *sum, __mmask16 mask, __m512i more)
{
    __m512i old = _mm512_maskz_loadu_epi32(mask, sum);
    _mm512_mask_storeu_epi32(sum, mask, _mm512_add_epi32(old, more));
}

/* All rows into `steps` * 32 outputs, of which `mask` says what exists of each 32. */
AVX512 INLINE void add_tile(int32_t *sum, const int8_t *weight, size_t stride,
                            size_t steps, __mmask32 mask, const uint32_t *row,
                            const int8_t *factor, size_t count)
{
    __m512i acc[TILE_STEPS][2];
    for (size_t s = 0; s < steps; s++)
        acc[s][0] = acc[s][1] = _mm512_setzero_si512();

    for (size_t e = 0; e < count; e += 2) {
        size_t next = e + 1 < count ? e + 1 : e;
        int8_t last = next > e ? factor[next] : 0;
        __m512i two = _mm512_set1_epi32(factor_pair(factor[e], last));
        const int8_t *a = weight + row[e] * stride;
        const int8_t *b = weight + row[next] * stride;
        for (size_t s = 0; s < steps; s++)
            add_two(acc[s], _mm256_maskz_loadu_epi8(mask, a + s * STEP),
                    _mm256_maskz_loadu_epi8(mask, b + s * STEP), two);
    }
    for (size_t s = 0; s < steps; s++) {
        add_sums(sum + s * STEP, (__mmask16)mask,
                 _mm512_shuffle_i64x2(acc[s][0], acc[s][1], 0x44));
        add_sums(sum + s * STEP + LANES, (__mmask16)(mask >> LANES),
                 _mm512_shuffle_i64x2(acc[s][0], acc[s][1], 0xee));
    }
}

AVX512 static void add_rows(int32_t *sum, const int8_t *weight, size_t stride,
                            size_t width, const uint32_t *row, const int8_t *factor,
                            size_t count)
{
    size_t o = 0;
    for (; o + TILE_STEPS * STEP <= width; o += TILE_STEPS * STEP)
        add_tile(sum + o, weight + o, stride, TILE_STEPS, UINT32_MAX, row, factor,
                 count);
    for (; o < width; o += STEP) {
        size_t left = width - o;
        __mmask32 mask = left < STEP ? ((__mmask32)1 << left) - 1 : UINT32_MAX;
        add_tile(sum + o, weight + o, stride, 1, mask, row, factor, count);
    }
}

const struct kernel avx512_kernel = {
    .name = "avx512",
    .is_supported = is_supported,
    .list_rows = avx512_list_rows,
    .add_rows = add_rows,
    .add_rows_wide = avx512_add_rows_wide,
    .add_nibbles = avx2_add_nibbles,
    .decode = avx512_decode,
    .dot_half = avx512_dot_half,
    .add_half = avx512_add_half,
    .score = avx512_score,
    .mix = avx512_mix,
    .dot = avx512_dot,
    .sum_abs = avx512_sum_abs,
    .max_abs = avx512_max_abs,
    .largest = avx512_largest,
    .exp_array = avx512_exp_array,
    .to_half = avx512_to_half,
    .from_half = avx512_from_half,
    .quantise = avx512_quantise,
    .count_channels = avx512_count_channels,
    .add_histogram = avx512_add_histogram,
    .pack_counts = avx512_pack_counts,
};
#endif
