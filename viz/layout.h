/* Where the panes stand in a picture of a given size: those that the view shows and the
 * recording has, with a title bar above and, below, a bar of the whole run and a line of
 * state. */
#ifndef VIZ_LAYOUT_H
#define VIZ_LAYOUT_H

#include "viz/pane.h"

struct layout {
    struct box title, status, help;
    struct box caption;  /* of a tour; width 0: there is none */
    struct box scrub;    /* all of the run, from its beginning to its end */
    struct box label[2]; /* which recording stands below; width 0: there is one */
    struct box pane[2][VIEW_PANES]; /* by exhibit; width 0: not shown */
    float cap;
};

/* Height of a capital of plain text: follows the picture's size and the font scale. */
float layout_cap(const struct view_state *view, uint32_t width, uint32_t height);
/* Height of a capital of a caption, and the width of its lines. */
float layout_caption_cap(const struct layout *layout);
float layout_caption_width(const struct layout *layout);
/* Panes that would be too small to read are left out, the raster last. */
void layout_of(struct layout *layout, const struct stage *stage, uint32_t width,
               uint32_t height);
/* Whether a recording has what a pane shows. */
bool layout_can_show(enum view_pane pane, const struct scene *scene);
/* The pane at a point: false: none. */
bool layout_at(const struct layout *layout, int x, int y, unsigned *which,
               enum view_pane *pane);

#endif
