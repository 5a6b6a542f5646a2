/* What the 512-bit rows share: the counts of a site's channels, from reals, to the list
 * of rows and to a histogram. Lanes that do not exist count 0. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, PARTS = 4, BYTES = PARTS * LANES, GROUPS = 4 };

/* The lanes that exist when `left` elements are left. */
AVX512 INLINE __mmask16 lanes_of(size_t left)
{
    return (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
}

/* Saturated before it is rounded, which a whole number stays; NaN becomes 0. */
AVX512 INLINE __m512i count_lanes(const struct count_rule *rule, __m512 x)
{
    const __m512 most = _mm512_set1_ps((float)COUNT_SATURATION);
    __m512 quotient = _mm512_div_ps(x, _mm512_set1_ps(rule->unit));
    __mmask16 is_heard = _mm512_cmp_ps_mask(_mm512_abs_ps(x),
                                            _mm512_set1_ps(rule->silence), _CMP_NLT_UQ);
    is_heard = _mm512_mask_cmp_ps_mask(is_heard, quotient, quotient, _CMP_ORD_Q);
    quotient = _mm512_min_ps(quotient, most);
    quotient = _mm512_max_ps(quotient, _mm512_set1_ps(-(float)COUNT_SATURATION));
    return rule->rounds_to_zero ? _mm512_maskz_cvttps_epi32(is_heard, quotient)
                                : _mm512_maskz_cvtps_epi32(is_heard, quotient);
}

/* Silent channels are those that are left over. */
AVX512 void avx512_count_channels(const struct count_rule *rule, const float *x,
                                  size_t channels, int32_t *count,
                                  struct count_totals *totals)
{
    const struct count_rule given = *rule;
    const __m512i above = _mm512_set1_epi32(given.lowest);
    const __m512i below = _mm512_set1_epi32(given.highest);
    const __m512i low_half = _mm512_set1_epi64(UINT32_MAX);
    __m512i lowest = _mm512_setzero_si512(), highest = lowest, magnitude = lowest;
    size_t clipped = 0, fired = 0;
    for (size_t i = 0; i < channels; i += LANES) {
        __mmask16 mask = lanes_of(channels - i);
        __m512i raw = count_lanes(&given, _mm512_maskz_loadu_ps(mask, x + i));
        __m512i counts = _mm512_min_epi32(_mm512_max_epi32(raw, above), below);
        __m512i size = _mm512_abs_epi32(counts);
        _mm512_mask_storeu_epi32(count + i, mask, counts);
        clipped += (size_t)_mm_popcnt_u32(_mm512_cmpneq_epi32_mask(raw, counts));
        fired += (size_t)_mm_popcnt_u32(_mm512_test_epi32_mask(counts, counts));
        lowest = _mm512_min_epi32(lowest, counts);
        highest = _mm512_max_epi32(highest, counts);
        magnitude = _mm512_add_epi64(magnitude, _mm512_and_si512(size, low_half));
        magnitude = _mm512_add_epi64(magnitude, _mm512_srli_epi64(size, 32));
    }
    const int32_t least = _mm512_reduce_min_epi32(lowest);
    const int32_t most = _mm512_reduce_max_epi32(highest);
    totals->clipped += clipped;
    totals->silent += channels - fired;
    totals->lowest = least < totals->lowest ? least : totals->lowest;
    totals->highest = most > totals->highest ? most : totals->highest;
    totals->magnitude += (uint64_t)_mm512_reduce_add_epi64(magnitude);
}

/* What is written behind the list stays within the channels seen so far. */
AVX512 size_t avx512_list_rows(uint32_t *row, int8_t *factor, const int32_t *count,
                               size_t channels, int32_t gain, uint32_t first)
{
    const __m512i times = _mm512_set1_epi32(gain), most = _mm512_set1_epi32(127);
    const __m512i step = _mm512_set1_epi32(LANES);
    const __m512i beyond = _mm512_set1_epi32(COUNT_BEYOND);
    __m512i rows =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t entries = 0;
    rows = _mm512_add_epi32(rows, _mm512_set1_epi32((int32_t)first));
    for (size_t i = 0; i < channels; i += LANES) {
        const __mmask16 mask = lanes_of(channels - i);
        __m512i product =
            _mm512_mullo_epi32(_mm512_maskz_loadu_epi32(mask, count + i), times);
        __mmask16 fires = _mm512_test_epi32_mask(product, product);
        __mmask16 fits = _mm512_cmple_epu32_mask(_mm512_abs_epi32(product), most);
        product = _mm512_mask_mov_epi32(beyond, fits, product);
        __m512i factors = _mm512_maskz_compress_epi32(fires, product);
        _mm512_mask_storeu_epi32(row + entries, mask,
                                 _mm512_maskz_compress_epi32(fires, rows));
        _mm_mask_storeu_epi8(factor + entries, mask, _mm512_cvtepi32_epi8(factors));
        entries += (size_t)_mm_popcnt_u32(fires);
        rows = _mm512_add_epi32(rows, step);
    }
    return entries;
}

AVX512 size_t avx512_pack_counts(const int32_t *count, size_t channels, int8_t *packed)
{
    const __m512i most = _mm512_set1_epi32(INT8_MAX);
    const __m512i mark = _mm512_set1_epi32(COUNT_BEYOND);
    size_t beyond = 0;
    for (size_t i = 0; i < channels; i += LANES) {
        const __mmask16 mask = lanes_of(channels - i);
        const __m512i counts = _mm512_maskz_loadu_epi32(mask, count + i);
        const __mmask16 is_beyond =
            _mm512_cmpgt_epu32_mask(_mm512_abs_epi32(counts), most);
        _mm_mask_storeu_epi8(packed + i, mask,
                             _mm512_cvtepi32_epi8(
                                 _mm512_mask_mov_epi32(counts, is_beyond, mark)));
        beyond += (size_t)_mm_popcnt_u32(is_beyond);
    }
    return beyond;
}

/* |count| of as many as 64 channels, 128 for what is larger, in an order that does not
 * matter here. */
AVX512 INLINE __m512i size_bytes(const int32_t *count, size_t left)
{
    const __mmask64 mask = left < BYTES ? ((__mmask64)1 << left) - 1 : UINT64_MAX;
    const __m512i most = _mm512_set1_epi32(128);
    __m512i size[PARTS];
    for (size_t part = 0; part < PARTS; part++) {
        __mmask16 lanes = (__mmask16)(mask >> part * LANES);
        size[part] = _mm512_maskz_loadu_epi32(lanes, count + part * LANES);
        size[part] = _mm512_min_epu32(_mm512_abs_epi32(size[part]), most);
    }
    return _mm512_packus_epi16(_mm512_packs_epi32(size[0], size[1]),
                               _mm512_packs_epi32(size[2], size[3]));
}

AVX512 void avx512_add_histogram(uint64_t *histogram, const uint8_t *least, size_t bins,
                                 const int32_t *count, size_t channels)
{
    for (size_t i = 0; i < channels; i += GROUPS * BYTES) {
        const size_t left = channels - i;
        uint64_t reached = left < GROUPS * BYTES ? left : GROUPS * BYTES;
        __m512i size[GROUPS];
        for (size_t g = 0; g < GROUPS; g++)
            size[g] = g * BYTES < left
                          ? size_bytes(count + i + g * BYTES, left - g * BYTES)
                          : _mm512_setzero_si512();
        for (size_t bin = 1; bin < bins && reached > 0; bin++) {
            const __m512i wanted = _mm512_set1_epi8((char)least[bin]);
            uint64_t more = 0;
            for (size_t g = 0; g < GROUPS; g++)
                more +=
                    (uint64_t)_mm_popcnt_u64(_mm512_cmpge_epu8_mask(size[g], wanted));
            histogram[bin - 1] += reached - more;
            reached = more;
        }
        histogram[bins - 1] += reached;
    }
}
#endif
