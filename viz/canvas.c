/* See canvas.h. What both kinds of canvas share: clipping, cutting, failing. */
#include "viz/canvas.h"

#include <string.h>

static const char ellipsis[] = "\u2026";

enum { CUT_ROOM = 512 }; /* bytes of a text that is cut */

static bool is_empty(struct box box)
{
    return box.width <= 0 || box.height <= 0;
}

void canvas_fill(struct canvas *canvas, struct box box, uint32_t colour)
{
    if (is_empty(box))
        return;
    box = box_shared(box, canvas->clip);
    if (canvas->error.code == OK && !is_empty(box) && colour >> 24)
        canvas->kind->fill(canvas, box, colour);
}

void canvas_outline(struct canvas *canvas, struct box box, uint32_t colour)
{
    if (is_empty(box))
        return;
    int right = box.x + box.width - 1, bottom = box.y + box.height - 1;
    canvas_fill(canvas, (struct box){ box.x, box.y, box.width, 1 }, colour);
    if (bottom > box.y)
        canvas_fill(canvas, (struct box){ box.x, bottom, box.width, 1 }, colour);
    canvas_fill(canvas, (struct box){ box.x, box.y + 1, 1, box.height - 2 }, colour);
    if (right > box.x)
        canvas_fill(canvas, (struct box){ right, box.y + 1, 1, box.height - 2 },
                    colour);
}

void canvas_path(struct canvas *canvas, const struct point *point, size_t points,
                 float width, uint32_t colour)
{
    if (canvas->error.code == OK && points > 0 && width > 0 && colour >> 24 &&
        !is_empty(canvas->clip))
        canvas->kind->path(canvas, point, points, width, colour);
}

static void write_part(struct canvas *canvas, const struct pen *pen, float x, float y,
                       const char *text, size_t length)
{
    if (canvas->error.code == OK && length > 0 && !is_empty(canvas->clip))
        canvas->kind->text(canvas, pen, x, y, text, length);
}

float canvas_text_width(struct canvas *canvas, const struct pen *pen, const char *text)
{
    return font_width(canvas->font, pen, text, strlen(text));
}

void canvas_text(struct canvas *canvas, const struct pen *pen, float x, float y,
                 const char *text)
{
    write_part(canvas, pen, x, y, text, strlen(text));
}

void canvas_text_part(struct canvas *canvas, const struct pen *pen, float x, float y,
                      const char *text, size_t length)
{
    write_part(canvas, pen, x, y, text, length);
}

void canvas_text_to(struct canvas *canvas, const struct pen *pen, float right, float y,
                    const char *text)
{
    canvas_text(canvas, pen, right - canvas_text_width(canvas, pen, text), y, text);
}

void canvas_text_in(struct canvas *canvas, const struct pen *pen, float x, float y,
                    float width, const char *text)
{
    size_t length = strlen(text);
    if (canvas_text_width(canvas, pen, text) <= width) {
        write_part(canvas, pen, x, y, text, length);
        return;
    }
    char part[CUT_ROOM];
    float room = width - canvas_text_width(canvas, pen, ellipsis);
    if (room < 0)
        return;
    if (length > sizeof part - sizeof ellipsis)
        length = sizeof part - sizeof ellipsis;
    length = font_fit(canvas->font, pen, text, length, room);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    memcpy(part, text, length);
    memcpy(part + length, ellipsis, sizeof ellipsis);
    canvas_text(canvas, pen, x, y, part);
}

bool canvas_text_whole(struct canvas *canvas, const struct pen *pen, float x, float y,
                       float width, const char *text)
{
    if (canvas_text_width(canvas, pen, text) > width)
        return false;
    canvas_text(canvas, pen, x, y, text);
    return true;
}

void canvas_pixels(struct canvas *canvas, struct box box, const struct image *image)
{
    if (canvas->error.code == OK && !is_empty(box) && image->width > 0 &&
        image->height > 0 && !is_empty(box_shared(box, canvas->clip)))
        canvas->kind->pixels(canvas, box, image);
}

struct box canvas_clip(struct canvas *canvas, struct box box)
{
    struct box old = canvas->clip;
    canvas->clip = box_shared(old, box);
    return old;
}
