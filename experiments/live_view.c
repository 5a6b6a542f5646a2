/* See live_view.h. */
#include "experiments/live_view.h"

#include "experiments/child_program.h"

#include <stdio.h>

enum error_code live_view_check(const struct options *options, struct error *err)
{
    if (option_flag(options, "view") && !option_text(options, "output"))
        return error_set(err, ERR_ARGUMENT,
                         "--view shows a recording while it is written: it expects "
                         "-o FILE");
    return OK;
}

void live_view_start(const struct options *options, const char *path)
{
    char program[CHILD_PATH_ROOM];
    struct error err = { 0 };
    if (!option_flag(options, "view"))
        return;
    child_program_path("lucciola-view", program);
    const char *const argv[] = { program, path, "--follow", NULL };
    if (child_program_start(argv, &err) != OK)
        fprintf(stderr, "no viewer: %s\n", err.text);
}
