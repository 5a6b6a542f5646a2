/* The whole picture: panes by their layout, title, state, caption, hover and help. What
 * a window shows is what is written here, pixel for pixel. */
#ifndef VIZ_PICTURE_H
#define VIZ_PICTURE_H

#include "viz/layout.h"

/* Draws everything anew. layout may be NULL. */
enum error_code picture_draw(const struct stage *stage, struct canvas *canvas,
                             uint32_t width, uint32_t height, struct layout *layout,
                             struct error *err);

#endif
