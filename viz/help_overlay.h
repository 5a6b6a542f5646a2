/* The keys, over the picture and on a terminal. */
#ifndef VIZ_HELP_OVERLAY_H
#define VIZ_HELP_OVERLAY_H

#include "viz/canvas.h"
#include "viz/palette.h"

#include <stdio.h>

/* In as many columns as fit, in letters as large as fit up to `cap`. */
void help_overlay_draw(struct canvas *canvas, const struct palette *palette,
                       struct box box, float cap);
void help_overlay_print(FILE *out);

#endif
