/* A raster of spikes drawn into a pixel array: neurons upwards in bands of populations,
 * virtual steps to the right, the tokens along the axis. No SDL here: pictures and
 * tests need no display. */
#ifndef VIZ_RASTER_H
#define VIZ_RASTER_H

#include "base/error.h"
#include "sim/recording.h"
#include "viz/image.h"

#include <stdbool.h>
#include <stdint.h>

struct raster_settings {
    uint32_t width, height;       /* 0: 1600, 1000 */
    uint64_t first_token, tokens; /* tokens 0: all from first_token */
    /* What to draw, NULL-terminated: names of populations, of their layers ("L07") or
     * of their roles ("ffn_down"). NULL: the middle layer and what has no layer. */
    const char *const *population;
    bool dark;
    unsigned font_scale; /* 1: small; 0: chosen by the height */
};

/* Where the spikes stand in the picture. */
struct raster_frame {
    uint32_t x, y, width, height; /* pixels; y of the uppermost row */
    uint64_t first_step, steps;
};

/* Every column with a spike shows, however far out one is. The image is created; frame
 * may be NULL. */
enum error_code raster_draw(struct image *image, const struct recording *recording,
                            const struct raster_settings *settings,
                            struct raster_frame *frame, struct error *err);

#endif
