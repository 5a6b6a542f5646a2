/* Block formats: blocks computed by hand, random blocks against a decoder that takes
 * one element at a time straight from the definition, and every half-precision
 * number. */
#include "lm/block_format.h"
#include "tests/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BLOCK = 256, BLOCKS = 5 };
enum type {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    BF16 = 30,
};
static const enum type types[] = { F32,  F16,  Q4_0, Q4_1, Q5_0, Q5_1, Q8_0,
                                   Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, BF16 };
enum { TYPES = sizeof types / sizeof types[0] };

/* From the definition: sign, exponent, fraction. */
static double half_value(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double size = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return bits & 0x8000 ? -size : size;
}

static double half_in(const uint8_t *block, size_t offset)
{
    return half_value((uint16_t)(block[offset] | block[offset + 1] << 8));
}

/* `count` bits from bit `first` of a byte. */
static int bits_of(uint8_t byte, int first, int count)
{
    return byte >> first & ((1 << count) - 1);
}

/* Sub-block scale (or minimum) of Q4_K and Q5_K. */
static int six_bits(const uint8_t *scales, int sub, bool is_minimum)
{
    int at = sub + (is_minimum ? 4 : 0);
    if (sub < 4)
        return bits_of(scales[at], 0, 6);
    return bits_of(scales[sub + 4], is_minimum ? 4 : 0, 4) +
           16 * bits_of(scales[is_minimum ? sub : sub - 4], 6, 2);
}

static double element_of_k(enum type type, const uint8_t *b, int i)
{
    int sub16 = i / 16, sub32 = i / 32, part = i / 128, in_part = i % 128;
    int quarter = in_part / 32, column = i % 32, two, four, five, low, high;
    switch (type) {
    case Q2_K:
        two = bits_of(b[16 + 32 * part + column], 2 * quarter, 2);
        return half_in(b, 80) * bits_of(b[sub16], 0, 4) * two -
               half_in(b, 82) * bits_of(b[sub16], 4, 4);
    case Q3_K:
        two = bits_of(b[32 + 32 * part + column], 2 * quarter, 2);
        high = bits_of(b[column], 4 * part + quarter, 1);
        low = bits_of(b[96 + sub16 % 8], 4 * (sub16 / 8), 4);
        low += 16 * bits_of(b[104 + sub16 % 4], 2 * (sub16 / 4), 2);
        return half_in(b, 108) * (low - 32) * (two - (high ? 0 : 4));
    case Q4_K:
        four = bits_of(b[16 + 32 * (i / 64) + column], 4 * (sub32 % 2), 4);
        return half_in(b, 0) * six_bits(b + 4, sub32, false) * four -
               half_in(b, 2) * six_bits(b + 4, sub32, true);
    case Q5_K:
        five = bits_of(b[48 + 32 * (i / 64) + column], 4 * (sub32 % 2), 4) +
               16 * bits_of(b[16 + column], sub32, 1);
        return half_in(b, 0) * six_bits(b + 4, sub32, false) * five -
               half_in(b, 2) * six_bits(b + 4, sub32, true);
    default: /* Q6_K */
        low = bits_of(b[64 * part + in_part % 64], 4 * (in_part / 64), 4);
        high = bits_of(b[128 + 32 * part + column], 2 * quarter, 2);
        return half_in(b, 208) * (int8_t)b[192 + sub16] * (low + 16 * high - 32);
    }
}

static double element(enum type type, const uint8_t *b, int i)
{
    uint32_t word = 0;
    float number;
    switch (type) {
    case F32: memcpy(&number, b, sizeof number); return (double)number;
    case BF16:
        word = (uint32_t)(b[0] | b[1] << 8) << 16;
        memcpy(&number, &word, sizeof number);
        return (double)number;
    case F16: return half_in(b, 0);
    case Q8_0: return half_in(b, 0) * (int8_t)b[2 + i];
    case Q4_0: return half_in(b, 0) * (bits_of(b[2 + i % 16], i / 16 * 4, 4) - 8);
    case Q4_1:
        return half_in(b, 0) * bits_of(b[4 + i % 16], i / 16 * 4, 4) + half_in(b, 2);
    case Q5_0:
        return half_in(b, 0) * (bits_of(b[6 + i % 16], i / 16 * 4, 4) +
                                16 * bits_of(b[2 + i / 8], i % 8, 1) - 16);
    case Q5_1:
        return half_in(b, 0) * (bits_of(b[8 + i % 16], i / 16 * 4, 4) +
                                16 * bits_of(b[4 + i / 8], i % 8, 1)) +
               half_in(b, 2);
    default: return element_of_k(type, b, i);
    }
}

/* Where the half-precision numbers of a block stand. */
static size_t half_offsets(enum type type, size_t offset[2])
{
    offset[0] = type == Q2_K ? 80 : type == Q3_K ? 108 : type == Q6_K ? 208 : 0;
    offset[1] = offset[0] + 2;
    return type == F32 || type == BF16 ? 0
           : type == Q4_1 || type == Q5_1 || type == Q2_K || type == Q4_K ||
                   type == Q5_K
               ? 2
               : 1;
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Products are exact in float32 and in double, so one rounding is all there is, and the
 * two must agree to the last bit. */
static void random_blocks_decode_like_the_definition(void)
{
    uint64_t state = 7;
    for (int t = 0; t < TYPES; t++) {
        const struct block_format *format = block_format_find(types[t]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(format);
        CU_ASSERT_PTR_NOT_NULL_FATAL(format->decode);
        size_t offset[2], halves = half_offsets(types[t], offset), wrong = 0;
        for (int round = 0; round < 300; round++) {
            uint8_t blocks[BLOCKS * MAX_BLOCK];
            float values[BLOCKS * MAX_BLOCK];
            for (size_t i = 0; i < BLOCKS * format->bytes; i++)
                blocks[i] = (uint8_t)next_random(&state);
            for (size_t b = 0; b < BLOCKS; b++) {
                for (size_t h = 0; h < halves; h++) /* finite: exponent below 31 */
                    blocks[b * format->bytes + offset[h] + 1] &= 0xbf;
                if (halves == 0)
                    blocks[(b + 1) * format->bytes - 1] &= 0xbf;
            }
            CU_ASSERT(format->decode(blocks, BLOCKS, values));
            for (size_t i = 0; i < BLOCKS * format->elements; i++) {
                const uint8_t *block = blocks + i / format->elements * format->bytes;
                double right = element(types[t], block, (int)(i % format->elements));
                wrong += values[i] != (float)right;
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
}

static void scales_that_are_not_finite_are_refused(void)
{
    static const uint16_t bad[] = { 0x7c00, 0xfc00, 0x7e00, 0xfc01 };
    for (int t = 0; t < TYPES; t++) {
        const struct block_format *format = block_format_find(types[t]);
        size_t offset[2], halves = half_offsets(types[t], offset);
        if (halves == 0) { /* F32, BF16: the same bits at the top of the number */
            halves = 1;
            offset[0] = format->bytes - 2;
        }
        for (size_t h = 0; h < halves; h++)
            for (size_t i = 0; i < 4; i++) {
                uint8_t blocks[BLOCKS * MAX_BLOCK] = { 0 };
                float values[BLOCKS * MAX_BLOCK];
                uint16_t bits =
                    format->elements == 1 && types[t] != F16 ? bad[i] | 0x7f80 : bad[i];
                CU_ASSERT(format->decode(blocks, BLOCKS, values));
                memcpy(blocks + (i + 1) * format->bytes + offset[h], &bits,
                       sizeof bits);
                CU_ASSERT(!format->decode(blocks, BLOCKS, values));
            }
    }
}

/* A zero block with some bytes set, and some elements worked out on paper. */
struct by_hand {
    enum type type;
    struct {
        int at, byte;
    } set[9]; /* ends with at = byte = 0 */
    struct {
        int element;
        float value;
    } want[6];
    int wants;
};

static const struct by_hand by_hand[] = {
    { F32, { { 2, 0x20 }, { 3, 0xc1 } }, { { 0, -10 } }, 1 },
    { F16, { { 1, 0x3e } }, { { 0, 1.5f } }, 1 },
    { BF16, { { 0, 0x20 }, { 1, 0xc1 } }, { { 0, -10 } }, 1 },
    { Q4_0,
      { { 1, 0x38 }, { 5, 0xa1 } }, /* d = 0.5 */
      { { 0, -4 }, { 3, -3.5f }, { 19, 1 }, { 31, -4 } },
      4 },
    { Q4_1,
      { { 1, 0x38 }, { 3, 0xc0 }, { 4, 0xf1 } }, /* d = 0.5, m = -2 */
      { { 0, -1.5f }, { 1, -2 }, { 16, 5.5f } },
      3 },
    { Q5_0,
      { { 1, 0x3c }, { 2, 0x02 }, { 5, 0x80 }, { 7, 0x03 }, { 21, 0x40 } },
      { { 0, -16 }, { 1, 3 }, { 31, 4 }, { 17, -16 } },
      4 },
    { Q5_1,
      { { 1, 0x40 }, { 3, 0x3c }, { 4, 0x01 }, { 6, 0x01 }, { 8, 0x52 } },
      { { 0, 37 }, { 16, 43 }, { 1, 1 } },
      3 }, /* d = 2, m = 1 */
    { Q8_0,
      { { 1, 0x34 }, { 2, 0x80 }, { 33, 0x7f } }, /* d = 0.25 */
      { { 0, -32 }, { 1, 0 }, { 31, 31.75f } },
      3 },
    { Q2_K,
      { { 0, 0x13 },
        { 15, 0x21 },
        { 16, 0x03 },
        { 79, 0x80 },
        { 81, 0x3c },
        { 83, 0x38 } }, /* d = 1, dmin = 0.5 */
      { { 0, 8.5f }, { 1, -0.5f }, { 255, 1 }, { 240, -1 } },
      4 },
    { Q3_K,
      { { 0, 0x01 }, { 32, 0x02 }, { 96, 0x01 }, { 104, 0x02 }, { 109, 0x3c } },
      /* scale of sub-block 0: 33 - 32 = 1; of the others 0 - 32 */
      { { 0, 2 }, { 1, -4 }, { 16, 128 } },
      3 },
    { Q4_K,
      { { 1, 0x3c },
        { 3, 0x3c },
        { 4, 0xc3 },
        { 8, 0x42 },
        { 12, 0x51 },
        { 16, 0x04 },
        { 80, 0x07 },
        { 112, 0x60 } },
      /* sub-block 0: 3 and 2; sub-block 4: 1 + 16 * 3 = 49 and 5 + 16 * 1 = 21 */
      { { 0, 10 }, { 1, -2 }, { 128, 322 }, { 129, -21 }, { 224, 0 } },
      5 },
    { Q5_K,
      { { 1, 0x3c },
        { 3, 0x3c },
        { 4, 0xc3 },
        { 8, 0x42 },
        { 12, 0x51 },
        { 16, 0x11 },
        { 48, 0x04 },
        { 112, 0x07 } },
      { { 0, 58 }, { 1, -2 }, { 128, 1106 }, { 129, -21 } },
      4 },
    { Q6_K,
      { { 0, 0x25 },
        { 128, 0x13 },
        { 192, 0x02 },
        { 196, 0xff },
        { 198, 0x03 },
        { 209, 0x3c } },
      /* element 0: 5 + 16 * 3 - 32 = 21; element 64: 2 + 16 * 1 - 32 = -14 */
      { { 0, 42 }, { 64, 14 }, { 65, 32 }, { 96, -96 }, { 1, -64 } },
      5 },
};

static void blocks_decode_as_worked_out_by_hand(void)
{
    for (size_t c = 0; c < sizeof by_hand / sizeof by_hand[0]; c++) {
        const struct by_hand *hand = &by_hand[c];
        uint8_t block[MAX_BLOCK] = { 0 };
        float values[MAX_BLOCK];
        for (int i = 0; hand->set[i].at || hand->set[i].byte; i++)
            block[hand->set[i].at] = (uint8_t)hand->set[i].byte;
        CU_ASSERT(block_format_find(hand->type)->decode(block, 1, values));
        for (int i = 0; i < hand->wants; i++)
            CU_ASSERT_EQUAL(values[hand->want[i].element], hand->want[i].value);
    }
}

static void every_half_survives_the_way_to_float_and_back(void)
{
    size_t wrong = 0;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        float value = half_to_float((uint16_t)bits);
        double right = half_value((uint16_t)bits);
        uint16_t back = float_to_half(value);
        if (isnan(right))
            wrong += !isnan(value) || (back & 0x7c00) != 0x7c00 || (back & 0x3ff) == 0;
        else
            wrong += (double)value != right || !signbit(value) != !(bits >> 15) ||
                     back != bits;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Between two neighbours the nearer one, at the middle the even one. */
static void floats_round_to_the_nearest_half(void)
{
    size_t wrong = 0;
    for (uint16_t bits = 0; bits < 0x7c00; bits++) {
        float low = half_to_float(bits);
        float high = bits < 0x7bff ? half_to_float((uint16_t)(bits + 1)) : 65536;
        float middle = low + (high - low) / 2;
        uint16_t even = (uint16_t)(bits + (bits & 1));
        wrong += float_to_half(middle) != even;
        wrong += float_to_half(-middle) != (even | 0x8000);
        wrong += float_to_half(nextafterf(middle, 0)) != bits;
        wrong += float_to_half(nextafterf(middle, INFINITY)) != bits + 1;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(float_to_half(1e30f), 0x7c00);
    CU_ASSERT_EQUAL(float_to_half(-INFINITY), 0xfc00);
    CU_ASSERT_EQUAL(float_to_half(1e-30f), 0);
    CU_ASSERT_EQUAL(float_to_half(-1e-45f), 0x8000);
}

static void types_are_known_unsupported_or_unknown(void)
{
    static const uint32_t removed[] = {
        4, 5, 31, 32, 33, 36, 37, 38, 1000, UINT32_MAX
    };
    for (size_t i = 0; i < sizeof removed / sizeof removed[0]; i++)
        CU_ASSERT_PTR_NULL(block_format_find(removed[i]));
    static const uint32_t named[] = { 9, 15, 16, 17, 23, 24, 28, 29, 34, 35, 39 };
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        const struct block_format *format = block_format_find(named[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(format);
        CU_ASSERT(format->decode == NULL && format->id == named[i]);
        CU_ASSERT(format->elements > 0 && format->bytes > 0);
    }
    CU_ASSERT_STRING_EQUAL(block_format_find(17)->name, "IQ2_XS");
}

CU_TestInfo block_format_tests[] = {
    { "blocks decode as worked out by hand", blocks_decode_as_worked_out_by_hand },
    { "random blocks decode like the definition",
      random_blocks_decode_like_the_definition },
    { "scales that are not finite are refused",
      scales_that_are_not_finite_are_refused },
    { "every half survives the way to float and back",
      every_half_survives_the_way_to_float_and_back },
    { "floats round to the nearest half", floats_round_to_the_nearest_half },
    { "types are known, unsupported or unknown",
      types_are_known_unsupported_or_unknown },
    CU_TEST_INFO_NULL,
};
