/* What stands beside the bands of a raster: names and sizes to the left, the share of
 * silent channels of the tokens in sight to the right. Texts never overlap. */
#ifndef VIZ_BAND_LABELS_H
#define VIZ_BAND_LABELS_H

#include "viz/raster_plot.h"

void band_labels_draw(const struct raster_plot *plot, const struct spike_band *band,
                      uint32_t bands);

#endif
