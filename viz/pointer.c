/* See pointer.h. */
#include "viz/pointer.h"

#include "viz/pane_frame.h"
#include "viz/picture.h"
#include "viz/raster_plot.h"
#include "viz/status_line.h"

#include <math.h>
#include <stdlib.h>

enum { STILL = 4, NEAR = 5 }; /* pixels: less is no drag; the cursor is caught */

static const double notch = 1.25; /* a notch of the wheel */

struct place {
    struct box plot; /* width 0: no axis of time here */
    struct box rows; /* of the raster: its neurons */
    unsigned which;
    enum view_pane pane;
};

static struct place place_at(const struct show *show, const struct layout *layout,
                             struct canvas *canvas, int x, int y)
{
    struct place place = { .pane = VIEW_PANES };
    struct raster_plot raster;
    if (!layout_at(layout, x, y, &place.which, &place.pane))
        return place;
    struct stage own = show->stage;
    own.view = own.exhibit[place.which].view;
    place.plot = picture_plot(&show->stage, canvas, layout, place.which, place.pane);
    if (place.pane == PANE_RASTER &&
        raster_plot_init(&raster, &own, place.which, canvas,
                         picture_body(layout, place.which, place.pane)))
        place.rows = raster.bands;
    return place;
}

/* Where the mouse was pressed. */
static struct place place_down(const struct pointer *pointer, const struct show *show,
                               const struct layout *layout, struct canvas *canvas)
{
    return place_at(show, layout, canvas, pointer->down_x, pointer->down_y);
}

/* In the steps of the first recording. */
static double step_at(const struct show *show, const struct place *place, int x)
{
    const struct view_state *view = show->stage.exhibit[place->which].view;
    double step = pane_x_step(view, place->plot, (float)x);
    return show_step(show, place->which, step);
}

static double unit_at(const struct show *show, const struct place *place, int y)
{
    double share =
        (double)(place->plot.y + place->plot.height - y) / place->plot.height;
    return show->view.first_unit + share * show->view.units;
}

static bool is_on_cursor(const struct show *show, const struct place *place, int x)
{
    const struct view_state *view = show->stage.exhibit[place->which].view;
    double at = (double)pane_step_x(view, place->plot, view->playback.step);
    return fabs(at - x) <= NEAR;
}

static void press(struct pointer *pointer, struct show *show,
                  const struct layout *layout, struct canvas *canvas,
                  const struct input *input)
{
    struct place place = place_at(show, layout, canvas, input->x, input->y);
    *pointer = (struct pointer){ .is_down = true,
                                 .down_x = input->x,
                                 .down_y = input->y,
                                 .which = place.which,
                                 .pane = place.pane,
                                 .first_step = show->view.first_step,
                                 .first_unit = show->view.first_unit };
    pointer->on_scrub_bar = box_holds(layout->scrub, input->x, input->y);
    bool has_time = place.plot.width > 0;
    if (input->button == BUTTON_RIGHT)
        pointer->drag = has_time ? DRAG_ZOOM : DRAG_NOTHING;
    else if (has_time && (input->modifiers & INPUT_SHIFT))
        pointer->drag = DRAG_LOOP;
    else if (pointer->on_scrub_bar || place.pane == PANE_TEXT ||
             (has_time && is_on_cursor(show, &place, input->x)))
        pointer->drag = DRAG_SCRUB;
    else if (has_time)
        pointer->drag = DRAG_MOVE;
}

/* Along the bar of the whole run, an axis of time, or the words. */
static void scrub(const struct pointer *pointer, struct show *show,
                  const struct layout *layout, struct canvas *canvas, int x, int y)
{
    struct place place = place_down(pointer, show, layout, canvas);
    struct finding finding;
    double step = show->view.playback.step;
    if (pointer->on_scrub_bar)
        step = scrub_step(&show->stage, layout, x);
    else if (place.plot.width > 0)
        step = step_at(show, &place, x);
    else if (picture_find(&show->stage, canvas, layout, x, y, &finding) &&
             finding.selection.token >= 0 &&
             (uint64_t)finding.selection.token < show->view.playback.tokens)
        step = (double)show->view.playback.token_start[finding.selection.token];
    view_state_act(&show->view, &show->extent, VIEW_SEEK, step);
}

static void move(const struct pointer *pointer, struct show *show,
                 const struct layout *layout, struct canvas *canvas,
                 const struct input *input)
{
    struct view_state *view = &show->view;
    struct place place = place_down(pointer, show, layout, canvas);
    if (place.plot.width <= 0 || place.plot.height <= 0)
        return;
    double steps =
        (double)(input->x - pointer->down_x) / place.plot.width * view->steps;
    view_state_see(view, pointer->first_step - steps, view->steps);
    if (place.rows.height <= 0)
        return;
    double units =
        (double)(input->y - pointer->down_y) / place.rows.height * view->units;
    view_state_see_units(view, &show->extent, pointer->first_unit + units, view->units);
}

static void loop(const struct pointer *pointer, struct show *show,
                 const struct layout *layout, struct canvas *canvas, int x)
{
    struct place place = place_down(pointer, show, layout, canvas);
    if (place.plot.width > 0)
        view_state_loop(&show->view, step_at(show, &place, pointer->down_x),
                        step_at(show, &place, x));
}

static void drag(struct pointer *pointer, struct show *show,
                 const struct layout *layout, struct canvas *canvas,
                 const struct input *input)
{
    if (!pointer->has_moved && abs(input->x - pointer->down_x) < STILL &&
        abs(input->y - pointer->down_y) < STILL)
        return;
    pointer->has_moved = true;
    switch (pointer->drag) {
    case DRAG_SCRUB: scrub(pointer, show, layout, canvas, input->x, input->y); break;
    case DRAG_MOVE: move(pointer, show, layout, canvas, input); break;
    case DRAG_LOOP: loop(pointer, show, layout, canvas, input->x); break;
    default: break; /* a zoom is done when the button is let go */
    }
}

struct box pointer_rubber(const struct pointer *pointer, const struct show *show,
                          const struct layout *layout, struct canvas *canvas)
{
    struct box none = { 0 };
    if (!pointer->is_down || !pointer->has_moved || pointer->drag != DRAG_ZOOM)
        return none;
    struct place place = place_down(pointer, show, layout, canvas);
    struct box plot = place.plot;
    int x = show->view.pointer_x, y = show->view.pointer_y;
    x = x < plot.x ? plot.x : x > plot.x + plot.width ? plot.x + plot.width : x;
    y = y < plot.y ? plot.y : y > plot.y + plot.height ? plot.y + plot.height : y;
    struct box box = { x < pointer->down_x ? x : pointer->down_x,
                       y < pointer->down_y ? y : pointer->down_y,
                       abs(x - pointer->down_x), abs(y - pointer->down_y) };
    if (place.rows.height <= 0) {
        box.y = plot.y;
        box.height = plot.height;
    }
    return box;
}

static void zoom_into(const struct pointer *pointer, struct show *show,
                      const struct layout *layout, struct canvas *canvas)
{
    struct box box = pointer_rubber(pointer, show, layout, canvas);
    if (box.width < STILL || box.height <= 0)
        return;
    struct place place = place_down(pointer, show, layout, canvas);
    double from = step_at(show, &place, box.x);
    double to = step_at(show, &place, box.x + box.width);
    view_state_see(&show->view, from, to - from);
    if (place.rows.height <= 0 || box.height < STILL)
        return;
    double low = unit_at(show, &place, box.y + box.height);
    double high = unit_at(show, &place, box.y);
    view_state_see_units(&show->view, &show->extent, low, high - low);
}

static void click(const struct pointer *pointer, struct show *show,
                  const struct layout *layout, struct canvas *canvas,
                  const struct input *input)
{
    struct view_state *view = &show->view;
    struct finding finding;
    if (pointer->on_scrub_bar) {
        scrub(pointer, show, layout, canvas, input->x, input->y);
        return;
    }
    if (!picture_find(&show->stage, canvas, layout, input->x, input->y, &finding))
        return;
    show_selection(show, pointer->which, &finding.selection);
    int64_t token = finding.selection.token;
    /* Elsewhere than on a word, a click means the neuron. */
    if (pointer->pane == PANE_TEXT && token >= 0 &&
        (uint64_t)token < view->playback.tokens) {
        view_state_act(view, &show->extent, VIEW_SEEK,
                       (double)view->playback.token_start[token]);
    } else if (finding.selection.layer >= 0 || finding.selection.population >= 0) {
        finding.selection.token = -1;
    }
    view_state_select(view, &show->extent, &finding.selection);
}

static void release(struct pointer *pointer, struct show *show,
                    const struct layout *layout, struct canvas *canvas,
                    const struct input *input)
{
    struct view_state *view = &show->view;
    bool was_down = pointer->is_down;
    if (was_down && pointer->has_moved && pointer->drag == DRAG_ZOOM)
        zoom_into(pointer, show, layout, canvas);
    pointer->is_down = false;
    if (!was_down || pointer->has_moved || input->button != BUTTON_LEFT)
        return;
    if (input->clicks == 2 && pointer->pane != VIEW_PANES)
        view->enlarged = view->enlarged == VIEW_PANES ? pointer->pane : VIEW_PANES;
    else if (input->clicks != 2)
        click(pointer, show, layout, canvas, input);
}

static void turn_wheel(struct show *show, const struct layout *layout,
                       struct canvas *canvas, const struct input *input)
{
    struct view_state *view = &show->view;
    struct place place = place_at(show, layout, canvas, input->x, input->y);
    double factor = pow(notch, (double)input->wheel_y);
    if (box_holds(layout->scrub, input->x, input->y)) {
        view_state_act(view, &show->extent, VIEW_ZOOM_TIME, factor);
        return;
    }
    if (place.plot.width <= 0 || place.plot.height <= 0)
        return;
    bool is_shifted = input->modifiers & (INPUT_SHIFT | INPUT_CTRL);
    if (is_shifted && place.rows.height > 0)
        view_state_zoom_units(view, &show->extent, factor,
                              unit_at(show, &place, input->y));
    else if (!is_shifted)
        view_state_zoom_time(view, factor, step_at(show, &place, input->x));
    if (input->wheel_x != 0)
        view_state_act(view, &show->extent, VIEW_PAN_TIME,
                       0.05 * (double)input->wheel_x);
}

void pointer_take(struct pointer *pointer, struct show *show,
                  const struct layout *layout, struct canvas *canvas,
                  const struct input *input)
{
    struct view_state *view = &show->view;
    bool leaves = input->kind == INPUT_LEAVE;
    view->pointer_x = leaves ? -1 : input->x;
    view->pointer_y = leaves ? -1 : input->y;
    switch (input->kind) {
    case INPUT_PRESS: press(pointer, show, layout, canvas, input); break;
    case INPUT_RELEASE: release(pointer, show, layout, canvas, input); break;
    case INPUT_WHEEL: turn_wheel(show, layout, canvas, input); break;
    case INPUT_MOVE:
        if (pointer->is_down)
            drag(pointer, show, layout, canvas, input);
        break;
    default: break;
    }
}
