/* What a token costs outside its projections, one operation after another, to hold
 * transformer_host_cost against. */
#ifndef TESTS_NAIVE_COST_H
#define TESTS_NAIVE_COST_H

#include "lm/transformer.h"
#include "tests/model_builder.h"

/* Attention, softmax, RoPE, norms, gates, residual additions and the cache. */
void naive_host_cost(const struct model_plan *plan, uint32_t position,
                     struct host_cost *cost);

#endif
