/* One file per subcommand, one row per file in command_table.c. */
#ifndef EXPERIMENTS_COMMAND_H
#define EXPERIMENTS_COMMAND_H

#include "base/error.h"

struct command {
    const char *name, *arguments, *summary;
    /* argv[0] is the command's name. Results go to stdout, progress and notes to
     * stderr; an error is returned, never printed. */
    enum error_code (*run)(int argc, char **argv, struct error *err);
};

/* NULL-terminated, alphabetical. */
extern const struct command *const commands[];
const struct command *command_find(const char *name); /* NULL: none */

#endif
