/* Attention's two loops over the positions of a head, 512 bits wide: one register is
 * the sixteen lanes of kernel.h. Heads that share keys and values convert them to 32
 * bits once for two or three. Heads of another size than 64 or 128 go
 * position by position through the other float kernels, with the same results. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, MOST_VECTORS = 8, MOST_HEADS = 3, GROUP = 4 };

AVX512 INLINE __m512 load_half(const uint16_t *half)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)half));
}

/* The lanes of four registers added in kernel.h's order (8, 4, 2, 1 apart), all four at
 * once: each step halves what is left of every register. */
AVX512 INLINE __m128 sum_four(__m512 a, __m512 b, __m512 c, __m512 d)
{
    __m512 ab = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44),
                              _mm512_shuffle_f32x4(a, b, 0xee));
    __m512 cd = _mm512_add_ps(_mm512_shuffle_f32x4(c, d, 0x44),
                              _mm512_shuffle_f32x4(c, d, 0xee));
    /* ab: a0-3 a4-7 b0-3 b4-7 */
    __m512 four = _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88),
                                _mm512_shuffle_f32x4(ab, cd, 0xdd));
    /* four: a b c d, 4 lanes each */
    __m512 two = _mm512_add_ps(four, _mm512_permute_ps(four, 0x4e));
    __m512 one = _mm512_add_ps(two, _mm512_permute_ps(two, 0xb1));
    const __m512i first =
        _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return _mm512_castps512_ps128(_mm512_permutexvar_ps(first, one));
}

AVX512 INLINE void score_vectors(float *score, size_t stride, const float *query,
                                 size_t heads, const uint16_t *key, size_t vectors,
                                 size_t count)
{
    const size_t size = vectors * LANES;
    __m512 q[MOST_HEADS][MOST_VECTORS], lane[MOST_HEADS][GROUP];
    for (size_t h = 0; h < heads; h++)
        for (size_t v = 0; v < vectors; v++)
            q[h][v] = _mm512_loadu_ps(query + h * size + v * LANES);
    size_t i = 0;
    for (; i + GROUP <= count; i += GROUP) {
        for (size_t h = 0; h < heads; h++)
            for (size_t g = 0; g < GROUP; g++)
                lane[h][g] = _mm512_setzero_ps();
        for (size_t g = 0; g < GROUP; g++)
            for (size_t v = 0; v < vectors; v++) {
                const __m512 k = load_half(key + (i + g) * size + v * LANES);
                for (size_t h = 0; h < heads; h++)
                    lane[h][g] = _mm512_add_ps(lane[h][g], _mm512_mul_ps(q[h][v], k));
            }
        for (size_t h = 0; h < heads; h++)
            _mm_storeu_ps(score + h * stride + i,
                          sum_four(lane[h][0], lane[h][1], lane[h][2], lane[h][3]));
    }
    for (; i < count; i++)
        for (size_t h = 0; h < heads; h++)
            score[h * stride + i] =
                avx512_dot_half(query + h * size, key + i * size, size);
}

/* How many of the heads that are left share a walk over the positions: as many as the
 * registers hold. */
static size_t heads_of(size_t left, size_t size)
{
    if (left == 1 || (size != 4 * LANES && size != 8 * LANES))
        return 1;
    return size == 4 * LANES && left != 2 && left != 4 ? 3 : 2;
}

AVX512 void avx512_score(float *score, size_t stride, const float *query, size_t heads,
                         const uint16_t *key, size_t size, size_t count)
{
    for (size_t some; heads > 0; heads -= some) {
        some = heads_of(heads, size);
        if (size == 4 * LANES && some == 3)
            score_vectors(score, stride, query, 3, key, 4, count);
        else if (size == 4 * LANES && some == 2)
            score_vectors(score, stride, query, 2, key, 4, count);
        else if (size == 4 * LANES)
            score_vectors(score, stride, query, 1, key, 4, count);
        else if (size == 8 * LANES && some == 2)
            score_vectors(score, stride, query, 2, key, 8, count);
        else if (size == 8 * LANES)
            score_vectors(score, stride, query, 1, key, 8, count);
        else
            for (size_t i = 0; i < count; i++)
                score[i] = avx512_dot_half(query, key + i * size, size);
        score += some * stride;
        query += some * size;
    }
}

AVX512 INLINE void mix_vectors(float *y, size_t heads, const float *weight,
                               size_t stride, const uint16_t *value, size_t vectors,
                               size_t count)
{
    const size_t size = vectors * LANES;
    __m512 sum[MOST_HEADS][MOST_VECTORS];
    for (size_t h = 0; h < heads; h++)
        for (size_t v = 0; v < vectors; v++)
            sum[h][v] = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i++)
        for (size_t v = 0; v < vectors; v++) {
            const __m512 from = load_half(value + i * size + v * LANES);
            for (size_t h = 0; h < heads; h++) {
                const __m512 times = _mm512_set1_ps(weight[h * stride + i]);
                sum[h][v] = _mm512_add_ps(sum[h][v], _mm512_mul_ps(times, from));
            }
        }
    for (size_t h = 0; h < heads; h++)
        for (size_t v = 0; v < vectors; v++)
            _mm512_storeu_ps(y + h * size + v * LANES, sum[h][v]);
}

AVX512 static void mix_any(float *y, const float *weight, const uint16_t *value,
                           size_t size, size_t count)
{
    memset(y, 0, size * sizeof *y);
    for (size_t i = 0; i < count; i++)
        avx512_add_half(y, weight[i], value + i * size, size);
}

AVX512 void avx512_mix(float *y, size_t heads, const float *weight, size_t stride,
                       const uint16_t *value, size_t size, size_t count)
{
    for (size_t some; heads > 0; heads -= some) {
        some = heads_of(heads, size);
        if (size == 4 * LANES && some == 3)
            mix_vectors(y, 3, weight, stride, value, 4, count);
        else if (size == 4 * LANES && some == 2)
            mix_vectors(y, 2, weight, stride, value, 4, count);
        else if (size == 4 * LANES)
            mix_vectors(y, 1, weight, stride, value, 4, count);
        else if (size == 8 * LANES && some == 2)
            mix_vectors(y, 2, weight, stride, value, 8, count);
        else if (size == 8 * LANES)
            mix_vectors(y, 1, weight, stride, value, 8, count);
        else
            mix_any(y, weight, value, size, count);
        y += some * size;
        weight += some * stride;
    }
}
#endif
