/* A canvas of SVG 1.1. Texts carry the width they have in pixels, so that whoever shows
 * the file with another typeface keeps the layout; spikes are PNG images within it. */
#include "viz/canvas.h"
#include "viz/svg_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct svg {
    struct svg_text body;
    uint32_t width, height;
    struct box clip; /* of the group that is open */
    bool is_grouped;
    unsigned clips;
};

/* `fill="#rrggbb"`, with opacity if need be. */
static void add_colour(struct svg *svg, const char *what, uint32_t colour)
{
    svg_text_format(&svg->body, " %s=\"#%06x\"", what, (unsigned)(colour & 0xffffff));
    if (colour >> 24 != 255)
        svg_text_format(&svg->body, " %s-opacity=\"%.3g\"", what,
                        (double)(colour >> 24) / 255);
}

static void end_group(struct svg *svg)
{
    if (svg->is_grouped)
        svg_text_format(&svg->body, "</g>\n");
    svg->is_grouped = false;
}

/* What follows is cut to the canvas's clip; `box` is what it fills. */
static void cut(struct canvas *canvas, struct box box)
{
    struct svg *svg = canvas->svg;
    struct box clip = canvas->clip, part = box_shared(box, clip);
    if (memcmp(&part, &box, sizeof box) == 0) {
        end_group(svg);
        return;
    }
    if (svg->is_grouped && memcmp(&clip, &svg->clip, sizeof clip) == 0)
        return;
    end_group(svg);
    svg_text_format(&svg->body,
                    "<clipPath id=\"c%u\"><rect x=\"%d\" y=\"%d\" width=\"%d\" "
                    "height=\"%d\"/></clipPath>\n<g clip-path=\"url(#c%u)\">\n",
                    svg->clips, clip.x, clip.y, clip.width, clip.height, svg->clips);
    svg->clips++;
    svg->clip = clip;
    svg->is_grouped = true;
}

static void check(struct canvas *canvas)
{
    struct svg_text *body = &canvas->svg->body;
    if (body->is_short && canvas->error.code == OK)
        error_memory(&canvas->error, "a picture as SVG", (double)body->length);
}

static void fill(struct canvas *canvas, struct box box, uint32_t colour)
{
    end_group(canvas->svg);
    svg_text_format(&canvas->svg->body,
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", box.x, box.y,
                    box.width, box.height);
    add_colour(canvas->svg, "fill", colour);
    svg_text_format(&canvas->svg->body, "/>\n");
    check(canvas);
}

/* The pixels that anything within some distance of a stretch may touch. */
static struct box around(float x, float y, float right, float bottom, float reach)
{
    static const float farthest = 1e7f;
    x = fmaxf(x - reach, -farthest);
    y = fmaxf(y - reach, -farthest);
    right = fminf(right + reach, farthest);
    bottom = fminf(bottom + reach, farthest);
    return (struct box){ (int)floorf(x), (int)floorf(y), (int)ceilf(right - x) + 1,
                         (int)ceilf(bottom - y) + 1 };
}

static bool is_finite(struct point p)
{
    return isfinite(p.x) && isfinite(p.y);
}

static void path(struct canvas *canvas, const struct point *point, size_t points,
                 float width, uint32_t colour)
{
    struct svg_text *body = &canvas->svg->body;
    float low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (size_t i = 0; i < points; i++) {
        if (!is_finite(point[i]))
            continue;
        low_x = fminf(low_x, point[i].x);
        low_y = fminf(low_y, point[i].y);
        high_x = fmaxf(high_x, point[i].x);
        high_y = fmaxf(high_y, point[i].y);
    }
    if (low_x > high_x)
        return;
    cut(canvas, around(low_x, low_y, high_x, high_y, width));
    svg_text_format(body, "<path d=\"");
    bool is_down = false; /* a point that is no number breaks the line */
    for (size_t i = 0; i < points; i++) {
        if (is_finite(point[i]))
            svg_text_format(body, "%s%.2f %.2f", is_down ? " " : "M",
                            (double)point[i].x, (double)point[i].y);
        if (is_finite(point[i]) && points == 1)
            svg_text_format(body, "h0");
        is_down = is_finite(point[i]);
    }
    svg_text_format(body, "\" fill=\"none\" stroke-width=\"%.2f\"", (double)width);
    add_colour(canvas->svg, "stroke", colour);
    svg_text_format(body, " stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\n");
    check(canvas);
}

static void text(struct canvas *canvas, const struct pen *pen, float x, float y,
                 const char *bytes, size_t length)
{
    struct svg_text *body = &canvas->svg->body;
    float width = font_width(canvas->font, pen, bytes, length);
    float em = font_em(canvas->font, pen);
    if (!isfinite(x) || !isfinite(y) || width <= 0)
        return;
    if (pen->angle == 0)
        cut(canvas,
            around(x, y - pen->cap_height, x + width, y + font_descent(pen), 0));
    else
        cut(canvas, around(x, y, x, y, width + em));
    /* Level text stands on whole pixels here as there. */
    if (pen->angle == 0) {
        x = roundf(x);
        y = roundf(y);
    }
    svg_text_format(body,
                    "<text xml:space=\"preserve\" x=\"%.2f\" y=\"%.2f\" "
                    "font-size=\"%g\" textLength=\"%g\" "
                    "lengthAdjust=\"spacingAndGlyphs\"",
                    (double)x, (double)y, (double)em, (double)width);
    if (pen->is_bold)
        svg_text_format(body, " font-weight=\"bold\"");
    if (pen->angle != 0)
        svg_text_format(body, " transform=\"rotate(%.3f %.2f %.2f)\"",
                        (double)pen->angle * -180 / 3.14159265358979, (double)x,
                        (double)y);
    add_colour(canvas->svg, "fill", pen->colour);
    svg_text_format(body, ">");
    svg_text_escape(body, bytes, length);
    svg_text_format(body, "</text>\n");
    check(canvas);
}

static void pixels(struct canvas *canvas, struct box box, const struct image *image)
{
    struct svg_text *body = &canvas->svg->body;
    unsigned char *bytes;
    size_t length;
    if (image_encode_png(image, true, &bytes, &length, &canvas->error) != OK)
        return;
    cut(canvas, box);
    svg_text_format(body,
                    "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                    "preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" "
                    "style=\"image-rendering:pixelated\" "
                    "xlink:href=\"data:image/png;base64,",
                    box.x, box.y, box.width, box.height);
    svg_text_base64(body, bytes, length);
    svg_text_format(body, "\"/>\n");
    free(bytes);
    check(canvas);
}

static const struct canvas_kind svg_kind = {
    .fill = fill,
    .path = path,
    .text = text,
    .pixels = pixels,
};

enum error_code canvas_on_svg(struct canvas *canvas, uint32_t width, uint32_t height,
                              struct font *font, struct error *err)
{
    *canvas = (struct canvas){ 0 };
    struct svg *svg = calloc(1, sizeof *svg);
    if (!svg)
        return error_memory(err, "a picture as SVG", sizeof *svg);
    svg->width = width;
    svg->height = height;
    *canvas = (struct canvas){
        .kind = &svg_kind,
        .font = font,
        .clip = { 0, 0, (int)width, (int)height },
        .svg = svg,
    };
    return OK;
}

enum error_code canvas_write_svg(struct canvas *canvas, const char *path_name,
                                 struct error *err)
{
    struct svg *svg = canvas->svg;
    if (canvas->error.code != OK) {
        *err = canvas->error;
        return err->code;
    }
    end_group(svg);
    errno = 0;
    FILE *file = fopen(path_name, "wb");
    if (!file)
        return error_set(err, ERR_IO, "%s: %s", path_name, strerror(errno));
    fprintf(file,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%u\" height=\"%u\" "
            "viewBox=\"0 0 %u %u\" font-family=\"'DejaVu Sans', sans-serif\" "
            "style=\"white-space:pre\">\n",
            svg->width, svg->height, svg->width, svg->height);
    fwrite(svg->body.text, 1, svg->body.length, file);
    fputs("</svg>\n", file);
    bool has_failed = ferror(file) != 0;
    if (fclose(file) != 0 || has_failed)
        return error_set(err, ERR_IO, "%s: %s", path_name, strerror(errno));
    return OK;
}

void canvas_release(struct canvas *canvas)
{
    if (canvas->svg)
        svg_text_release(&canvas->svg->body);
    free(canvas->svg);
    *canvas = (struct canvas){ 0 };
}
