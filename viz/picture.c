/* See picture.h. */
#include "viz/picture.h"

#include "viz/overlay.h"
#include "viz/pane_frame.h"
#include "viz/status_line.h"

#include <math.h>
#include <string.h>

static const float title_bar = 2.2f; /* of a pane, in capitals */

static struct stage stage_of(const struct stage *stage, unsigned which)
{
    struct stage own = *stage;
    own.view = stage->exhibit[which].view;
    return own;
}

struct box picture_body(const struct layout *layout, unsigned which,
                        enum view_pane pane)
{
    struct box box = layout->pane[which][pane];
    int title = (int)(title_bar * layout->cap);
    title = title < box.height ? title : box.height;
    return (struct box){ box.x, box.y + title, box.width, box.height - title };
}

struct box picture_plot(const struct stage *stage, struct canvas *canvas,
                        const struct layout *layout, unsigned which,
                        enum view_pane pane)
{
    struct box box = layout->pane[which][pane];
    struct stage own = stage_of(stage, which);
    if (box.width == 0 || !panes[pane]->has_time)
        return (struct box){ 0 };
    struct box body = picture_body(layout, which, pane);
    return panes[pane]->plot ? panes[pane]->plot(&own, which, canvas, body)
                             : pane_plot(&own, body);
}

void picture_ground(const struct stage *stage, struct canvas *canvas,
                    const struct layout *layout, uint32_t width, uint32_t height)
{
    canvas_fill(canvas, (struct box){ 0, 0, (int)width, (int)height },
                stage->palette->page);
    status_line_title(stage, canvas, layout);
}

enum error_code picture_pane(const struct stage *stage, struct canvas *canvas,
                             const struct layout *layout, unsigned which,
                             enum view_pane pane, struct error *err)
{
    struct box box = layout->pane[which][pane],
               body = picture_body(layout, which, pane);
    struct box before = canvas_clip(canvas, box);
    struct stage own = stage_of(stage, which);
    struct pen pen = { layout->cap, 0, true, stage->palette->muted };
    canvas_fill(canvas, box, stage->palette->page);
    canvas_text_in(canvas, &pen, (float)box.x, (float)box.y + 1.5f * layout->cap,
                   (float)box.width, panes[pane]->title);
    canvas_clip(canvas, body);
    enum error_code code = OK;
    if (body.height > 0 && body.width > 0)
        code = panes[pane]->draw(&own, which, canvas, body, err);
    canvas->clip = before;
    return code;
}

bool picture_find(const struct stage *stage, struct canvas *canvas,
                  const struct layout *layout, int x, int y, struct finding *finding)
{
    unsigned which;
    enum view_pane pane;
    if (!layout_at(layout, x, y, &which, &pane) || !panes[pane]->find)
        return false;
    struct stage own = stage_of(stage, which);
    struct box body = picture_body(layout, which, pane);
    *finding = (struct finding){ .selection = { -1, -1, -1, -1 }, .step = (double)NAN };
    return box_holds(body, x, y) &&
           panes[pane]->find(&own, which, canvas, body, x, y, finding);
}

enum error_code picture_draw(const struct stage *stage, struct canvas *canvas,
                             uint32_t width, uint32_t height, struct layout *layout,
                             struct error *err)
{
    struct layout own;
    struct finding finding;
    struct overlay overlay;
    const struct view_state *view = stage->view;
    struct layout *lay = layout ? layout : &own;
    layout_of(lay, stage, width, height);
    picture_ground(stage, canvas, lay, width, height);
    for (unsigned which = 0; which < stage->exhibits; which++)
        for (unsigned p = 0; p < VIEW_PANES; p++)
            if (lay->pane[which][p].width > 0 &&
                picture_pane(stage, canvas, lay, which, (enum view_pane)p, err) != OK)
                return err->code;
    bool found =
        view->pointer_x >= 0 &&
        picture_find(stage, canvas, lay, view->pointer_x, view->pointer_y, &finding);
    overlay_lay(&overlay, stage, canvas, lay, found ? &finding : NULL);
    overlay_draw(&overlay, stage->palette, canvas, lay);
    if (canvas->error.code != OK)
        *err = canvas->error;
    return canvas->error.code;
}
