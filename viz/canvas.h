/* What pictures are drawn on: pixels in memory, or SVG. Coordinates are pixels, y
 * downwards. Nothing here needs a display, and a drawing is the same in a window, a PNG
 * and a frame of a video. A failure sticks in `error` and later calls do nothing. */
#ifndef VIZ_CANVAS_H
#define VIZ_CANVAS_H

#include "base/error.h"
#include "viz/font.h"
#include "viz/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct point {
    float x, y;
};

struct canvas;

struct canvas_kind {
    void (*fill)(struct canvas *canvas, struct box box, uint32_t colour);
    void (*path)(struct canvas *canvas, const struct point *point, size_t points,
                 float width, uint32_t colour);
    void (*text)(struct canvas *canvas, const struct pen *pen, float x, float y,
                 const char *text, size_t length);
    void (*pixels)(struct canvas *canvas, struct box box, const struct image *image);
};

struct canvas {
    const struct canvas_kind *kind;
    struct font *font; /* the caller's */
    struct box clip;   /* what lies outside is left out */
    struct error error;
    struct image *image; /* of a canvas of pixels; the caller's */
    struct svg *svg;     /* of one of SVG */
};

void canvas_on_image(struct canvas *canvas, struct image *image, struct font *font);
/* Gathers in memory; canvas_write_svg writes it, canvas_release forgets it. */
enum error_code canvas_on_svg(struct canvas *canvas, uint32_t width, uint32_t height,
                              struct font *font, struct error *err);
enum error_code canvas_write_svg(struct canvas *canvas, const char *path,
                                 struct error *err);
void canvas_release(struct canvas *canvas);

/* colour: 0xAARRGGBB, laid over what is there. */
void canvas_fill(struct canvas *canvas, struct box box, uint32_t colour);
void canvas_outline(struct canvas *canvas, struct box box, uint32_t colour);
void canvas_path(struct canvas *canvas, const struct point *point, size_t points,
                 float width, uint32_t colour);
/* x, y: where the baseline begins. */
void canvas_text(struct canvas *canvas, const struct pen *pen, float x, float y,
                 const char *text);
void canvas_text_part(struct canvas *canvas, const struct pen *pen, float x, float y,
                      const char *text, size_t length);
/* The same, ending at `right`; and cut with an ellipsis to `width`. */
void canvas_text_to(struct canvas *canvas, const struct pen *pen, float right, float y,
                    const char *text);
void canvas_text_in(struct canvas *canvas, const struct pen *pen, float x, float y,
                    float width, const char *text);
/* The whole of it or, where it is wider than `width`, nothing; returns which. */
bool canvas_text_whole(struct canvas *canvas, const struct pen *pen, float x, float y,
                       float width, const char *text);
float canvas_text_width(struct canvas *canvas, const struct pen *pen, const char *text);
/* The image stretched over the box, nearest pixel. Pixels of alpha 0 leave what is
 * below. */
void canvas_pixels(struct canvas *canvas, struct box box, const struct image *image);
/* The clip becomes what both share; returns the old one, to be put back. */
struct box canvas_clip(struct canvas *canvas, struct box box);

#endif
