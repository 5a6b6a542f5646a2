/* Pictures, frames and the mouse on recordings written here, without a window. */
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/frame.h"
#include "viz/pointer.h"
#include "viz/show.h"
#include "viz/status_line.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 12, CHANNELS = 24, WIDTH = 960, HEIGHT = 600 };

static struct show *open_show(const char *first, const char *second)
{
    static const char *const names[2] = { "viewer1.h5", "viewer2.h5" };
    const char *const encoder[2] = { first, second };
    const char *path[2] = { NULL, NULL };
    char room[2][512];
    struct error err = { 0 };
    struct show *show = calloc(1, sizeof *show);
    CU_ASSERT_PTR_NOT_NULL_FATAL(show);
    for (unsigned i = 0; i < 2 && encoder[i]; i++) {
        snprintf(room[i], sizeof room[i], "%s", temporary_path(names[i]));
        path[i] = room[i];
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path[i], encoder[i], CHANNELS, TOKENS,
                                              true, false, &err),
                              OK);
    }
    CU_ASSERT_EQUAL_FATAL(show_open(show, path, NULL, true, &err), OK);
    show_size(show, WIDTH, HEIGHT);
    return show;
}

static void close_show(struct show *show)
{
    show_close(show);
    free(show);
}

static void update(struct show *show)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL(show_update(show, &err), OK);
}

static bool overlap(struct box a, struct box b)
{
    return a.width > 0 && b.width > 0 && a.x < b.x + b.width && b.x < a.x + a.width &&
           a.y < b.y + b.height && b.y < a.y + a.height;
}

static unsigned check_layout(const struct layout *layout, int width, int height)
{
    struct box box[2 * VIEW_PANES + 5];
    unsigned boxes = 0, shown = 0;
    for (unsigned which = 0; which < 2; which++)
        for (unsigned p = 0; p < VIEW_PANES; p++)
            if (layout->pane[which][p].width > 0) {
                box[boxes++] = layout->pane[which][p];
                shown++;
            }
    box[boxes++] = layout->title;
    box[boxes++] = layout->status;
    box[boxes++] = layout->scrub;
    box[boxes++] = layout->label[0];
    box[boxes++] = layout->label[1];
    unsigned wrong = 0;
    for (unsigned i = 0; i < boxes; i++) {
        wrong += box[i].x < 0 || box[i].y < 0 || box[i].height < 0 ||
                 box[i].x + box[i].width > width || box[i].y + box[i].height > height;
        for (unsigned j = 0; j < i; j++)
            wrong += overlap(box[i], box[j]);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    return shown;
}

static void panes_never_overlap(void)
{
    static const unsigned sizes[][2] = { { 320, 240 },   { 640, 400 },  { 800, 480 },
                                         { 1280, 720 },  { 720, 1280 }, { 1920, 1080 },
                                         { 3840, 2160 }, { 3840, 600 } };
    static const float scales[] = { 0.5f, 1, 1.5f, 2 };
    for (unsigned exhibits = 1; exhibits <= 2; exhibits++) {
        struct show *show = open_show("bitwise", exhibits > 1 ? "ternary" : NULL);
        for (unsigned i = 0; i < 8 * 4 * 128; i++) {
            const unsigned *size = sizes[i % 8];
            struct layout layout;
            show->view.font_scale = scales[i / 8 % 4];
            show->view.compare = i / 512 ? COMPARE_DIFFERENCE : COMPARE_SIDES;
            for (unsigned p = 0; p < VIEW_PANES; p++)
                show->view.is_shown[p] = (i / 32) >> p & 1;
            show->view.is_shown[PANE_RASTER] = true;
            layout_of(&layout, &show->stage, size[0], size[1]);
            CU_ASSERT(check_layout(&layout, (int)size[0], (int)size[1]) > 0);
        }
        close_show(show);
    }
}

/* A stranger picture than this has not been drawn before: what differs is counted. */
static size_t differences(const struct frame *frame, const struct show *show,
                          uint32_t width, uint32_t height)
{
    struct image image;
    struct canvas canvas;
    struct error err = { 0 };
    size_t count = 0;
    CU_ASSERT_EQUAL_FATAL(image_create(&image, width, height, &err), OK);
    canvas_on_image(&canvas, &image, show->font);
    CU_ASSERT_EQUAL_FATAL(picture_draw(&show->stage, &canvas, width, height, NULL,
                                       &err),
                          OK);
    for (size_t i = 0; i < (size_t)width * height; i++)
        count += image.pixel[i] != frame->front.pixel[i];
    image_release(&image);
    return count;
}

static struct input random_input(gsl_rng *rng)
{
    static const enum input_kind kinds[] = { INPUT_MOVE,  INPUT_MOVE,    INPUT_MOVE,
                                             INPUT_PRESS, INPUT_RELEASE, INPUT_WHEEL,
                                             INPUT_LEAVE };
    struct input input = { 0 };
    input.kind = kinds[gsl_rng_uniform_int(rng, 7)];
    input.x = (int)gsl_rng_uniform_int(rng, WIDTH);
    input.y = (int)gsl_rng_uniform_int(rng, HEIGHT);
    input.button = gsl_rng_uniform_int(rng, 3) ? BUTTON_LEFT : BUTTON_RIGHT;
    input.clicks = 1 + (int)gsl_rng_uniform_int(rng, 2);
    input.modifiers = (unsigned)gsl_rng_uniform_int(rng, 4);
    input.wheel_y = (float)gsl_rng_uniform_int(rng, 5) - 2;
    return input;
}

/* Whatever happened before, a frame is the picture of what is looked at. */
static void frames_are_pictures(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (unsigned exhibits = 1; exhibits <= 2; exhibits++) {
        struct show *show = open_show("bitwise", exhibits > 1 ? "ternary" : NULL);
        struct frame frame;
        struct pointer pointer = { 0 };
        struct error err = { 0 };
        size_t wrong = 0;
        frame_init(&frame);
        for (int i = 0; i < 150; i++) {
            if (i % 3 == 0)
                view_state_act(&show->view, &show->extent,
                               (enum view_action)gsl_rng_uniform_int(rng, VIEW_ACTIONS),
                               gsl_rng_uniform(rng) * 2);
            else if (i > 1)
                for (struct input input = random_input(rng); input.kind;
                     input.kind = INPUT_NONE)
                    pointer_take(&pointer, show, &frame.layout, &frame.front_canvas,
                                 &input);
            show->view.playback.is_paused = false;
            show->view.font_scale = fminf(show->view.font_scale, 1.5f);
            view_state_advance(&show->view, 0.05);
            show->stage.rubber =
                pointer_rubber(&pointer, show, &frame.layout, &frame.front_canvas);
            update(show);
            show_size(show, WIDTH, HEIGHT);
            CU_ASSERT_EQUAL_FATAL(frame_draw(&frame, &show->stage, WIDTH, HEIGHT, &err),
                                  OK);
            wrong += differences(&frame, show, WIDTH, HEIGHT) > 0;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        frame_release(&frame);
        close_show(show);
    }
    gsl_rng_free(rng);
}

static void a_frame_draws_what_changed(void)
{
    struct show *show = open_show("bitwise", NULL);
    struct frame frame;
    struct error err = { 0 };
    frame_init(&frame);
    CU_ASSERT_EQUAL(frame_draw(&frame, &show->stage, WIDTH, HEIGHT, &err), OK);
    CU_ASSERT(frame.panes_drawn > 0 && frame.damages == 1);
    CU_ASSERT_EQUAL(frame_draw(&frame, &show->stage, WIDTH, HEIGHT, &err), OK);
    CU_ASSERT(frame.panes_drawn == 0 && frame.damages == 0);
    /* Half a step: the cursor moves, no pane does. */
    playback_seek(&show->view.playback, 0.5);
    CU_ASSERT_EQUAL(frame_draw(&frame, &show->stage, WIDTH, HEIGHT, &err), OK);
    CU_ASSERT(frame.panes_drawn == 0 && frame.damages > 0);
    frame_release(&frame);
    close_show(show);
}

/* A show with the picture that the mouse sees. */
struct desk {
    struct show *show;
    struct frame frame;
    struct pointer pointer;
};

static void sit_down(struct desk *desk)
{
    struct error err = { 0 };
    memset(desk, 0, sizeof *desk);
    desk->show = open_show("bitwise", NULL);
    frame_init(&desk->frame);
    CU_ASSERT_EQUAL_FATAL(frame_draw(&desk->frame, &desk->show->stage, WIDTH, HEIGHT,
                                     &err),
                          OK);
}

static void stand_up(struct desk *desk)
{
    frame_release(&desk->frame);
    close_show(desk->show);
}

static void send(struct desk *desk, struct input input)
{
    pointer_take(&desk->pointer, desk->show, &desk->frame.layout,
                 &desk->frame.front_canvas, &input);
    update(desk->show);
}

static void drag(struct desk *desk, int button, unsigned modifiers, const int from[2],
                 const int to[2])
{
    struct input input = { .kind = INPUT_PRESS,
                           .button = button,
                           .clicks = 1,
                           .modifiers = modifiers,
                           .x = from[0],
                           .y = from[1] };
    send(desk, input);
    for (int i = 1; i <= 4; i++) {
        input.kind = INPUT_MOVE;
        input.x = from[0] + (to[0] - from[0]) * i / 4;
        input.y = from[1] + (to[1] - from[1]) * i / 4;
        send(desk, input);
    }
    input.kind = INPUT_RELEASE;
    send(desk, input);
}

static struct box plot_of(struct desk *desk, enum view_pane pane)
{
    return picture_plot(&desk->show->stage, &desk->frame.front_canvas,
                        &desk->frame.layout, 0, pane);
}

static void the_wheel_zooms_where_it_points(void)
{
    struct desk desk;
    sit_down(&desk);
    struct view_state *view = &desk.show->view;
    struct box plot = plot_of(&desk, PANE_RASTER);
    int x = plot.x + plot.width / 4, y = plot.y + plot.height / 3;
    double before = pane_x_step(view, plot, (float)x), whole = view->steps;
    send(&desk, (struct input){ .kind = INPUT_WHEEL, .x = x, .y = y, .wheel_y = 2 });
    CU_ASSERT(view->steps < whole);
    CU_ASSERT_DOUBLE_EQUAL(pane_x_step(view, plot, (float)x), before, 1e-3);
    double units = view->units;
    send(&desk, (struct input){ .kind = INPUT_WHEEL,
                                .x = x,
                                .y = y,
                                .wheel_y = 2,
                                .modifiers = INPUT_SHIFT });
    CU_ASSERT(view->units < units);
    stand_up(&desk);
}

static void a_right_drag_zooms_and_a_drag_moves(void)
{
    struct desk desk;
    sit_down(&desk);
    struct view_state *view = &desk.show->view;
    struct box plot = plot_of(&desk, PANE_RASTER);
    int from[2] = { plot.x + plot.width / 4, plot.y + plot.height / 4 };
    int to[2] = { plot.x + plot.width / 2, plot.y + plot.height / 2 };
    double left = pane_x_step(view, plot, (float)from[0]);
    double right = pane_x_step(view, plot, (float)to[0]);
    drag(&desk, BUTTON_RIGHT, 0, from, to);
    CU_ASSERT_DOUBLE_EQUAL(view->first_step, left, 1e-3);
    CU_ASSERT_DOUBLE_EQUAL(view->first_step + view->steps, right, 1e-3);
    CU_ASSERT(view->units < desk.show->extent.units / 2);
    double step = view->first_step, unit = view->first_unit;
    drag(&desk, BUTTON_LEFT, 0, from, to);
    CU_ASSERT(view->first_step < step && view->first_unit > unit);
    stand_up(&desk);
}

static void dragging_below_scrubs(void)
{
    struct desk desk;
    sit_down(&desk);
    struct view_state *view = &desk.show->view;
    struct box bar = desk.frame.layout.scrub;
    int from[2] = { bar.x + 10, bar.y + bar.height / 2 };
    int to[2] = { bar.x + bar.width / 2, bar.y };
    drag(&desk, BUTTON_LEFT, 0, from, to);
    double half = playback_end(&view->playback) / 2;
    CU_ASSERT_DOUBLE_EQUAL(view->playback.step, half, 0.05 * half);
    stand_up(&desk);
}

static void a_word_is_gone_to(void)
{
    struct desk desk;
    sit_down(&desk);
    struct view_state *view = &desk.show->view;
    struct box pane = desk.frame.layout.pane[0][PANE_TEXT];
    int64_t found = -1;
    for (int y = pane.y; y < pane.y + pane.height && found < 3; y += 3)
        for (int x = pane.x; x < pane.x + pane.width && found < 3; x += 5) {
            int at[2] = { x, y };
            drag(&desk, BUTTON_LEFT, 0, at, at);
            found = view->selection.token;
        }
    CU_ASSERT_FATAL(found >= 3);
    CU_ASSERT_EQUAL(view->playback.step, (double)view->playback.token_start[found]);
    stand_up(&desk);
}

static void shift_drag_loops(void)
{
    struct desk desk;
    sit_down(&desk);
    struct view_state *view = &desk.show->view;
    struct box plot = plot_of(&desk, PANE_RASTER);
    int from[2] = { plot.x + plot.width / 2, plot.y + 20 };
    int to[2] = { plot.x + plot.width / 4, plot.y + 30 };
    drag(&desk, BUTTON_LEFT, INPUT_SHIFT, from, to);
    CU_ASSERT(view->loop_to > view->loop_from);
    CU_ASSERT_DOUBLE_EQUAL(view->loop_to, pane_x_step(view, plot, (float)from[0]),
                           1e-3);
    CU_ASSERT_DOUBLE_EQUAL(view->loop_from, pane_x_step(view, plot, (float)to[0]),
                           1e-3);
    stand_up(&desk);
}

static void a_double_click_enlarges(void)
{
    struct desk desk;
    sit_down(&desk);
    struct box pane = desk.frame.layout.pane[0][PANE_TEXT];
    struct input input = { .kind = INPUT_PRESS,
                           .button = BUTTON_LEFT,
                           .clicks = 2,
                           .x = pane.x + pane.width / 2,
                           .y = pane.y + pane.height / 2 };
    send(&desk, input);
    input.kind = INPUT_RELEASE;
    send(&desk, input);
    CU_ASSERT_EQUAL(desk.show->view.enlarged, PANE_TEXT);
    stand_up(&desk);
}

static void a_click_chooses_a_neuron(void)
{
    struct desk desk;
    sit_down(&desk);
    struct box plot = plot_of(&desk, PANE_RASTER);
    int at[2] = { plot.x + plot.width / 2, plot.y + plot.height / 2 };
    drag(&desk, BUTTON_LEFT, 0, at, at);
    CU_ASSERT(desk.show->view.selection.population >= 0);
    CU_ASSERT_EQUAL(desk.show->stack[0].bands, 1);
    stand_up(&desk);
}

/* Codes differ in their steps and neurons; the second view follows token by token. */
static void two_recordings_go_in_step(void)
{
    struct show *show = open_show("bitwise", "ternary");
    for (uint64_t token = 0; token < TOKENS; token++) {
        playback_seek(&show->view.playback, (double)show->scene[0].start_step[token]);
        update(show);
        CU_ASSERT_DOUBLE_EQUAL(show->linked.playback.step,
                               (double)show->scene[1].start_step[token], 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(show_step(show, 1, show->linked.playback.step),
                               show->view.playback.step, 1e-9);
    }
    CU_ASSERT_DOUBLE_EQUAL(show->linked.first_step + show->linked.steps,
                           (double)scene_end(&show->scene[1]), 1e-9);
    struct selection neuron = { -1, -1, 5, -1 };
    view_state_select(&show->view, &show->extent, &neuron);
    update(show);
    CU_ASSERT_EQUAL(show->linked.selection.population, show->view.selection.population);
    struct selection back = show->linked.selection;
    show_selection(show, 1, &back);
    CU_ASSERT_EQUAL(back.population, show->view.selection.population);
    close_show(show);
}

CU_TestInfo viewer_tests[] = {
    { "panes never overlap", panes_never_overlap },
    { "frames are pictures", frames_are_pictures },
    { "a frame draws what changed", a_frame_draws_what_changed },
    { "the wheel zooms where it points", the_wheel_zooms_where_it_points },
    { "a right drag zooms and a drag moves", a_right_drag_zooms_and_a_drag_moves },
    { "dragging below scrubs", dragging_below_scrubs },
    { "a word is gone to", a_word_is_gone_to },
    { "shift and drag loop", shift_drag_loops },
    { "a double click enlarges", a_double_click_enlarges },
    { "a click chooses a neuron", a_click_chooses_a_neuron },
    { "two recordings go in step", two_recordings_go_in_step },
    CU_TEST_INFO_NULL,
};
