/* 512 bits with VNNI. Four listed rows are interleaved byte by byte in registers, so
 * that a dword holds the four weights of one output, and multiplied by their four
 * factors in one vpdpbusd. It takes unsigned times signed: flipping the sign bit makes
 * a weight w + 128, and the sums start at -128 * (sum of the factors) to take it back.
 * vpdpbusd does not saturate, and 4 * 255 * 127 fits: sums wrap as promised. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE static inline __attribute__((always_inline))

enum {
    VECTOR = 64,                /* weights in a register */
    TILE_VECTORS = 4,           /* 256 outputs: 16 accumulators of 32 registers */
    ROWS = 4,                   /* to a vpdpbusd */
    AHEAD = 6 * ROWS,           /* rows between prefetch and use */
};

/* Where a tile finds its operands. */
struct walk {
    const int8_t *weight;       /* of the tile's first output */
    size_t stride;
    const uint32_t *row;
    const int8_t *factor;
    size_t count;
};

static bool is_supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}

/* acc[j] lane L gathers outputs 16 L + 4 j and the three behind it. */
VNNI INLINE void add_four(__m512i acc[4], const __m512i w[ROWS], __m512i factor)
{
    __m512i ab_low = _mm512_unpacklo_epi8(w[0], w[1]);
    __m512i ab_high = _mm512_unpackhi_epi8(w[0], w[1]);
    __m512i cd_low = _mm512_unpacklo_epi8(w[2], w[3]);
    __m512i cd_high = _mm512_unpackhi_epi8(w[2], w[3]);
    acc[0] = _mm512_dpbusd_epi32(acc[0], _mm512_unpacklo_epi16(ab_low, cd_low), factor);
    acc[1] = _mm512_dpbusd_epi32(acc[1], _mm512_unpackhi_epi16(ab_low, cd_low), factor);
    acc[2] =
        _mm512_dpbusd_epi32(acc[2], _mm512_unpacklo_epi16(ab_high, cd_high), factor);
    acc[3] =
        _mm512_dpbusd_epi32(acc[3], _mm512_unpackhi_epi16(ab_high, cd_high), factor);
}

/* Brings the four accumulators into the order of the outputs: a transposition of 4 x 4
 * blocks of 128 bits. */
VNNI INLINE void order_outputs(__m512i acc[4])
{
    __m512i a = _mm512_shuffle_i64x2(acc[0], acc[1], 0x44);
    __m512i b = _mm512_shuffle_i64x2(acc[2], acc[3], 0x44);
    __m512i c = _mm512_shuffle_i64x2(acc[0], acc[1], 0xee);
    __m512i d = _mm512_shuffle_i64x2(acc[2], acc[3], 0xee);
    acc[0] = _mm512_shuffle_i64x2(a, b, 0x88);
    acc[1] = _mm512_shuffle_i64x2(a, b, 0xdd);
    acc[2] = _mm512_shuffle_i64x2(c, d, 0x88);
    acc[3] = _mm512_shuffle_i64x2(c, d, 0xdd);
}

/* One group of rows. `mask` says which outputs of the last vector exist. */
VNNI INLINE void add_group(__m512i (*acc)[4], size_t vectors, __mmask64 mask,
                           const int8_t *const at[ROWS], __m512i factor)
{
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    for (size_t v = 0; v < vectors; v++) {
        __m512i w[ROWS];
        for (size_t r = 0; r < ROWS; r++) {
            const int8_t *from = at[r] + v * VECTOR;
            w[r] = vectors > 1 ? _mm512_loadu_si512(from)
                               : _mm512_maskz_loadu_epi8(mask, from);
            w[r] = _mm512_xor_si512(w[r], sign);
        }
        add_four(acc[v], w, factor);
    }
}

VNNI INLINE void prefetch_group(const struct walk *walk, size_t e, size_t vectors)
{
    for (size_t r = 0; r < ROWS; r++) {
        const int8_t *at = walk->weight + walk->row[e + r] * walk->stride;
        for (size_t v = 0; v < vectors; v++)
            _mm_prefetch((const char *)(at + v * VECTOR), _MM_HINT_T0);
    }
}

/* All rows into `vectors` * 64 outputs; only a single vector may be masked. */
VNNI INLINE void add_tile(int32_t *sum, const struct walk *walk, size_t vectors,
                          __mmask64 mask, __m512i start)
{
    __m512i acc[TILE_VECTORS][4];
    for (size_t v = 0; v < vectors; v++)
        for (size_t j = 0; j < 4; j++)
            acc[v][j] = start;

    const int8_t *at[ROWS];
    size_t e = 0;
    for (; e + ROWS <= walk->count; e += ROWS) {
        if (e + AHEAD + ROWS <= walk->count)
            prefetch_group(walk, e + AHEAD, vectors);
        int32_t four;
        memcpy(&four, walk->factor + e, sizeof four);
        for (size_t r = 0; r < ROWS; r++)
            at[r] = walk->weight + walk->row[e + r] * walk->stride;
        add_group(acc, vectors, mask, at, _mm512_set1_epi32(four));
    }
    if (e < walk->count) {
        int8_t rest[ROWS] = { 0 };
        int32_t four;
        memcpy(rest, walk->factor + e, walk->count - e);
        memcpy(&four, rest, sizeof four);
        for (size_t r = 0; r < ROWS; r++)
            at[r] = walk->weight +
                    walk->row[e + r < walk->count ? e + r : e] * walk->stride;
        add_group(acc, vectors, mask, at, _mm512_set1_epi32(four));
    }

    for (size_t v = 0; v < vectors; v++) {
        order_outputs(acc[v]);
        for (size_t j = 0; j < 4; j++) {
            __mmask16 part = (__mmask16)(mask >> (16 * j));
            int32_t *to = sum + v * VECTOR + 16 * j;
            __m512i old = _mm512_maskz_loadu_epi32(part, to);
            _mm512_mask_storeu_epi32(to, part, _mm512_add_epi32(old, acc[v][j]));
        }
    }
}

VNNI static void add_rows(int32_t *sum, const int8_t *weight, size_t stride,
                          size_t width, const uint32_t *row, const int8_t *factor,
                          size_t count)
{
    struct walk walk = { weight, stride, row, factor, count };
    uint32_t total = 0;
    for (size_t e = 0; e < count; e++)
        total += (uint32_t)factor[e];
    __m512i start = _mm512_set1_epi32((int32_t)(total * (uint32_t)-128));

    size_t o = 0;
    for (; o + TILE_VECTORS * VECTOR <= width; o += TILE_VECTORS * VECTOR) {
        walk.weight = weight + o;
        add_tile(sum + o, &walk, TILE_VECTORS, UINT64_MAX, start);
    }
    for (; o < width; o += VECTOR) {
        size_t left = width - o;
        walk.weight = weight + o;
        add_tile(sum + o, &walk, 1,
                 left < VECTOR ? ((__mmask64)1 << left) - 1 : UINT64_MAX, start);
    }
}

const struct kernel avx512_vnni_kernel = {
    .name = "avx512-vnni",
    .is_supported = is_supported,
    .add_rows = add_rows,
    .add_rows_wide = avx512_add_rows_wide,
    .decode = avx512_decode,
    .dot_half = avx512_dot_half,
    .add_half = avx512_add_half,
    .dot = avx512_dot,
    .sum_abs = avx512_sum_abs,
    .max_abs = avx512_max_abs,
    .exp_array = avx512_exp_array,
    .to_half = avx512_to_half,
    .from_half = avx512_from_half,
    .quantise = avx512_quantise,
    .multiply = onednn_multiply,
};
#endif
