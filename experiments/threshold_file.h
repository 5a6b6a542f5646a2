/* Threshold rules of single sites as a configuration file, which `tune` writes and
 * every command that runs a spiking model reads:
 *
 *     [thresholds]
 *     model = "SmolLM2-135M-Instruct.Q4_1.gguf"
 *     shape = "30 layers, width 576, feed-forward 1536, vocabulary 49152"
 *     L00.attn_in = 64 0.31         # k, dead zone in multiples of mean|x|
 *     L00.attn_out = 64 0.31 16     # the same, mean|x| and V by 16 channels
 *
 * A recording holds the same text, so that it can be replayed without the file. */
#ifndef EXPERIMENTS_THRESHOLD_FILE_H
#define EXPERIMENTS_THRESHOLD_FILE_H

#include "base/config_text.h"
#include "encoders/threshold.h"
#include "lm/model.h"

#include <stdbool.h>

/* Fills k, dead_zone and, where a row has it, group of rule (sites); the rest of a rule,
 * and the rule of an output head that has no row, stay as they are. Refuses the rows of a model of another shape, a site that is not
 * there, one that has no row, and numbers that make no rule. `name` is what errors call
 * the file. */
enum error_code threshold_file_apply(const struct config_text *config, const char *name,
                                     const struct model *model,
                                     struct threshold_rule *rule, struct error *err);
/* True when a configuration holds rows. */
bool threshold_file_is(const struct config_text *config);
/* The rows as such a file's text, malloc'ed; NULL: no memory. `wanted` (sites): which
 * have a row; NULL: all. `about`: lines of comment, each begins with #. */
char *threshold_file_text(const struct model *model, const struct threshold_rule *rule,
                          const unsigned char *wanted, const char *about);
/* Writes text whole or not at all. */
enum error_code threshold_file_write(const char *path, const char *text,
                                     struct error *err);

#endif
