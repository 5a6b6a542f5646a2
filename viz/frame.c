/* See frame.h. */
#include "viz/frame.h"

#include <math.h>
#include <string.h>

void frame_init(struct frame *frame)
{
    *frame = (struct frame){ 0 };
}

void frame_release(struct frame *frame)
{
    image_release(&frame->ground);
    image_release(&frame->front);
    *frame = (struct frame){ 0 };
}

void frame_forget(struct frame *frame)
{
    frame->is_drawn = false;
}

static enum error_code resize(struct frame *frame, const struct stage *stage,
                              uint32_t width, uint32_t height, struct error *err)
{
    struct font *font = stage->font;
    image_release(&frame->ground);
    image_release(&frame->front);
    frame->is_drawn = false;
    if (image_create(&frame->ground, width, height, err) != OK ||
        image_create(&frame->front, width, height, err) != OK)
        return err->code;
    canvas_on_image(&frame->ground_canvas, &frame->ground, font);
    canvas_on_image(&frame->front_canvas, &frame->front, font);
    return OK;
}

static double moment_of(const struct view_state *view, enum pane_change change)
{
    switch (change) {
    case PANE_BY_STEP: return floor(view->playback.step);
    case PANE_BY_TOKEN: return (double)playback_token(&view->playback);
    default: return 0;
    }
}

static void key_of(struct pane_key *key, const struct exhibit *exhibit,
                   const struct pane *pane)
{
    const struct view_state *view = exhibit->view;
    memset(key, 0, sizeof *key);
    key->first_step = view->first_step;
    key->steps = view->steps;
    key->first_unit = view->first_unit;
    key->units = view->units;
    key->moment = moment_of(view, pane->changes);
    key->index_age = spike_index_age(exhibit->index);
    key->tokens = exhibit->scene->tokens;
    key->selection = view->selection;
    key->compare = view->compare;
}

static void damage(struct frame *frame, struct box box)
{
    if (frame->damages < FRAME_DAMAGES)
        frame->damage[frame->damages++] = box;
}

static enum error_code draw_panes(struct frame *frame, const struct stage *stage,
                                  struct error *err)
{
    frame->panes_drawn = 0;
    for (unsigned which = 0; which < stage->exhibits; which++)
        for (unsigned p = 0; p < VIEW_PANES; p++) {
            struct pane_key key[2];
            memset(key, 0, sizeof key);
            if (frame->layout.pane[which][p].width == 0)
                continue;
            for (unsigned other = 0; other < stage->exhibits; other++)
                key_of(&key[other], &stage->exhibit[other], panes[p]);
            if (frame->is_drawn && memcmp(key, frame->key[which][p], sizeof key) == 0)
                continue;
            if (picture_pane(stage, &frame->ground_canvas, &frame->layout, which,
                             (enum view_pane)p, err) != OK)
                return err->code;
            memcpy(frame->key[which][p], key, sizeof key);
            damage(frame, frame->layout.pane[which][p]);
            frame->panes_drawn++;
        }
    return OK;
}

/* Looking closely takes time: only where the pointer or what lies below it has changed. */
static void find(struct frame *frame, const struct stage *stage)
{
    const struct view_state *view = stage->view;
    if (frame->is_drawn && frame->panes_drawn == 0 &&
        frame->pointer_x == view->pointer_x && frame->pointer_y == view->pointer_y)
        return;
    frame->pointer_x = view->pointer_x;
    frame->pointer_y = view->pointer_y;
    frame->is_found = view->pointer_x >= 0 &&
                      picture_find(stage, &frame->front_canvas, &frame->layout,
                                   view->pointer_x, view->pointer_y, &frame->finding);
}

static void copy(const struct image *from, struct image *to, struct box box)
{
    for (int y = box.y; y < box.y + box.height; y++) {
        size_t at = (size_t)y * from->width + (size_t)box.x;
        memcpy(to->pixel + at, from->pixel + at,
               (size_t)box.width * sizeof *from->pixel);
    }
}

static void draw_over(struct frame *frame, const struct stage *stage,
                      const struct overlay *overlay)
{
    struct canvas *canvas = &frame->front_canvas;
    for (unsigned i = 0; i < frame->damages; i++) {
        struct box before = canvas_clip(canvas, frame->damage[i]);
        frame->damage[i] = canvas->clip;
        if (canvas->clip.width > 0 && canvas->clip.height > 0) {
            copy(&frame->ground, &frame->front, canvas->clip);
            overlay_draw(overlay, stage->palette, canvas, &frame->layout);
        }
        canvas->clip = before;
    }
}

enum error_code frame_draw(struct frame *frame, const struct stage *stage,
                           uint32_t width, uint32_t height, struct error *err)
{
    struct layout layout;
    struct overlay overlay;
    struct box whole = { 0, 0, (int)width, (int)height };
    bool all = false;
    frame->damages = 0;
    if ((frame->ground.width != width || frame->ground.height != height) &&
        resize(frame, stage, width, height, err) != OK)
        return err->code;
    layout_of(&layout, stage, width, height);
    if (memcmp(&layout, &frame->layout, sizeof layout) != 0 ||
        frame->palette != stage->palette)
        frame->is_drawn = false;
    frame->layout = layout;
    frame->palette = stage->palette;
    if (!frame->is_drawn)
        picture_ground(stage, &frame->ground_canvas, &layout, width, height);
    if (draw_panes(frame, stage, err) != OK)
        return err->code;

    find(frame, stage);
    overlay_lay(&overlay, stage, &frame->front_canvas, &layout,
                frame->is_found ? &frame->finding : NULL);
    frame->damages += overlay_damage(&frame->overlay, &overlay, &layout,
                                     frame->damage + frame->damages, &all);
    if (all || !frame->is_drawn) {
        frame->damage[0] = whole;
        frame->damages = 1;
    }
    draw_over(frame, stage, &overlay);
    frame->overlay = overlay;
    frame->is_drawn = true;
    struct error *failed = frame->ground_canvas.error.code != OK
                               ? &frame->ground_canvas.error
                               : &frame->front_canvas.error;
    if (failed->code != OK)
        *err = *failed;
    return failed->code;
}
