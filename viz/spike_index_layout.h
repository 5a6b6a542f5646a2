/* The bytes of an index: as they lie in the cache file and, of parts not yet written, in
 * memory. All numbers are native; a file of another byte order is refused.
 *
 *     head | part | part | ... | offsets of the parts    (parts begin at pages)
 *     part: head | strips | blocks (strips, ranges) | levels | events and sums
 *
 * A part holds a stretch of tokens. A block holds the events of a stretch of steps (a
 * strip) and of a range of neurons: 4 bytes each, (step - first) << range_bits | node -
 * first node of the range, and their worths where these differ. A level holds sums over
 * cells of 2^width_bits steps and the rows of a height of the map, (rows, columns). */
#ifndef VIZ_SPIKE_INDEX_LAYOUT_H
#define VIZ_SPIKE_INDEX_LAYOUT_H

#include "base/error.h"
#include "viz/spike_index_map.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { INDEX_VERSION = 1, INDEX_PAGE = 65536, INDEX_DICTIONARY = 256 };
enum { MOST_WIDTH_BITS = 32 };

/* Which file an index was made of. */
struct index_identity {
    uint64_t bytes;
    int64_t seconds, nanoseconds; /* of its last change */
    uint64_t tokens, populations; /* populations: a checksum of their table */
};

struct index_file_head {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t bytes; /* of the whole file */
    struct index_identity identity;
    uint64_t parts, parts_at;
    uint64_t checksum; /* of the head with checksum 0, and of the offsets */
};

struct index_part_head {
    uint64_t bytes; /* a multiple of INDEX_PAGE */
    uint64_t first_token, tokens;
    uint64_t first_step, steps;
    uint64_t events;
    uint64_t strip_at, block_at, level_at; /* from the part's begin, as all places */
    uint32_t strips, levels;
    float strongest;
    float unit[2]; /* strength^4 of every spike excited, inhibited; 0: they differ */
    uint32_t reserved; /* 0 */
    uint64_t checksum; /* of head, strips, blocks and levels */
};

struct index_strip {
    uint32_t first, steps; /* from the part's first step */
    uint64_t events;
};

struct index_block {
    uint64_t at; /* uint32_t place[events], then int32_t dictionary[INDEX_DICTIONARY]
                  * and uint8_t code[events], or int32_t worth[events] */
    uint32_t events;
    uint32_t worth_bytes; /* 0: all have the same worth; 1; 4 */
    int32_t worth;
    uint32_t reserved;
};

/* Sums of strength^4, and of spikes where strengths differ. */
enum index_plane {
    POWER_EXCITED,
    POWER_INHIBITED,
    COUNT_EXCITED,
    COUNT_INHIBITED,
    INDEX_PLANES
};

struct index_level {
    uint32_t width_bits, height;
    uint32_t rows, columns;
    uint64_t plane_at[INDEX_PLANES]; /* uint16_t cell[rows][columns]; 0: none */
};

/* A sum in 16 bits: a float without its sign and the last 15 bits, 0.1 % fine. */
static inline uint16_t index_pack(float sum)
{
    uint32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return (uint16_t)((bits + 0x4000) >> 15);
}

static inline float index_unpack(uint16_t cell)
{
    uint32_t bits = (uint32_t)cell << 15;
    float sum;
    memcpy(&sum, &bits, sizeof sum);
    return sum;
}

/* A part whose bytes were checked. */
struct index_part {
    const unsigned char *bytes;
    const struct index_part_head *head;
    const struct index_strip *strip;
    const struct index_block *block; /* (strips, ranges) */
    const struct index_level *level;
};

uint64_t index_checksum(uint64_t before, const void *bytes, size_t size);
uint64_t index_part_checksum(const unsigned char *bytes);
/* bytes: aligned to 8. Nothing of it is read beyond `size`; afterwards every place that
 * head, strips, blocks and levels name lies within. */
enum error_code index_part_check(struct index_part *part, const unsigned char *bytes,
                                 size_t size, const struct index_map *map,
                                 struct error *err);
/* A whole file: its parts must follow one another and hold all tokens. part is
 * malloc'ed. */
enum error_code index_file_check(struct index_part **part, size_t *parts,
                                 const unsigned char *bytes, size_t size,
                                 const struct index_map *map,
                                 const struct index_identity *identity,
                                 struct error *err);
/* Fills magic, version, byte order and checksum. */
void index_file_seal(struct index_file_head *head, const uint64_t *offset);

#endif
