/* What a raster shows, read out of a recording: the tokens with their text, the chosen
 * populations with their share of silent channels. */
#ifndef VIZ_RASTER_SOURCE_H
#define VIZ_RASTER_SOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "viz/raster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raster_population {
    const struct population_info *info;
    uint64_t silent, channels; /* summed over the tokens it ran for */
};

struct raster_source {
    struct arena arena;
    const struct recording *recording;
    uint64_t first, tokens;
    uint64_t *start_step; /* (tokens + 1), the last is the end */
    uint32_t *steps;
    unsigned char *kind;
    uint64_t *text_offset; /* (tokens + 1), into text */
    char *text;
    struct raster_population *population; /* in rising order of first_node */
    uint32_t populations;
    bool is_timed; /* of a plain network: slices of time instead of tokens */
};

/* On failure there is nothing to release. */
enum error_code raster_source_open(struct raster_source *source,
                                   const struct recording *recording,
                                   const struct raster_settings *settings,
                                   struct error *err);
void raster_source_release(struct raster_source *source);
/* Text of a token as it is shown: without the space in front, control characters and
 * lone spaces visible. Cut to `size`, which counts the NUL; returns the length. */
size_t raster_source_text(const struct raster_source *source, uint64_t token,
                          char *text, size_t size);

#endif
