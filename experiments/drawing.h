/* Pictures that other programs draw: curves by gnuplot, rasters by lucciola-view. */
#ifndef EXPERIMENTS_DRAWING_H
#define EXPERIMENTS_DRAWING_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

/* Refuses a path that cannot be written, before the work is done; leaves what is
 * there. NULL is fine. */
enum error_code drawing_check(const char *path, struct error *err);

/* A gnuplot script, data included, that will draw `png`; kept beside it as
 * `png`.gnuplot. */
struct drawing {
    FILE *file;
    char *script; /* its path */
    const char *png;
};
/* The script's head is written: terminal of width x height pixels, colours, output. */
enum error_code drawing_open(struct drawing *drawing, const char *png, int width,
                             int height, struct error *err);
/* Closes the script and runs gnuplot on it; where gnuplot is not installed, says on
 * stderr that the script waits. Releases the drawing whatever happens. */
enum error_code drawing_finish(struct drawing *drawing, struct error *err);

/* `lucciola-view RECORDING --png PNG --size WIDTHxHEIGHT [--dark]`. */
enum error_code drawing_raster(const char *recording, const char *png, int width,
                               int height, bool is_dark, struct error *err);

#endif
