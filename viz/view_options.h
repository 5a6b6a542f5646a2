/* The command line of lucciola-view. */
#ifndef VIZ_VIEW_OPTIONS_H
#define VIZ_VIEW_OPTIONS_H

#include "base/error.h"
#include "viz/show.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { VIEW_MAX_NAMES = 256 };

struct view_options {
    const char *recording[2]; /* [1] NULL: one */
    const char *png, *svg;    /* with html and video NULL: a window */
    const char *html, *video, *tour;
    const char *state;            /* file to write the view into at the end */
    uint32_t width, height;       /* 0: the default */
    uint64_t first_token, tokens; /* tokens 0: to the end */
    const char *population[VIEW_MAX_NAMES + 1]; /* NULL-terminated */
    char *names;                                /* what `population` points into */
    const char *select;
    double at, step;          /* token and step of the cursor; NaN: not set */
    double speed, font_scale; /* NaN: not set */
    double measure;           /* seconds; 0: no */
    double fps;               /* of a video; 0: its format's */
    double from, to;          /* steps of a video; NaN: those in sight */
    int language;             /* of tour.h; -1: not set */
    uint64_t loop_first, loop_last;
    bool loops, paused, follow, operands, json, help;
    bool has_panes, is_shown[VIEW_PANES];
    enum view_pane enlarged;
    enum view_palette palette;
    enum compare_mode compare;
    unsigned place[2]; /* of the recordings among the arguments */
};

/* Release whatever is returned. The texts belong to argv but for `names`. */
enum error_code view_options_read(struct view_options *options, int argc, char **argv,
                                  struct error *err);
void view_options_release(struct view_options *options);
void view_options_help(FILE *out);
/* Sets the view of an open show as the options say (view_setup.c). */
enum error_code view_options_apply(const struct view_options *options,
                                   struct show *show, struct error *err);

#endif
