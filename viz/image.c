/* See image.h. */
#include "viz/image.h"

#include <errno.h>
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t max_side = 32768; /* 4 GiB of pixels */

enum error_code image_create(struct image *image, uint32_t width, uint32_t height,
                             struct error *err)
{
    *image = (struct image){ 0 };
    if (width == 0 || height == 0 || width > max_side || height > max_side)
        return error_set(err, ERR_ARGUMENT,
                         "a picture of %ux%u pixels, expected 1 to %u each way", width,
                         height, max_side);
    uint32_t *pixel = calloc((size_t)width * height, sizeof *pixel);
    if (!pixel)
        return error_memory(err, "a picture", 4.0 * width * height);
    *image = (struct image){ width, height, pixel };
    return OK;
}

void image_release(struct image *image)
{
    free(image->pixel);
    *image = (struct image){ 0 };
}

/* libpng's simplified interface: no setjmp, one message on failure. */
enum error_code image_write_png(const struct image *image, const char *path,
                                struct error *err)
{
    enum { BYTES = 3 };
    size_t pixels = (size_t)image->width * image->height;
    unsigned char *bytes = malloc(pixels * BYTES);
    if (!bytes)
        return error_memory(err, "a picture", (double)pixels * BYTES);
    for (size_t i = 0; i < pixels; i++) {
        bytes[BYTES * i] = (unsigned char)(image->pixel[i] >> 16);
        bytes[BYTES * i + 1] = (unsigned char)(image->pixel[i] >> 8);
        bytes[BYTES * i + 2] = (unsigned char)image->pixel[i];
    }

    enum error_code code = OK;
    FILE *file = fopen(path, "wb");
    if (!file) {
        code = error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    } else {
        png_image png = { .version = PNG_IMAGE_VERSION,
                          .width = image->width,
                          .height = image->height,
                          .format = PNG_FORMAT_RGB };
        bool is_written = png_image_write_to_stdio(&png, file, 0, bytes, 0, NULL);
        bool is_closed = fclose(file) == 0;
        if (!is_written || !is_closed)
            code = error_set(err, ERR_IO, "%s: %s", path,
                             is_written ? strerror(errno) : png.message);
    }
    free(bytes);
    return code;
}

void image_fill(struct image *image, int x, int y, int width, int height,
                uint32_t colour)
{
    int left = x < 0 ? 0 : x, top = y < 0 ? 0 : y;
    int right = x + width, bottom = y + height;
    if (right > (int)image->width)
        right = (int)image->width;
    if (bottom > (int)image->height)
        bottom = (int)image->height;
    for (int row = top; row < bottom; row++)
        for (int column = left; column < right; column++)
            image->pixel[(size_t)row * image->width + (size_t)column] = colour;
}

uint32_t colour_mix(uint32_t from, uint32_t to, float share)
{
    uint32_t mixed = 0xff000000u;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        float a = (float)((from >> shift) & 255), b = (float)((to >> shift) & 255);
        mixed |= (uint32_t)(a + (b - a) * share + 0.5f) << shift;
    }
    return mixed;
}

void image_blend(struct image *image, int x, int y, uint32_t colour, float coverage)
{
    if (x < 0 || y < 0 || x >= (int)image->width || y >= (int)image->height)
        return;
    uint32_t *pixel = &image->pixel[(size_t)y * image->width + (size_t)x];
    *pixel = colour_mix(*pixel, colour, coverage);
}
