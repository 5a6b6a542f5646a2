/* lucciola-view: a recording as a picture, or played in a window. */
#include "viz/frame_rate.h"
#include "viz/picture.h"
#include "viz/player.h"
#include "viz/view_options.h"
#include "viz/view_report.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 1280, HEIGHT = 720 };

static enum error_code draw(struct show *show, const struct view_options *options,
                            uint32_t width, uint32_t height, struct error *err)
{
    struct image image = { 0 };
    struct canvas canvas;
    show_size(show, width, height);
    if (options->png) {
        if (image_create(&image, width, height, err) != OK)
            return err->code;
        canvas_on_image(&canvas, &image, show->font);
        if (picture_draw(&show->stage, &canvas, width, height, NULL, err) == OK)
            image_write_png(&image, options->png, err);
        image_release(&image);
    }
    if (err->code == OK && options->svg &&
        canvas_on_svg(&canvas, width, height, show->font, err) == OK) {
        if (picture_draw(&show->stage, &canvas, width, height, NULL, err) == OK)
            canvas_write_svg(&canvas, options->svg, err);
        canvas_release(&canvas);
    }
    return err->code;
}

static enum error_code play(struct show *show, const struct view_options *options,
                            uint32_t width, uint32_t height, struct error *err)
{
    struct player player;
    char title[320];
    snprintf(title, sizeof title, "%s - Lucciola", show->scene[0].recording.info.model);
    if (player_open(&player, show, title, width, height, err) != OK)
        error_wrap(err, "no window (--png FILE draws without one)");
    else if (options->measure > 0)
        frame_rate_measure(&player, options->measure, options->json, err);
    else
        player_run(&player, err);
    player_close(&player);
    if (err->code == OK && options->state)
        view_report_write(show, options->state, err);
    return err->code;
}

static enum error_code run(const struct view_options *options, struct error *err)
{
    struct show show;
    uint32_t width = options->width ? options->width : WIDTH;
    uint32_t height = options->height ? options->height : HEIGHT;
    bool is_picture = options->png || options->svg;
    const char *const *names = options->names ? options->population : NULL;
    if (show_open(&show, options->recording, names, is_picture, err) != OK)
        return err->code;
    for (unsigned which = 0; which < show.exhibits; which++)
        if (show.scene[which].recording.was_repaired)
            fprintf(stderr,
                    "lucciola-view: %s: its run was killed; cleared the mark that "
                    "kept it closed\n",
                    options->recording[which]);
    if (options->follow)
        show_follow(&show);
    if (view_options_apply(options, &show, err) == OK) {
        if (is_picture)
            draw(&show, options, width, height, err);
        else
            play(&show, options, width, height, err);
    }
    show_close(&show);
    return err->code;
}

/* Places among the arguments, from 1: for `lucciola view`, which makes recordings of the
 * spikes of other tools first. */
static void print_operands(const struct view_options *options)
{
    for (unsigned i = 0; i < 2 && options->recording[i]; i++)
        printf("%u\n", options->place[i]);
}

int main(int argc, char **argv)
{
    struct error err = { 0 };
    struct view_options options;
    enum error_code code = view_options_read(&options, argc, argv, &err);
    if (code == OK && options.help)
        view_options_help(stdout);
    else if (code == OK && options.operands)
        print_operands(&options);
    else if (code == OK)
        code = run(&options, &err);
    view_options_release(&options);
    if (code == OK)
        return 0;
    fprintf(stderr, "lucciola-view: %s\n", err.text);
    return code == ERR_ARGUMENT ? 2 : 1;
}
