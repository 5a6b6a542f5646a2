/* See spike_index_layout.h. What is mapped are foreign bytes: every place is checked
 * once, here, and what lies at a place can then be any number. */
#include "viz/spike_index_layout.h"

#include <stdbool.h>
#include <stdlib.h>

static const char magic[8] = { 'l', 'u', 'c', 'i', 'n', 'd', 'e', 'x' };
static const uint32_t byte_order = 0x01020304;

/* FNV-1a, eight bytes at a time. */
uint64_t index_checksum(uint64_t before, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t sum = before ^ UINT64_C(0xcbf29ce484222325);
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        sum = (sum ^ word) * UINT64_C(0x100000001b3);
        sum ^= sum >> 32;
    }
    for (; size > 0; size--, at++)
        sum = (sum ^ *at) * UINT64_C(0x100000001b3);
    return sum;
}

static bool lies_within(uint64_t at, uint64_t items, uint64_t item, uint64_t align,
                        uint64_t size)
{
    return at % align == 0 && at <= size && items <= (size - at) / item;
}

/* Head, strips, blocks and levels stand one behind another. */
uint64_t index_part_checksum(const unsigned char *bytes)
{
    struct index_part_head head;
    memcpy(&head, bytes, sizeof head);
    uint64_t end = head.level_at + head.levels * sizeof(struct index_level);
    head.checksum = 0;
    uint64_t sum = index_checksum(0, &head, sizeof head);
    return index_checksum(sum, bytes + sizeof head, (size_t)end - sizeof head);
}

static enum error_code refuse(struct error *err, const char *what)
{
    return error_set(err, ERR_FORMAT, "not an index of this recording: %s", what);
}

static bool blocks_are_sound(const struct index_part *part, uint64_t blocks)
{
    for (uint64_t i = 0; i < blocks; i++) {
        const struct index_block *block = &part->block[i];
        uint64_t events = block->events, bytes = events * sizeof(uint32_t);
        if (block->worth_bytes == 1)
            bytes += INDEX_DICTIONARY * sizeof(int32_t) + events;
        else if (block->worth_bytes == 4)
            bytes += events * sizeof(int32_t);
        else if (block->worth_bytes != 0)
            return false;
        if (!lies_within(block->at, bytes, 1, 4, part->head->bytes))
            return false;
    }
    return true;
}

static bool levels_are_sound(const struct index_part *part, const struct index_map *map)
{
    for (uint32_t i = 0; i < part->head->levels; i++) {
        const struct index_level *level = &part->level[i];
        if (level->width_bits > MOST_WIDTH_BITS || level->height >= map->heights)
            return false;
        uint64_t width = UINT64_C(1) << level->width_bits;
        uint64_t columns = (part->head->steps + width - 1) >> level->width_bits;
        if (level->rows != index_map_rows(map, level->height) ||
            level->columns != columns || columns == 0 || level->rows == 0)
            return false;
        for (int plane = 0; plane < INDEX_PLANES; plane++)
            if (level->plane_at[plane] &&
                (columns > part->head->bytes ||
                 !lies_within(level->plane_at[plane], level->rows, 2 * columns, 2,
                              part->head->bytes)))
                return false;
    }
    return true;
}

static bool strips_are_sound(const struct index_part *part, const struct index_map *map)
{
    for (uint32_t i = 0; i < part->head->strips; i++) {
        const struct index_strip *strip = &part->strip[i];
        if ((uint64_t)strip->first + strip->steps > part->head->steps ||
            strip->steps > UINT64_C(1) << (32 - map->range_bits))
            return false;
    }
    return true;
}

enum error_code index_part_check(struct index_part *part, const unsigned char *bytes,
                                 size_t size, const struct index_map *map,
                                 struct error *err)
{
    const struct index_part_head *head = (const void *)bytes;
    *part = (struct index_part){ .bytes = bytes, .head = head };
    if (size < sizeof *head || head->bytes > size || head->bytes % INDEX_PAGE != 0)
        return refuse(err, "a part is cut");
    uint64_t blocks = (uint64_t)head->strips * map->ranges;
    if (head->strip_at != sizeof *head ||
        !lies_within(head->strip_at, head->strips, sizeof *part->strip, 8,
                     head->bytes) ||
        head->block_at != head->strip_at + head->strips * sizeof *part->strip ||
        !lies_within(head->block_at, blocks, sizeof *part->block, 8, head->bytes) ||
        head->level_at != head->block_at + blocks * sizeof *part->block ||
        !lies_within(head->level_at, head->levels, sizeof *part->level, 8, head->bytes))
        return refuse(err, "a part's tables lie outside");
    if (head->checksum != index_part_checksum(bytes))
        return refuse(err, "a part's checksum does not fit");
    part->strip = (const void *)(bytes + head->strip_at);
    part->block = (const void *)(bytes + head->block_at);
    part->level = (const void *)(bytes + head->level_at);
    if (head->steps > UINT32_MAX || head->first_step > UINT64_MAX - head->steps ||
        head->first_token > UINT64_MAX - head->tokens || !strips_are_sound(part, map) ||
        !blocks_are_sound(part, blocks) || !levels_are_sound(part, map))
        return refuse(err, "a part's tables are wrong");
    return OK;
}

static uint64_t head_checksum(const struct index_file_head *head,
                              const uint64_t *offset)
{
    struct index_file_head plain = *head;
    plain.checksum = 0;
    return index_checksum(index_checksum(0, &plain, sizeof plain), offset,
                          (size_t)head->parts * sizeof *offset);
}

void index_file_seal(struct index_file_head *head, const uint64_t *offset)
{
    memcpy(head->magic, magic, sizeof magic);
    head->version = INDEX_VERSION;
    head->byte_order = byte_order;
    head->checksum = head_checksum(head, offset);
}

static enum error_code check_head(const struct index_file_head *head,
                                  const unsigned char *bytes, size_t size,
                                  const struct index_identity *identity,
                                  struct error *err)
{
    if (size < sizeof *head || memcmp(head->magic, magic, sizeof magic) != 0)
        return refuse(err, "no index at all");
    if (head->version != INDEX_VERSION || head->byte_order != byte_order)
        return refuse(err, "another version or byte order");
    if (head->bytes != size ||
        !lies_within(head->parts_at, head->parts, sizeof(uint64_t), 8, size))
        return refuse(err, "it is cut");
    if (head->checksum != head_checksum(head, (const void *)(bytes + head->parts_at)))
        return refuse(err, "its checksum does not fit");
    if (memcmp(&head->identity, identity, sizeof *identity) != 0)
        return refuse(err, "the recording has changed");
    return OK;
}

enum error_code index_file_check(struct index_part **part, size_t *parts,
                                 const unsigned char *bytes, size_t size,
                                 const struct index_map *map,
                                 const struct index_identity *identity,
                                 struct error *err)
{
    const struct index_file_head *head = (const void *)bytes;
    *part = NULL;
    *parts = 0;
    if (check_head(head, bytes, size, identity, err) != OK)
        return err->code;
    const uint64_t *offset = (const void *)(bytes + head->parts_at);
    *part = calloc((size_t)head->parts + 1, sizeof **part);
    if (!*part)
        return error_memory(err, "the parts of an index", 48.0 * (double)head->parts);
    uint64_t token = 0, step = 0;
    enum error_code code = OK;
    for (uint64_t i = 0; i < head->parts && code == OK; i++) {
        struct index_part *one = &(*part)[i];
        if (!lies_within(offset[i], 1, sizeof *one->head, INDEX_PAGE, size))
            code = refuse(err, "a part lies outside");
        else if (index_part_check(one, bytes + offset[i], size - (size_t)offset[i], map,
                                  err) != OK)
            code = err->code;
        else if (one->head->first_token != token || one->head->first_step < step)
            code = refuse(err, "its parts do not follow one another");
        else {
            token += one->head->tokens;
            step = one->head->first_step + one->head->steps;
        }
    }
    if (code == OK && token != identity->tokens)
        code = refuse(err, "tokens are missing");
    if (code == OK) {
        *parts = (size_t)head->parts;
        return OK;
    }
    free(*part);
    *part = NULL;
    return code;
}
