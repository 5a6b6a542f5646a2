/* Pictures compared with those of tests/golden, pixel by pixel. */
#ifndef TESTS_GOLDEN_PICTURE_H
#define TESTS_GOLDEN_PICTURE_H

#include "viz/image.h"

#include <stdbool.h>

/* Of a channel of a pixel, 0 .. 255: other C libraries round sines otherwise. */
enum { GOLDEN_TOLERANCE = 2 };

/* name: "raster.png". A picture that differs is written to build/ and named. */
bool golden_matches(const struct image *image, const char *name);
/* Any PNG as pixels; false: it cannot be read. */
bool golden_read(struct image *image, const char *path);

#endif
