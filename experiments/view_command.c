/* `lucciola view`: starts lucciola-view, which lies beside this program, with the
 * arguments as they stand. Spikes of other tools are first made a recording, in a
 * folder of temporary files that is removed afterwards. */
#include "experiments/command.h"
#include "experiments/foreign_spikes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum error_code start(char **argv, struct error *err)
{
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

static enum error_code show(int argument, char **argv, const char *path,
                            struct error *err)
{
    int status = 0;
    char *file = argv[argument], copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        argv[argument] = copy;
        start(argv, err);
        fprintf(stderr, "lucciola view: %s\n", err->text);
        _exit(1);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child < 0)
        return error_set(err, ERR_IO, "lucciola-view cannot be started: %s",
                         strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return error_set(err, ERR_IO, "lucciola-view failed on the spikes of %s", file);
    return OK;
}

static enum error_code view_foreign(struct spike_source *source, int argument,
                                    char **argv, struct error *err)
{
    const char *folder = getenv("TMPDIR");
    char made[PATH_MAX - 16], path[PATH_MAX];
    struct import_settings settings = { .dt_ms = 0 };
    struct import_result result;
    if (snprintf(made, sizeof made, "%s/lucciola-XXXXXX",
                 folder && folder[0] ? folder : "/tmp") >= (int)sizeof made ||
        !mkdtemp(made))
        return error_set(err, ERR_IO, "no folder for temporary files: %s",
                         strerror(errno));
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
