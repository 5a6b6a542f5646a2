/* The header of a model file as a plan of operations: every architecture of
 * lm/architecture.h, and deepseek2, which is counted but not run. Weights are not
 * read; bytes are those of the tensors as stored. */
#ifndef LM_GGUF_PLAN_H
#define LM_GGUF_PLAN_H

#include "lm/model_file.h"
#include "lm/operation_plan.h"

/* Release the plan, also after a failure. */
enum error_code gguf_plan_read(struct operation_plan *plan,
                               const struct model_file *file, struct error *err);

#endif
