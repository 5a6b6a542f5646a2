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
static unsigned char *pack(const struct image *image, bool has_alpha)
{
    size_t each = has_alpha ? 4 : 3, pixels = (size_t)image->width * image->height;
    unsigned char *bytes = malloc(pixels * each);
    for (size_t i = 0; bytes && i < pixels; i++) {
        bytes[each * i] = (unsigned char)(image->pixel[i] >> 16);
        bytes[each * i + 1] = (unsigned char)(image->pixel[i] >> 8);
        bytes[each * i + 2] = (unsigned char)image->pixel[i];
        if (has_alpha)
            bytes[each * i + 3] = (unsigned char)(image->pixel[i] >> 24);
    }
    return bytes;
}

enum error_code image_encode_png(const struct image *image, bool has_alpha,
                                 unsigned char **bytes, size_t *length,
                                 struct error *err)
{
    png_image png = { .version = PNG_IMAGE_VERSION,
                      .width = image->width,
                      .height = image->height,
                      .format = has_alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB };
    size_t room = PNG_IMAGE_PNG_SIZE_MAX(png), raw = PNG_IMAGE_SIZE(png);
    unsigned char *pixels = pack(image, has_alpha);
    *bytes = malloc(room);
    *length = room;
    enum error_code code = OK;
    if (!pixels || !*bytes)
        code = error_memory(err, "a picture", (double)(raw + room));
    else if (!png_image_write_to_memory(&png, *bytes, length, 0, pixels, 0, NULL))
        code = error_set(err, ERR_IO, "cannot pack a picture: %s", png.message);
    free(pixels);
    if (code == OK)
        return OK;
    free(*bytes);
    *bytes = NULL;
    return code;
}

enum error_code image_write_png(const struct image *image, const char *path,
                                struct error *err)
{
    unsigned char *bytes;
    size_t length;
    if (image_encode_png(image, false, &bytes, &length, err) != OK)
        return err->code;
    enum error_code code = OK;
    errno = 0;
    FILE *file = fopen(path, "wb");
    bool is_written = file && fwrite(bytes, 1, length, file) == length;
    bool is_closed = file && fclose(file) == 0;
    if (!is_written || !is_closed)
        code = error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    free(bytes);
    return code;
}

struct box box_shared(struct box a, struct box b)
{
    int64_t left = a.x > b.x ? a.x : b.x, top = a.y > b.y ? a.y : b.y;
    int64_t right = (int64_t)a.x + a.width, bottom = (int64_t)a.y + a.height;
    if (right > (int64_t)b.x + b.width)
        right = (int64_t)b.x + b.width;
    if (bottom > (int64_t)b.y + b.height)
        bottom = (int64_t)b.y + b.height;
    return (struct box){ (int)left, (int)top, right > left ? (int)(right - left) : 0,
                         bottom > top ? (int)(bottom - top) : 0 };
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

/* Two channels at a time; (x + 128 + ((x + 128) >> 8)) >> 8 is x / 255, rounded. */
uint32_t colour_over(uint32_t below, uint32_t colour, unsigned coverage)
{
    unsigned alpha = ((colour >> 24) * coverage + 127) / 255, rest = 255 - alpha;
    uint32_t outer = (colour & 0xff00ff) * alpha + (below & 0xff00ff) * rest + 0x800080;
    uint32_t inner = (colour >> 8 & 0xff) * alpha + (below >> 8 & 0xff) * rest + 0x80;
    outer = ((outer + (outer >> 8 & 0xff00ff)) >> 8) & 0xff00ff;
    inner = (inner + (inner >> 8)) & 0xff00;
    return 0xff000000u | outer | inner;
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
