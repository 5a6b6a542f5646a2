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
                find_group(nibble + first / 2, stride, row, factor, e, count, count);
            for (size_t v = 0; v < whole; v++)
                add_group(&sums[v], &group, v * VECTOR, UINT64_MAX);
            if (rest > 0)
                add_group(&sums[whole], &group, whole * VECTOR, mask);
        }
        store_sums(sum + first, sums, columns);
    }
}

/* Where a segment is decoded to. */
struct decoding {
    float *y;
    size_t columns;
    const uint16_t *scale, *minimum; /* NULL: none */
    const struct kernel_segment *segment;
    bool accumulate;
};

/* Sixteen sums, of outputs [o, o + 16), as decode_half does. */
VNNI INLINE void decode_sums(const struct decoding *to, size_t o, __m512i sums)
{
    if (o >= to->columns)
        return;
    size_t left = to->columns - o;
    __mmask16 mask = (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
    const __m512 units = _mm512_set1_ps(to->segment->unit);
    __m512 times =
        _mm512_mul_ps(units,
                      _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, to->scale + o)));
    int32_t total = to->segment->total;
    __m512i shift = _mm512_set1_epi32(to->minimum ? 0 : (int32_t)(8 * (uint32_t)total));
    __m512 more =
        _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sums, shift)), times);
    if (to->minimum) {
        __m512 least =
            _mm512_mul_ps(units, _mm512_cvtph_ps(
                                     _mm256_maskz_loadu_epi16(mask, to->minimum + o)));
        more = _mm512_add_ps(more, _mm512_mul_ps(_mm512_set1_ps((float)total), least));
    }
    __m512 old = _mm512_maskz_loadu_ps(to->accumulate ? mask : 0, to->y + o);
    _mm512_mask_storeu_ps(to->y + o, mask, _mm512_add_ps(old, more));
}

VNNI INLINE void decode_vector(const struct decoding *to, size_t o, struct sums *sums)
{
    __m512i *low = sums->low, high[4];
    for (size_t j = 0; j < 4; j++)
        high[j] = _mm512_srai_epi32(_mm512_sub_epi32(sums->whole[j], low[j]), 4);
    order(low);
    order(high);
    for (size_t lane = 0; lane < 4; lane++) {
        decode_sums(to, o + lane * TILE, low[lane]);
        decode_sums(to, o + lane * TILE + LANES, high[lane]);
    }
}

/* One group at the outputs of a chunk. Sums go from group to group through the first
 * cache; those of the last are decoded from registers. */
VNNI INLINE void walk(struct sums *sums, const struct group *group, bool is_first,
                      bool is_last, const struct decoding *to)
{
    const struct sums zero = { { _mm512_setzero_si512() }, { _mm512_setzero_si512() } };
    size_t bytes = (to->columns + TILE - 1) / TILE * LANES;
    for (size_t v = 0; v * VECTOR < bytes; v++) {
        size_t left = bytes - v * VECTOR;
        __mmask64 mask = left < VECTOR ? ((__mmask64)1 << left) - 1 : UINT64_MAX;
        struct sums sum = is_first ? zero : sums[v];
        add_group(&sum, group, v * VECTOR, mask);
        if (is_last)
            decode_vector(to, v * OUTPUTS, &sum);
        else
            sums[v] = sum;
    }
}

VNNI static void project_segment(const struct kernel_nibbles *nibbles,
                                 const struct kernel_list *list, struct sums *sums,
                                 const struct decoding *to)
{
    size_t end = to->segment->end, listed = list->segment[list->segments - 1].end;
    size_t e = to->segment->begin;
    bool is_first = true;
    for (; e + ROWS < end; e += ROWS) {
        struct group group = find_group(nibbles->nibble, nibbles->stride, list->row,
                                        list->factor, e, end, listed);
        if (is_first)
            walk(sums, &group, true, false, to);
        else
            walk(sums, &group, false, false, to);
        is_first = false;
    }
    struct group group = find_group(nibbles->nibble, nibbles->stride, list->row,
                                    list->factor, e, end, listed);
    if (is_first)
        walk(sums, &group, true, true, to);
    else
        walk(sums, &group, false, true, to);
}

VNNI void avx512_vnni_project_nibbles(float *y, const struct kernel_nibbles *nibbles,
                                      size_t width, const struct kernel_list *list)
{
    struct sums sums[CHUNK / OUTPUTS];
    for (size_t first = 0; first < width; first += CHUNK) {
        struct kernel_nibbles part = *nibbles;
        part.nibble += first / 2;
        for (size_t k = 0; k < list->segments; k++) {
            const struct kernel_segment *segment = &list->segment[k];
            size_t scales = segment->group * nibbles->scale_stride + first;
            struct decoding to = {
                .y = y + first,
                .columns = width - first < CHUNK ? width - first : CHUNK,
                .scale = nibbles->scale + scales,
                .minimum = nibbles->minimum ? nibbles->minimum + scales : NULL,
                .segment = segment,
                .accumulate = k > 0,
            };
            project_segment(&part, list, sums, &to);
        }
    }
}
#endif
