/* Files that say what a model is made of: a config.json, or the header of a model file;
 * and what they come to as JSON and as tables. */
#ifndef EXPERIMENTS_PLAN_FILE_H
#define EXPERIMENTS_PLAN_FILE_H

#include "lm/hf_config.h"

#include <jansson.h>

enum { PLAN_CONTEXTS = 16 };

struct plan_file {
    const char *path;
    struct operation_plan plan;
    struct training_facts training; /* all zero for a model file */
};

/* "1024" or "1024,32768": lengths to count at. NULL: 4096, 32768 and 131072, up to what
 * the model was made for (`most`; 0: not known). */
struct plan_contexts {
    uint32_t length[PLAN_CONTEXTS];
    size_t count;
};
enum error_code plan_contexts_read(struct plan_contexts *contexts, const char *text,
                                   uint32_t most, struct error *err);

/* A name that ends in .json is a configuration. */
bool plan_file_is_config(const char *path);
/* Close in any case. */
enum error_code plan_file_open(struct plan_file *file, const char *path,
                               struct error *err);
void plan_file_close(struct plan_file *file);

/* Parts of one token with multiply-accumulates and shares, and their total. */
json_t *plan_parts(const struct operation_plan *plan, uint32_t context);
void plan_print_parts(const json_t *parts);
/* One row per length: operations, weights, cache and state. */
json_t *plan_lengths(const struct operation_plan *plan,
                     const struct plan_contexts *contexts);
void plan_print_lengths(const json_t *lengths);

/* All about one file. */
json_t *plan_describe(const struct plan_file *file,
                      const struct plan_contexts *contexts);
void plan_print(const json_t *description);

#endif
