/* Makes a part of an index out of the events of a stretch of tokens. */
#ifndef VIZ_SPIKE_INDEX_PART_H
#define VIZ_SPIKE_INDEX_PART_H

#include "viz/spike_index_layout.h"

#include <stdbool.h>

struct raw_event {
    uint32_t step; /* from the part's first step */
    uint32_t node;
    int32_t worth;
};

/* What it holds; event: rising by step. */
struct index_stretch {
    uint64_t first_token, tokens;
    uint64_t first_step, steps; /* at most UINT32_MAX; every event lies within */
    const struct raw_event *event;
    size_t events;
    bool has_sums; /* else it is for a while: no sums are made */
};

/* *image: the bytes, malloc'ed. */
enum error_code index_part_make(struct index_part *part, unsigned char **image,
                                const struct index_map *map,
                                const struct index_stretch *stretch, struct error *err);

#endif
