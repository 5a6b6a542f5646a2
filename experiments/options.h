/* Options of a command: tables of rows, filled from the command line and, where that is
 * silent, from the file of --config. Help comes from the same tables. */
#ifndef EXPERIMENTS_OPTIONS_H
#define EXPERIMENTS_OPTIONS_H

#include "base/config_text.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct option {
    const char *name;     /* "top-k": --top-k; NULL ends a table */
    char letter;          /* 'p': -p; 0: none */
    const char *argument; /* "TEXT"; NULL: a flag */
    const char *meaning;
    const char *initial; /* default as text; NULL: not set */
};

enum { OPTION_TABLES = 6, OPTION_MAX = 80, OPERAND_MAX = 8 };

struct options {
    const struct option *table[OPTION_TABLES]; /* NULL-terminated */
    const char *value[OPTION_MAX]; /* over all tables in order; NULL: not set */
    const char *operand[OPERAND_MAX];
    unsigned operands;
    bool help_shown; /* --help was asked for and answered: return OK */
    struct config_text config;
};

extern const struct option option_common[]; /* --config --json --threads ... */

/* Reads argv[1..]. `tables` ends with NULL; `usage` is what stands behind
 * "usage: lucciola"; operands are what is left, at most `most_operands`. A name in the
 * configuration file that the command does not have is an error. Release whatever is
 * returned. */
enum error_code options_read(struct options *options,
                             const struct option *const *tables, const char *usage,
                             const char *about, unsigned most_operands, int argc,
                             char **argv, struct error *err);
void options_release(struct options *options);

/* Options out of configuration text, as a recording stores it; names that no table has
 * are passed over. */
enum error_code options_recall(struct options *options,
                               const struct option *const *tables, const char *text,
                               struct error *err);
/* The same into options that are read already: what they set wins. `kept` (NULL-
 * terminated) are the names to take. Excludes --config. */
enum error_code options_adopt(struct options *options, const char *text,
                              const struct option *const *kept, struct error *err);

/* As if the line said so; the value outlives the options, NULL: not set. False: no such
 * option. A copy of the struct takes values of its own and is not released. */
bool options_set(struct options *options, const char *name, const char *value);

/* The text, the default, or NULL. */
const char *option_text(const struct options *options, const char *name);
bool option_is_given(const struct options *options, const char *name);
bool option_flag(const struct options *options, const char *name);
enum error_code option_number(const struct options *options, const char *name,
                              double lowest, double highest, double *value,
                              struct error *err);
enum error_code option_whole(const struct options *options, const char *name,
                             uint64_t lowest, uint64_t highest, uint64_t *value,
                             struct error *err);
/* Every option that has a value as configuration text, malloc'ed; NULL: no memory. */
char *options_to_config(const struct options *options);

#endif
