/* Two recordings in one raster: what fires in one only, in both, with another sign.
 * Token stands upon token, whatever was said; where windows differ in length, the other
 * recording's is stretched to the one's that is drawn. Populations meet by name. */
#ifndef VIZ_RASTER_DIFFERENCE_H
#define VIZ_RASTER_DIFFERENCE_H

#include "viz/raster_plot.h"

/* Draws the cells, the strip and the legend; `which` is the exhibit of the plot. */
enum error_code raster_difference_draw(const struct raster_plot *plot, unsigned which,
                                       const struct spike_band *band, uint32_t bands,
                                       struct error *err);

#endif
