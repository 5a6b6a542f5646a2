/* lucciola-view: a recording as a picture, or played in a window. */
#include "viz/frame_rate.h"
#include "viz/player.h"
#include "viz/tour_stage.h"
#include "viz/view_files.h"
#include "viz/view_options.h"
#include "viz/view_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WIDTH = 1280, HEIGHT = 720, LAST = 19 };

static enum error_code play(struct show *show, const struct view_options *options,
                            struct tour_stage *tour, uint32_t width, uint32_t height,
                            struct error *err)
{
    struct player player;
    char title[320];
    const char *name = show->scene[0].recording.info.model;
    snprintf(title, sizeof title, "%s - Lucciola",
             tour ? tour_title(tour->tour, tour->language) : name);
    enum error_code code = player_open(&player, show, title, width, height, err);
    player.tour = tour;
    if (code != OK)
        error_wrap(err, "no window (--png FILE draws without one)");
    else if (options->measure > 0)
        frame_rate_measure(&player, options->measure, options->json, err);
    else
        player_run(&player, err);
    player_close(&player);
    return err->code;
}

/* The view as the options say, then the tour, then a window or files. */
static enum error_code present(struct show *show, const struct view_options *options,
                               const struct tour *tour, struct error *err)
{
    char note[VIEW_NOTE];
    struct tour_stage stage, *staged = tour->stops > 0 ? &stage : NULL;
    uint32_t width = options->width ? options->width : WIDTH;
    uint32_t height = options->height ? options->height : HEIGHT;
    int language = options->language < 0 ? tour_language_usual() : options->language;
    if (view_options_apply(options, show, err) != OK)
        return err->code;
    if (staged && tour_stage_begin(staged, tour, language, show, err) != OK)
        return error_wrap(err, "%s", options->tour);
    note[0] = '\0';
    if (!view_files_wanted(options))
        play(show, options, staged, width, height, err);
    else
        view_files_write(show, options, staged, width, height, note, err);
    if (note[0])
        fprintf(stderr, "lucciola-view: %s\n", note);
    if (err->code == OK && options->state)
        view_report_write(show, options->state, err);
    return err->code;
}

static enum error_code run(const struct view_options *options, const struct tour *tour,
                           struct error *err)
{
    struct show show;
    const char *recording[2] = { options->recording[0], options->recording[1] };
    const char *const *names = options->names ? options->population : NULL;
    bool is_own = !recording[0];
    if (is_own && !tour->recording)
        return error_set(err, ERR_ARGUMENT,
                         "%s: the tour names no recording, and "
                         "neither does the command",
                         options->tour);
    if (is_own)
        recording[0] = tour->recording;
    if (show_open(&show, recording, names, view_files_wanted(options), err) != OK)
        return is_own ? error_wrap(err, "the tour's recording (`make demo` makes it)")
                      : err->code;
    for (unsigned which = 0; which < show.exhibits; which++)
        if (show.scene[which].recording.was_repaired)
            fprintf(stderr,
                    "lucciola-view: %s: its run was killed; cleared the mark that "
                    "kept it closed\n",
                    recording[which]);
    if (options->follow) {
        setpriority(PRIO_PROCESS, 0, LAST); /* the run goes first */
        show_follow(&show);
    }
    present(&show, options, tour, err);
    show_close(&show);
    return err->code;
}

static enum error_code begin(const struct view_options *options, struct error *err)
{
    struct tour tour = { 0 };
    if (options->tour && tour_open(&tour, options->tour, err) != OK)
        return err->code;
    run(options, &tour, err);
    tour_release(&tour);
    return err->code;
}

/* Places among the arguments, from 1: for `lucciola view`, which makes recordings of the
 * spikes of other tools first. */
static void print_operands(const struct view_options *options)
{
    for (unsigned i = 0; i < 2 && options->recording[i]; i++)
        printf("%u\n", options->place[i]);
}

/* Threads that spin while they wait for one another take the processors from the window
 * and from a run that is watched: 7 frames a second for 15 on a busy machine. OpenMP reads
 * its settings before main, so the program begins anew with this one. */
static void wait_asleep(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || setenv("OMP_WAIT_POLICY", "passive", 1) != 0)
        return;
    execv("/proc/self/exe", argv); /* where there is no such file, spin */
}

int main(int argc, char **argv)
{
    wait_asleep(argv);
    struct error err = { 0 };
    struct view_options options;
    enum error_code code = view_options_read(&options, argc, argv, &err);
    if (code == OK && options.help)
        view_options_help(stdout);
    else if (code == OK && options.operands)
        print_operands(&options);
    else if (code == OK)
        code = begin(&options, &err);
    view_options_release(&options);
    if (code == OK)
        return 0;
    fprintf(stderr, "lucciola-view: %s\n", err.text);
    return code == ERR_ARGUMENT ? 2 : 1;
}
