/* Foreign bytes as the cache of an index: whatever is not refused is looked at, in plots
 * of several sizes. */
#include "viz/spike_index_query.h"

#include <stdlib.h>

enum { NEURONS = 700, COLUMNS = 37, ROWS = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sizes of bands and steps from a byte each. */
static void look(const struct index_map *map, struct index_part *part, size_t parts,
                 unsigned zoom)
{
    struct spike_grid grid;
    struct error err;
    const struct query_limits limits = { zoom & 1 ? 0 : 1000, UINT64_MAX };
    const struct spike_band band[] = { { zoom & 64, 300u >> (zoom & 7), 0, 20 },
                                       { 500, 200u >> (zoom & 3), 21, ROWS - 21 } };
    struct query_part *wanted = calloc(parts + 1, sizeof *wanted);
    if (wanted && spike_grid_create(&grid, COLUMNS, ROWS, &err) == OK) {
        for (size_t i = 0; i < parts; i++)
            wanted[i] = (struct query_part){ &part[i], 0, INT64_MAX / 2 };
        grid.first_step = zoom >> 3;
        grid.steps = UINT64_C(1) << (zoom & 31);
        grid.band = band;
        grid.bands = 2;
        index_query(&grid, map, wanted, parts, &limits, &err);
        spike_grid_release(&grid);
    }
    free(wanted);
}

/* Tables that mostly lie within: else no fuzzer gets past the door. */
static void mend_tables(unsigned char *bytes, const struct index_map *map)
{
    struct index_part_head *head = (void *)bytes;
    struct index_strip *strip = (void *)(bytes + sizeof *head);
    head->strips %= 4;
    head->levels %= 5;
    head->steps %= UINT32_MAX;
    head->strip_at = sizeof *head;
    head->block_at = head->strip_at + head->strips * sizeof *strip;
    struct index_block *block = (void *)(bytes + head->block_at);
    head->level_at = head->block_at + head->strips * map->ranges * sizeof *block;
    struct index_level *level = (void *)(bytes + head->level_at);
    for (uint32_t i = 0; i < head->strips; i++)
        strip[i].steps %= 1u << 10;
    for (uint32_t i = 0; i < head->strips * map->ranges; i++)
        block[i] = (struct index_block){ block[i].at % INDEX_PAGE & ~UINT64_C(3),
                                         block[i].events % 300,
                                         block[i].worth_bytes % 6, block[i].worth, 0 };
    for (uint32_t i = 0; i < head->levels; i++) {
        level[i].width_bits %= MOST_WIDTH_BITS + 2;
        level[i].height %= map->heights + 1;
        if (level[i].height < map->heights)
            level[i].rows = index_map_rows(map, level[i].height);
        uint64_t width = UINT64_C(1) << level[i].width_bits;
        level[i].columns = (uint32_t)((head->steps + width - 1) >> level[i].width_bits);
        for (int plane = 0; plane < INDEX_PLANES; plane++)
            level[i].plane_at[plane] %= INDEX_PAGE;
    }
}

/* Checksums would stop it, too. */
static void mend(unsigned char *bytes, size_t size, uint64_t parts)
{
    struct index_file_head *head = (void *)bytes;
    struct index_part_head *part = (void *)(bytes + INDEX_PAGE);
    uint64_t table = part->level_at + part->levels * sizeof(struct index_level);
    head->bytes = size;
    head->parts_at = size - sizeof(uint64_t);
    head->parts = parts;
    head->identity.tokens = parts ? part->tokens : 0;
    part->first_token = 0;
    part->bytes = INDEX_PAGE;
    if (part->level_at < INDEX_PAGE && table >= sizeof *part && table <= INDEX_PAGE)
        part->checksum = index_part_checksum(bytes + INDEX_PAGE);
    *(uint64_t *)(void *)(bytes + head->parts_at) = INDEX_PAGE;
    index_file_seal(head, (const void *)(bytes + head->parts_at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct population_info population[] = { { .size = 300 },
                                                         { .size = 1 },
                                                         { .size = NEURONS - 301 } };
    const size_t all = 2 * INDEX_PAGE + sizeof(uint64_t);
    struct index_map map;
    struct index_part *part;
    struct error err;
    size_t parts, head = sizeof(struct index_file_head);
    if (size < 2 || size > INDEX_PAGE ||
        index_map_init(&map, population, 3, &err) != OK)
        return 0;
    unsigned char *bytes = calloc(1, all);
    if (bytes) {
        memcpy(bytes, data, size < head ? size : head);
        if (size > head)
            memcpy(bytes + INDEX_PAGE, data + head, size - head);
        if (data[0] & 2)
            mend_tables(bytes + INDEX_PAGE, &map);
        if (data[0] & 1)
            mend(bytes, all, data[1] % 8 != 0);
        const struct index_identity *identity =
            &((const struct index_file_head *)(const void *)bytes)->identity;
        if (index_file_check(&part, &parts, bytes, all, &map, identity, &err) == OK) {
            for (unsigned zoom = 0; zoom < 256; zoom += 37)
                look(&map, part, parts, zoom);
            free(part);
        }
    }
    free(bytes);
    index_map_release(&map);
    return 0;
}
