/* See page_bytes.h. */
#include "viz/page_bytes.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void page_bytes_release(struct page_bytes *bytes)
{
    free(bytes->byte);
    *bytes = (struct page_bytes){ 0 };
}

static bool make_room(struct page_bytes *bytes, size_t more)
{
    if (bytes->is_short)
        return false;
    if (more <= bytes->room - bytes->length)
        return true;
    size_t room = bytes->room > SIZE_MAX / 4 ? SIZE_MAX : 2 * bytes->room + 4096;
    if (room < more || room - more < bytes->length)
        room = bytes->length > SIZE_MAX - more ? SIZE_MAX : bytes->length + more;
    uint8_t *grown = realloc(bytes->byte, room);
    if (!grown) {
        bytes->is_short = true;
        return false;
    }
    bytes->byte = grown;
    bytes->room = room;
    return true;
}

void page_bytes_put(struct page_bytes *bytes, uint8_t byte)
{
    if (make_room(bytes, 1))
        bytes->byte[bytes->length++] = byte;
}

void page_bytes_add(struct page_bytes *bytes, const void *from, size_t length)
{
    if (length == 0 || !make_room(bytes, length))
        return;
    memcpy(bytes->byte + bytes->length, from, length);
    bytes->length += length;
}

void page_bytes_number(struct page_bytes *bytes, uint64_t number)
{
    for (; number > 127; number >>= 7)
        page_bytes_put(bytes, (uint8_t)(number | 128));
    page_bytes_put(bytes, (uint8_t)number);
}

void page_bytes_signed(struct page_bytes *bytes, int64_t number)
{
    uint64_t size = number < 0 ? ~(uint64_t)number : (uint64_t)number;
    page_bytes_number(bytes, size << 1 | (number < 0));
}

static void add_base64(struct page_bytes *bytes, const uint8_t *from, size_t length)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t have = length - i < 3 ? length - i : 3;
        uint32_t bits = (uint32_t)from[i] << 16;
        bits |= have > 1 ? (uint32_t)from[i + 1] << 8 : 0;
        bits |= have > 2 ? (uint32_t)from[i + 2] : 0;
        char four[] = { digit[bits >> 18], digit[bits >> 12 & 63],
                        have > 1 ? digit[bits >> 6 & 63] : '=',
                        have > 2 ? digit[bits & 63] : '=' };
        page_bytes_add(bytes, four, sizeof four);
    }
}

enum error_code page_bytes_pack(struct page_bytes *bytes, const struct page_bytes *from,
                                struct error *err)
{
    enum { LEVEL = 9, WINDOW = -15, MEMORY = 9, CHUNK = 3 << 14 };
    z_stream stream = { .next_in = from->byte, .avail_in = (uInt)from->length };
    if (from->length > UINT32_MAX)
        return error_set(err, ERR_ARGUMENT, "a page of %zu bytes, at most 2^32 can be",
                         from->length);
    uint8_t *chunk = malloc(CHUNK);
    if (from->is_short || !chunk ||
        deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
        free(chunk);
        return error_memory(err, "the data of a page", (double)from->length);
    }
    /* Every chunk but the last is full: base64 takes three bytes at a time. */
    do {
        stream.next_out = chunk;
        stream.avail_out = CHUNK;
        deflate(&stream, Z_FINISH);
        add_base64(bytes, chunk, CHUNK - stream.avail_out);
    } while (stream.avail_out == 0);
    deflateEnd(&stream);
    free(chunk);
    if (bytes->is_short)
        return error_memory(err, "a page", (double)bytes->length);
    return OK;
}
