/* See pane_frame.h. */
#include "viz/pane_frame.h"

#include <math.h>
#include <string.h>

enum { SENTENCE_LINE = 200 };

static const float line_height = 2.1f; /* in capitals */

struct pen pane_pen(const struct stage *stage, float scale, uint32_t colour)
{
    return (struct pen){ .cap_height = stage->cap * scale, .colour = colour };
}

int pane_line(const struct stage *stage, float scale)
{
    return (int)ceilf(line_height * stage->cap * scale);
}

bool box_holds(struct box box, int x, int y)
{
    return x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
}

bool box_take_top(struct box *box, int height, struct box *top)
{
    if (height > box->height || box->width <= 0)
        return false;
    *top = (struct box){ box->x, box->y, box->width, height };
    box->y += height;
    box->height -= height;
    return true;
}

float pane_baseline(struct box line, const struct pen *pen)
{
    return (float)line.y + ((float)line.height + pen->cap_height) / 2;
}

bool pane_write(const struct stage *stage, struct canvas *canvas, struct box *box,
                float scale, uint32_t colour, const char *text)
{
    struct pen pen = pane_pen(stage, scale, colour);
    struct box line;
    if (!box_take_top(box, pane_line(stage, scale), &line))
        return false;
    canvas_text_in(canvas, &pen, (float)line.x, pane_baseline(line, &pen),
                   (float)line.width, text);
    return true;
}

/* Bytes of the words that fit the width; at least one word. */
static size_t fit_words(struct canvas *canvas, const struct pen *pen, const char *text,
                        float width)
{
    char line[SENTENCE_LINE];
    size_t best = 0, end = 0;
    while (text[end]) {
        end += strspn(text + end, " ");
        end += strcspn(text + end, " ");
        if (end >= sizeof line)
            break;
        memcpy(line, text, end);
        line[end] = '\0';
        if (best > 0 && canvas_text_width(canvas, pen, line) > width)
            break;
        best = end;
    }
    size_t most = sizeof line - 1, length = strlen(text); /* a word too long */
    return best ? best : length < most ? length : most;
}

void pane_say(const struct stage *stage, struct canvas *canvas, struct box box,
              const char *sentence)
{
    struct pen pen = pane_pen(stage, 1, stage->palette->muted);
    float width = (float)box.width;
    int lines = 0;
    for (const char *at = sentence; *at; lines++)
        at += fit_words(canvas, &pen, at, width);
    int spare = (box.height - lines * pane_line(stage, 1)) / 2;
    if (spare > 0) {
        box.y += spare;
        box.height -= spare;
    }
    for (const char *at = sentence; *at;) {
        char line[SENTENCE_LINE];
        size_t length = fit_words(canvas, &pen, at, width);
        memcpy(line, at, length);
        line[length] = '\0';
        if (!pane_write(stage, canvas, &box, 1, stage->palette->muted,
                        line + strspn(line, " ")))
            return;
        at += length;
    }
}

void pane_legend(const struct stage *stage, struct canvas *canvas, struct box box,
                 struct box line, const struct legend_entry *entry, int entries)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->ink);
    const float cap = stage->cap, square = 1.4f * cap, gap = 1.5f * cap;
    float right = (float)(box.x + box.width), y = pane_baseline(line, &pen);
    float x = (float)line.x, needed = -gap;
    for (int i = 0; i < entries; i++)
        needed += square + canvas_text_width(canvas, &pen, entry[i].name) + gap;
    if (x + needed > right)
        x = (float)box.x;
    for (int i = 0; i < entries; i++) {
        float width = square + canvas_text_width(canvas, &pen, entry[i].name);
        if (x + width > right)
            return;
        canvas_fill(canvas, (struct box){ (int)x, (int)(y - cap), (int)cap, (int)cap },
                    entry[i].colour);
        canvas_text(canvas, &pen, x + square, y, entry[i].name);
        x += width + gap;
    }
}

uint32_t series_colour(const struct palette *palette, unsigned index)
{
    static const uint32_t on_light[] = {
        0xff0072b2, 0xffb37700, 0xff007a59, 0xffb5568d,
        0xffd55e00, 0xff2a8cc4, 0xff6b7684, 0xff1d2733
    };
    static const uint32_t on_dark[] = {
        0xff56b4e9, 0xffe69f00, 0xff2fc297, 0xffe39cc4,
        0xffff7f2a, 0xfff0e442, 0xffa8b3c2, 0xff3f8fd6
    };
    enum { SERIES = sizeof on_light / sizeof on_light[0] };
    bool is_dark = (palette->page >> 8 & 0xff) < 0x80; /* by its green */
    return (is_dark ? on_dark : on_light)[index % SERIES];
}

uint32_t glow_colour(float strength)
{
    static const uint32_t stop[] = { 0xff10161f, 0xff4a3f12, 0xffa8871a, 0xffe9d43a,
                                     0xfffcffc2 };
    enum { STOPS = sizeof stop / sizeof stop[0] };
    float at = fminf(fmaxf(strength, 0), 1) * (STOPS - 1);
    int below = at >= STOPS - 1 ? STOPS - 2 : (int)at;
    return colour_mix(stop[below], stop[below + 1], at - (float)below);
}
