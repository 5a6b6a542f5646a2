/* See text_box.h. */
#include "viz/text_box.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const float line_height = 1.9f, margin = 0.9f; /* in capitals */

static float width_of(struct canvas *canvas, const struct pen *pen, const char *text,
                      size_t length)
{
    char line[TEXT_BOX_ROOM];
    memcpy(line, text, length);
    line[length] = '\0';
    return canvas_text_width(canvas, pen, line);
}

/* Bytes of the next line: whole words, and one at least. */
static size_t next_line(struct canvas *canvas, const struct pen *pen, const char *text,
                        float width)
{
    size_t whole = strcspn(text, "\n"), fits = 0;
    if (width_of(canvas, pen, text, whole) <= width)
        return whole;
    for (size_t end = 0; end < whole;) {
        end += strspn(text + end, " ");
        end += strcspn(text + end, " \n");
        if (fits > 0 && width_of(canvas, pen, text, end) > width)
            break;
        fits = end;
    }
    return fits;
}

void text_box_lay(struct text_box *box, struct canvas *canvas, const char *text,
                  float cap, float width)
{
    struct pen pen = { cap, 0, box->is_bold, 0 };
    unsigned at = 0;
    float widest = 0;
    *box = (struct text_box){ .cap = cap, .is_bold = box->is_bold };
    snprintf(box->text, sizeof box->text, "%s", text);
    while (box->text[at] && box->lines < TEXT_BOX_LINES) {
        size_t length = next_line(canvas, &pen, box->text + at, width);
        box->line[box->lines].from = at;
        box->line[box->lines++].length = (unsigned)length;
        widest = fmaxf(widest, width_of(canvas, &pen, box->text + at, length));
        at += (unsigned)length;
        at += box->text[at] == '\n' || box->text[at] == ' ';
    }
    if (box->lines == 0)
        return;
    box->box.width = (int)ceilf(fminf(widest, width) + 2 * margin * cap);
    box->box.height =
        (int)ceilf(((float)box->lines * line_height + 2 * margin - 0.6f) * cap);
}

void text_box_place(struct text_box *box, int x, int y, int width, int height)
{
    int apart = (int)(1.5f * box->cap);
    struct box *b = &box->box;
    b->x = x + apart + b->width <= width ? x + apart : x - apart - b->width;
    b->y = y + apart + b->height <= height ? y + apart : y - apart - b->height;
    b->x = b->x < 0 ? 0 : b->x;
    b->y = b->y < 0 ? 0 : b->y;
}

void text_box_draw(const struct text_box *box, struct canvas *canvas,
                   const struct palette *palette)
{
    char line[TEXT_BOX_ROOM];
    struct pen pen = { box->cap, 0, box->is_bold, palette->ink };
    struct box b = box->box;
    if (b.width == 0)
        return;
    canvas_fill(canvas, b, palette->page);
    canvas_outline(canvas, b, palette->muted);
    for (unsigned i = 0; i < box->lines; i++) {
        unsigned length = box->line[i].length;
        memcpy(line, box->text + box->line[i].from, length);
        line[length] = '\0';
        float y = (float)b.y + (margin + 1 + (float)i * line_height) * box->cap;
        canvas_text_in(canvas, &pen, (float)b.x + margin * box->cap, y,
                       (float)b.width - margin * box->cap, line);
    }
}
