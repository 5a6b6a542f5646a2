/* The points of a sweep: every option that says how a model spikes is an axis, its values
 * separated by commas, and the grid is their product. Parameters of a plug-in stay with
 * it ("if,izhikevich:a=0.02,b=0.2" are two neurons; "all" are all there are), and where an option is itself a
 * list, '+' joins it ("--spike all,attn_in+ffn_down" are two points). */
#ifndef EXPERIMENTS_SWEEP_GRID_H
#define EXPERIMENTS_SWEEP_GRID_H

#include "experiments/options.h"

#include <jansson.h>

enum { SWEEP_AXES = 12, SWEEP_VALUES = 64, SWEEP_POINTS_MAX = 10000 };

struct sweep_axis {
    const char *name; /* of the option */
    char *value[SWEEP_VALUES];
    unsigned values; /* 0: the option is not set */
};

struct sweep_grid {
    struct sweep_axis axis[SWEEP_AXES];
    uint32_t points;
};

/* Numbers are brought to one form, so that 2 and 2.0 are the same point. Refuses empty
 * and repeated values. Release whatever is returned. */
enum error_code sweep_grid_read(struct sweep_grid *grid, const struct options *options,
                                struct error *err);
void sweep_grid_release(struct sweep_grid *grid);

/* The options of one point, for a copy of those the grid was read from; the last axis
 * runs fastest. Valid as long as the grid. */
void sweep_grid_set(const struct sweep_grid *grid, uint32_t point,
                    struct options *options);
/* {"neuron": "if", "k": "3", ...}: what a point is known by. */
json_t *sweep_grid_point(const struct sweep_grid *grid, uint32_t point);
/* {"neuron": ["if"], "k": ["2", "3"], ...} */
json_t *sweep_grid_axes(const struct sweep_grid *grid);
/* Whether an axis has more than one value. */
bool sweep_grid_varies(const struct sweep_grid *grid, const char *name);
/* Neuron, encoder and k of a point, and what else varies. */
void sweep_grid_label(const struct sweep_grid *grid, const json_t *point, char *text,
                      size_t room);

#endif
