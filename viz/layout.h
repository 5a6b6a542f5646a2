/* Where the panes stand in a picture of a given size: those that the view shows and the
 * recording has, with a title bar above and a line of state below. */
#ifndef VIZ_LAYOUT_H
#define VIZ_LAYOUT_H

#include "viz/pane.h"

struct layout {
    struct box title, status, help;
    struct box pane[2][VIEW_PANES]; /* by exhibit; width 0: not shown */
    float cap;
};

/* cap follows the height and the font scale. Panes that would be too small to read are
 * left out, the raster last. */
void layout_of(struct layout *layout, const struct stage *stage, uint32_t width,
               uint32_t height);
/* The pane at a point: false: none. */
bool layout_at(const struct layout *layout, int x, int y, unsigned *which,
               enum view_pane *pane);

#endif
