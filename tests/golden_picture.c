/* See golden_picture.h. */
#include "tests/golden_picture.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

bool golden_read(struct image *image, const char *path)
{
    struct error err = { 0 };
    png_image png = { .version = PNG_IMAGE_VERSION };
    *image = (struct image){ 0 };
    if (!png_image_begin_read_from_file(&png, path))
        return false;
    png.format = PNG_FORMAT_RGB;
    unsigned char *bytes = malloc(PNG_IMAGE_SIZE(png));
    bool is_read = bytes && png_image_finish_read(&png, NULL, bytes, 0, NULL) &&
                   image_create(image, png.width, png.height, &err) == OK;
    for (size_t i = 0; is_read && i < (size_t)png.width * png.height; i++)
        image->pixel[i] = 0xff000000u | (uint32_t)bytes[3 * i] << 16 |
                          (uint32_t)bytes[3 * i + 1] << 8 | bytes[3 * i + 2];
    png_image_free(&png);
    free(bytes);
    return is_read;
}

static int distance(uint32_t a, uint32_t b)
{
    int most = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        int apart = abs((int)(a >> shift & 255) - (int)(b >> shift & 255));
        most = apart > most ? apart : most;
    }
    return most;
}

bool golden_matches(const struct image *image, const char *name)
{
    char path[256];
    struct image golden;
    struct error err = { 0 };
    snprintf(path, sizeof path, "tests/golden/%s", name);
    bool is_same = golden_read(&golden, path) && golden.width == image->width &&
                   golden.height == image->height;
    size_t pixels = (size_t)image->width * image->height, others = 0;
    for (size_t i = 0; is_same && i < pixels; i++)
        others += distance(image->pixel[i], golden.pixel[i]) > GOLDEN_TOLERANCE;
    image_release(&golden);
    if (is_same && others == 0)
        return true;
    snprintf(path, sizeof path, "build/%s", name);
    image_write_png(image, path, &err);
    printf("    %s differs from tests/golden/%s in %zu pixels; if that was meant, copy "
           "it there (drawn with DejaVu Sans of Debian 12)\n",
           path, name, others);
    return false;
}
