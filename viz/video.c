/* See video.h. */
#include "viz/video.h"

#include "base/progress.h"
#include "viz/picture.h"
#include "viz/video_encoder.h"

#include <math.h>

static const double highest_fps = 240;

uint64_t video_frames(const struct video_settings *settings)
{
    double seconds = (settings->to - settings->from) / settings->steps_per_second;
    /* A little more than rounding can take from a whole number of frames. */
    return (uint64_t)(seconds * settings->fps + 1e-6) + 1;
}

enum error_code video_settings_check(struct video_settings *settings, struct error *err)
{
    enum video_format format = video_format_of(settings->path);
    if (format == VIDEO_NONE)
        return error_set(err, ERR_ARGUMENT,
                         "--video '%s': expected a name that ends in .mp4 or .gif",
                         settings->path);
    if (settings->fps == 0)
        settings->fps = format == VIDEO_GIF ? VIDEO_GIF_FPS : VIDEO_FPS;
    if (!(settings->fps > 0 && settings->fps <= highest_fps))
        return error_set(err, ERR_ARGUMENT,
                         "--fps %g: expected up to %g pictures a second", settings->fps,
                         highest_fps);
    if (!(settings->to > settings->from) || !(settings->steps_per_second > 0))
        return error_set(err, ERR_ARGUMENT,
                         "--video: nothing plays from step %.10g to step %.10g",
                         settings->from, settings->to);
    double frames =
        (settings->to - settings->from) / settings->steps_per_second * settings->fps;
    if (frames >= VIDEO_MAX_FRAMES)
        return error_set(err, ERR_ARGUMENT,
                         "--video: %.0f pictures, at most %d: choose a higher --speed, "
                         "a lower --fps or fewer --tokens",
                         frames, VIDEO_MAX_FRAMES);
    if (format == VIDEO_MP4) { /* its colours are stored for two by two pixels */
        settings->width += settings->width % 2;
        settings->height += settings->height % 2;
    }
    return OK;
}

static enum error_code add_frames(struct video_encoder *encoder, struct show *show,
                                  const struct video_settings *settings,
                                  struct image *image, struct error *err)
{
    uint64_t frames = video_frames(settings);
    struct progress progress;
    struct canvas canvas;
    enum error_code code = OK;
    canvas_on_image(&canvas, image, show->font);
    progress_begin(&progress, "video");
    for (uint64_t i = 0; i < frames && code == OK; i++) {
        double step =
            settings->from + (double)i * settings->steps_per_second / settings->fps;
        code = show_act(show, VIEW_SEEK, fmin(step, settings->to), err);
        if (code == OK)
            code = picture_draw(&show->stage, &canvas, settings->width,
                                settings->height, NULL, err);
        if (code == OK)
            code = video_encoder_add(encoder, image, err);
        progress_update(&progress, (double)(i + 1), (double)frames, "pictures");
    }
    progress_end(&progress);
    return code;
}

enum error_code video_write(struct show *show, const struct video_settings *settings,
                            struct error *err)
{
    struct video_encoder encoder;
    struct image image = { 0 };
    show_size(show, settings->width, settings->height);
    enum error_code code =
        video_encoder_start(&encoder, settings->path, settings->width, settings->height,
                            settings->fps, err);
    if (code == OK)
        code = image_create(&image, settings->width, settings->height, err);
    if (code == OK)
        code = add_frames(&encoder, show, settings, &image, err);
    if (code == OK)
        code = video_encoder_finish(&encoder, err);
    image_release(&image);
    video_encoder_release(&encoder);
    return code;
}
