/* See token_axis.h. */
#include "viz/token_axis.h"

#include "viz/spike_grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BAR = 5, TEXT_ROOM = 128 };

static const float angles[] = { 0, 0.7853982f, 1.3089969f }; /* 0, 45, 75 degrees */
static const float line_height = 1.5f; /* in cap heights, descenders included */
static const float longest_text = 11;  /* likewise */

struct label {
    char text[TEXT_ROOM];
    size_t length;
    struct pen pen;
    float middle, room; /* of its token, pixels */
};

void token_axis_span(const struct token_axis *axis, uint64_t token, uint32_t *from,
                     uint32_t *to)
{
    const struct raster_source *source = axis->source;
    uint64_t origin = source->start_step[0];
    uint64_t begin = source->start_step[token] - origin;
    uint64_t steps = source->start_step[source->tokens] - origin;
    uint64_t last = begin + source->steps[token] - (source->steps[token] > 0);
    uint32_t none;
    spike_grid_cover(begin, steps, axis->width, from, &none);
    spike_grid_cover(last, steps, axis->width, &none, to);
}

static bool is_prompt(const struct token_axis *axis, uint64_t token)
{
    return axis->source->kind[token] == TOKEN_PROMPT;
}

static struct label label_of(const struct token_axis *axis, uint64_t token)
{
    struct label label;
    uint32_t from, to;
    label.length = raster_source_text(axis->source, token, label.text,
                                      sizeof label.text - sizeof "\u2026");
    label.pen = (struct pen){ axis->cap_height, axis->angle, false,
                              is_prompt(axis, token) ? axis->palette->muted
                                                     : axis->palette->ink };
    token_axis_span(axis, token, &from, &to);
    label.middle = (float)(from + to) / 2;
    label.room = (float)(to - from);
    return label;
}

/* Distance at which slanted texts pass one another. */
static float apart(const struct token_axis *axis)
{
    return line_height * axis->cap_height / sinf(axis->angle);
}

static bool all_fit(const struct token_axis *axis)
{
    float last = -INFINITY;
    for (uint64_t token = 0; token < axis->source->tokens; token++) {
        struct label label = label_of(axis, token);
        float width = stroke_width(&label.pen, label.text, label.length);
        if (axis->angle > 0 ? label.middle - last < apart(axis)
                            : width + axis->cap_height > label.room)
            return false;
        last = label.middle;
    }
    return true;
}

void token_axis_init(struct token_axis *axis, const struct raster_source *source,
                     const struct palette *palette, float cap_height, uint32_t width)
{
    *axis = (struct token_axis){ source, palette, cap_height, 0, width, 0 };
    if (source->is_timed) {
        axis->height = (int)(4 * cap_height);
        return;
    }
    for (size_t i = 0; i < sizeof angles / sizeof angles[0]; i++) {
        axis->angle = angles[i];
        if (all_fit(axis))
            break;
    }
    float longest = 0, most = longest_text * cap_height;
    for (uint64_t token = 0; token < source->tokens && longest < most; token++) {
        struct label label = label_of(axis, token);
        longest = fmaxf(longest, stroke_width(&label.pen, label.text, label.length));
    }
    axis->height = (int)(fminf(longest, most) * sinf(axis->angle) + 2.5f * cap_height);
}

static void cut(const struct token_axis *axis, struct label *label)
{
    float most = longest_text * axis->cap_height;
    if (axis->angle == 0 ||
        stroke_width(&label->pen, label->text, label->length) <= most)
        return;
    label->length =
        stroke_fit(&label->pen, label->text, label->length, most - axis->cap_height);
    memcpy(label->text + label->length, "\u2026", sizeof "\u2026");
    label->length += strlen("\u2026");
}

/* Level texts stand in the middle of their token, others climb to it and end there. */
static void draw_label(const struct token_axis *axis, struct image *image, int x, int y,
                       struct label *label)
{
    cut(axis, label);
    float width = stroke_width(&label->pen, label->text, label->length);
    float end_x = (float)x + label->middle, end_y = (float)y + BAR;
    if (axis->angle > 0) {
        end_x += axis->cap_height / 2 - width * cosf(axis->angle);
        end_y += 1.5f * axis->cap_height + width * sinf(axis->angle);
    } else {
        end_x -= width / 2;
        end_y += 2 * axis->cap_height;
    }
    stroke_draw(image, &label->pen, end_x, end_y, label->text, label->length);
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
static void draw_times(const struct token_axis *axis, struct image *image, int x, int y)
{
    const struct raster_source *source = axis->source;
    double dt_ms = source->recording->info.dt_ms;
    double first = (double)source->start_step[0] * dt_ms;
    double total = (double)source->start_step[source->tokens] * dt_ms - first;
    image_fill(image, x, y, (int)axis->width, BAR / 3, axis->palette->prompt);
    if (!(total > 0))
        return;
    struct pen pen = { axis->cap_height, 0, false, axis->palette->ink };
    double distance = tick_distance(total), before = 1e-6 * distance;
    for (double tick = ceil((first - before) / distance) + 0.0; /* not -0 */
         tick * distance <= first + total + before; tick++) {
        char text[40];
        float at = (float)((tick * distance - first) / total * axis->width);
        snprintf(text, sizeof text, "%g ms", tick * distance);
        float width = stroke_width(&pen, text, strlen(text));
        image_fill(image, x + (int)at, y, 1, BAR, axis->palette->ink);
        stroke_draw(image, &pen, (float)x + at - width / 2,
                    (float)y + BAR + 2 * axis->cap_height, text, strlen(text));
    }
}

void token_axis_draw(const struct token_axis *axis, struct image *image, int x, int y)
{
    float last = -INFINITY;
    if (axis->source->is_timed) {
        draw_times(axis, image, x, y);
        return;
    }
    for (uint64_t token = 0; token < axis->source->tokens; token++) {
        uint32_t from, to;
        token_axis_span(axis, token, &from, &to);
        int gap = to - from > 3 ? 1 : 0;
        image_fill(image, x + (int)from, y, (int)(to - from) - gap, BAR,
                   is_prompt(axis, token) ? axis->palette->prompt
                                          : axis->palette->generated);

        struct label label = label_of(axis, token);
        if (axis->angle > 0 && label.middle - last < apart(axis))
            continue;
        draw_label(axis, image, x, y, &label);
        last = label.middle;
    }
}
