/* A window that shows a picture and tells what keys and the mouse did. */
#ifndef VIZ_WINDOW_H
#define VIZ_WINDOW_H

#include "base/error.h"
#include "viz/canvas.h"
#include "viz/input.h"

#include <stdbool.h>
#include <stdint.h>

struct window;

enum error_code window_open(struct window **window, const char *title, uint32_t width,
                            uint32_t height, struct error *err);
void window_close(struct window *window); /* NULL is allowed */
/* Waits at most so long for an event (-1: for ever); false: none came. What is of no
 * interest is passed over as INPUT_NONE. */
bool window_next(struct window *window, int milliseconds, struct input *input);
/* Of the picture, in pixels: more than the window counts where the display is dense. */
void window_size(struct window *window, uint32_t *width, uint32_t *height);
/* Brings these boxes of the picture onto the screen; its size is window_size(). */
enum error_code window_show(struct window *window, const struct image *image,
                            const struct box *box, unsigned boxes, struct error *err);
void window_toggle_full_screen(struct window *window);

#endif
