/* The command line of lucciola-view. */
#ifndef VIZ_VIEW_OPTIONS_H
#define VIZ_VIEW_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { VIEW_MAX_NAMES = 256 };

struct view_options {
    const char *recording, *png;                /* png NULL: a window */
    uint32_t width, height;                     /* 0: the default */
    uint64_t first_token, tokens;               /* tokens 0: to the end */
    const char *population[VIEW_MAX_NAMES + 1]; /* NULL-terminated */
    char *names;                                /* what `population` points into */
    bool dark, help;
};

/* Release whatever is returned. The texts belong to argv but for `names`. */
enum error_code view_options_read(struct view_options *options, int argc, char **argv,
                                  struct error *err);
void view_options_release(struct view_options *options);
void view_options_help(FILE *out);

#endif
