/* See frame_rate.h. Frames follow one another without waiting for the display, each a
 * sixtieth of a second of playback. */
#include "viz/frame_rate.h"

#include "base/progress.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { FRAMES_A_SECOND = 4000, ZOOM_FRAMES = 90 }; /* in, then out again */

static const double frame_seconds = 1.0 / 60;

struct part {
    const char *name;
    void (*change)(struct show *show, unsigned frame);
};

static void play(struct show *show, unsigned frame)
{
    (void)frame;
    struct playback *playback = &show->view.playback;
    if (playback->is_paused)
        playback_toggle(playback);
    view_state_advance(&show->view, frame_seconds);
}

static void zoom(struct show *show, unsigned frame)
{
    bool nearer = frame / ZOOM_FRAMES % 2 == 0;
    struct view_state *view = &show->view;
    double factor = nearer ? 1.05 : 1 / 1.05,
           middle = view->first_step + view->steps / 2;
    view_state_zoom_time(view, factor, middle);
    view_state_zoom_units(view, &show->extent, factor,
                          view->first_unit + view->units / 2);
}

/* To and fro at a fifth of the run in sight, so that every frame is a new picture. */
static void pan(struct show *show, unsigned frame)
{
    struct view_state *view = &show->view;
    double length = playback_end(&view->playback);
    if (frame == 0) {
        view_state_see(view, 0, length / 5);
        view_state_restack(view, &show->extent);
    }
    double share = 0.5 - 0.5 * cos(frame * frame_seconds);
    view_state_see(view, share * (length - view->steps), view->steps);
}

static void everything(struct show *show, unsigned frame)
{
    play(show, frame);
    zoom(show, frame);
    view_state_act(&show->view, &show->extent, VIEW_PAN_TIME,
                   0.02 * sin(frame * frame_seconds));
}

static const struct part parts[] = {
    { "play", play },
    { "zoom", zoom },
    { "pan", pan },
    { "all", everything },
};
enum { PARTS = sizeof parts / sizeof parts[0] };

/* Of this thread: what a frame would take of a processor of its own. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Milliseconds of each frame, and of the processor for it; returns how many. */
static size_t run_part(struct player *player, const struct part *part, double seconds,
                       double *ms, double *cpu_ms, size_t room, struct error *err)
{
    size_t frames = 0;
    struct input input;
    double begin = clock_seconds(), before = begin;
    view_state_act(&player->show->view, &player->show->extent, VIEW_WHOLE, 0);
    playback_home(&player->show->view.playback);
    while (frames < room && before - begin < seconds && !player->is_done) {
        double cpu = cpu_seconds();
        part->change(player->show, (unsigned)frames);
        if (show_update(player->show, err) != OK || player_draw(player, err) != OK)
            break;
        double now = clock_seconds();
        cpu_ms[frames] = 1000 * (cpu_seconds() - cpu);
        ms[frames++] = 1000 * (now - before);
        while (window_next(player->window, 0, &input))
            if (input.kind == INPUT_CLOSE || input.kind == INPUT_REDRAW)
                player_take(player, &input, err);
        before = clock_seconds();
    }
    return frames;
}

static json_t *summarise(const char *name, double *ms, double *cpu_ms, size_t frames)
{
    gsl_sort(ms, 1, frames);
    gsl_sort(cpu_ms, 1, frames);
    double median = gsl_stats_median_from_sorted_data(ms, 1, frames);
    double late = gsl_stats_quantile_from_sorted_data(ms, 1, frames, 0.99);
    return json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:f}", "part", name, "frames",
                     (json_int_t)frames, "median_ms", median, "p99_ms", late,
                     "worst_ms", ms[frames - 1], "frames_per_second", 1000 / median,
                     "cpu_median_ms",
                     gsl_stats_median_from_sorted_data(cpu_ms, 1, frames), "cpu_p99_ms",
                     gsl_stats_quantile_from_sorted_data(cpu_ms, 1, frames, 0.99));
}

static double number(const json_t *row, const char *name)
{
    return json_number_value(json_object_get(row, name));
}

static void print(const json_t *rows, double megabytes, uint32_t width, uint32_t height)
{
    size_t index;
    json_t *row;
    printf(
        "%ux%u pixels; frames follow one another without waiting for the display\n"
        "                 milliseconds of a frame          of the processor\n"
        "part   frames    median      99 %%     worst    median      99 %%  frames/s\n",
        width, height);
    json_array_foreach(rows, index, row)
        printf("%-5s %7.0f %9.2f %9.2f %9.2f %9.2f %9.2f %9.0f\n",
               json_string_value(json_object_get(row, "part")),
               (double)json_integer_value(json_object_get(row, "frames")),
               number(row, "median_ms"), number(row, "p99_ms"), number(row, "worst_ms"),
               number(row, "cpu_median_ms"), number(row, "cpu_p99_ms"),
               number(row, "frames_per_second"));
    printf("peak memory %.0f MB\n", megabytes);
}

enum error_code frame_rate_measure(struct player *player, double seconds, bool json,
                                   struct error *err)
{
    uint32_t width, height;
    struct rusage usage;
    size_t room = (size_t)ceil(seconds * FRAMES_A_SECOND) + 1;
    double *ms = malloc(2 * room * sizeof *ms), *cpu_ms = ms + room;
    json_t *rows = json_array();
    if (!ms || !rows) {
        error_memory(err, "times of frames", (double)(2 * room * sizeof *ms));
        goto out;
    }
    for (unsigned p = 0; p < PARTS && !player->is_done; p++) {
        size_t frames =
            run_part(player, &parts[p], seconds / PARTS, ms, cpu_ms, room, err);
        if (err->code != OK)
            goto out;
        if (frames > 0)
            json_array_append_new(rows, summarise(parts[p].name, ms, cpu_ms, frames));
    }
    getrusage(RUSAGE_SELF, &usage);
    window_size(player->window, &width, &height);
    double megabytes = (double)usage.ru_maxrss / 1024;
    if (json) {
        json_t *all =
            json_pack("{s:i, s:i, s:f, s:O}", "width", (int)width, "height",
                      (int)height, "peak_megabytes", megabytes, "parts", rows);
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else {
        print(rows, megabytes, width, height);
    }
out:
    json_decref(rows);
    free(ms);
    return err->code;
}
