/* The axis under a raster: a bar for each token and its text, level where all fit, else
 * slanted, else steep and as many as there is room for; ticks at round times for a
 * network, which has no tokens. Texts never overlap. */
#ifndef VIZ_TIME_AXIS_H
#define VIZ_TIME_AXIS_H

#include "viz/pane.h"

/* Pixels below the plot that the axis of what is in sight takes. */
int time_axis_height(const struct stage *stage, const struct scene *scene,
                     struct canvas *canvas, struct box plot);
/* plot: x and width of the bands; box: where the axis stands. */
void time_axis_draw(const struct stage *stage, const struct scene *scene,
                    struct canvas *canvas, struct box plot, struct box box);
/* The pixels of a token, cut to the plot. */
void time_axis_span(const struct stage *stage, const struct scene *scene,
                    struct box plot, uint64_t token, int *from, int *to);

#endif
