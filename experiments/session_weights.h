/* The weights of a model's sites: made from the model, or read from the packed file
 * beside it. */
#ifndef EXPERIMENTS_SESSION_WEIGHTS_H
#define EXPERIMENTS_SESSION_WEIGHTS_H

#include "lm/model.h"
#include "lm/weight_matrix.h"

/* *matrix (sites) with memory for all, side by side, that nobody has written to. */
enum error_code weights_allocate(struct weight_matrix **matrix, struct arena *arena,
                                 const struct model *model,
                                 const struct weight_plan *plan, struct error *err);
enum error_code weights_make(struct weight_matrix *matrix, const struct model *model,
                             int threads, struct error *err);
/* Packed if there and right, else made. A packed file that is of no use costs a
 * sentence on stderr; none there, silence. */
enum error_code weights_load(struct weight_matrix *matrix, const struct model *model,
                             const struct weight_plan *plan, int threads,
                             struct error *err);

#endif
