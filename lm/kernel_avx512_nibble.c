/* Weights of 4 bits in 512 bits with VNNI. Two outputs share a byte b = low + 16 high.
 * Bytes of four rows are interleaved as they stand and multiplied twice, whole and with
 * the high half masked off:
 *
 *     whole = sum of factor * b,  low = sum of factor * low,  high = (whole - low) / 16
 *
 * which is exact, and cheaper than to shift the high halves down before they are
 * multiplied. Rows of a group are taken in batches of 32 at most, whose sums of
 * factor * (q - 8) fit 16 bits (32 * 127 * 8 < 2^15), so that one vpdpwssd multiplies
 * them by the scale, and the sum of the factors by the centre, and adds both in 32 bits.
 * All of a batch is summed in registers, column by column; batches are summed in the
 * first cache, or the second where rows are wide. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include "lm/kernel_vnni.h"

enum {
    OUTPUTS = 2 * VECTOR, /* of a register of nibbles */
    SOON = 2 * VECTOR,    /* bytes of a row between fetching and reading */
    NARROW = 2048,        /* outputs: 64 rows of it are few lines of the first cache */
    TILE = 2 * LANES,     /* outputs: low halves of 16 bytes, then the high ones */
    MOST_ROWS = 32,       /* of a batch */
    AHEAD = 32,           /* rows of the list that are asked for so long before */
};

struct sums {
    __m512i low[4], high[4]; /* in the order of interleave() */
};

/* Rows of one group, and those so much further in the list. */
struct batch {
    const uint8_t *at[MOST_ROWS], *next[MOST_ROWS];
    int32_t factors[MOST_ROWS / FOUR]; /* four to a dword */
    size_t fours;
    int32_t total; /* of the factors */
    const int8_t *scale;
    const int16_t *centre;
    size_t bytes; /* of a row, in this chunk */
};

/* A list of rows of which `at` are done. */
struct list {
    const struct kernel_nibbles *nibbles;
    const uint32_t *row;
    const int8_t *factor;
    size_t at, count;
};

/* The next rows of one group. The last four are filled up with a row again, with factor
 * 0. */
static inline void take_batch(struct batch *batch, struct list *list)
{
    const struct kernel_nibbles *n = list->nibbles;
    const uint32_t group = list->row[list->at] / n->group, first = group * n->group;
    size_t most =
        list->count - list->at < MOST_ROWS ? list->count - list->at : MOST_ROWS;
    const uint32_t *row = list->row + list->at;
    size_t rows = 0;
    for (; rows < most && row[rows] - first < n->group; rows++) {
        size_t ahead = list->at + rows + AHEAD;
        batch->at[rows] = n->nibble + row[rows] * n->stride;
        batch->next[rows] = ahead < list->count
                                ? n->nibble + list->row[ahead] * n->stride
                                : batch->at[0];
    }
    batch->fours = (rows + FOUR - 1) / FOUR;
    for (size_t r = rows; r < batch->fours * FOUR; r++)
        batch->at[r] = batch->next[r] = batch->at[0];
    batch->factors[batch->fours - 1] = 0;
    memcpy(batch->factors, list->factor + list->at, rows);
    batch->total = 0;
    for (size_t r = 0; r < rows; r++)
        batch->total += list->factor[list->at + r];
    batch->scale = n->scale + group * n->scale_stride;
    batch->centre = n->centre ? n->centre + group * n->scale_stride : NULL;
    list->at += rows;
}

/* The part of a register's outputs that exists. */
struct masks {
    __mmask64 byte;     /* of nibbles */
    __mmask64 scale[2]; /* of outputs */
    __mmask32 centre[4];
};

static inline __mmask64 first_bits(size_t count)
{
    return count < VECTOR ? ((__mmask64)1 << count) - 1 : UINT64_MAX;
}

static inline struct masks masks_of(size_t outputs)
{
    struct masks masks = { first_bits((outputs + TILE - 1) / TILE * LANES),
                           { 0 },
                           { 0 } };
    size_t whole = (outputs + TILE - 1) / TILE * TILE;
    for (size_t i = 0; i < 2; i++)
        masks.scale[i] = first_bits(whole > i * VECTOR ? whole - i * VECTOR : 0);
    for (size_t t = 0; t < 4; t++)
        masks.centre[t] = whole > t * TILE ? UINT32_MAX : 0;
    return masks;
}

/* Behind a row's end comes one further in the list, not what lies there. */
VNNI INLINE void prefetch_four(const struct batch *batch, size_t four, size_t byte,
                               bool is_wide)
{
    const size_t soon = byte + SOON;
    const uint8_t *const *from = soon < batch->bytes ? batch->at : batch->next;
    const size_t at =
        soon < batch->bytes ? soon : (soon - batch->bytes) / VECTOR * VECTOR;
    for (size_t r = four * FOUR; r < (four + 1) * FOUR; r++)
        if (is_wide) {
            _mm_prefetch((const char *)(from[r] + at), _MM_HINT_T0);
            _mm_prefetch((const char *)(batch->next[r] + byte), _MM_HINT_T1);
        } else {
            _mm_prefetch((const char *)(batch->next[r] + byte), _MM_HINT_T0);
        }
}

/* sum of factor * (q - 8) over the batch. */
VNNI INLINE void sum_batch(struct sums *sums, const struct batch *batch, size_t byte,
                           __mmask64 mask, bool is_wide)
{
    const __m512i half = _mm512_set1_epi8(0x0f);
    __m512i whole[4], low[4];
    for (size_t j = 0; j < 4; j++) {
        low[j] = _mm512_set1_epi32(-8 * batch->total);
        whole[j] = _mm512_set1_epi32(-(8 + 16 * 8) * batch->total);
    }
    for (size_t four = 0; four < batch->fours; four++) {
        const __m512i factor = _mm512_set1_epi32(batch->factors[four]);
        __m512i w[FOUR], part[4];
        prefetch_four(batch, four, byte, is_wide);
        for (size_t r = 0; r < FOUR; r++)
            w[r] = _mm512_maskz_loadu_epi8(mask, batch->at[four * FOUR + r] + byte);
        interleave(part, w);
        for (size_t j = 0; j < 4; j++) {
            whole[j] = _mm512_dpbusd_epi32(whole[j], part[j], factor);
            low[j] =
                _mm512_dpbusd_epi32(low[j], _mm512_and_si512(part[j], half), factor);
        }
    }
    for (size_t j = 0; j < 4; j++) {
        sums->low[j] = low[j];
        sums->high[j] = _mm512_srai_epi32(_mm512_sub_epi32(whole[j], low[j]), 4);
    }
}

/* Scales of 16 bits: lane L of word[0] and [1] has those of the low halves of tile L,
 * eight by eight, [2] and [3] those of the high halves. */
VNNI INLINE void load_scales(__m512i word[4], const int8_t *scale,
                             const struct masks *masks)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i first = _mm512_maskz_loadu_epi8(masks->scale[0], scale);
    __m512i second = _mm512_maskz_loadu_epi8(masks->scale[1], scale + VECTOR);
    __m512i low = _mm512_shuffle_i64x2(first, second, 0x88);
    __m512i high = _mm512_shuffle_i64x2(first, second, 0xdd);
    word[0] = _mm512_srai_epi16(_mm512_unpacklo_epi8(zero, low), 8);
    word[1] = _mm512_srai_epi16(_mm512_unpackhi_epi8(zero, low), 8);
    word[2] = _mm512_srai_epi16(_mm512_unpacklo_epi8(zero, high), 8);
    word[3] = _mm512_srai_epi16(_mm512_unpackhi_epi8(zero, high), 8);
}

/* Adds what a batch is worth at 128 outputs. */
VNNI INLINE void add_column(struct sums *to, const struct batch *batch, size_t byte,
                            const struct masks *masks, bool is_wide, bool has_centre)
{
    struct sums sums;
    __m512i scale[4], centre[4];
    sum_batch(&sums, batch, byte, masks->byte, is_wide);
    load_scales(scale, batch->scale + 2 * byte, masks);
    for (size_t j = 0; j < 4; j++)
        centre[j] = has_centre
                        ? _mm512_maskz_loadu_epi16(masks->centre[j],
                                                   batch->centre + 2 * byte + j * TILE)
                        : _mm512_setzero_si512();
    if (has_centre) {
        const __m512i total = _mm512_set1_epi16((int16_t)batch->total);
        order(centre);
        for (size_t j = 0; j < 4; j++) {
            sums.low[j] = _mm512_mask_blend_epi16(0xaaaaaaaa, sums.low[j], total);
            sums.high[j] = _mm512_mask_blend_epi16(0xaaaaaaaa, sums.high[j], total);
        }
    }
    for (size_t j = 0; j < 4; j += 2) {
        const size_t low = j / 2, high = 2 + j / 2;
        to->low[j] =
            _mm512_dpwssd_epi32(to->low[j], sums.low[j],
                                _mm512_unpacklo_epi16(scale[low], centre[low]));
        to->low[j + 1] =
            _mm512_dpwssd_epi32(to->low[j + 1], sums.low[j + 1],
                                _mm512_unpackhi_epi16(scale[low], centre[low]));
        to->high[j] =
            _mm512_dpwssd_epi32(to->high[j], sums.high[j],
                                _mm512_unpacklo_epi16(scale[high], centre[high]));
        to->high[j + 1] =
            _mm512_dpwssd_epi32(to->high[j + 1], sums.high[j + 1],
                                _mm512_unpackhi_epi16(scale[high], centre[high]));
    }
}

/* One batch at the outputs of a chunk. */
VNNI INLINE void walk(struct sums *sums, const struct batch *batch, size_t columns,
                      bool is_wide, bool has_centre)
{
    const struct masks all = masks_of(OUTPUTS), rest = masks_of(columns % OUTPUTS);
    const size_t whole = columns / OUTPUTS;
    for (size_t v = 0; v < whole; v++)
        add_column(&sums[v], batch, v * VECTOR, &all, is_wide, has_centre);
    if (columns % OUTPUTS > 0)
        add_column(&sums[whole], batch, whole * VECTOR, &rest, is_wide, has_centre);
}

/* Lane L of the bytes is a tile. */
VNNI static void store_sums(int32_t *sum, struct sums *sums, size_t columns)
{
    for (size_t v = 0; v * OUTPUTS < columns; v++) {
        order(sums[v].low);
        order(sums[v].high);
        for (size_t lane = 0; lane < 4; lane++) {
            size_t o = v * OUTPUTS + lane * TILE;
            add_sums(sum, o, columns, sums[v].low[lane]);
            add_sums(sum, o + LANES, columns, sums[v].high[lane]);
        }
    }
}

VNNI static void add_chunk(struct sums *sums, struct list *list, size_t columns)
{
    struct batch batch;
    const bool is_wide = columns > NARROW, has_centre = list->nibbles->centre;
    memset(sums, 0, (columns + OUTPUTS - 1) / OUTPUTS * sizeof *sums);
    while (list->at < list->count) {
        take_batch(&batch, list);
        batch.bytes = columns / 2;
        if (is_wide && has_centre)
            walk(sums, &batch, columns, true, true);
        else if (is_wide)
            walk(sums, &batch, columns, true, false);
        else if (has_centre)
            walk(sums, &batch, columns, false, true);
        else
            walk(sums, &batch, columns, false, false);
    }
}

VNNI void avx512_vnni_add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles,
                                  size_t width, const uint32_t *row,
                                  const int8_t *factor, size_t count)
{
    struct sums sums[CHUNK / OUTPUTS];
    for (size_t first = 0; first < width; first += CHUNK) {
        size_t columns = width - first < CHUNK ? width - first : CHUNK;
        struct kernel_nibbles part = *nibbles;
        part.nibble += first / 2;
        part.scale += first;
        part.centre = part.centre ? part.centre + first : NULL;
        struct list list = { &part, row, factor, 0, count };
        add_chunk(sums, &list, columns);
        store_sums(sum + first, sums, columns);
    }
}
#endif
