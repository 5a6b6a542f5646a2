/* A picture that is drawn again and again, at the cost of what has changed: panes keep
 * their pixels until something they depend on changes, and what lies over them is drawn
 * within the boxes it left and entered. The pixels are those of picture_draw(). */
#ifndef VIZ_FRAME_H
#define VIZ_FRAME_H

#include "viz/overlay.h"
#include "viz/picture.h"

enum { FRAME_DAMAGES = OVERLAY_DAMAGES + 2 * VIEW_PANES };

/* What a pane's pixels follow. Compared byte by byte. */
struct pane_key {
    double first_step, steps, first_unit, units, moment;
    uint64_t index_age, tokens;
    struct selection selection;
    int64_t compare;
};

struct frame {
    struct image ground, front;
    struct canvas ground_canvas, front_canvas;
    struct layout layout;
    struct pane_key key[2][VIEW_PANES][2]; /* of both exhibits: a pane may show both */
    struct overlay overlay;
    const struct palette *palette;
    struct finding finding; /* under the pointer */
    int pointer_x, pointer_y;
    bool is_found, is_drawn;
    /* What the last frame changed. */
    struct box damage[FRAME_DAMAGES];
    unsigned damages, panes_drawn;
};

void frame_init(struct frame *frame);
void frame_release(struct frame *frame);
/* Draws into frame->front what differs from the last time. */
enum error_code frame_draw(struct frame *frame, const struct stage *stage,
                           uint32_t width, uint32_t height, struct error *err);
/* The next one draws everything anew. */
void frame_forget(struct frame *frame);

#endif
