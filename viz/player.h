/* A show in a window: keys and the mouse change the view, playback goes on, and what
 * changed is drawn, 60 times a second while something moves and never otherwise. */
#ifndef VIZ_PLAYER_H
#define VIZ_PLAYER_H

#include "viz/frame.h"
#include "viz/pointer.h"
#include "viz/show.h"
#include "viz/tour_stage.h"
#include "viz/window.h"

struct player {
    struct tour_stage *tour; /* the caller's; NULL: none */
    struct show *show;
    struct window *window;
    struct frame frame;
    struct pointer pointer;
    double looked; /* when the run was last looked at, seconds */
    bool is_done;
};

enum error_code player_open(struct player *player, struct show *show, const char *title,
                            uint32_t width, uint32_t height, struct error *err);
void player_close(struct player *player);
/* Until the window is closed. */
enum error_code player_run(struct player *player, struct error *err);
/* Changes the view by one event. */
enum error_code player_take(struct player *player, const struct input *input,
                            struct error *err);
/* Brings the view onto the screen. */
enum error_code player_draw(struct player *player, struct error *err);

#endif
