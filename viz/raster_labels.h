/* What is written around the spikes of a raster. */
#ifndef VIZ_RASTER_LABELS_H
#define VIZ_RASTER_LABELS_H

#include "viz/drawing.h"

/* Pixels that the names of the bands take. */
float label_band_width(const struct drawing *drawing);
/* Names to the left, shares of silent channels to the right. */
void label_bands(const struct drawing *drawing);
/* Spikes per step over the bands: positive ones up, negative ones down. */
void label_rates(const struct drawing *drawing);
void label_legend(const struct drawing *drawing);
void label_title(const struct drawing *drawing);
void label_caption(const struct drawing *drawing);
/* Says that there is nothing to show. */
void label_empty(const struct drawing *drawing);

#endif
