/* What the 512-bit rows share: float kernels (one register is the sixteen lanes of
 * kernel.h) and rows times 32-bit factors. Tails are masked: lanes that get no element
 * get +0, which leaves them as they were since no lane is ever -0. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, TILE_VECTORS = 8 };

enum { NEAREST = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC };

/* The lanes that exist when `left` elements are left. */
AVX512 INLINE __mmask16 lanes_of(size_t left)
{
    return (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
}

AVX512 INLINE __m512 load_half(__mmask16 mask, const uint16_t *half)
{
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, half));
}

AVX512 INLINE float sum_lanes(__m512 lane)
{
    __m256 eight =
        _mm256_add_ps(_mm512_castps512_ps256(lane), _mm512_extractf32x8_ps(lane, 1));
    __m128 four =
        _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

AVX512 INLINE void wide_tile(int32_t *sum, const int8_t *weight, size_t stride,
                             size_t vectors, __mmask16 mask, const uint32_t *row,
                             const int32_t *factor, size_t count)
{
    __m512i acc[TILE_VECTORS];
    for (size_t v = 0; v < vectors; v++)
        acc[v] = _mm512_maskz_loadu_epi32(mask, sum + v * LANES);
    for (size_t e = 0; e < count; e++) {
        const int8_t *from = weight + row[e] * stride;
        __m512i times = _mm512_set1_epi32(factor[e]);
        for (size_t v = 0; v < vectors; v++) {
            __m512i w =
                _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, from + v * LANES));
            acc[v] = _mm512_add_epi32(acc[v], _mm512_mullo_epi32(w, times));
        }
    }
    for (size_t v = 0; v < vectors; v++)
        _mm512_mask_storeu_epi32(sum + v * LANES, mask, acc[v]);
}

AVX512 void avx512_add_rows_wide(int32_t *sum, const int8_t *weight, size_t stride,
                                 size_t width, const uint32_t *row,
                                 const int32_t *factor, size_t count)
{
    size_t o = 0;
    for (; o + TILE_VECTORS * LANES <= width; o += TILE_VECTORS * LANES)
        wide_tile(sum + o, weight + o, stride, TILE_VECTORS, 0xffff, row, factor,
                  count);
    for (; o < width; o += LANES)
        wide_tile(sum + o, weight + o, stride, 1, lanes_of(width - o), row, factor,
                  count);
}

AVX512 void avx512_decode(float *y, const int32_t *sum, const float *scale, float unit,
                          bool accumulate, size_t width)
{
    const __m512 units = _mm512_set1_ps(unit);
    for (size_t o = 0; o < width; o += LANES) {
        __mmask16 mask = lanes_of(width - o);
        __m512 sums = _mm512_cvtepi32_ps(_mm512_maskz_loadu_epi32(mask, sum + o));
        __m512 times = _mm512_mul_ps(units, _mm512_maskz_loadu_ps(mask, scale + o));
        __m512 old = _mm512_maskz_loadu_ps(accumulate ? mask : 0, y + o);
        _mm512_mask_storeu_ps(y + o, mask,
                              _mm512_add_ps(old, _mm512_mul_ps(sums, times)));
    }
}

AVX512 float avx512_dot_half(const float *x, const uint16_t *half, size_t count)
{
    __m512 lane = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += LANES) {
        __mmask16 mask = lanes_of(count - i);
        __m512 values = _mm512_maskz_loadu_ps(mask, x + i);
        lane = _mm512_add_ps(lane, _mm512_mul_ps(values, load_half(mask, half + i)));
    }
    return sum_lanes(lane);
}

AVX512 void avx512_add_half(float *y, float a, const uint16_t *half, size_t count)
{
    const __m512 times = _mm512_set1_ps(a);
    for (size_t i = 0; i < count; i += LANES) {
        __mmask16 mask = lanes_of(count - i);
        __m512 more = _mm512_mul_ps(times, load_half(mask, half + i));
        __m512 old = _mm512_maskz_loadu_ps(mask, y + i);
        _mm512_mask_storeu_ps(y + i, mask, _mm512_add_ps(old, more));
    }
}

AVX512 float avx512_dot(const float *x, const float *y, size_t count)
{
    __m512 lane = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += LANES) {
        __mmask16 mask = lanes_of(count - i);
        lane = _mm512_add_ps(lane, _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i),
                                                 _mm512_maskz_loadu_ps(mask, y + i)));
    }
    return sum_lanes(lane);
}

AVX512 float avx512_sum_abs(const float *x, size_t count)
{
    __m512 lane = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += LANES)
        lane =
            _mm512_add_ps(lane, _mm512_abs_ps(
                                    _mm512_maskz_loadu_ps(lanes_of(count - i), x + i)));
    return sum_lanes(lane);
}

AVX512 float avx512_max_abs(const float *x, size_t count)
{
    /* vmaxps gives its second operand when one is NaN: NaN is passed over. */
    __m512 largest = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += LANES)
        largest = _mm512_max_ps(_mm512_abs_ps(
                                    _mm512_maskz_loadu_ps(lanes_of(count - i), x + i)),
                                largest);
    return _mm512_reduce_max_ps(largest);
}

AVX512 float avx512_largest(const float *x, size_t count)
{
    __m512 most = _mm512_set1_ps(-INFINITY);
    for (size_t i = 0; i < count; i += LANES) { /* NaN is passed over, as above */
        __mmask16 mask = lanes_of(count - i);
        most = _mm512_mask_max_ps(most, mask, _mm512_maskz_loadu_ps(mask, x + i), most);
    }
    return _mm512_reduce_max_ps(most);
}

AVX512 INLINE __m512 exp_lanes(__m512 x)
{
    const struct exp_constants *c = &exp_constants;
    __m512 round = _mm512_set1_ps(c->round);
    __m512 shifted = _mm512_add_ps(_mm512_mul_ps(x, _mm512_set1_ps(c->log2_e)), round);
    __m512 n = _mm512_sub_ps(shifted, round);
    __m512 r = _mm512_sub_ps(x, _mm512_mul_ps(n, _mm512_set1_ps(c->ln2_high)));
    r = _mm512_sub_ps(r, _mm512_mul_ps(n, _mm512_set1_ps(c->ln2_low)));
    __m512 p = _mm512_set1_ps(c->p[0]);
    for (size_t i = 1; i < sizeof c->p / sizeof c->p[0]; i++)
        p = _mm512_add_ps(_mm512_mul_ps(p, r), _mm512_set1_ps(c->p[i]));
    __m512 value = _mm512_add_ps(_mm512_mul_ps(p, _mm512_mul_ps(r, r)), r);
    value = _mm512_add_ps(value, _mm512_set1_ps(1.0f));

    __m512i power = _mm512_castps_si512(shifted);
    power = _mm512_slli_epi32(_mm512_add_epi32(power, _mm512_set1_epi32(127)), 23);
    __mmask16 is_tiny = _mm512_cmp_ps_mask(x, _mm512_set1_ps(c->lowest), _CMP_LT_OQ);
    return _mm512_maskz_mul_ps((__mmask16)~is_tiny, value, _mm512_castsi512_ps(power));
}

AVX512 void avx512_exp_array(float *x, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        __mmask16 mask = lanes_of(count - i);
        _mm512_mask_storeu_ps(x + i, mask,
                              exp_lanes(_mm512_maskz_loadu_ps(mask, x + i)));
    }
}

AVX512 void avx512_to_half(uint16_t *half, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        __mmask16 mask = lanes_of(count - i);
        _mm256_mask_storeu_epi16(half + i, mask,
                                 _mm512_cvtps_ph(_mm512_maskz_loadu_ps(mask, x + i),
                                                 NEAREST));
    }
}

AVX512 void avx512_from_half(float *x, const uint16_t *half, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        __mmask16 mask = lanes_of(count - i);
        _mm512_mask_storeu_ps(x + i, mask, load_half(mask, half + i));
    }
}

AVX512 void avx512_quantise(int8_t *count, const float *x, float unit, int limit,
                            size_t n)
{
    const __m512 units = _mm512_set1_ps(unit);
    const __m512 high = _mm512_set1_ps((float)limit);
    const __m512 low = _mm512_set1_ps(-(float)limit);
    for (size_t i = 0; i < n; i += LANES) {
        __mmask16 mask = lanes_of(n - i);
        __m512 value = _mm512_div_ps(_mm512_maskz_loadu_ps(mask, x + i), units);
        value = _mm512_max_ps(_mm512_min_ps(value, high), low);
        _mm_mask_storeu_epi8(count + i, mask,
                             _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(value)));
    }
}
#endif
