/* Little-endian numbers out of the front of a file. Nothing is read that is not there:
 * room is asked for as `count <= left / each`, which cannot wrap. */
#ifndef LM_BYTE_READER_H
#define LM_BYTE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_reader {
    const uint8_t *bytes;
    size_t size, position;
    uint64_t file_size; /* of the whole file, at least size */
    bool ran_out;       /* the file has the bytes asked for, but not `bytes` */
};

/* Bytes of the file behind the present position. */
static inline uint64_t byte_reader_left(const struct byte_reader *in)
{
    return in->file_size - in->position;
}

/* Are there `count` things of at least `each` bytes? */
static inline bool byte_reader_has(struct byte_reader *in, uint64_t count, size_t each)
{
    if (count <= (in->size - in->position) / each)
        return true;
    in->ran_out = count <= byte_reader_left(in) / each;
    return false;
}

/* The next `count` bytes, or NULL. */
static inline const uint8_t *byte_reader_take(struct byte_reader *in, uint64_t count)
{
    if (!byte_reader_has(in, count, 1))
        return NULL;
    const uint8_t *at = in->bytes + in->position;
    in->position += (size_t)count;
    return at;
}

/* `width` bytes, at most 8, as one number. */
static inline uint64_t little_endian(const uint8_t *bytes, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static inline bool byte_reader_u32(struct byte_reader *in, uint32_t *value)
{
    const uint8_t *at = byte_reader_take(in, 4);
    if (at)
        *value = (uint32_t)little_endian(at, 4);
    return at != NULL;
}

static inline bool byte_reader_u64(struct byte_reader *in, uint64_t *value)
{
    const uint8_t *at = byte_reader_take(in, 8);
    if (at)
        *value = little_endian(at, 8);
    return at != NULL;
}

#endif
