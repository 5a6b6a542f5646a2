/* See spike_index_part.h. */
#include "viz/spike_index_part.h"

#include "viz/spike_index_sums.h"

#include <stdbool.h>
#include <stdlib.h>

enum { BLOCK_EVENTS = 8192, LEAST_STRIP = 1 << 16, HASH_SLOTS = 1024 };

/* The image under way. */
struct image_bytes {
    unsigned char *bytes;
    size_t size, room;
    bool has_failed;
};

/* Room for `size` more bytes, zeroed, behind what is there; its place. */
static size_t extend(struct image_bytes *image, size_t size)
{
    size_t at = (image->size + 7) / 8 * 8;
    if (at + size > image->room && !image->has_failed) {
        size_t room = (at + size) * 2;
        unsigned char *larger = realloc(image->bytes, room);
        image->has_failed = !larger;
        if (larger) {
            image->bytes = larger;
            image->room = room;
        }
    }
    if (image->has_failed)
        return 0;
    memset(image->bytes + image->size, 0, at + size - image->size);
    image->size = at + size;
    return at;
}

/* Strips are cut where one holds enough, between two steps, and where its steps would
 * not fit into a place. */
static size_t cut_strips(const struct index_map *map,
                         const struct index_stretch *stretch, struct index_strip *strip)
{
    const uint64_t most_steps = UINT64_C(1) << (32 - map->range_bits);
    size_t target = (size_t)map->ranges * BLOCK_EVENTS, strips = 0;
    target = target < LEAST_STRIP ? LEAST_STRIP : target;
    for (size_t i = 0; i < stretch->events;) {
        uint32_t first = stretch->event[i].step, last = first;
        size_t begin = i;
        for (; i < stretch->events; i++) {
            uint32_t step = stretch->event[i].step;
            if (step - first >= most_steps || (i - begin >= target && step != last))
                break;
            last = step;
        }
        if (strip)
            strip[strips] = (struct index_strip){ first, last - first + 1, i - begin };
        strips++;
    }
    return strips;
}

/* The worths of a block, each with a number: at most INDEX_DICTIONARY of them. */
struct dictionary {
    int32_t worth[INDEX_DICTIONARY];
    uint32_t worths;
    uint16_t slot[HASH_SLOTS]; /* number + 1 */
};

static int32_t look_up(struct dictionary *dictionary, int32_t worth)
{
    uint32_t at = ((uint32_t)worth * 2654435761u) >> 22;
    for (; dictionary->slot[at]; at = (at + 1) % HASH_SLOTS)
        if (dictionary->worth[dictionary->slot[at] - 1] == worth)
            return dictionary->slot[at] - 1;
    if (dictionary->worths == INDEX_DICTIONARY)
        return -1;
    dictionary->worth[dictionary->worths++] = worth;
    dictionary->slot[at] = (uint16_t)dictionary->worths;
    return (int32_t)dictionary->worths - 1;
}

/* place and worth: those of the block, in order. */
static void write_block(struct image_bytes *image, struct index_block *block,
                        const uint32_t *place, const int32_t *worth)
{
    struct dictionary dictionary = { .worths = 0 };
    size_t events = block->events, places = events * sizeof *place;
    bool fits = true;
    for (size_t i = 0; i < events && fits; i++)
        fits = look_up(&dictionary, worth[i]) >= 0;
    block->worth = dictionary.worth[0];
    block->worth_bytes = !fits ? 4 : dictionary.worths > 1 ? 1 : 0;
    size_t size = places + block->worth_bytes * events;
    if (block->worth_bytes == 1)
        size += sizeof dictionary.worth;
    size_t at = extend(image, size);
    block->at = at;
    if (image->has_failed)
        return;
    unsigned char *to = image->bytes + at;
    memcpy(to, place, places);
    if (block->worth_bytes == 4)
        memcpy(to + places, worth, events * sizeof *worth);
    if (block->worth_bytes != 1)
        return;
    memcpy(to + places, dictionary.worth, sizeof dictionary.worth);
    unsigned char *code = to + places + sizeof dictionary.worth;
    for (size_t i = 0; i < events; i++)
        code[i] = (unsigned char)look_up(&dictionary, worth[i]);
}

/* Room to sort the events of a strip by range. */
struct sorter {
    uint32_t *place;
    int32_t *worth;
    uint32_t *range; /* of every event */
    size_t *end;     /* (ranges + 1) */
};

static bool sorter_init(struct sorter *sorter, const struct index_map *map,
                        const struct index_strip *strip, size_t strips)
{
    uint64_t most = 1;
    for (size_t i = 0; i < strips; i++)
        most = strip[i].events > most ? strip[i].events : most;
    sorter->place = malloc((size_t)most * sizeof *sorter->place);
    sorter->worth = malloc((size_t)most * sizeof *sorter->worth);
    sorter->range = malloc((size_t)most * sizeof *sorter->range);
    sorter->end = malloc(((size_t)map->ranges + 1) * sizeof *sorter->end);
    return sorter->place && sorter->worth && sorter->range && sorter->end;
}

static void sorter_release(struct sorter *sorter)
{
    free(sorter->place);
    free(sorter->worth);
    free(sorter->range);
    free(sorter->end);
}

static void sort_strip(struct sorter *sorter, const struct index_map *map,
                       const struct index_strip *strip, const struct raw_event *event)
{
    uint32_t range = 0;
    memset(sorter->end, 0, ((size_t)map->ranges + 1) * sizeof *sorter->end);
    for (uint64_t i = 0; i < strip->events; i++) {
        if (event[i].node < map->range[range])
            range = index_map_range(map, event[i].node);
        while (event[i].node >= map->range[range + 1])
            range++;
        sorter->range[i] = range;
        sorter->end[range + 1]++;
    }
    for (uint32_t r = 0; r < map->ranges; r++)
        sorter->end[r + 1] += sorter->end[r];
    for (uint64_t i = 0; i < strip->events; i++) {
        range = sorter->range[i];
        size_t to = sorter->end[range]++;
        sorter->place[to] = (event[i].step - strip->first) << map->range_bits |
                            (event[i].node - map->range[range]);
        sorter->worth[to] = event[i].worth;
    }
}

static void write_blocks(struct image_bytes *image, struct sorter *sorter,
                         const struct index_map *map,
                         const struct index_stretch *stretch,
                         const struct index_strip *strip, size_t strips,
                         size_t block_at)
{
    const struct raw_event *event = stretch->event;
    for (size_t s = 0; s < strips && !image->has_failed; s++) {
        sort_strip(sorter, map, &strip[s], event);
        event += strip[s].events;
        size_t begin = 0;
        for (uint32_t r = 0; r < map->ranges && !image->has_failed; r++) {
            struct index_block block = { .events = (uint32_t)(sorter->end[r] - begin) };
            write_block(image, &block, sorter->place + begin, sorter->worth + begin);
            begin = sorter->end[r];
            if (!image->has_failed)
                memcpy(image->bytes + block_at + (s * map->ranges + r) * sizeof block,
                       &block, sizeof block);
        }
    }
}

static void write_levels(struct image_bytes *image, const struct index_sums *sums,
                         size_t level_at)
{
    for (uint32_t i = 0; i < sums->levels; i++) {
        const struct index_sum *sum = &sums->level[i];
        struct index_level level = { .width_bits = sum->width_bits,
                                     .height = sum->height,
                                     .rows = sum->rows,
                                     .columns = sum->columns };
        size_t cells = (size_t)sum->rows * sum->columns;
        for (int plane = 0; plane < INDEX_PLANES; plane++) {
            if (!sum->cell[plane])
                continue;
            size_t at = extend(image, cells * sizeof(uint16_t));
            if (image->has_failed)
                return;
            level.plane_at[plane] = at;
            uint16_t *to = (uint16_t *)(void *)(image->bytes + at);
            for (size_t cell = 0; cell < cells; cell++)
                to[cell] = index_pack(sum->cell[plane][cell]);
        }
        memcpy(image->bytes + level_at + i * sizeof level, &level, sizeof level);
    }
}

/* Head and tables, then what they point to. */
static void write_part(struct image_bytes *image, struct sorter *sorter,
                       const struct index_map *map, const struct index_stretch *stretch,
                       const struct index_strip *strip, size_t strips,
                       const struct index_sums *sums)
{
    struct index_part_head head = { .first_token = stretch->first_token,
                                    .tokens = stretch->tokens,
                                    .first_step = stretch->first_step,
                                    .steps = stretch->steps,
                                    .events = stretch->events,
                                    .strips = (uint32_t)strips,
                                    .levels = sums->levels,
                                    .strongest = sums->strongest,
                                    .unit = { sums->unit[0], sums->unit[1] } };
    extend(image, sizeof head);
    head.strip_at = extend(image, strips * sizeof *strip);
    head.block_at = extend(image, strips * map->ranges * sizeof(struct index_block));
    head.level_at = extend(image, sums->levels * sizeof(struct index_level));
    if (!image->has_failed && strips > 0)
        memcpy(image->bytes + head.strip_at, strip, strips * sizeof *strip);
    write_blocks(image, sorter, map, stretch, strip, strips, (size_t)head.block_at);
    write_levels(image, sums, (size_t)head.level_at);
    size_t end = extend(image, 0);
    extend(image, (INDEX_PAGE - end % INDEX_PAGE) % INDEX_PAGE);
    if (image->has_failed)
        return;
    head.bytes = image->size;
    memcpy(image->bytes, &head, sizeof head);
    head.checksum = index_part_checksum(image->bytes);
    memcpy(image->bytes, &head, sizeof head);
}

enum error_code index_part_make(struct index_part *part, unsigned char **image,
                                const struct index_map *map,
                                const struct index_stretch *stretch, struct error *err)
{
    struct image_bytes bytes = { .size = 0 };
    struct sorter sorter = { 0 };
    struct index_sums sums;
    size_t strips = cut_strips(map, stretch, NULL);
    struct index_strip *strip = calloc(strips + 1, sizeof *strip);
    *image = NULL;
    if (index_sums_make(&sums, map, stretch, err) != OK) {
        free(strip);
        return err->code;
    }
    bool good = strip != NULL;
    if (good) {
        cut_strips(map, stretch, strip);
        good = sorter_init(&sorter, map, strip, strips);
    }
    if (good) {
        write_part(&bytes, &sorter, map, stretch, strip, strips, &sums);
        good = !bytes.has_failed;
    }
    sorter_release(&sorter);
    index_sums_release(&sums);
    free(strip);
    if (!good) {
        free(bytes.bytes);
        return error_memory(err, "a part of an index", 8.0 * (double)stretch->events);
    }
    unsigned char *fitted = realloc(bytes.bytes, bytes.size);
    *image = fitted ? fitted : bytes.bytes;
    return index_part_check(part, *image, bytes.size, map, err);
}
