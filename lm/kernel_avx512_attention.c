/* Attention's two loops over the positions of a head, 512 bits wide: one register is
 * the sixteen lanes of kernel.h. Heads of another size than 64 or 128 go
 * position by position through the other float kernels, with the same results. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, MOST_VECTORS = 8, GROUP = 4 };

AVX512 INLINE __m512 load_half(const uint16_t *half)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)half));
}

/* Lane sums of q times one key. */
AVX512 INLINE __m512 product(const __m512 *q, const uint16_t *key, size_t vectors)
{
    __m512 lane = _mm512_setzero_ps();
    for (size_t v = 0; v < vectors; v++)
        lane = _mm512_add_ps(lane, _mm512_mul_ps(q[v], load_half(key + v * LANES)));
    return lane;
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

AVX512 INLINE void score_vectors(float *score, const float *query, const uint16_t *key,
                                 size_t vectors, size_t count)
{
    const size_t size = vectors * LANES;
    __m512 q[MOST_VECTORS];
    for (size_t v = 0; v < vectors; v++)
        q[v] = _mm512_loadu_ps(query + v * LANES);
    size_t i = 0;
    for (; i + GROUP <= count; i += GROUP) {
        const uint16_t *k = key + i * size;
        _mm_storeu_ps(score + i,
                      sum_four(product(q, k, vectors), product(q, k + size, vectors),
                               product(q, k + 2 * size, vectors),
                               product(q, k + 3 * size, vectors)));
    }
    for (; i < count; i++)
        score[i] = avx512_dot_half(query, key + i * size, size);
}

AVX512 void avx512_score(float *score, const float *query, const uint16_t *key,
                         size_t size, size_t count)
{
    if (size == 4 * LANES) {
        score_vectors(score, query, key, 4, count);
    } else if (size == 8 * LANES) {
        score_vectors(score, query, key, 8, count);
    } else {
        for (size_t i = 0; i < count; i++)
            score[i] = avx512_dot_half(query, key + i * size, size);
    }
}

AVX512 INLINE void mix_vectors(float *y, const float *weight, const uint16_t *value,
                               size_t vectors, size_t count)
{
    __m512 sum[MOST_VECTORS];
    for (size_t v = 0; v < vectors; v++)
        sum[v] = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i++) {
        const __m512 times = _mm512_set1_ps(weight[i]);
        const uint16_t *from = value + i * vectors * LANES;
        for (size_t v = 0; v < vectors; v++)
            sum[v] = _mm512_add_ps(sum[v],
                                   _mm512_mul_ps(times, load_half(from + v * LANES)));
    }
    for (size_t v = 0; v < vectors; v++)
        _mm512_storeu_ps(y + v * LANES, sum[v]);
}

AVX512 void avx512_mix(float *y, const float *weight, const uint16_t *value,
                       size_t size, size_t count)
{
    if (size == 4 * LANES) {
        mix_vectors(y, weight, value, 4, count);
    } else if (size == 8 * LANES) {
        mix_vectors(y, weight, value, 8, count);
    } else {
        memset(y, 0, size * sizeof *y);
        for (size_t i = 0; i < count; i++)
            avx512_add_half(y, weight[i], value + i * size, size);
    }
}
#endif
