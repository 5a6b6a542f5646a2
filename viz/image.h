/* Pixels in memory, what is painted on them, and PNG. */
#ifndef VIZ_IMAGE_H
#define VIZ_IMAGE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box {
    int x, y, width, height;
};

struct image {
    uint32_t width, height;
    uint32_t *pixel; /* 0xAARRGGBB, (height, width), malloc'ed */
};

/* All pixels 0. On failure there is nothing to release. */
enum error_code image_create(struct image *image, uint32_t width, uint32_t height,
                             struct error *err);
void image_release(struct image *image);
enum error_code image_write_png(const struct image *image, const char *path,
                                struct error *err);

/* The bytes of a PNG file, malloc'ed; has_alpha: pixels keep their alpha. */
enum error_code image_encode_png(const struct image *image, bool has_alpha,
                                 unsigned char **bytes, size_t *length,
                                 struct error *err);

/* What both hold; width or height 0: nothing. */
struct box box_shared(struct box a, struct box b);

/* Parts of these outside the image are left out. */
void image_fill(struct image *image, int x, int y, int width, int height,
                uint32_t colour);
/* Lays a colour over one pixel; coverage 0 .. 1. */
void image_blend(struct image *image, int x, int y, uint32_t colour, float coverage);
/* A colour laid over an opaque one; coverage 0 .. 255 times its alpha. */
uint32_t colour_over(uint32_t below, uint32_t colour, unsigned coverage);
/* The colour `share` of the way from one to the other; opaque. */
uint32_t colour_mix(uint32_t from, uint32_t to, float share);

#endif
