/* `lucciola view`: starts lucciola-view, which lies beside this program, with the
 * arguments as they stand. */
#include "experiments/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum error_code run(int argc, char **argv, struct error *err)
{
    (void)argc;
    static char program[] = "lucciola-view";
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof program);
    argv[0] = program;
    if (length > 0) {
        path[length] = '\0';
        char *slash = strrchr(path, '/');
        memcpy(slash ? slash + 1 : path, program, sizeof program);
        execv(path, argv);
    }
    execvp(program, argv); /* no /proc, or not beside: wherever PATH finds it */
    return error_set(err, ERR_IO, "lucciola-view cannot be started: %s",
                     strerror(errno));
}

const struct command view_command = {
    .name = "view",
    .arguments = "RUN.h5 [--png FILE]",
    .summary = "play a recording back, or draw it",
    .run = run,
};
