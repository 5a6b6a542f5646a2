/* `lucciola view`: starts lucciola-view, which lies beside this program, with the
 * arguments as they stand. It knows which of them name files; spikes of other tools are
 * first made recordings, in a folder of temporary files that is removed afterwards. */
#include "experiments/child_program.h"
#include "experiments/command.h"
#include "experiments/foreign_spikes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 2 };

struct import {
    char folder[CHILD_PATH_ROOM];
    char *path[MOST_FILES];
    unsigned made;
};

static enum error_code start(char **argv, struct error *err)
{
    static char path[CHILD_PATH_ROOM];
    child_program_path("lucciola-view", path);
    argv[0] = path;
    execvp(path, argv);
    return error_set(err, ERR_IO, "lucciola-view cannot be started: %s",
                     strerror(errno));
}

/* Places of the arguments that name files; none if lucciola-view has something to say
 * about them, which it does when it is started. */
static unsigned find_files(int argc, char **argv, int place[MOST_FILES])
{
    char program[CHILD_PATH_ROOM], *text = NULL, *rest;
    struct error ignored = { 0 };
    int status = 0;
    unsigned count = 0;
    child_program_path("lucciola-view", program);
    const char **asked = calloc((size_t)argc + 2, sizeof *asked);
    if (!asked)
        return 0;
    asked[0] = program;
    asked[1] = "--operands";
    for (int i = 1; i < argc; i++)
        asked[i + 1] = argv[i];
    if (child_program_capture(asked, &text, &status, &ignored) == OK && status == 0)
        for (rest = text; *rest >= '0' && *rest <= '9' && count < MOST_FILES;) {
            long at = strtol(rest, &rest, 10) - 1; /* --operands stood in front */
            rest += *rest == '\n';
            if (at > 0 && at < argc)
                place[count++] = (int)at;
        }
    free(text);
    free(asked);
    return count;
}

/* Puts the path of a recording in place of that of foreign spikes. */
static enum error_code import(struct import *made, char **argument, struct error *err)
{
    struct spike_source source;
    struct import_settings settings = { .dt_ms = 0 };
    struct import_result result;
    if (!made->folder[0] && scratch_folder(made->folder, err) != OK)
        return err->code;
    if (spike_source_open(&source, *argument, err) != OK)
        return err->code;
    size_t room = strlen(made->folder) + 16;
    char *path = malloc(room);
    if (!path) {
        spike_source_close(&source);
        return error_memory(err, "a path", (double)room);
    }
    snprintf(path, room, "%s/%u.h5", made->folder, made->made + 1);
    made->path[made->made++] = path;
    if (foreign_import(&source, path, &settings, &result, err) == OK) {
        foreign_describe(&source, &result);
        *argument = path;
    }
    spike_source_close(&source);
    return err->code;
}

static enum error_code show(char **argv, struct error *err)
{
    int status = 0;
    char program[CHILD_PATH_ROOM];
    child_program_path("lucciola-view", program);
    argv[0] = program;
    if (child_program_run(argv, &status, err) != OK)
        return err->code;
    if (status == 127)
        return error_set(err, ERR_IO,
                         "lucciola-view is neither beside lucciola nor in PATH");
    if (status != 0)
        return error_set(err, ERR_IO, "lucciola-view failed on these spikes");
    return OK;
}

/* The recordings and the index that lucciola-view keeps beside each. */
static void remove_made(const struct import *made)
{
    char index[CHILD_PATH_ROOM + 32];
    for (unsigned i = 0; i < made->made; i++) {
        snprintf(index, sizeof index, "%s.index", made->path[i]);
        unlink(index);
        unlink(made->path[i]);
        free(made->path[i]);
    }
    if (made->folder[0])
        rmdir(made->folder);
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    int place[MOST_FILES];
    unsigned files = find_files(argc, argv, place), foreign = 0;
    for (unsigned i = 0; i < files; i++)
        foreign += spike_source_is_foreign(argv[place[i]]);
    if (foreign == 0)
        return start(argv, err);
    struct import made = { 0 };
    err->code = OK;
    for (unsigned i = 0; i < files && err->code == OK; i++)
        if (spike_source_is_foreign(argv[place[i]]))
            import(&made, &argv[place[i]], err);
    if (err->code == OK)
        show(argv, err);
    remove_made(&made);
    return err->code;
}

const struct command view_command = {
    .name = "view",
    .arguments = "RUN.h5 [RUN2.h5] [--png FILE]",
    .summary = "play recordings back, draw or compare them",
    .run = run,
};
