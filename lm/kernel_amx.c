/* AMX: the VNNI row with a batched product in tiles. A tile of weights wants four
 * inputs of an output side by side, so the weights are packed, part by part, into a
 * buffer of which 32 columns stay in the first cache; factors are read as they stand.
 * Two tiles of rows by two of columns are summed in four registers. tdpbssd multiplies
 * signed by signed and does not saturate.
 *
 * oneDNN 2.6 uses the same instruction, but ends with a scalar loop over all sums (to
 * add offsets nobody asked for), which costs more than the product of 576 inputs. */
#define _DEFAULT_SOURCE /* syscall() */
#include "lm/kernel_rows.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AMX __attribute__((target("avx512f,avx512bw,avx512vl,amx-tile,amx-int8")))

enum {
    SIDE = 16,           /* rows of a tile, and its sums in a row */
    DEPTH = 64,          /* inputs of a tile */
    FOUR = 4,            /* inputs side by side in a packed tile */
    TILE = SIDE * DEPTH, /* bytes */
    STEPS = 16,          /* tiles deep packed at a time */
    COLUMNS = 64,        /* packed at a time */
    AHEAD = 32,          /* inputs between prefetch and packing */
};

struct pair {
    _Alignas(64) int8_t tile[STEPS][2][TILE];
};

/* 64 columns of weights: a cache line of each input. */
struct packed {
    struct pair pair[COLUMNS / (2 * SIDE)];
};

/* Where 32 rows by 32 columns of the product come from and go to. */
struct block {
    const int8_t *factor; /* (rows, depth; row stride `factor_stride`) */
    size_t factor_stride, depth;
    int32_t *sum;
    size_t sum_stride;
    size_t rows, columns; /* up to 32 each */
    bool is_first;        /* sums start at 0 */
};

/* Linux hands out the large registers on request only. */
static bool is_supported(void)
{
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    enum { HAS_TILES = 1 << 24, HAS_INT8 = 1 << 25 };
    unsigned a, b, c, d;
    return avx512_vnni_kernel.is_supported() &&
           __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & HAS_TILES) &&
           (d & HAS_INT8) &&
           syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

AMX static void configure_tiles(void)
{
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } setting = { .palette = 1 };
    for (size_t t = 0; t < 8; t++) {
        setting.row_bytes[t] = DEPTH;
        setting.rows[t] = SIDE;
    }
    _tile_loadconfig(&setting);
}

/* Inputs 4 k to 4 k + 3 of 16 columns become row k of a tile. */
AMX static void pack_four(int8_t *to, const int8_t *weight, size_t stride,
                          size_t inputs, __mmask16 mask)
{
    __m128i w[FOUR];
    for (size_t i = 0; i < FOUR; i++)
        w[i] = _mm_maskz_loadu_epi8(i < inputs ? mask : 0,
                                    weight + (i < inputs ? i : 0) * stride);
    __m128i ab_low = _mm_unpacklo_epi8(w[0], w[1]);
    __m128i ab_high = _mm_unpackhi_epi8(w[0], w[1]);
    __m128i cd_low = _mm_unpacklo_epi8(w[2], w[3]);
    __m128i cd_high = _mm_unpackhi_epi8(w[2], w[3]);
    __m128i *out = (__m128i *)to;
    _mm_store_si128(out, _mm_unpacklo_epi16(ab_low, cd_low));
    _mm_store_si128(out + 1, _mm_unpackhi_epi16(ab_low, cd_low));
    _mm_store_si128(out + 2, _mm_unpacklo_epi16(ab_high, cd_high));
    _mm_store_si128(out + 3, _mm_unpackhi_epi16(ab_high, cd_high));
}

AMX static void pack(struct packed *packed, const int8_t *weight, size_t stride,
                     size_t inputs, size_t columns)
{
    size_t whole = (inputs + DEPTH - 1) / DEPTH * DEPTH;
    for (size_t i = 0; i < whole; i += FOUR) {
        const int8_t *from = weight + (i < inputs ? i : 0) * stride;
        size_t left = i < inputs ? inputs - i : 0;
        for (size_t ahead = 0; ahead < FOUR && left > AHEAD + ahead; ahead++)
            _mm_prefetch((const char *)(from + (AHEAD + ahead) * stride), _MM_HINT_T0);
        for (size_t o = 0; o < columns; o += SIDE) {
            __mmask16 mask =
                (__mmask16)(columns - o < SIDE ? (1u << (columns - o)) - 1 : 0xffffu);
            struct pair *pair = &packed->pair[o / (2 * SIDE)];
            pack_four(pair->tile[i / DEPTH][o / SIDE % 2] + i % DEPTH * SIDE, from + o,
                      stride, left, mask);
        }
    }
}

/* Where a tile of factors is read. One that would reach over the end of its rows or
 * inputs is copied and padded. */
static const int8_t *find_factors(const struct block *block, size_t row, size_t input,
                                  size_t depth, int8_t buffer[TILE], size_t *stride)
{
    *stride = block->factor_stride;
    if (depth == DEPTH && row + SIDE <= block->rows)
        return block->factor + row * block->factor_stride + input;
    *stride = DEPTH;
    memset(buffer, 0, TILE);
    for (size_t r = row; r < row + SIDE && r < block->rows; r++)
        memcpy(buffer + (r - row) * DEPTH,
               block->factor + r * block->factor_stride + input, depth);
    return buffer;
}

AMX static void multiply_steps(const struct block *block, const struct pair *pair)
{
    int8_t buffer[2][TILE];
    for (size_t i = 0; i < block->depth; i += DEPTH) {
        size_t depth = block->depth - i < DEPTH ? block->depth - i : DEPTH;
        size_t stride, lower_stride;
        const int8_t *upper = find_factors(block, 0, i, depth, buffer[0], &stride);
        const int8_t *lower =
            find_factors(block, SIDE, i, depth, buffer[1], &lower_stride);
        _tile_loadd(4, upper, stride);
        _tile_loadd(5, lower, lower_stride);
        _tile_loadd(6, pair->tile[i / DEPTH][0], DEPTH);
        _tile_loadd(7, pair->tile[i / DEPTH][1], DEPTH);
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
}

static void copy_sums(int32_t *to, size_t to_stride, const int32_t *from,
                      size_t from_stride, size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++)
        memcpy(to + r * to_stride, from + r * from_stride, columns * sizeof *to);
}

/* Blocks at the edges pass through a whole one. */
AMX static void multiply_block(const struct block *block, const struct pair *pair)
{
    int32_t edge[2 * SIDE * 2 * SIDE];
    bool is_whole = block->rows == 2 * SIDE && block->columns == 2 * SIDE;
    int32_t *sum = is_whole ? block->sum : edge;
    size_t stride = is_whole ? block->sum_stride : 2 * SIDE;
    size_t row = stride * sizeof *sum;
    if (block->is_first) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    } else {
        if (!is_whole)
            copy_sums(edge, stride, block->sum, block->sum_stride, block->rows,
                      block->columns);
        _tile_loadd(0, sum, row);
        _tile_loadd(1, sum + SIDE, row);
        _tile_loadd(2, sum + SIDE * stride, row);
        _tile_loadd(3, sum + SIDE * stride + SIDE, row);
    }
    multiply_steps(block, pair);
    _tile_stored(0, sum, row);
    _tile_stored(1, sum + SIDE, row);
    _tile_stored(2, sum + SIDE * stride, row);
    _tile_stored(3, sum + SIDE * stride + SIDE, row);
    if (!is_whole)
        copy_sums(block->sum, block->sum_stride, edge, stride, block->rows,
                  block->columns);
}

/* One packed part of the weights with all rows. */
AMX static void multiply_packed(const struct packed *packed, const struct block *first,
                                size_t rows, size_t columns)
{
    for (size_t o = 0; o < columns; o += 2 * SIDE)
        for (size_t r = 0; r < rows; r += 2 * SIDE) {
            struct block block = *first;
            block.factor += r * block.factor_stride;
            block.sum += r * block.sum_stride + o;
            block.rows = rows - r < 2 * SIDE ? rows - r : 2 * SIDE;
            block.columns = columns - o < 2 * SIDE ? columns - o : 2 * SIDE;
            multiply_block(&block, &packed->pair[o / (2 * SIDE)]);
        }
}

AMX static bool multiply(int32_t *sum, size_t sum_stride, const int8_t *factor,
                         size_t factor_stride, size_t rows, size_t inputs,
                         const int8_t *weight, size_t stride, size_t width)
{
    struct packed packed;
    configure_tiles();
    for (size_t o = 0; o < width; o += COLUMNS) {
        size_t columns = width - o < COLUMNS ? width - o : COLUMNS;
        for (size_t i = 0; i < inputs; i += STEPS * DEPTH) {
            size_t depth = inputs - i < STEPS * DEPTH ? inputs - i : STEPS * DEPTH;
            struct block block = { .factor = factor + i,
                                   .factor_stride = factor_stride,
                                   .depth = depth,
                                   .sum = sum + o,
                                   .sum_stride = sum_stride,
                                   .is_first = i == 0 };
            pack(&packed, weight + i * stride + o, stride, depth, columns);
            multiply_packed(&packed, &block, rows, columns);
        }
    }
    _tile_release();
    return true;
}

const struct kernel amx_kernel = {
    .name = "avx512-amx",
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
    .multiply = multiply,
};
#endif
