/* See child_program.h. */
#include "experiments/child_program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void child_program_path(const char *program, char path[CHILD_PATH_ROOM])
{
    const size_t length = strlen(program) + 1;
    ssize_t got = readlink("/proc/self/exe", path, CHILD_PATH_ROOM - 1);
    if (got > 0 && (size_t)got + length < CHILD_PATH_ROOM) {
        path[got] = '\0';
        char *slash = strrchr(path, '/');
        if (slash) {
            memcpy(slash + 1, program, length);
            if (access(path, X_OK) == 0)
                return;
        }
    }
    snprintf(path, CHILD_PATH_ROOM, "%s", program);
}

static enum error_code wait_for(pid_t child, const char *name, int *status,
                                struct error *err)
{
    int wait_status = 0;
    while (waitpid(child, &wait_status, 0) < 0)
        if (errno != EINTR)
            return error_set(err, ERR_IO, "%s: %s", name, strerror(errno));
    *status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128;
    return OK;
}

enum error_code child_program_run(char *const *argv, int *status, struct error *err)
{
    pid_t child;
    fflush(NULL);
    int failed = posix_spawnp(&child, argv[0], NULL, NULL, argv, environ);
    if (failed == ENOENT) {
        *status = 127;
        return OK;
    }
    if (failed)
        return error_set(err, ERR_IO, "%s cannot be started: %s", argv[0],
                         strerror(failed));
    return wait_for(child, argv[0], status, err);
}

/* Files that this program has open are not the other's to hold: what is locked would
 * stay so for as long as it runs. */
static void keep_files(void)
{
    enum { HIGHEST = 1024 };
    for (int fd = STDERR_FILENO + 1; fd < HIGHEST; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

enum error_code child_program_start(const char *const *argv, struct error *err)
{
    pid_t child;
    keep_files();
    fflush(NULL);
    int failed =
        posix_spawnp(&child, argv[0], NULL, NULL, (char *const *)argv, environ);
    if (failed)
        return error_set(err, ERR_IO, "%s cannot be started: %s", argv[0],
                         strerror(failed));
    return OK;
}

static enum error_code read_pipe(int from, char **text, struct error *err)
{
    size_t size = 0, room = 0;
    ssize_t got = 1;
    *text = NULL;
    err->code = OK;
    while (got > 0) {
        if (room - size < 4096) {
            room = room ? 2 * room : 1 << 16;
            char *more = realloc(*text, room + 1);
            if (!more)
                return error_memory(err, "what a program wrote", (double)room);
            *text = more;
        }
        got = read(from, *text + size, room - size);
        if (got > 0)
            size += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    (*text)[size] = '\0';
    return OK;
}

enum error_code child_program_capture(const char *const *argv, char **text, int *status,
                                      struct error *err)
{
    int end[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    *text = NULL;
    if (pipe(end) != 0)
        return error_set(err, ERR_IO, "%s: %s", argv[0], strerror(errno));
    fflush(NULL);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, end[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, end[0]);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* posix_spawnp's argv is not const for history's sake; it changes nothing. */
    int failed =
        posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(end[1]);
    read_pipe(end[0], text, err);
    close(end[0]);
    if (failed == ENOENT)
        *status = 127;
    else if (failed)
        error_set(err, ERR_IO, "%s cannot be started: %s", argv[0], strerror(failed));
    else
        wait_for(child, argv[0], status, err);
    if (err->code != OK) {
        free(*text);
        *text = NULL;
    }
    return err->code;
}

enum error_code scratch_folder(char path[CHILD_PATH_ROOM], struct error *err)
{
    const char *folder = getenv("TMPDIR");
    int length = snprintf(path, CHILD_PATH_ROOM, "%s/lucciola-XXXXXX",
                          folder && folder[0] ? folder : "/tmp");
    if (length < 0 || length >= CHILD_PATH_ROOM || !mkdtemp(path)) {
        path[0] = '\0';
        return error_set(err, ERR_IO, "no folder for temporary files: %s",
                         strerror(errno));
    }
    return OK;
}
