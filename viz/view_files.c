/* See view_files.h. */
#include "viz/view_files.h"

#include "viz/page.h"
#include "viz/picture.h"
#include "viz/tour_film.h"
#include "viz/video.h"

#include <math.h>
#include <stdio.h>

bool view_files_wanted(const struct view_options *options)
{
    return options->png || options->svg || options->html || options->video;
}

static enum error_code write_png(struct show *show, const char *path, uint32_t width,
                                 uint32_t height, struct error *err)
{
    struct image image;
    struct canvas canvas;
    if (image_create(&image, width, height, err) != OK)
        return err->code;
    canvas_on_image(&canvas, &image, show->font);
    enum error_code code =
        picture_draw(&show->stage, &canvas, width, height, NULL, err);
    if (code == OK)
        code = image_write_png(&image, path, err);
    image_release(&image);
    return code;
}

static enum error_code write_svg(struct show *show, const char *path, uint32_t width,
                                 uint32_t height, struct error *err)
{
    struct canvas canvas;
    if (canvas_on_svg(&canvas, width, height, show->font, err) != OK)
        return err->code;
    enum error_code code =
        picture_draw(&show->stage, &canvas, width, height, NULL, err);
    if (code == OK)
        code = canvas_write_svg(&canvas, path, err);
    canvas_release(&canvas);
    return code;
}

static enum error_code write_page(struct show *show, const struct view_options *options,
                                  char note[VIEW_NOTE], struct error *err)
{
    struct page_size size;
    struct page_settings settings = {
        .first_token = options->first_token,
        .tokens = options->tokens,
        .stack = &show->stack[0],
        .language = options->language >= 0 ? tour_language[options->language] : NULL,
    };
    if (page_write(&show->scene[0], &settings, options->html, &size, err) != OK)
        return err->code;
    snprintf(note, VIEW_NOTE, "%s: %.2f MB, %llu %s, %llu spikes", options->html,
             (double)size.bytes / 1e6, (unsigned long long)size.tokens,
             show->scene[0].is_timed ? "slices of time" : "tokens",
             (unsigned long long)size.spikes);
    return OK;
}

static enum error_code write_video(struct show *show,
                                   const struct view_options *options,
                                   struct tour_stage *tour, uint32_t width,
                                   uint32_t height, char note[VIEW_NOTE],
                                   struct error *err)
{
    const struct view_state *view = &show->view;
    double end = view->first_step + view->steps;
    struct video_settings settings = {
        .path = options->video,
        .width = width,
        .height = height,
        .fps = options->fps,
        .from = isnan(options->from) ? view->first_step : options->from,
        .to = isnan(options->to) ? end : options->to,
        .steps_per_second = view->playback.steps_per_second,
    };
    settings.to = fmin(settings.to, playback_end(&view->playback));
    enum error_code code;
    if (tour) {
        code = tour_film_video(tour, show, &settings, err);
    } else {
        code = video_settings_check(&settings, err);
        if (code == OK)
            code = video_write(show, &settings, err);
    }
    if (code == OK && (settings.width != width || settings.height != height))
        snprintf(note, VIEW_NOTE, "%s: %ux%u, for an .mp4 has even sizes",
                 options->video, settings.width, settings.height);
    return code;
}

enum error_code view_files_write(struct show *show, const struct view_options *options,
                                 struct tour_stage *tour, uint32_t width,
                                 uint32_t height, char note[VIEW_NOTE],
                                 struct error *err)
{
    enum error_code code = OK;
    note[0] = '\0';
    show_size(show, width, height);
    if (options->png && tour)
        code = tour_film_pictures(tour, show, options->png, width, height, err);
    else if (options->png)
        code = write_png(show, options->png, width, height, err);
    if (code == OK && options->svg)
        code = write_svg(show, options->svg, width, height, err);
    if (code == OK && options->html)
        code = write_page(show, options, note, err);
    if (code == OK && options->video)
        code = write_video(show, options, tour, width, height, note, err);
    return code;
}
