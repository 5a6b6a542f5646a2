/* Several models side by side: sizes, cost of a token, and what training took, each row
 * with its formula and every file's ratio to the first. */
#ifndef EXPERIMENTS_PLAN_COMPARISON_H
#define EXPERIMENTS_PLAN_COMPARISON_H

#include "experiments/plan_file.h"

/* {files, rows: [{quantity, values, ratios, formula}], sources}; what a file does not
 * say is null. */
json_t *plan_compare(const struct plan_file *file, size_t files,
                     const struct plan_contexts *contexts);
void plan_print_comparison(const json_t *comparison);

#endif
