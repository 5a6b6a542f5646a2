/* See child_program.h. */
#include "experiments/child_program.h"

#include <errno.h>
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

enum error_code child_program_run(char *const *argv, int *status, struct error *err)
{
    pid_t child;
    int wait_status = 0;
    fflush(NULL);
    int failed = posix_spawnp(&child, argv[0], NULL, NULL, argv, environ);
    if (failed == ENOENT) {
        *status = 127;
        return OK;
    }
    if (failed)
        return error_set(err, ERR_IO, "%s cannot be started: %s", argv[0],
                         strerror(failed));
    while (waitpid(child, &wait_status, 0) < 0)
        if (errno != EINTR)
            return error_set(err, ERR_IO, "%s: %s", argv[0], strerror(errno));
    *status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128;
    return OK;
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
