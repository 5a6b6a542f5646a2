/* See scale_offset_file.h. */
#include "sim/scale_offset_file.h"

#include <math.h>
#include <string.h>

/* The header: bits of a value (4 bytes), bytes of the least value (1), the least value
 * as it lies in memory, the lowest byte first, and room never used. */
enum { HEADER_BYTES = 21, LEAST_AT = 5, WORD_BITS = 32 };

static const double largest_whole = 4611686018427387904.0; /* 2^62 */

/* Elements as whole numbers. False: one of them is none, or beyond 2^62. */
static bool load(enum element element, const void *rows, size_t count, int64_t *whole)
{
    size_t strange = 0;
    if (element == ELEMENT_I32) {
        const int32_t *from = rows;
        for (size_t i = 0; i < count; i++)
            whole[i] = from[i];
    } else if (element == ELEMENT_U64) {
        const uint64_t *from = rows;
        for (size_t i = 0; i < count; i++) {
            whole[i] = (int64_t)from[i];
            strange += from[i] >> 62 != 0;
        }
    } else {
        const double *from = rows;
        for (size_t i = 0; i < count; i++) {
            const bool fits = fabs(from[i]) < largest_whole;
            whole[i] = fits ? (int64_t)from[i] : 0;
            strange += (double)whole[i] != from[i];
        }
    }
    return strange == 0;
}

struct span {
    int64_t least, most; /* of what is not 0, the fill value */
};

static struct span measure(const int64_t *whole, size_t count)
{
    struct span span = { INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < count; i++) {
        const int64_t low = whole[i] == 0 ? INT64_MAX : whole[i];
        const int64_t high = whole[i] == 0 ? INT64_MIN : whole[i];
        span.least = low < span.least ? low : span.least;
        span.most = high > span.most ? high : span.most;
    }
    return span.least <= span.most ? span : (struct span){ 0, 0 };
}

/* For 0 .. most - least, and one code more, all ones, for the fill value. */
static unsigned bits_of(const struct span *span)
{
    const uint64_t codes = (uint64_t)(span->most - span->least) + 2;
    unsigned bits = 0;
    while (bits < 64 && UINT64_C(1) << bits < codes)
        bits++;
    return bits;
}

struct bit_stream {
    unsigned char *next;
    uint64_t held; /* the low `fill` bits are to be written */
    unsigned fill; /* below WORD_BITS */
};

/* At most WORD_BITS bits. */
static inline void put(struct bit_stream *stream, uint64_t code, unsigned bits)
{
    stream->held = stream->held << bits | code;
    stream->fill += bits;
    if (stream->fill < WORD_BITS)
        return;
    stream->fill -= WORD_BITS;
    const uint32_t word = (uint32_t)(stream->held >> stream->fill);
    for (int byte = 0; byte < 4; byte++)
        stream->next[byte] = (unsigned char)(word >> (24 - 8 * byte));
    stream->next += 4;
}

static inline uint64_t code_of(int64_t whole, int64_t least, unsigned bits)
{
    return whole == 0 ? (UINT64_C(1) << bits) - 1 : (uint64_t)(whole - least);
}

static void put_all(struct bit_stream *stream, const int64_t *whole, size_t count,
                    int64_t least, unsigned bits)
{
    size_t i = 0;
    for (; 4 * bits <= WORD_BITS && i + 4 <= count; i += 4) {
        const uint64_t first =
            code_of(whole[i], least, bits) << bits | code_of(whole[i + 1], least, bits);
        const uint64_t second = code_of(whole[i + 2], least, bits) << bits |
                                code_of(whole[i + 3], least, bits);
        put(stream, first << 2 * bits | second, 4 * bits);
    }
    for (; bits <= WORD_BITS && i < count; i++)
        put(stream, code_of(whole[i], least, bits), bits);
    for (; i < count; i++) {
        const uint64_t code = code_of(whole[i], least, bits);
        put(stream, code >> WORD_BITS, bits - WORD_BITS);
        put(stream, (uint32_t)code, WORD_BITS);
    }
}

static void write_header(unsigned char *packed, unsigned bits, enum element element,
                         int64_t least)
{
    uint64_t image = (uint64_t)least;
    const double least_double = (double)least;
    if (element == ELEMENT_F64)
        memcpy(&image, &least_double, sizeof image);
    memset(packed, 0, HEADER_BYTES);
    packed[0] = (unsigned char)bits;
    packed[4] = sizeof image;
    for (unsigned byte = 0; byte < sizeof image; byte++)
        packed[LEAST_AT + byte] = (unsigned char)(image >> 8 * byte);
}

/* A chunk as it is packed, at most 8 bytes an element, and behind it its elements as
 * whole numbers. */
static size_t packed_room(size_t count)
{
    return (HEADER_BYTES + 1 + WORD_BITS / 8 + 7) / 8 * 8 + 8 * count;
}

size_t scale_offset_room(size_t count)
{
    return packed_room(count) + count * sizeof(int64_t);
}

size_t scale_offset_pack(enum element element, const void *rows, size_t count,
                         unsigned char *room)
{
    int64_t *whole = (int64_t *)(void *)(room + packed_room(count));
    if ((element != ELEMENT_I32 && element != ELEMENT_U64 && element != ELEMENT_F64) ||
        !load(element, rows, count, whole))
        return 0;
    const struct span span = measure(whole, count);
    const unsigned bits = bits_of(&span);
    if (bits >= (element == ELEMENT_I32 ? 32 : 64))
        return 0;
    struct bit_stream stream = { .next = room + HEADER_BYTES };
    put_all(&stream, whole, count, span.least, bits);
    put(&stream, 0, WORD_BITS - stream.fill);
    write_header(room, bits, element, span.least);
    return HEADER_BYTES + count * bits / 8 + 1;
}
