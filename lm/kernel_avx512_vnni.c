/* 512 bits with VNNI: four listed rows, interleaved, by their four factors in one
 * vpdpbusd. It takes unsigned times signed: flipping the sign bit makes
 * a weight w + 128, and the sums start at -128 * (sum of the factors) to take it back.
 * vpdpbusd does not saturate, and 4 * 255 * 127 fits: sums wrap as promised.
 *
 * Rows are walked along side by side, with the sums of a chunk in the first cache, or the
 * second where rows are wide. Wide rows of a list with gaps go eight abreast: long
 * streams suit the hardware's prefetching where weights do not fit a cache, and the
 * longer the better (chunks of 2,048 outputs read rows of 16,384 a third slower). Narrow
 * rows, and those of a list with hardly a gap, go four abreast and are asked for earlier.
 * Tiles of 256 outputs with all sums in registers are faster where weights do fit, and
 * slower where they do not, which is the rule: short pieces with gaps are no streams. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include "lm/kernel_vnni.h"

enum {
    MOST = 2 * FOUR,   /* rows walked side by side */
    SOON = 4 * VECTOR, /* bytes of a wide row between fetching and reading */
    NARROW = 2048,     /* bytes of a row: up to here four are walked side by side ... */
    WIDE = 8192,       /* ... and up to here, where few are missing */
};

/* Listed rows, from the column that `rows` points at. */
struct listed {
    const uint8_t *rows;
    size_t stride;
    const uint32_t *row;
    const int8_t *factor;
    size_t count;
};

/* Rows that are walked side by side, and the two groups that come next. */
struct group {
    const uint8_t *at[MOST], *next[MOST], *later[MOST];
    int32_t factors[MOST / FOUR]; /* four to a dword */
};

static inline const uint8_t *row_at(const struct listed *list, size_t place,
                                    size_t otherwise)
{
    return list->rows +
           list->row[place < list->count ? place : otherwise] * list->stride;
}

/* The rows from list place `e` on; behind the end the first of them, times 0. */
static inline struct group find_group(const struct listed *list, size_t e,
                                      size_t abreast)
{
    struct group group = { .factors = { 0 } };
    const size_t left = list->count - e;
    memcpy(group.factors, list->factor + e, left < abreast ? left : abreast);
    for (size_t r = 0; r < abreast; r++) {
        group.at[r] = row_at(list, e + r, e);
        group.next[r] = row_at(list, e + abreast + r, e);
        group.later[r] = row_at(list, e + 2 * abreast + r, e);
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

/* What is read soon is asked for in the first cache, and what comes later in the second:
 * either alone is slower. Behind a row's end comes the next group, not the row that lies
 * there, which may be silent. */
VNNI INLINE void fetch_ahead(const struct group *group, size_t o, size_t columns,
                             size_t abreast)
{
    const bool is_four = abreast == FOUR;
    const size_t soon = is_four ? columns + o : o + SOON;
    const uint8_t *const *from = soon < columns ? group->at : group->next;
    const size_t at = soon < columns ? soon : (soon - columns) / VECTOR * VECTOR;
    const uint8_t *const *later = is_four ? group->later : group->next;
    for (size_t r = 0; r < abreast; r++)
        _mm_prefetch((const char *)(from[r] + at), _MM_HINT_T0);
    for (size_t r = 0; r < abreast; r++)
        _mm_prefetch((const char *)(later[r] + o), _MM_HINT_T1);
}

/* Adds a group to the outputs from column `o` on, of which `mask` says what exists. */
VNNI INLINE void add_group(struct sums *sums, const struct group *group, size_t o,
                           __mmask64 mask, size_t abreast)
{
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    struct sums sum = *sums;
    for (size_t four = 0; four < abreast / FOUR; four++) {
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

VNNI INLINE void walk(struct sums *sums, const struct listed *list, size_t columns,
                      size_t abreast)
{
    const size_t whole = columns / VECTOR, rest = columns % VECTOR;
    const __mmask64 mask = ((__mmask64)1 << rest) - 1;
    for (size_t e = 0; e < list->count; e += abreast) {
        const struct group group = find_group(list, e, abreast);
        for (size_t v = 0; v < whole; v++) {
            fetch_ahead(&group, v * VECTOR, columns, abreast);
            add_group(&sums[v], &group, v * VECTOR, UINT64_MAX, abreast);
        }
        if (rest > 0) {
            fetch_ahead(&group, whole * VECTOR, columns, abreast);
            add_group(&sums[whole], &group, whole * VECTOR, mask, abreast);
        }
    }
}

/* Of ten rows between the first listed and the last eight at least are listed, too. */
static bool has_few_gaps(const uint32_t *row, size_t count)
{
    return row[count - 1] >= row[0] &&
           10 * count >= 8 * ((size_t)row[count - 1] - row[0] + 1);
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
    const bool is_four =
        width <= NARROW || (width <= WIDE && count > 0 && has_few_gaps(row, count));

    for (size_t first = 0; first < width; first += CHUNK) {
        const size_t columns = width - first < CHUNK ? width - first : CHUNK;
        const struct listed list = { (const uint8_t *)weight + first, stride, row,
                                     factor, count };
        for (size_t v = 0; v * VECTOR < columns; v++)
            sums[v] = (struct sums){ { start, start, start, start } };
        if (is_four)
            walk(sums, &list, columns, FOUR);
        else
            walk(sums, &list, columns, MOST);
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
