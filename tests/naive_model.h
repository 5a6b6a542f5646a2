/* A forward pass in double precision, written from the formulas with plain loops, to
 * hold the transformer against. It shares with lm/ the reading of files and the
 * rounding of keys and values to 16 bits, nothing else. */
#ifndef TESTS_NAIVE_MODEL_H
#define TESTS_NAIVE_MODEL_H

#include "tests/model_builder.h"

/* Logits (tokens, vocabulary) of one sequence, malloc'ed. */
double *naive_logits(const struct model_plan *plan, const struct model_file *file,
                     uint32_t vocabulary, const int32_t *token, size_t tokens);

#endif
