/* See drawing.h. */
#include "experiments/drawing.h"

#include "experiments/child_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    if (child_program_run(argv, &status, err) != OK)
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

enum error_code drawing_raster(const char *recording, const char *png, int width,
                               int height, bool is_dark, struct error *err)
{
    char path[CHILD_PATH_ROOM], size[32];
    int status = 0;
    child_program_path("lucciola-view", path);
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
    if (child_program_run(argv, &status, err) != OK)
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
