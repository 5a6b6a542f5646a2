/* The dense baselines behind the seam. The team (NULL: one thread) must outlive them. */
#ifndef LM_DENSE_PROJECTOR_H
#define LM_DENSE_PROJECTOR_H

#include "base/op_count.h"
#include "lm/weight_matrix.h"
#include "lm/kernel.h"
#include "lm/projector.h"
#include "lm/thread_team.h"

struct model;

/* Float: weights as stored in the file, decoded block by block into float while they
 * are used; products in float32. The baseline for fidelity. The model must outlive
 * it. */
enum error_code dense_float_create(struct projector *projector,
                                   const struct model *model,
                                   const struct kernel *kernel,
                                   struct thread_team *team, struct error *err);

/* INT8: weights of weight_matrix.h, activations symmetric in 8 bits with one scale per
 * token. The baseline for cost. `matrix` (one per site) must outlive it. */
enum error_code dense_int8_create(struct projector *projector,
                                  const struct model *model,
                                  const struct weight_matrix *matrix,
                                  const struct kernel *kernel, struct thread_team *team,
                                  struct error *err);

/* What the INT8 product of one token at a site costs: activations quantised per token
 * (largest magnitude, divide, round), one multiply-accumulate per weight, one scale per
 * output and group of weights. */
struct dense_cost {
    struct op_count ops;
    uint64_t weight_bytes; /* scales included */
};
void dense_int8_cost(const struct site *site, const struct weight_setting *weights,
                     struct dense_cost *cost);

#endif
