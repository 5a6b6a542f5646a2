/* See status_line.h. */
#include "viz/status_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORD_ROOM = 48 };

void status_line_title(const struct stage *stage, struct canvas *canvas,
                       const struct layout *layout)
{
    const struct palette *palette = stage->palette;
    float cap = layout->cap, margin = (float)layout->scrub.x;
    struct box box = layout->title;
    float base = (float)box.y + ((float)box.height + cap) / 2;
    struct pen pen = { cap * 1.15f, 0, true, palette->ink };
    const struct recording_info *info = &stage->exhibit[0].scene->recording.info;
    struct pen muted = { cap, 0, false, palette->muted };
    const char *file = stage->exhibits > 1 ? "" : stage->exhibit[0].label;
    float width = canvas_text_width(canvas, &pen, info->model);
    float left = (float)box.width - 2 * margin - width - 3 * cap;
    canvas_text_in(canvas, &pen, margin, base, (float)box.width - 2 * margin,
                   info->model);
    if (canvas_text_width(canvas, &muted, file) <= left)
        canvas_text_to(canvas, &muted, (float)box.width - margin, base, file);
    for (unsigned which = 0; which < stage->exhibits; which++) {
        struct box label = layout->label[which];
        struct pen name = { cap, 0, true, palette->ink };
        if (label.width > 0)
            canvas_text_in(canvas, &name, (float)label.x, (float)label.y + 1.5f * cap,
                           (float)label.width, stage->exhibit[which].label);
    }
}

double scrub_step(const struct stage *stage, const struct layout *layout, int x)
{
    const struct playback *playback = &stage->view->playback;
    double from = (double)playback->token_start[0];
    double share = (double)(x - layout->scrub.x) / layout->scrub.width;
    return from + fmin(fmax(share, 0), 1) * (playback_end(playback) - from);
}

static int scrub_x(const struct stage *stage, const struct layout *layout, double step)
{
    const struct playback *playback = &stage->view->playback;
    double from = (double)playback->token_start[0];
    double length = playback_end(playback) - from;
    double share = length > 0 ? (step - from) / length : 0;
    return layout->scrub.x + (int)(share * layout->scrub.width);
}

static void describe_place(const struct stage *stage, char *text, size_t size)
{
    const struct scene *scene = stage->exhibit[0].scene;
    const struct playback *playback = &stage->view->playback;
    char word[WORD_ROOM];
    uint64_t token = playback_token(playback);
    if (scene->tokens == 0) {
        snprintf(text, size, "nothing is recorded yet");
    } else if (scene->is_timed) {
        double dt_ms = scene->recording.info.dt_ms;
        snprintf(text, size, "%.1f of %.1f ms", playback->step * dt_ms,
                 playback_end(playback) * dt_ms);
    } else {
        scene_token_text(scene, token, word, sizeof word);
        snprintf(text, size, "token %llu of %llu: %s", (unsigned long long)token + 1,
                 (unsigned long long)scene->tokens, word);
    }
}

void status_line_lay(struct status_line *line, const struct stage *stage,
                     const struct layout *layout)
{
    const struct view_state *view = stage->view;
    const struct playback *playback = &view->playback;
    memset(line, 0, sizeof *line);
    line->seen_from = scrub_x(stage, layout, view->first_step);
    line->seen_to = scrub_x(stage, layout, view->first_step + view->steps);
    line->at = scrub_x(stage, layout, playback->step);
    if (view->loop_to > view->loop_from) {
        line->loop_from = scrub_x(stage, layout, view->loop_from);
        line->loop_to = scrub_x(stage, layout, view->loop_to);
    }
    describe_place(stage, line->left, sizeof line->left);
    snprintf(line->right, sizeof line->right,
             "%s%s%s    speed %.3g    step %.0f    ? help", stage->notice,
             stage->notice[0] ? "    " : "", playback->is_paused ? "paused" : "playing",
             playback_speed(playback), floor(playback->step));
}

static void draw_scrub(const struct status_line *line, const struct palette *palette,
                       struct canvas *canvas, const struct layout *layout)
{
    struct box box = layout->scrub;
    int thick = (int)fmaxf(layout->cap / 3, 2), middle = box.y + box.height / 2;
    canvas_fill(canvas, (struct box){ box.x, middle - thick / 2, box.width, thick },
                palette->rule);
    canvas_fill(canvas,
                (struct box){ line->seen_from, middle - thick,
                              line->seen_to - line->seen_from, 2 * thick },
                palette->prompt);
    canvas_fill(canvas,
                (struct box){ line->loop_from, middle + thick,
                              line->loop_to - line->loop_from, thick },
                palette->excited);
    int wide = thick + 1, last = box.x + box.width - wide;
    canvas_fill(canvas,
                (struct box){ line->at > last ? last : line->at, box.y, wide,
                              box.height },
                palette->generated);
}

void status_line_draw(const struct status_line *line, const struct palette *palette,
                      struct canvas *canvas, const struct layout *layout)
{
    struct box box = layout->status;
    float cap = layout->cap, margin = (float)layout->scrub.x;
    float base = (float)box.y + ((float)box.height + cap) / 2;
    struct pen pen = { cap, 0, false, palette->ink };
    draw_scrub(line, palette, canvas, layout);
    float width = canvas_text_width(canvas, &pen, line->right);
    canvas_text_to(canvas, &pen, (float)box.width - margin, base, line->right);
    canvas_text_in(canvas, &pen, margin, base, (float)box.width - 3 * margin - width,
                   line->left);
}
