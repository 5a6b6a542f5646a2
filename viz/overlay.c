/* See overlay.h. */
#include "viz/overlay.h"

#include "viz/help_overlay.h"
#include "viz/picture.h"

#include <math.h>
#include <string.h>

static const float widest_hover = 60; /* in capitals */
static const float help_size = 1.5f;

static int clamp_x(struct box plot, float x)
{
    float from = (float)plot.x, to = (float)(plot.x + plot.width);
    return (int)roundf(fminf(fmaxf(x, from), to));
}

static void lay_plot(struct overlay *overlay, const struct stage *stage,
                     struct canvas *canvas, const struct layout *layout, unsigned which,
                     enum view_pane pane)
{
    const struct view_state *view = stage->exhibit[which].view;
    struct box plot = picture_plot(stage, canvas, layout, which, pane);
    if (plot.width <= 0 || plot.height <= 0)
        return;
    int *loop = overlay->loop[which][pane];
    overlay->plot[which][pane] = plot;
    overlay->cursor[which][pane] =
        clamp_x(plot, pane_step_x(view, plot, view->playback.step));
    if (view->loop_to > view->loop_from) {
        loop[0] = clamp_x(plot, pane_step_x(view, plot, view->loop_from));
        loop[1] = clamp_x(plot, pane_step_x(view, plot, view->loop_to));
    }
}

static void lay_caption(struct overlay *overlay, const struct stage *stage,
                        struct canvas *canvas, const struct layout *layout)
{
    float cap = layout_caption_cap(layout), width = layout_caption_width(layout);
    struct box *box = &overlay->caption.box;
    overlay->caption.is_bold = true;
    text_box_lay(&overlay->caption, canvas, stage->view->caption, cap, width);
    box->x = (layout->title.width - box->width) / 2;
    box->y = layout->caption.y + (layout->caption.height - box->height) / 2;
}

void overlay_lay(struct overlay *overlay, const struct stage *stage,
                 struct canvas *canvas, const struct layout *layout,
                 const struct finding *finding)
{
    const struct view_state *view = stage->view;
    memset(overlay, 0, sizeof *overlay);
    for (unsigned which = 0; which < stage->exhibits; which++) {
        const struct view_state *own = stage->exhibit[which].view;
        double past = own->playback.step - own->first_step;
        overlay->in_sight[which] = past >= 0 && past <= own->steps;
        for (unsigned p = 0; p < VIEW_PANES; p++)
            lay_plot(overlay, stage, canvas, layout, which, (enum view_pane)p);
    }
    if (view->caption[0])
        lay_caption(overlay, stage, canvas, layout);
    if (finding && finding->text[0] && !view->shows_help) {
        int width = layout->title.width, height = layout->status.y;
        float room = fminf(widest_hover * layout->cap, 0.8f * (float)width);
        text_box_lay(&overlay->hover, canvas, finding->text, layout->cap, room);
        text_box_place(&overlay->hover, view->pointer_x, view->pointer_y, width,
                       height);
    }
    status_line_lay(&overlay->status, stage, layout);
    overlay->shows_help = view->shows_help;
    overlay->rubber = stage->rubber;
}

static bool overlaps(struct box a, struct box b)
{
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
           b.y < a.y + a.height;
}

static int cursor_width(const struct layout *layout)
{
    return 1 + (int)(layout->cap / 8);
}

static void draw_plot(const struct overlay *overlay, unsigned which, unsigned pane,
                      const struct palette *palette, struct canvas *canvas,
                      const struct layout *layout)
{
    struct box plot = overlay->plot[which][pane];
    int at = overlay->cursor[which][pane];
    const int *loop = overlay->loop[which][pane];
    int right = plot.x + plot.width, line = cursor_width(layout);
    canvas_fill(canvas, (struct box){ at, plot.y, right - at, plot.height },
                (palette->page & 0xffffffu) | 0xd0000000u);
    if (loop[1] > loop[0]) {
        struct box bar = { loop[0], plot.y, loop[1] - loop[0], line + 1 };
        canvas_fill(canvas, bar, palette->excited);
    }
    int x = at + line <= right ? at : right - line;
    if (overlay->in_sight[which])
        canvas_fill(canvas, (struct box){ x, plot.y, line, plot.height },
                    palette->generated);
}

void overlay_draw(const struct overlay *overlay, const struct palette *palette,
                  struct canvas *canvas, const struct layout *layout)
{
    for (unsigned which = 0; which < 2; which++)
        for (unsigned p = 0; p < VIEW_PANES; p++)
            if (overlaps(overlay->plot[which][p], canvas->clip))
                draw_plot(overlay, which, p, palette, canvas, layout);
    if (overlay->rubber.width > 0) {
        canvas_fill(canvas, overlay->rubber,
                    (palette->generated & 0xffffffu) | 0x40000000u);
        canvas_outline(canvas, overlay->rubber, palette->generated);
    }
    if (overlaps(layout->status, canvas->clip) || overlaps(layout->scrub, canvas->clip))
        status_line_draw(&overlay->status, palette, canvas, layout);
    if (overlaps(overlay->caption.box, canvas->clip))
        text_box_draw(&overlay->caption, canvas, palette);
    if (overlay->shows_help && overlaps(layout->help, canvas->clip))
        help_overlay_draw(canvas, palette, layout->help, help_size * layout->cap);
    if (overlaps(overlay->hover.box, canvas->clip))
        text_box_draw(&overlay->hover, canvas, palette);
}

static bool same_box(struct box a, struct box b)
{
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

static unsigned compare_texts(const struct text_box *before,
                              const struct text_box *after, struct box *box)
{
    unsigned count = 0;
    if (same_box(before->box, after->box) && strcmp(before->text, after->text) == 0)
        return 0;
    if (before->box.width > 0)
        box[count++] = before->box;
    if (after->box.width > 0)
        box[count++] = after->box;
    return count;
}

unsigned overlay_damage(const struct overlay *before, const struct overlay *after,
                        const struct layout *layout, struct box box[OVERLAY_DAMAGES],
                        bool *all)
{
    unsigned count = 0;
    int line = cursor_width(layout);
    *all = before->shows_help != after->shows_help ||
           memcmp(before->in_sight, after->in_sight, sizeof after->in_sight) != 0 ||
           memcmp(before->loop, after->loop, sizeof after->loop) != 0 ||
           memcmp(before->plot, after->plot, sizeof after->plot) != 0;
    if (*all)
        return 0;
    for (unsigned which = 0; which < 2; which++)
        for (unsigned p = 0; p < VIEW_PANES; p++) {
            int a = before->cursor[which][p], b = after->cursor[which][p];
            struct box plot = after->plot[which][p];
            if (plot.width == 0 || a == b)
                continue;
            int from = (a < b ? a : b) - line, to = (a < b ? b : a) + line;
            from = from < plot.x ? plot.x : from;
            to = to > plot.x + plot.width ? plot.x + plot.width : to;
            box[count++] = (struct box){ from, plot.y, to - from, plot.height };
        }
    if (memcmp(&before->status, &after->status, sizeof after->status) != 0) {
        box[count++] = layout->status;
        box[count++] = layout->scrub;
    }
    if (!same_box(before->rubber, after->rubber)) {
        box[count++] = before->rubber;
        box[count++] = after->rubber;
    }
    count += compare_texts(&before->hover, &after->hover, box + count);
    count += compare_texts(&before->caption, &after->caption, box + count);
    return count;
}
