/* A raster while it is drawn: what is shown, where, and in which colours. */
#ifndef VIZ_DRAWING_H
#define VIZ_DRAWING_H

#include "viz/image.h"
#include "viz/palette.h"
#include "viz/raster_source.h"
#include "viz/spike_grid.h"
#include "viz/token_axis.h"

struct drawing {
    struct image *image;
    const struct raster_source *source;
    const struct palette *palette;
    struct spike_grid *grid;
    struct spike_band *band;
    float cap; /* height of a capital of plain text */
    int margin;
    int x, y, width, height;   /* of the bands together */
    int strip_y, strip_height; /* spikes per step */
    struct token_axis axis;
    int label_right; /* where labels of bands end */
};

#endif
