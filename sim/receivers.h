/* What the receivers of a stateful code hold, per sequence and site: the input as the
 * spikes so far have told it, and the output that follows from it. A change that is
 * coded is added to both. Sources: Yoon, IEEE TNNLS 28 (2016); O'Connor & Welling,
 * "Sigma Delta Quantized Networks" (2016). */
#ifndef SIM_RECEIVERS_H
#define SIM_RECEIVERS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct receiver {
    float *x; /* (channels) */
    float *y; /* (outputs), without the bias */
};

struct receivers;

/* NULL: no memory. */
struct receivers *receivers_create(size_t sites);
void receivers_free(struct receivers *receivers);
/* Room for a site: before the first receivers_get(). */
void receivers_add_site(struct receivers *receivers, uint32_t site, size_t channels,
                        size_t outputs);
/* Zeros until something is added. Memory is taken when a sequence comes first. */
enum error_code receivers_get(struct receivers *receivers, uint32_t sequence,
                              uint32_t site, struct receiver *receiver,
                              struct error *err);
/* The sequence holds nothing any more. */
void receivers_forget(struct receivers *receivers, uint32_t sequence);

#endif
