/* `lucciola view`: starts lucciola-view, which lies beside this program, with the
 * arguments as they stand. Spikes of other tools are first made a recording, in a
 * folder of temporary files that is removed afterwards. */
#include "experiments/child_program.h"
#include "experiments/command.h"
#include "experiments/foreign_spikes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error_code start(char **argv, struct error *err)
{
    static char path[CHILD_PATH_ROOM];
    child_program_path("lucciola-view", path);
    argv[0] = path;
    execvp(path, argv);
    return error_set(err, ERR_IO, "lucciola-view cannot be started: %s",
                     strerror(errno));
}

/* The argument that names what to view: a file, and not the value of an option. */
static int find_file(int argc, char **argv)
{
    struct stat status;
    for (int i = 1; i < argc; i++) {
        bool is_value = argv[i - 1][0] == '-' && argv[i - 1][1] == '-' &&
                        !strchr(argv[i - 1], '=') && strcmp(argv[i - 1], "--dark") != 0;
        if (i > 1 && is_value)
            continue;
        if (argv[i][0] != '-' && stat(argv[i], &status) == 0 && S_ISREG(status.st_mode))
            return i;
    }
    return 0;
}

static enum error_code show(int argument, char **argv, char *path, struct error *err)
{
    int status = 0;
    char program[CHILD_PATH_ROOM], *file = argv[argument];
    child_program_path("lucciola-view", program);
    argv[0] = program;
    argv[argument] = path;
    if (child_program_run(argv, &status, err) != OK)
        return err->code;
    if (status == 127)
        return error_set(err, ERR_IO,
                         "lucciola-view is neither beside lucciola nor in PATH");
    if (status != 0)
        return error_set(err, ERR_IO, "lucciola-view failed on the spikes of %s", file);
    return OK;
}

static enum error_code view_foreign(struct spike_source *source, int argument,
                                    char **argv, struct error *err)
{
    char made[CHILD_PATH_ROOM], path[CHILD_PATH_ROOM + 16];
    struct import_settings settings = { .dt_ms = 0 };
    struct import_result result;
    if (scratch_folder(made, err) != OK)
        return err->code;
    snprintf(path, sizeof path, "%s/spikes.h5", made);
    if (foreign_import(source, path, &settings, &result, err) == OK) {
        foreign_describe(source, &result);
        show(argument, argv, path, err);
    }
    unlink(path);
    rmdir(made);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    struct spike_source source;
    int argument = find_file(argc, argv);
    if (!argument || !spike_source_is_foreign(argv[argument]))
        return start(argv, err);
    if (spike_source_open(&source, argv[argument], err) != OK)
        return err->code;
    view_foreign(&source, argument, argv, err);
    spike_source_close(&source);
    return err->code;
}

const struct command view_command = {
    .name = "view",
    .arguments = "RUN.h5 [--png FILE]",
    .summary = "play a recording back, or draw it",
    .run = run,
};
