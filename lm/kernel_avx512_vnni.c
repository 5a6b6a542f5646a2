/* 512 bits with VNNI. Four listed rows are interleaved byte by byte in registers, so
 * that a dword holds the four weights of one output, and multiplied by their four
 * factors in one vpdpbusd. It takes unsigned times signed: flipping the sign bit makes
 * a weight w + 128, and the sums start at -128 * (sum of the factors) to take it back.
 * vpdpbusd does not saturate, and 4 * 255 * 127 fits: sums wrap as promised.
 *
 * Rows are walked along, eight side by side, with the sums of a chunk in the first
 * cache: eight long streams suit the hardware's prefetching where weights do not fit
 * a cache. Tiles of 256 outputs with all sums in registers are up to 25 % faster
 * where they do, and up to 35 % slower where they do not, which is the rule. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE static inline __attribute__((always_inline))

enum {
    VECTOR = 64,     /* weights in a register */
    LANES = 16,      /* sums in a register */
    CHUNK = 2048,    /* outputs whose sums stay in the first cache */
    FOUR = 4,        /* rows to a vpdpbusd */
    ROWS = 2 * FOUR, /* walked side by side */
};

/* Sums of 64 outputs as add_four() leaves them. */
struct sums {
    __m512i part[4];
};

/* Rows that are walked side by side, and those that come next. */
struct group {
    const int8_t *at[ROWS], *next[ROWS];
    int32_t factors[ROWS / FOUR]; /* four to a dword */
};

static bool is_supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}

/* Lane L of part[j] gathers outputs 16 L + 4 j and the three behind it. */
VNNI INLINE void add_four(struct sums *sums, const __m512i w[FOUR], __m512i factor)
{
    __m512i ab_low = _mm512_unpacklo_epi8(w[0], w[1]);
    __m512i ab_high = _mm512_unpackhi_epi8(w[0], w[1]);
    __m512i cd_low = _mm512_unpacklo_epi8(w[2], w[3]);
    __m512i cd_high = _mm512_unpackhi_epi8(w[2], w[3]);
    const __m512i output[4] = { _mm512_unpacklo_epi16(ab_low, cd_low),
                                _mm512_unpackhi_epi16(ab_low, cd_low),
                                _mm512_unpacklo_epi16(ab_high, cd_high),
                                _mm512_unpackhi_epi16(ab_high, cd_high) };
    for (size_t j = 0; j < 4; j++)
        sums->part[j] = _mm512_dpbusd_epi32(sums->part[j], output[j], factor);
}

/* Brings the sums into the order of the outputs: a transposition of 4 x 4 blocks of 128
 * bits. */
VNNI INLINE void order_outputs(struct sums *sums)
{
    __m512i a = _mm512_shuffle_i64x2(sums->part[0], sums->part[1], 0x44);
    __m512i b = _mm512_shuffle_i64x2(sums->part[2], sums->part[3], 0x44);
    __m512i c = _mm512_shuffle_i64x2(sums->part[0], sums->part[1], 0xee);
    __m512i d = _mm512_shuffle_i64x2(sums->part[2], sums->part[3], 0xee);
    sums->part[0] = _mm512_shuffle_i64x2(a, b, 0x88);
    sums->part[1] = _mm512_shuffle_i64x2(a, b, 0xdd);
    sums->part[2] = _mm512_shuffle_i64x2(c, d, 0x88);
    sums->part[3] = _mm512_shuffle_i64x2(c, d, 0xdd);
}

VNNI static void store_sums(int32_t *sum, struct sums *sums, size_t columns)
{
    for (size_t o = 0; o < columns; o += LANES) {
        if (o % VECTOR == 0)
            order_outputs(&sums[o / VECTOR]);
        size_t left = columns - o;
        __mmask16 mask = (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
        __m512i more = sums[o / VECTOR].part[o % VECTOR / LANES];
        __m512i old = _mm512_maskz_loadu_epi32(mask, sum + o);
        _mm512_mask_storeu_epi32(sum + o, mask, _mm512_add_epi32(old, more));
    }
}

/* The rows from list place `e` on; behind the end, rows again with factor 0. */
static struct group find_group(const int8_t *weight, size_t stride, const uint32_t *row,
                               const int8_t *factor, size_t e, size_t count)
{
    struct group group = { .factors = { 0 } };
    size_t left = count - e < ROWS ? count - e : ROWS;
    memcpy(group.factors, factor + e, left);
    for (size_t r = 0; r < ROWS; r++) {
        size_t here = r < left ? e + r : e;
        size_t next = e + ROWS + r < count ? e + ROWS + r : here;
        group.at[r] = weight + row[here] * stride;
        group.next[r] = weight + row[next] * stride;
    }
    return group;
}

/* Adds a group to the outputs from column `o` on, of which `mask` says what exists. */
VNNI INLINE void add_group(struct sums *sums, const struct group *group, size_t o,
                           __mmask64 mask)
{
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    struct sums sum = *sums;
    for (size_t r = 0; r < ROWS; r++)
        _mm_prefetch((const char *)(group->next[r] + o), _MM_HINT_T0);
    for (size_t four = 0; four < ROWS / FOUR; four++) {
        __m512i w[FOUR];
        for (size_t r = 0; r < FOUR; r++)
            w[r] = _mm512_xor_si512(
                _mm512_maskz_loadu_epi8(mask, group->at[four * FOUR + r] + o), sign);
        add_four(&sum, w, _mm512_set1_epi32(group->factors[four]));
    }
    *sums = sum;
}

VNNI void avx512_vnni_add_rows(int32_t *sum, const int8_t *weight, size_t stride,
                               size_t width, const uint32_t *row, const int8_t *factor,
                               size_t count)
{
    struct sums sums[CHUNK / VECTOR];
    uint32_t total = 0;
    for (size_t e = 0; e < count; e++)
        total += (uint32_t)factor[e];
    const __m512i start = _mm512_set1_epi32((int32_t)(total * (uint32_t)-128));

    for (size_t first = 0; first < width; first += CHUNK) {
        size_t columns = width - first < CHUNK ? width - first : CHUNK;
        size_t whole = columns / VECTOR, rest = columns % VECTOR;
        __mmask64 mask = ((__mmask64)1 << rest) - 1;
        for (size_t v = 0; v * VECTOR < columns; v++)
            sums[v] = (struct sums){ { start, start, start, start } };
        for (size_t e = 0; e < count; e += ROWS) {
            struct group group =
                find_group(weight + first, stride, row, factor, e, count);
            for (size_t v = 0; v < whole; v++)
                add_group(&sums[v], &group, v * VECTOR, UINT64_MAX);
            if (rest > 0)
                add_group(&sums[whole], &group, whole * VECTOR, mask);
        }
        store_sums(sum + first, sums, columns);
    }
}

const struct kernel avx512_vnni_kernel = {
    .name = "avx512-vnni",
    .is_supported = is_supported,
    .add_rows = avx512_vnni_add_rows,
    .add_rows_wide = avx512_add_rows_wide,
    .decode = avx512_decode,
    .dot_half = avx512_dot_half,
    .add_half = avx512_add_half,
    .score = avx512_score,
    .mix = avx512_mix,
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
