/* The axis under a raster: a bar for each token and its text, level where all fit, else
 * slanted, else steep and as many as there is room for. Texts never overlap. */
#ifndef VIZ_TOKEN_AXIS_H
#define VIZ_TOKEN_AXIS_H

#include "viz/stroke_text.h"
#include "viz/palette.h"
#include "viz/raster_source.h"

struct token_axis {
    const struct raster_source *source;
    const struct palette *palette;
    float cap_height, angle;
    uint32_t width; /* pixels for all steps */
    int height;     /* pixels with the texts; long ones are cut */
};

/* The tokens have at least one step. */
void token_axis_init(struct token_axis *axis, const struct raster_source *source,
                     const struct palette *palette, float cap_height, uint32_t width);
/* Pixels a token covers, from the left end. */
void token_axis_span(const struct token_axis *axis, uint64_t token, uint32_t *from,
                     uint32_t *to);
/* x, y: upper left corner. */
void token_axis_draw(const struct token_axis *axis, struct image *image, int x, int y);

#endif
