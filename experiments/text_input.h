/* Texts that commands are given. */
#ifndef EXPERIMENTS_TEXT_INPUT_H
#define EXPERIMENTS_TEXT_INPUT_H

#include "experiments/options.h"

#include <stddef.h>

/* The bytes of -p (--prompt) or -f (--file), with a NUL behind them, malloc'ed; refuses
 * both, neither and an empty text. */
enum error_code text_read(const struct options *options, char **text, size_t *length,
                          struct error *err);
/* argv joined by spaces, malloc'ed; NULL: no memory. */
char *join_words(int argc, char **argv);

#endif
