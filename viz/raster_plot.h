/* Where the parts of a raster stand: spikes per step above the bands of neurons, the axis
 * of time below, and the cells that spikes are counted in. */
#ifndef VIZ_RASTER_PLOT_H
#define VIZ_RASTER_PLOT_H

#include "viz/pane.h"

struct raster_plot {
    const struct stage *stage;
    const struct exhibit *exhibit;
    const struct view_state *view;
    struct canvas *canvas;
    struct box box;
    struct box bands;         /* what is in sight */
    struct box legend, strip; /* height 0: no room */
    struct box axis;
    /* The cells: whole steps and whole neurons, so a little more than is in sight. */
    uint64_t first_step, steps;
    double first_unit, units;
    struct box field; /* they fill, in pixels; columns and rows of `cell` pixels */
    uint32_t cell, columns, rows;
};

/* False: there is no room for any neurons. */
bool raster_plot_init(struct raster_plot *plot, const struct stage *stage,
                      unsigned which, struct canvas *canvas, struct box box);
/* The bands of the cells. Room for stack->bands; returns how many. */
uint32_t raster_plot_bands(const struct raster_plot *plot, struct spike_band *band);
/* The pixels of a band. */
struct box raster_plot_box(const struct raster_plot *plot,
                           const struct spike_band *band);
/* The pixels of a step and a neuron of a band, at least one each way. */
struct box raster_plot_cell(const struct raster_plot *plot,
                            const struct spike_band *band, uint64_t step,
                            uint64_t node);
/* The band and neuron at a height; NULL: a gap. */
const struct spike_band *raster_plot_node_at(const struct raster_plot *plot,
                                             const struct spike_band *band,
                                             uint32_t bands, int y, uint64_t *node);
/* Whether a network says of a population that it inhibits, by its role or its name: "I",
 * "inhibitory". Spikes of a language model carry their sign instead. */
bool raster_plot_inhibits(const struct raster_plot *plot,
                          const struct spike_band *band);
/* Tokens [*from, *to) of which something is in sight. */
void raster_plot_tokens(const struct raster_plot *plot, uint64_t *from, uint64_t *to);

#endif
