/* Spikes counted into cells become pixels: the stronger sign gives the colour, the
 * strength how full it is. */
#ifndef VIZ_RASTER_PAINT_H
#define VIZ_RASTER_PAINT_H

#include "viz/raster_plot.h"

/* The ground of the bands, with a stripe behind every other token. */
void raster_paint_ground(const struct raster_plot *plot, const struct spike_band *band,
                         uint32_t bands);
/* The cells of one grid; is_inhibitory: its spikes inhibit, whatever their sign. */
enum error_code raster_paint_cells(const struct raster_plot *plot,
                                   const struct spike_grid *grid, bool is_inhibitory,
                                   struct error *err);
/* Where steps and neurons are wide enough, every spike with its worth. */
enum error_code raster_paint_worths(const struct raster_plot *plot,
                                    const struct spike_band *band, uint32_t bands,
                                    struct error *err);
/* Spikes per step over the bands: positive ones up, negative ones down. */
void raster_paint_strip(const struct raster_plot *plot, const struct spike_grid *grid);
/* What is not selected steps back; a selected neuron gets a frame. */
void raster_paint_selection(const struct raster_plot *plot,
                            const struct spike_band *band, uint32_t bands);

#endif
