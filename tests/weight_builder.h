/* Random weight matrices of any form, and what a weight of one stands for. */
#ifndef TESTS_WEIGHT_BUILDER_H
#define TESTS_WEIGHT_BUILDER_H

#include "lm/weight_matrix.h"

#include <gsl/gsl_rng.h>

/* The form as --weights has it; fails the test that calls it when it is none. */
struct weight_setting weight_setting_of(const char *form);
/* Whole numbers all over their range, scales of a hundredth or so. */
void weight_builder_fill(struct weight_matrix *matrix, struct arena *arena,
                         const char *form, uint32_t inputs, uint32_t outputs,
                         gsl_rng *generator);
/* A site's weights out of a model file. */
enum error_code weight_builder_load(struct weight_matrix *matrix, struct arena *arena,
                                    const struct model_file *file,
                                    const struct site *site,
                                    const struct weight_setting *setting, int threads,
                                    struct error *err);
double weight_value(const struct weight_matrix *matrix, size_t input, size_t output);

#endif
