/* The seam: the transformer multiplies through a projector and knows nothing of how.
 * Dense float and dense INT8 live in lm/; the spiking one in sim/. */
#ifndef LM_PROJECTOR_H
#define LM_PROJECTOR_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct row_id {
    uint32_t sequence, position;
};

struct projector {
    const char *name;
    void *self;
    /* y (rows, outputs) = x (rows, inputs) through every matrix of the site, plus bias.
     * Rows of one sequence come in rising position, also from call to call. */
    enum error_code (*apply)(void *self, uint32_t site, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err);
    /* A sequence starts anew, or forgets position `length` and all behind it:
     * projectors with memory from token to token follow. NULL: nothing to do. */
    void (*begin_sequence)(void *self, uint32_t sequence);
    void (*truncate)(void *self, uint32_t sequence, uint32_t length);
    void (*release)(void *self);
};

static inline void projector_release(struct projector *projector)
{
    if (projector->release)
        projector->release(projector->self);
    *projector = (struct projector){ 0 };
}

#endif
