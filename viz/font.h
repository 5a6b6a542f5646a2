/* Text drawn with strokes of one width, at any size and angle, without a font file.
 * ASCII and the letters of Latin-1; typographic quotes and dashes as their plain forms;
 * any other character is a box. */
#ifndef VIZ_FONT_H
#define VIZ_FONT_H

#include "viz/image.h"

#include <stdbool.h>
#include <stddef.h>

struct pen {
    float cap_height; /* pixels from the baseline to the top of a capital */
    float angle;      /* radians, counter-clockwise; 0: to the right */
    bool is_bold;
    uint32_t colour;
};

/* Pixels from the first stroke to the last, `length` bytes of UTF-8. */
float font_width(const struct pen *pen, const char *text, size_t length);
/* Bytes of the longest piece no wider than `width`; it ends between characters. */
size_t font_fit(const struct pen *pen, const char *text, size_t length, float width);
/* x, y: where the baseline begins. */
void font_draw(struct image *image, const struct pen *pen, float x, float y,
               const char *text, size_t length);

#endif
