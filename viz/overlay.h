/* What lies over the panes and moves in every frame: the cursor with a veil over what is
 * still to come, what the pointer finds, captions, the bars below, and help. Laid out
 * first, so that a window can tell which boxes changed. */
#ifndef VIZ_OVERLAY_H
#define VIZ_OVERLAY_H

#include "viz/layout.h"
#include "viz/status_line.h"
#include "viz/text_box.h"

enum { OVERLAY_DAMAGES = 40 };

struct overlay {
    struct box plot[2][VIEW_PANES]; /* with an axis of time; width 0: none */
    int cursor[2][VIEW_PANES];      /* within it, its ends included */
    int loop[2][VIEW_PANES][2];     /* equal: none */
    struct text_box hover, caption;
    struct box rubber;
    struct status_line status;
    bool in_sight[2]; /* the cursor, by exhibit */
    bool shows_help;
};

/* finding NULL: nothing under the pointer. */
void overlay_lay(struct overlay *overlay, const struct stage *stage,
                 struct canvas *canvas, const struct layout *layout,
                 const struct finding *finding);
/* What lies within the canvas's clip. */
void overlay_draw(const struct overlay *overlay, const struct palette *palette,
                  struct canvas *canvas, const struct layout *layout);
/* Boxes that hold whatever differs between two of the same layout; 0 with *all: too
 * much to list. */
unsigned overlay_damage(const struct overlay *before, const struct overlay *after,
                        const struct layout *layout, struct box box[OVERLAY_DAMAGES],
                        bool *all);

#endif
