/* See drawing.h. */
#include "experiments/drawing.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PATH_ROOM = 4096 };

enum error_code drawing_check(const char *path, struct error *err)
{
    if (!path)
        return OK;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            unlink(path);
    }
    if (fd < 0)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    close(fd);
    return OK;
}

/* Runs argv[0], found by PATH unless it has a slash. *status is its exit status, or 127
 * where there is no such program. */
static enum error_code run_program(char *const *argv, int *status, struct error *err)
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

enum error_code drawing_open(struct drawing *drawing, const char *png, int width,
                             int height, struct error *err)
{
    static const char suffix[] = ".gnuplot";
    *drawing = (struct drawing){ .png = png };
    /* gnuplot quotes its strings as shells do. */
    if (strchr(png, '\'') || strchr(png, '\n'))
        return error_set(err, ERR_ARGUMENT,
                         "%s: gnuplot takes no quote and no line end in a name", png);
    size_t room = strlen(png) + sizeof suffix;
    drawing->script = malloc(room);
    if (!drawing->script)
        return error_memory(err, "path", (double)room);
    snprintf(drawing->script, room, "%s%s", png, suffix);
    drawing->file = fopen(drawing->script, "w");
    if (!drawing->file) {
        error_set(err, ERR_IO, "%s: %s", drawing->script, strerror(errno));
        free(drawing->script);
        *drawing = (struct drawing){ 0 };
        return err->code;
    }
    fprintf(drawing->file,
            "set terminal pngcairo size %d,%d font 'sans,11'\n"
            "set output '%s'\n"
            "set linetype 1 lc rgb '#c8641e'\nset linetype 2 lc rgb '#2b5f8a'\n"
            "set linetype 3 lc rgb '#3f7d3a'\nset linetype 4 lc rgb '#7a7a7a'\n"
            "set border lc rgb '#555555'\n",
            width, height, png);
    return OK;
}

enum error_code drawing_finish(struct drawing *drawing, struct error *err)
{
    static char gnuplot[] = "gnuplot";
    int status = 0;
    if (!drawing->file)
        return OK;
    bool failed = ferror(drawing->file) != 0;
    if (fclose(drawing->file) != 0 || failed) {
        error_set(err, ERR_IO, "%s cannot be written", drawing->script);
        goto out;
    }
    char *const argv[] = { gnuplot, drawing->script, NULL };
    if (run_program(argv, &status, err) != OK)
        goto out;
    if (status == 127)
        fprintf(stderr, "gnuplot is not installed: it will draw %s from %s\n",
                drawing->png, drawing->script);
    else if (status != 0)
        error_set(err, ERR_IO, "gnuplot could not draw %s: status %d", drawing->png,
                  status);
out:
    free(drawing->script);
    *drawing = (struct drawing){ 0 };
    return err->code;
}

bool beside_this_program(const char *program, char *path, size_t room)
{
    size_t length = strlen(program) + 1;
    ssize_t got = readlink("/proc/self/exe", path, room - 1);
    if (got <= 0 || (size_t)got + length >= room)
        return false;
    path[got] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    memcpy(slash + 1, program, length);
    return access(path, X_OK) == 0;
}

enum error_code drawing_raster(const char *recording, const char *png, int width,
                               int height, bool is_dark, struct error *err)
{
    char path[PATH_ROOM], size[32];
    int status = 0;
    if (!beside_this_program("lucciola-view", path, sizeof path))
        snprintf(path, sizeof path, "lucciola-view");
    snprintf(size, sizeof size, "%dx%d", width, height);
    /* posix_spawn takes writable strings and leaves them alone. */
    char *const argv[] = { path,
                           (char *)recording,
                           (char *)"--png",
                           (char *)png,
                           (char *)"--size",
                           size,
                           is_dark ? (char *)"--dark" : NULL,
                           NULL };
    if (run_program(argv, &status, err) != OK)
        return err->code;
    if (status == 127)
        return error_set(
            err, ERR_IO,
            "%s is not drawn: lucciola-view is neither beside lucciola nor "
            "in PATH",
            png);
    if (status != 0)
        return error_set(err, ERR_IO, "lucciola-view could not draw %s: status %d", png,
                         status);
    return OK;
}
