/* The populations a raster shows, one above another in rising order of their neurons.
 * Heights are in stack units: one a neuron, and never so few that a population could
 * not be seen among the others; between two lies a gap. A viewport [first, first +
 * units) of it is what is on the screen, so zooming is the same for one neuron and for
 * all. */
#ifndef VIZ_STACK_H
#define VIZ_STACK_H

#include "viz/scene.h"
#include "viz/spike_grid.h"

struct stack_band {
    uint32_t population;
    double bottom, units; /* from the stack's foot */
};

struct stack {
    struct stack_band *band;
    uint32_t bands;
    double units; /* of the whole stack */
};

/* What to show: of_layer -1 and of_population -1 and name NULL show all. name: populations,
 * layers ("L07") or roles, NULL-terminated; an unknown one is an error. */
struct stack_filter {
    const char *const *name;
    int32_t layer, population;
};

enum error_code stack_build(struct stack *stack, const struct scene *scene,
                            const struct stack_filter *filter, struct error *err);
void stack_release(struct stack *stack);
/* The neuron drawn at this height; false: a gap. */
bool stack_node_at(const struct stack *stack, const struct scene *scene, double unit,
                   uint64_t *node);
/* The band at this height; NULL: a gap. */
const struct stack_band *stack_band_at(const struct stack *stack, double unit);
/* Where a neuron is drawn; false: it is not shown. */
bool stack_node_units(const struct stack *stack, const struct scene *scene,
                      uint64_t node, double *bottom, double *units);
/* Moves both ends of a viewport outwards to where neurons begin and end. */
void stack_widen(const struct stack *stack, const struct scene *scene, double *first,
                 double *units);
/* Bands of a grid of so many rows that shows [first, first + units): those in sight, cut
 * at whole neurons. band: room for stack->bands; returns how many. */
uint32_t stack_bands(const struct stack *stack, const struct scene *scene, double first,
                     double units, uint32_t rows, struct spike_band *band);

#endif
