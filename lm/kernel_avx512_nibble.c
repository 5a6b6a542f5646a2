/* Weights of 4 bits in 512 bits with VNNI. Two outputs share a byte b = low + 16 high.
 * Bytes of four rows are interleaved as they stand and multiplied twice, whole and with
 * the high half masked off:
 *
 *     whole = sum of factor * b,  low = sum of factor * low,  high = (whole - low) / 16
 *
 * which is exact, and cheaper than to shift the high halves down before they are
 * multiplied. In 65,536 rows `whole` reaches 127 * 255 * 65,536 < 2^31. Rows are walked as
 * in kernel_avx512_vnni.c. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include "lm/kernel_vnni.h"

enum {
    OUTPUTS = 2 * VECTOR, /* of a register of nibbles */
    CHUNK = 2048,         /* outputs whose sums stay in the first cache */
    TILE = 2 * LANES,     /* outputs: low halves of 16 bytes, then the high ones */
};

struct sums {
    __m512i whole[4], low[4]; /* in the order of interleave() */
};

/* Adds a group to the sums of the bytes from `byte` on, of which `mask` says what
 * exists. */
VNNI INLINE void add_group(struct sums *sums, const struct group *group, size_t byte,
                           __mmask64 mask)
{
    const __m512i low = _mm512_set1_epi8(0x0f);
    struct sums sum = *sums;
    for (size_t r = 0; r < ROWS; r++)
        _mm_prefetch((const char *)(group->next[r] + byte), _MM_HINT_T0);
    for (size_t four = 0; four < ROWS / FOUR; four++) {
        const __m512i factor = _mm512_set1_epi32(group->factors[four]);
        __m512i w[FOUR], part[4];
        for (size_t r = 0; r < FOUR; r++)
            w[r] = _mm512_maskz_loadu_epi8(mask, group->at[four * FOUR + r] + byte);
        interleave(part, w);
        for (size_t j = 0; j < 4; j++) {
            sum.whole[j] = _mm512_dpbusd_epi32(sum.whole[j], part[j], factor);
            sum.low[j] =
                _mm512_dpbusd_epi32(sum.low[j], _mm512_and_si512(part[j], low), factor);
        }
    }
    *sums = sum;
}

/* Lane L of the bytes is a tile. */
VNNI static void store_sums(int32_t *sum, struct sums *sums, size_t columns)
{
    for (size_t v = 0; v * OUTPUTS < columns; v++) {
        __m512i *low = sums[v].low, high[4];
        for (size_t j = 0; j < 4; j++)
            high[j] = _mm512_srai_epi32(_mm512_sub_epi32(sums[v].whole[j], low[j]), 4);
        order(low);
        order(high);
        for (size_t lane = 0; lane < 4; lane++) {
            size_t o = v * OUTPUTS + lane * TILE;
            add_sums(sum, o, columns, low[lane]);
            add_sums(sum, o + LANES, columns, high[lane]);
        }
    }
}

VNNI void avx512_vnni_add_nibbles(int32_t *sum, const uint8_t *nibble, size_t stride,
                                  size_t width, const uint32_t *row,
                                  const int8_t *factor, size_t count)
{
    struct sums sums[CHUNK / OUTPUTS];
    for (size_t first = 0; first < width; first += CHUNK) {
        size_t columns = width - first < CHUNK ? width - first : CHUNK;
        size_t bytes = (columns + TILE - 1) / TILE * LANES;
        size_t whole = bytes / VECTOR, rest = bytes % VECTOR;
        __mmask64 mask = ((__mmask64)1 << rest) - 1;
        memset(sums, 0, (whole + (rest > 0)) * sizeof *sums);
        for (size_t e = 0; e < count; e += ROWS) {
            struct group group =
                find_group(nibble + first / 2, stride, row, factor, e, count);
            for (size_t v = 0; v < whole; v++)
                add_group(&sums[v], &group, v * VECTOR, UINT64_MAX);
            if (rest > 0)
                add_group(&sums[whole], &group, whole * VECTOR, mask);
        }
        store_sums(sum + first, sums, columns);
    }
}
#endif
