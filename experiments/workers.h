/* Independent tasks on several processes: each is forked, takes the next task whenever
 * it is done with one, and sends text back, which the caller takes in as it arrives. The
 * processes die with their parent. */
#ifndef EXPERIMENTS_WORKERS_H
#define EXPERIMENTS_WORKERS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { WORKERS_MAX = 256 };

struct worker_job {
    void *context;
    /* In a process of its own: the result of a task, malloc'ed; NULL and an error ends
     * everything. What it keeps in *context it finds again at its next task. */
    char *(*make)(void *context, uint32_t task, struct error *err);
    /* In the caller's process; an error ends everything. */
    enum error_code (*take)(void *context, uint32_t task, const char *result,
                            struct error *err);
};

/* Tasks start in the order of the list. No process outlives the call. */
enum error_code workers_run(const struct worker_job *job, unsigned workers,
                            const uint32_t *task, size_t tasks, struct error *err);

#endif
