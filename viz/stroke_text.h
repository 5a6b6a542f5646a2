/* Text drawn with strokes of one width, at any size and angle, without a font file.
 * ASCII and the letters of Latin-1; typographic quotes and dashes as their plain forms;
 * any other character is a box. */
#ifndef VIZ_STROKE_TEXT_H
#define VIZ_STROKE_TEXT_H

#include "viz/font.h"

/* Pixels from the first stroke to the last, `length` bytes of UTF-8. */
float stroke_width(const struct pen *pen, const char *text, size_t length);
/* Bytes of the longest piece no wider than `width`; it ends between characters. */
size_t stroke_fit(const struct pen *pen, const char *text, size_t length, float width);
/* x, y: where the baseline begins. */
void stroke_draw(struct image *image, const struct pen *pen, float x, float y,
                 const char *text, size_t length);

#endif
