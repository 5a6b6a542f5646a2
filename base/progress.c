/* See progress.h. */
#include "base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(struct progress *progress, const char *what)
{
    *progress = (struct progress){ .what = what,
                                   .started = clock_seconds(),
                                   .is_terminal = isatty(STDERR_FILENO) };
    progress->shown = progress->started;
}

void progress_update(struct progress *progress, double done, double total,
                     const char *detail)
{
    if (!progress->is_terminal)
        return;
    double now = clock_seconds(), spent = now - progress->started;
    if (spent < 1 || now - progress->shown < 0.1)
        return;
    double left = done > 0 ? spent * (total - done) / done : 0;
    fprintf(stderr, "\r\033[K%s: %.0f of %.0f, %.0f s left%s%s", progress->what, done,
            total, left, detail ? ", " : "", detail ? detail : "");
    fflush(stderr);
    progress->shown = now;
    progress->is_drawn = true;
}

void progress_end(struct progress *progress)
{
    if (progress->is_drawn)
        fputs("\r\033[K", stderr);
    progress->is_drawn = false;
}
