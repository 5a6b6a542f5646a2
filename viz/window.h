/* A window that shows a picture and says which keys were pressed. */
#ifndef VIZ_WINDOW_H
#define VIZ_WINDOW_H

#include "base/error.h"
#include "viz/image.h"

#include <stdint.h>

struct window;

enum window_event {
    WINDOW_NOTHING,
    WINDOW_QUIT,
    WINDOW_PAUSE,
    WINDOW_BACK,
    WINDOW_FORWARD,
    WINDOW_FASTER,
    WINDOW_SLOWER,
    WINDOW_HOME,
    WINDOW_RESIZED
};

/* A rectangle laid over the picture, with a line along its left side. */
struct window_veil {
    int x, y, width, height;
    uint32_t colour, line; /* 0xAARRGGBB */
};

enum error_code window_open(struct window **window, const char *title, uint32_t width,
                            uint32_t height, struct error *err);
void window_close(struct window *window); /* NULL is allowed */
/* Waits at most so long for the next event; events of no interest are passed over. */
enum window_event window_next(struct window *window, int milliseconds);
void window_size(const struct window *window, uint32_t *width, uint32_t *height);
enum error_code window_upload(struct window *window, const struct image *image,
                              struct error *err);
void window_draw(struct window *window, const struct window_veil *veil);

#endif
