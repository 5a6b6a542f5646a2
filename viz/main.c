/* lucciola-view: a recording as a picture, or played in a window token by token. */
#include "base/progress.h"
#include "sim/recording.h"
#include "viz/palette.h"
#include "viz/playback.h"
#include "viz/raster.h"
#include "viz/raster_source.h"
#include "viz/view_options.h"
#include "viz/window.h"

#include <stdbool.h>
#include <stdio.h>

enum { WINDOW_WIDTH = 1280, WINDOW_HEIGHT = 800, FRAME_MS = 5, PAUSED_MS = 100 };

struct view {
    const struct recording *recording;
    struct raster_settings settings;
    struct raster_frame frame;
    struct playback playback;
    struct window *window;
    bool is_stale; /* the picture has another size than the window */
};

/* Draws the raster anew at the window's size. */
static enum error_code redraw(struct view *view, struct error *err)
{
    struct image image;
    window_size(view->window, &view->settings.width, &view->settings.height);
    if (raster_draw(&image, view->recording, &view->settings, &view->frame, err) != OK)
        return err->code;
    enum error_code code = window_upload(view->window, &image, err);
    image_release(&image);
    return code;
}

/* The window stays open until this returns false. */
static bool handle(struct view *view, enum window_event event)
{
    struct playback *playback = &view->playback;
    switch (event) {
    case WINDOW_QUIT: return false;
    case WINDOW_PAUSE: playback_toggle(playback); break;
    case WINDOW_BACK: playback_back(playback); break;
    case WINDOW_FORWARD: playback_forward(playback); break;
    case WINDOW_FASTER: playback_pace(playback, 2); break;
    case WINDOW_SLOWER: playback_pace(playback, 0.5); break;
    case WINDOW_HOME: playback_home(playback); break;
    case WINDOW_RESIZED: view->is_stale = true; break;
    case WINDOW_NOTHING: break;
    }
    return true;
}

/* What has not been played yet lies under a veil. */
static void draw(const struct view *view)
{
    const struct raster_frame *frame = &view->frame;
    const struct palette *palette =
        view->settings.dark ? &palette_dark : &palette_light;
    double played = view->playback.step - (double)frame->first_step;
    int shown = (int)frame->width;
    if (frame->steps > 0)
        shown = (int)(played / (double)frame->steps * frame->width);
    struct window_veil veil = {
        (int)frame->x + shown,
        (int)frame->y,
        (int)frame->width - shown,
        (int)frame->height,
        (palette->page & 0xffffff) | 0xe6000000u,
        palette->generated,
    };
    window_draw(view->window, &veil);
}

static enum error_code play(struct view *view, struct error *err)
{
    enum window_event event;
    double before = clock_seconds();
    for (view->is_stale = true;;) {
        if (view->is_stale) {
            if (redraw(view, err) != OK)
                return err->code;
            view->is_stale = false;
            before = clock_seconds(); /* drawing took time, not playing */
        }
        draw(view);
        int wait = view->playback.is_paused ? PAUSED_MS : FRAME_MS;
        while ((event = window_next(view->window, wait)) != WINDOW_NOTHING) {
            if (!handle(view, event))
                return OK;
            wait = 0;
        }
        double now = clock_seconds();
        playback_advance(&view->playback, now - before);
        before = now;
    }
}

static enum error_code show(struct view *view, struct error *err)
{
    char title[320];
    struct raster_source source;
    struct raster_settings *settings = &view->settings;
    if (raster_source_open(&source, view->recording, settings, err) != OK)
        return err->code;
    playback_start(&view->playback, source.start_step, source.tokens, 20);

    snprintf(title, sizeof title, "%s - Lucciola", view->recording->info.model);
    uint32_t width = settings->width ? settings->width : WINDOW_WIDTH;
    uint32_t height = settings->height ? settings->height : WINDOW_HEIGHT;
    enum error_code code = window_open(&view->window, title, width, height, err);
    if (code != OK)
        error_wrap(err, "no window (--png FILE draws without one)");
    else
        code = play(view, err);
    window_close(view->window);
    raster_source_release(&source);
    return code;
}

static enum error_code run(const struct view_options *options, struct error *err)
{
    struct recording recording;
    if (recording_open(&recording, options->recording, err) != OK)
        return err->code;
    if (recording.was_repaired)
        fprintf(stderr,
                "lucciola-view: %s: its run was killed; cleared the mark that "
                "kept it closed\n",
                options->recording);

    struct view view = {
        .recording = &recording,
        .settings = { .width = options->width,
                      .height = options->height,
                      .first_token = options->first_token,
                      .tokens = options->tokens,
                      .population = options->names ? options->population : NULL,
                      .dark = options->dark },
    };
    enum error_code code;
    if (options->png) {
        struct image image;
        code = raster_draw(&image, &recording, &view.settings, NULL, err);
        if (code == OK)
            code = image_write_png(&image, options->png, err);
        image_release(&image);
    } else {
        code = show(&view, err);
    }
    recording_close_reader(&recording);
    return code;
}

int main(int argc, char **argv)
{
    struct error err = { 0 };
    struct view_options options;
    enum error_code code = view_options_read(&options, argc, argv, &err);
    if (code == OK && options.help)
        view_options_help(stdout);
    else if (code == OK)
        code = run(&options, &err);
    view_options_release(&options);
    if (code == OK)
        return 0;
    fprintf(stderr, "lucciola-view: %s\n", err.text);
    return code == ERR_ARGUMENT ? 2 : 1;
}
