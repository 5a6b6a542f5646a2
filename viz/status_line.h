/* The bars above and below the panes: what is shown, and how playback stands. */
#ifndef VIZ_STATUS_LINE_H
#define VIZ_STATUS_LINE_H

#include "viz/layout.h"

/* Of the ground: the name of the run, and of each recording where there are two. */
void status_line_title(const struct stage *stage, struct canvas *canvas,
                       const struct layout *layout);
/* The bar of the whole run with the stretch in sight, and the line of state. */
void status_line_draw(const struct stage *stage, struct canvas *canvas,
                      const struct layout *layout);
/* The step at a place of the bar of the whole run, and back. */
double scrub_step(const struct stage *stage, const struct layout *layout, float x);
float scrub_x(const struct stage *stage, const struct layout *layout, double step);

#endif
