/* What the mouse does to a view: choosing, scrubbing, moving, zooming. No window here:
 * tests press and drag by themselves. */
#ifndef VIZ_POINTER_H
#define VIZ_POINTER_H

#include "viz/input.h"
#include "viz/layout.h"
#include "viz/show.h"

enum pointer_drag { DRAG_NOTHING, DRAG_SCRUB, DRAG_MOVE, DRAG_LOOP, DRAG_ZOOM };

struct pointer {
    enum pointer_drag drag;
    bool is_down, has_moved;
    int down_x, down_y;
    unsigned which; /* where it was pressed; pane VIEW_PANES: in none */
    enum view_pane pane;
    bool on_scrub_bar;
    double first_step, first_unit; /* of the view then */
};

/* layout and canvas are those of the picture on the screen. Call show_update() after. */
void pointer_take(struct pointer *pointer, struct show *show,
                  const struct layout *layout, struct canvas *canvas,
                  const struct input *input);
/* What is being zoomed into; width 0: nothing. */
struct box pointer_rubber(const struct pointer *pointer, const struct show *show,
                          const struct layout *layout, struct canvas *canvas);

#endif
