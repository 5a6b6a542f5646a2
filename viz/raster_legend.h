/* The line over a raster that says what its colours mean. */
#ifndef VIZ_RASTER_LEGEND_H
#define VIZ_RASTER_LEGEND_H

#include "viz/raster_plot.h"

void raster_legend_draw(const struct raster_plot *plot, const struct spike_band *band,
                        uint32_t bands, bool is_difference);

#endif
