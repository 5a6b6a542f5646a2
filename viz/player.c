/* See player.h. */
#include "viz/player.h"

#include "base/progress.h"
#include "viz/key_table.h"

#include <math.h>

static const double frame_seconds = 1.0 / 60;
static const double longest_pause = 0.25; /* a stall does not make the view jump */
enum { REFRESH_MS = 100 };

enum error_code player_open(struct player *player, struct show *show, const char *title,
                            uint32_t width, uint32_t height, struct error *err)
{
    *player = (struct player){ .show = show };
    frame_init(&player->frame);
    return window_open(&player->window, title, width, height, err);
}

void player_close(struct player *player)
{
    frame_release(&player->frame);
    window_close(player->window);
    *player = (struct player){ 0 };
}

static enum error_code take_key(struct player *player, uint32_t key, struct error *err)
{
    const struct key_binding *binding = key_find(key);
    if (!binding)
        return OK;
    if (player->tour && (key == KEY_PAGE_DOWN || key == KEY_PAGE_UP))
        return tour_stage_go(player->tour, key == KEY_PAGE_DOWN ? 1 : -1, player->show,
                             err);
    if (binding->action == VIEW_QUIT)
        player->is_done = true;
    else if (binding->action == VIEW_FULL_SCREEN)
        window_toggle_full_screen(player->window);
    else
        return show_act(player->show, binding->action, binding->amount, err);
    return OK;
}

enum error_code player_take(struct player *player, const struct input *input,
                            struct error *err)
{
    struct show *show = player->show;
    struct frame *frame = &player->frame;
    switch (input->kind) {
    case INPUT_NONE: return OK;
    case INPUT_CLOSE: player->is_done = true; return OK;
    case INPUT_REDRAW: frame_forget(frame); return OK;
    case INPUT_KEY: return take_key(player, input->key, err);
    default:
        pointer_take(&player->pointer, show, &frame->layout, &frame->front_canvas,
                     input);
        show->stage.rubber = pointer_rubber(&player->pointer, show, &frame->layout,
                                            &frame->front_canvas);
        return show_update(show, err);
    }
}

enum error_code player_draw(struct player *player, struct error *err)
{
    uint32_t width, height;
    struct frame *frame = &player->frame;
    window_size(player->window, &width, &height);
    show_size(player->show, width, height);
    if (frame_draw(frame, &player->show->stage, width, height, err) != OK)
        return err->code;
    return window_show(player->window, &frame->front, frame->damage, frame->damages,
                       err);
}

/* How long the view stays as it is unless something happens, ms; -1: for ever. */
static int rest_of(const struct player *player, double due)
{
    const struct show *show = player->show;
    const struct playback *playback = &show->view.playback;
    bool waits = playback->is_live && playback->step >= playback_end(playback);
    if (!playback->is_paused && !waits) {
        double left = due - clock_seconds();
        return left > 0 ? (int)ceil(left * 1000) : 0;
    }
    for (unsigned which = 0; which < show->exhibits; which++)
        if (spike_index_progress(show->index[which]) < 1)
            return REFRESH_MS;
    return show->follows && show_is_live(show) ? REFRESH_MS : -1;
}

/* All that has come until the next frame is due. */
static enum error_code take_events(struct player *player, double due, struct error *err)
{
    struct input input;
    int wait = rest_of(player, due);
    while (!player->is_done && window_next(player->window, wait, &input)) {
        if (player_take(player, &input, err) != OK)
            return err->code;
        wait = 0; /* what comes at once is drawn together */
    }
    return OK;
}

/* A few times a second, whatever the frames. */
static enum error_code look_at_run(struct player *player, double now, struct error *err)
{
    bool grew;
    if (now - player->looked < REFRESH_MS / 1000.0)
        return OK;
    player->looked = now;
    return show_refresh(player->show, now, &grew, err);
}

enum error_code player_run(struct player *player, struct error *err)
{
    struct show *show = player->show;
    double before = clock_seconds();
    while (!player->is_done) {
        bool was_paused = show->view.playback.is_paused;
        if (player_draw(player, err) != OK ||
            take_events(player, before + frame_seconds, err) != OK)
            return err->code;
        double now = clock_seconds();
        double seconds = fmin(now - before, longest_pause);
        bool is_stop = player->tour && show->view.playback.step < player->tour->to;
        if (!was_paused && is_stop) /* beyond its end one may look around */
            tour_stage_advance(player->tour, seconds, show);
        else if (!was_paused)
            view_state_advance(&show->view, seconds);
        before = now;
        if (look_at_run(player, now, err) != OK || show_update(show, err) != OK)
            return err->code;
    }
    return OK;
}
