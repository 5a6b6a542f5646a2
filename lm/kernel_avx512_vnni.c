/* 512 bits with VNNI: four listed rows, interleaved, by their four factors in one
 * vpdpbusd. It takes unsigned times signed: flipping the sign bit makes
 * a weight w + 128, and the sums start at -128 * (sum of the factors) to take it back.
 * vpdpbusd does not saturate, and 4 * 255 * 127 fits: sums wrap as promised.
 *
 * Rows are walked along, eight side by side, with the sums of a chunk in the first
 * cache, or the second where rows are wide: eight long streams suit the hardware's
 * prefetching where weights do not fit a cache, and the longer the better (chunks of
 * 2,048 outputs read rows of 16,384 a third slower). Tiles of 256 outputs with all sums
 * in registers are faster where weights do fit, and slower where they do not, which is
 * the rule: short pieces with gaps are no streams. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include "lm/kernel_vnni.h"

enum {
    ROWS = 2 * FOUR,   /* walked side by side */
    SOON = 4 * VECTOR, /* bytes of a row between fetching and reading */
};

/* Rows that are walked side by side, and those that come next. */
struct group {
    const uint8_t *at[ROWS], *next[ROWS];
    int32_t factors[ROWS / FOUR]; /* four to a dword */
};

/* The rows from list place `e` on; behind `count`, rows again with factor 0. */
static inline struct group find_group(const void *rows, size_t stride,
                                      const uint32_t *row, const int8_t *factor,
                                      size_t e, size_t count)
{
    struct group group = { .factors = { 0 } };
    size_t left = count - e < ROWS ? count - e : ROWS;
    memcpy(group.factors, factor + e, left);
    for (size_t r = 0; r < ROWS; r++) {
        size_t here = r < left ? e + r : e;
        size_t next = e + left + r < count ? e + left + r : here;
        group.at[r] = (const uint8_t *)rows + row[here] * stride;
        group.next[r] = (const uint8_t *)rows + row[next] * stride;
    }
    return group;
}

/* Sums of 64 outputs in the order of interleave(). */
struct sums {
    __m512i part[4];
};

static bool is_supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}

VNNI static void store_sums(int32_t *sum, struct sums *sums, size_t columns)
{
    for (size_t o = 0; o < columns; o += LANES) {
        if (o % VECTOR == 0)
            order(sums[o / VECTOR].part);
        add_sums(sum, o, columns, sums[o / VECTOR].part[o % VECTOR / LANES]);
    }
}

/* What is read soon is asked for in the first cache, and what the next group has in these
 * columns in the second: either alone is slower. Behind a row's end comes the next group,
 * not the row that lies there, which may be silent. */
VNNI INLINE void fetch_ahead(const struct group *group, size_t o, size_t columns)
{
    const size_t soon = o + SOON;
    const uint8_t *const *from = soon < columns ? group->at : group->next;
    const size_t at = soon < columns ? soon : (soon - columns) / VECTOR * VECTOR;
    for (size_t r = 0; r < ROWS; r++)
        _mm_prefetch((const char *)(from[r] + at), _MM_HINT_T0);
    for (size_t r = 0; r < ROWS; r++)
        _mm_prefetch((const char *)(group->next[r] + o), _MM_HINT_T1);
}

/* Adds a group to the outputs from column `o` on, of which `mask` says what exists. */
VNNI INLINE void add_group(struct sums *sums, const struct group *group, size_t o,
                           __mmask64 mask)
{
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    struct sums sum = *sums;
    for (size_t four = 0; four < ROWS / FOUR; four++) {
        __m512i w[FOUR], output[4];
        for (size_t r = 0; r < FOUR; r++)
            w[r] = _mm512_xor_si512(
                _mm512_maskz_loadu_epi8(mask, group->at[four * FOUR + r] + o), sign);
        interleave(output, w);
        for (size_t j = 0; j < 4; j++)
            sum.part[j] = _mm512_dpbusd_epi32(sum.part[j], output[j],
                                              _mm512_set1_epi32(group->factors[four]));
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
            for (size_t v = 0; v < whole; v++) {
                fetch_ahead(&group, v * VECTOR, columns);
                add_group(&sums[v], &group, v * VECTOR, UINT64_MAX);
            }
            if (rest > 0) {
                fetch_ahead(&group, whole * VECTOR, columns);
                add_group(&sums[whole], &group, whole * VECTOR, mask);
            }
        }
        store_sums(sum + first, sums, columns);
    }
}

const struct kernel avx512_vnni_kernel = {
    .name = "avx512-vnni",
    .is_supported = is_supported,
    .list_rows = avx512_list_rows,
    .add_rows = avx512_vnni_add_rows,
    .add_rows_wide = avx512_add_rows_wide,
    .add_nibbles = avx512_vnni_add_nibbles,
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
    .multiply = onednn_multiply,
};
#endif
