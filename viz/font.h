/* Text by SDL2_ttf, which draws into memory and needs no display. The typeface is
 * DejaVu Sans (or the file that LUCCIOLA_FONT names); a character it lacks is a box, and
 * so is each byte that is no UTF-8. Hinting and rounding are fixed: the same text is the
 * same pixels in every picture. */
#ifndef VIZ_FONT_H
#define VIZ_FONT_H

#include "base/error.h"
#include "viz/image.h"

#include <stdbool.h>
#include <stddef.h>

struct pen {
    float cap_height; /* pixels from the baseline to the top of a capital */
    float angle;      /* radians, counter-clockwise; 0: to the right */
    bool is_bold;
    uint32_t colour; /* 0xAARRGGBB */
};

struct font;

/* An error names the package that has the typeface. */
enum error_code font_open(struct font **font, struct error *err);
void font_close(struct font *font); /* NULL is allowed */
/* Pixels that `length` bytes of UTF-8 advance. */
float font_width(struct font *font, const struct pen *pen, const char *text,
                 size_t length);
/* Bytes of the longest piece no wider than `width`; it ends between characters. */
size_t font_fit(struct font *font, const struct pen *pen, const char *text,
                size_t length, float width);
/* Pixels from baseline to baseline, and below the baseline at most. */
float font_line(const struct pen *pen);
float font_descent(const struct pen *pen);
/* x, y: where the baseline begins; pixels outside `clip` stay. */
void font_draw(struct font *font, struct image *image, const struct box *clip,
               const struct pen *pen, float x, float y, const char *text,
               size_t length);
/* Em height in pixels, as other programs measure a size. */
float font_em(struct font *font, const struct pen *pen);

#endif
