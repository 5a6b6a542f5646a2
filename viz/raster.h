/* A raster of spikes drawn into a pixel array: neurons upwards, virtual steps to the
 * right, the tokens along the axis. No SDL here: pictures and tests need no display. */
#ifndef VIZ_RASTER_H
#define VIZ_RASTER_H

#include "base/error.h"
#include "sim/recording.h"

#include <stdint.h>

struct image {
    uint32_t width, height;
    uint32_t *pixel;            /* 0xAARRGGBB, (height, width), malloc'ed */
};

enum error_code image_create(struct image *image, uint32_t width, uint32_t height,
                             struct error *err);
void image_release(struct image *image);
enum error_code image_write_png(const struct image *image, const char *path,
                                struct error *err);

struct raster_settings {
    uint32_t width, height;
    uint64_t first_token, tokens;       /* tokens 0: all from first_token */
    const char *const *population;      /* names to draw, NULL-terminated; NULL: a few */
    bool dark;
    unsigned font_scale;                /* 1: small */
};

/* Every column with a spike shows, however far out one is. */
enum error_code raster_draw(struct image *image, const struct recording *recording,
                            const struct raster_settings *settings, struct error *err);

#endif
