/* See time_axis.h. */
#include "viz/time_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_ROOM = 128 };

static const float angles[] = { 0, 0.7853982f, 1.3089969f }; /* 0, 45, 75 degrees */
static const float line_height = 1.6f; /* in capitals, descenders included */
static const float longest_text = 10;  /* likewise, of a slanted one */
static const float text_share = 0.2f;  /* of the raster's height, at most */
static const float top_gap = 0.35f, bar_height = 0.4f, level_height = 2.95f;

struct time_axis {
    const struct stage *stage;
    const struct scene *scene;
    struct canvas *canvas;
    struct box plot;
    uint64_t from, to; /* tokens of which something is in sight */
    float angle, most; /* pixels of a slanted text */
};

struct label {
    char text[TEXT_ROOM];
    struct pen pen;
    float middle, room, width; /* pixels; of the token, and of its text */
};

void time_axis_span(const struct stage *stage, const struct scene *scene,
                    struct box plot, uint64_t token, int *from, int *to)
{
    float left = pane_step_x(stage->view, plot, (double)scene->start_step[token]);
    float right = pane_step_x(stage->view, plot, (double)scene->start_step[token + 1]);
    float end = (float)(plot.x + plot.width);
    *from = (int)lroundf(fminf(fmaxf(left, (float)plot.x), end));
    *to = (int)lroundf(fminf(fmaxf(right, (float)plot.x), end));
}

static struct label label_of(const struct time_axis *axis, uint64_t token)
{
    struct label label;
    int from, to;
    bool is_prompt = axis->scene->kind[token] == TOKEN_PROMPT;
    const struct palette *palette = axis->stage->palette;
    scene_token_text(axis->scene, token, label.text, sizeof label.text);
    label.pen = (struct pen){ axis->stage->cap, axis->angle, false,
                              is_prompt ? palette->muted : palette->ink };
    time_axis_span(axis->stage, axis->scene, axis->plot, token, &from, &to);
    label.middle = (float)(from + to) / 2;
    label.room = (float)(to - from);
    label.width = canvas_text_width(axis->canvas, &label.pen, label.text);
    return label;
}

/* Distance at which slanted texts pass one another. */
static float apart(const struct time_axis *axis)
{
    return line_height * axis->stage->cap / sinf(axis->angle);
}

/* A token that is cut by the plot's edge may lose its text without making all slant. */
static bool is_cut(const struct time_axis *axis, uint64_t token)
{
    const struct view_state *view = axis->stage->view;
    return (double)axis->scene->start_step[token] < view->first_step ||
           (double)axis->scene->start_step[token + 1] > view->first_step + view->steps;
}

static bool all_fit(const struct time_axis *axis)
{
    float last = -INFINITY;
    for (uint64_t token = axis->from; token < axis->to; token++) {
        struct label label = label_of(axis, token);
        if (is_cut(axis, token))
            continue;
        if (axis->angle > 0 ? label.middle - last < apart(axis)
                            : label.width + axis->stage->cap > label.room)
            return false;
        last = label.middle;
    }
    return true;
}

static bool axis_init(struct time_axis *axis, const struct stage *stage,
                      const struct scene *scene, struct canvas *canvas, struct box plot)
{
    const struct view_state *view = stage->view;
    *axis = (struct time_axis){ stage, scene, canvas, plot, 0, 0, 0, 0 };
    axis->most = longest_text * stage->cap;
    if (scene->tokens == 0 || plot.width <= 0 || !(view->steps > 0))
        return false;
    axis->from = scene_token_at(scene, view->first_step);
    axis->to = scene_token_at(scene, view->first_step + view->steps - 0.5) + 1;
    if (scene->is_timed)
        return true;
    size_t last = sizeof angles / sizeof angles[0] - 1;
    /* So many cannot fit: their texts need not be measured. */
    if ((float)(axis->to - axis->from) * line_height * stage->cap > (float)plot.width) {
        axis->angle = angles[last];
        return true;
    }
    for (size_t i = 0; i <= last; i++) {
        axis->angle = angles[i];
        if (all_fit(axis))
            break;
    }
    return true;
}

/* Level: the text's line. Slanted: what the longest text hangs down. */
int time_axis_height(const struct stage *stage, const struct scene *scene,
                     struct canvas *canvas, struct box plot)
{
    struct time_axis axis;
    float cap = stage->cap, longest = 0;
    float level = level_height * cap;
    if (!axis_init(&axis, stage, scene, canvas, plot))
        return 0;
    if (scene->is_timed || axis.angle == 0)
        return (int)level;
    float most = fminf(axis.most, text_share * (float)plot.height / sinf(axis.angle));
    if (axis.to - axis.from > (uint64_t)plot.width)
        longest = most;
    for (uint64_t token = axis.from; token < axis.to && longest < most; token++)
        longest = fmaxf(longest, label_of(&axis, token).width);
    return (int)ceilf(fminf(longest, most) * sinf(axis.angle) + level);
}

/* Level texts stand in the middle of their token, others climb to it and end there. */
static void draw_label(const struct time_axis *axis, struct box box,
                       struct label *label)
{
    float cap = axis->stage->cap, most = axis->most;
    float x = label->middle, y = (float)box.y + (top_gap + bar_height) * cap;
    if (axis->angle == 0) {
        canvas_text(axis->canvas, &label->pen, x - label->width / 2, y + 1.7f * cap,
                    label->text);
        return;
    }
    if (label->width > most) {
        size_t fits = font_fit(axis->canvas->font, &label->pen, label->text,
                               strlen(label->text), most - cap);
        if (fits > sizeof label->text - sizeof "\u2026")
            fits = sizeof label->text - sizeof "\u2026";
        memcpy(label->text + fits, "\u2026", sizeof "\u2026");
        label->width = canvas_text_width(axis->canvas, &label->pen, label->text);
    }
    x += cap / 2 - label->width * cosf(axis->angle);
    y += 1.5f * cap + label->width * sinf(axis->angle);
    canvas_text(axis->canvas, &label->pen, x, y, label->text);
}

/* 1, 2 or 5 times a power of ten, so that five ticks fit, or up to twelve. */
static double tick_distance(double total)
{
    static const double step[] = { 5, 2 };
    double power = pow(10, floor(log10(total / 5)));
    for (int i = 0; i < 2; i++)
        if (step[i] * power <= total / 5)
            return step[i] * power;
    return power;
}

/* Ticks at round times instead of slices, which have no text. */
static void draw_times(const struct time_axis *axis, struct box box)
{
    const struct view_state *view = axis->stage->view;
    const struct palette *palette = axis->stage->palette;
    float cap = axis->stage->cap, free_from = -INFINITY;
    int bar = (int)fmaxf(2, bar_height * cap);
    double dt_ms = axis->scene->recording.info.dt_ms;
    double first = view->first_step * dt_ms, total = view->steps * dt_ms;
    box.y += (int)(top_gap * cap);
    canvas_fill(axis->canvas, (struct box){ axis->plot.x, box.y, axis->plot.width, 1 },
                palette->prompt);
    if (!(total > 0) || !isfinite(total))
        return;
    struct pen pen = { cap, 0, false, palette->ink };
    double distance = tick_distance(total), before = 1e-6 * distance;
    for (double tick = ceil((first - before) / distance) + 0.0; /* not -0 */
         tick * distance <= first + total + before; tick++) {
        char text[40];
        float x = pane_step_x(view, axis->plot, tick * distance / dt_ms);
        snprintf(text, sizeof text, "%.10g ms", tick * distance);
        float width = canvas_text_width(axis->canvas, &pen, text);
        canvas_fill(axis->canvas, (struct box){ (int)x, box.y, 1, bar }, palette->ink);
        if (x - width / 2 < free_from)
            continue;
        canvas_text(axis->canvas, &pen, x - width / 2,
                    (float)(box.y + bar) + 1.7f * cap, text);
        free_from = x + width / 2 + cap;
    }
}

/* Bars of tokens narrower than a pixel are drawn as one. */
static void draw_bars(const struct time_axis *axis, struct box box)
{
    const struct palette *palette = axis->stage->palette;
    float cap = axis->stage->cap;
    int bar = (int)fmaxf(2, bar_height * cap), drawn = axis->plot.x;
    for (uint64_t token = axis->from; token < axis->to; token++) {
        int from, to;
        time_axis_span(axis->stage, axis->scene, axis->plot, token, &from, &to);
        if (to <= drawn && to > from)
            continue;
        struct box part = { from, box.y + (int)(top_gap * cap),
                            to - from - (to - from > 3 ? 1 : 0), bar };
        canvas_fill(axis->canvas, part,
                    axis->scene->kind[token] == TOKEN_PROMPT ? palette->prompt
                                                             : palette->generated);
        drawn = to;
    }
}

void time_axis_draw(const struct stage *stage, const struct scene *scene,
                    struct canvas *canvas, struct box plot, struct box box)
{
    struct time_axis axis;
    float last = -INFINITY;
    if (!axis_init(&axis, stage, scene, canvas, plot))
        return;
    float hangs = (float)box.height - level_height * stage->cap;
    if (axis.angle > 0)
        axis.most = fminf(axis.most, hangs / sinf(axis.angle) + 0.5f);
    if (scene->is_timed) {
        draw_times(&axis, box);
        return;
    }
    draw_bars(&axis, box);
    for (uint64_t token = axis.from; token < axis.to; token++) {
        int from, to;
        time_axis_span(stage, scene, plot, token, &from, &to);
        float middle = (float)(from + to) / 2;
        if (to <= from || (axis.angle > 0 && middle - last < apart(&axis)))
            continue;
        struct label label = label_of(&axis, token);
        if (axis.angle == 0 && label.width + 2 > label.room)
            continue;
        draw_label(&axis, box, &label);
        last = middle;
    }
}
