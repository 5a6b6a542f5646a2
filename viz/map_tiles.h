/* Where each population stands on the map: a language model as columns of layers and
 * rows of roles in the order the signal takes, what has no layer behind them; a network
 * as tiles with areas that follow the neurons. */
#ifndef VIZ_MAP_TILES_H
#define VIZ_MAP_TILES_H

#include "viz/canvas.h"
#include "viz/scene_series.h"

#include <stdbool.h>

enum { MAP_ROLES = 16 };

struct map_tiles {
    struct box *tile; /* (populations), malloc'ed; width 0: no room */
    /* Of a language model: */
    const char *role[MAP_ROLES]; /* by row, the first at the foot */
    uint32_t roles, columns;     /* layers, and one for what has none */
    struct box field;            /* that rows and columns divide */
};

enum error_code map_tiles_init(struct map_tiles *map, const struct scene *scene,
                               struct box box, struct error *err);
void map_tiles_release(struct map_tiles *map);
/* The population at a point, -1: none. */
int32_t map_tiles_at(const struct map_tiles *map, const struct scene *scene, int x,
                     int y);
/* A part of `length` from `from` on: the i-th of n, the last ending where it ends. */
void map_part(int from, int length, uint32_t i, uint32_t n, int *begin, int *extent);

/* The neurons of a population within its tile, row by row from the top left; a square
 * number of them in a square. columns 0: they would be too small to see. */
struct light_grid {
    struct box field;
    uint32_t columns, rows;
};
struct light_grid light_grid_of(struct box tile, uint64_t neurons);
struct box light_grid_cell(const struct light_grid *grid, uint64_t neuron);
/* False: none is there. */
bool light_grid_at(const struct light_grid *grid, uint64_t neurons, int x, int y,
                   uint64_t *neuron);

#endif
