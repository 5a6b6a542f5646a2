/* See tour_film.h. */
#include "viz/tour_film.h"

#include "base/progress.h"
#include "viz/picture.h"
#include "viz/video_encoder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4096 };

/* The whole tour's length; leaves the stage at its first stop. */
static enum error_code measure(struct tour_stage *stage, struct show *show,
                               double *seconds, struct error *err)
{
    *seconds = 0;
    for (size_t stop = 0; stop < stage->tour->stops; stop++) {
        if (tour_stage_enter(stage, stop, show, err) != OK)
            return err->code;
        *seconds += tour_stage_seconds(stage, show);
    }
    return tour_stage_enter(stage, 0, show, err);
}

static enum error_code add_stop(struct tour_stage *stage, struct show *show,
                                struct video_encoder *encoder, struct canvas *canvas,
                                double fps, struct error *err)
{
    struct image *image = canvas->image;
    bool is_over = false, is_same = false;
    while (!is_over) {
        /* While nothing moves a picture is sent again, not drawn again. */
        double step = show->view.playback.step;
        if (!is_same && (show_update(show, err) != OK ||
                         picture_draw(&show->stage, canvas, image->width, image->height,
                                      NULL, err) != OK))
            return err->code;
        if (video_encoder_add(encoder, image, err) != OK)
            return err->code;
        is_over = tour_stage_advance(stage, 1 / fps, show);
        is_same = step == show->view.playback.step;
    }
    return OK;
}

static enum error_code add_stops(struct tour_stage *stage, struct show *show,
                                 struct video_encoder *encoder, struct image *image,
                                 double fps, struct error *err)
{
    struct progress progress;
    struct canvas canvas;
    enum error_code code = OK;
    canvas_on_image(&canvas, image, show->font);
    progress_begin(&progress, "video");
    for (size_t stop = 0; stop < stage->tour->stops && code == OK; stop++) {
        code = tour_stage_enter(stage, stop, show, err);
        if (code == OK)
            code = add_stop(stage, show, encoder, &canvas, fps, err);
        progress_update(&progress, (double)(stop + 1), (double)stage->tour->stops,
                        "stops");
    }
    progress_end(&progress);
    return code;
}

enum error_code tour_film_video(struct tour_stage *stage, struct show *show,
                                struct video_settings *settings, struct error *err)
{
    struct video_encoder encoder;
    struct image image = { 0 };
    settings->from = 0;
    settings->steps_per_second = 1; /* of seconds, not steps, to be checked */
    if (measure(stage, show, &settings->to, err) != OK ||
        video_settings_check(settings, err) != OK)
        return err->code;
    show_size(show, settings->width, settings->height);
    enum error_code code =
        video_encoder_start(&encoder, settings->path, settings->width, settings->height,
                            settings->fps, err);
    if (code == OK)
        code = image_create(&image, settings->width, settings->height, err);
    if (code == OK)
        code = add_stops(stage, show, &encoder, &image, settings->fps, err);
    if (code == OK)
        code = video_encoder_finish(&encoder, err);
    image_release(&image);
    video_encoder_release(&encoder);
    return code;
}

static enum error_code write_stop(struct tour_stage *stage, struct show *show,
                                  const char *folder, struct image *image,
                                  struct error *err)
{
    char path[PATH_ROOM];
    struct canvas canvas;
    int length = snprintf(path, sizeof path, "%s/%02zu-%s.png", folder, stage->stop + 1,
                          stage->tour->stop[stage->stop].name);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(err, ERR_ARGUMENT, "--png: a path of over %d bytes",
                         PATH_ROOM);
    playback_seek(&show->view.playback, tour_stage_end(stage));
    show->view.playback.is_paused = true;
    canvas_on_image(&canvas, image, show->font);
    if (show_update(show, err) != OK ||
        picture_draw(&show->stage, &canvas, image->width, image->height, NULL, err) !=
            OK)
        return err->code;
    return image_write_png(image, path, err);
}

enum error_code tour_film_pictures(struct tour_stage *stage, struct show *show,
                                   const char *folder, uint32_t width, uint32_t height,
                                   struct error *err)
{
    struct image image = { 0 };
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return error_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
    if (image_create(&image, width, height, err) != OK)
        return err->code;
    show_size(show, width, height);
    enum error_code code = OK;
    for (size_t stop = 0; stop < stage->tour->stops && code == OK; stop++) {
        code = tour_stage_enter(stage, stop, show, err);
        if (code == OK)
            code = write_stop(stage, show, folder, &image, err);
    }
    image_release(&image);
    return code;
}
