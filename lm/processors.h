/* The processors that this process may use, and binding the calling thread to one of
 * them. Who is bound hands it on to threads and programs that it starts. */
#ifndef LM_PROCESSORS_H
#define LM_PROCESSORS_H

#include "base/error.h"

struct processors;

/* Those that the calling thread may use now. ERR_ARGUMENT where the system does not bind
 * threads, or does not say. */
enum error_code processors_create(struct processors **processors, struct error *err);
void processors_free(struct processors *processors);

/* The calling thread to the thread-th of them, or, beyond the last, round again. A hint:
 * where the system refuses, or with NULL, the thread stays as it is. */
void processors_bind(const struct processors *processors, int thread);
/* The calling thread to all of them. */
void processors_release(const struct processors *processors);

#endif
