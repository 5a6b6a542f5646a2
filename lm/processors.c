/* See processors.h. */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "lm/processors.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#ifdef __linux__
struct processors {
    cpu_set_t all;
};

enum error_code processors_create(struct processors **processors, struct error *err)
{
    struct processors *self = calloc(1, sizeof *self);
    *processors = NULL;
    if (!self)
        return error_memory(err, "processors", sizeof *self);
    if (sched_getaffinity(0, sizeof self->all, &self->all) != 0) {
        error_set(err, ERR_ARGUMENT,
                  "threads cannot be pinned: the system does not say to which "
                  "processors: %s",
                  strerror(errno));
        free(self);
        return err->code;
    }
    *processors = self;
    return OK;
}

void processors_free(struct processors *processors)
{
    free(processors);
}

void processors_bind(const struct processors *processors, int thread)
{
    int left = processors ? thread % CPU_COUNT(&processors->all) : 0;
    for (int i = 0; processors && i < CPU_SETSIZE; i++) {
        cpu_set_t one;
        if (!CPU_ISSET(i, &processors->all) || left-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

void processors_release(const struct processors *processors)
{
    if (processors)
        sched_setaffinity(0, sizeof processors->all, &processors->all);
}
#else
enum error_code processors_create(struct processors **processors, struct error *err)
{
    *processors = NULL;
    return error_set(err, ERR_ARGUMENT, "threads cannot be pinned on this system");
}

void processors_free(struct processors *processors)
{
    (void)processors;
}

void processors_bind(const struct processors *processors, int thread)
{
    (void)processors;
    (void)thread;
}

void processors_release(const struct processors *processors)
{
    (void)processors;
}
#endif
