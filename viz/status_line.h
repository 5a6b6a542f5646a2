/* The bars above and below the panes: what is shown, and how playback stands. */
#ifndef VIZ_STATUS_LINE_H
#define VIZ_STATUS_LINE_H

#include "viz/layout.h"

/* What the bars below say. Compared byte by byte. */
struct status_line {
    char left[256], right[192];
    int seen_from, seen_to, at, loop_from, loop_to; /* on the bar of the whole run */
};

/* Of the ground: the name of the run, and of each recording where there are two. */
void status_line_title(const struct stage *stage, struct canvas *canvas,
                       const struct layout *layout);
void status_line_lay(struct status_line *line, const struct stage *stage,
                     const struct layout *layout);
void status_line_draw(const struct status_line *line, const struct palette *palette,
                      struct canvas *canvas, const struct layout *layout);
/* The step at a place of the bar of the whole run. */
double scrub_step(const struct stage *stage, const struct layout *layout, int x);

#endif
