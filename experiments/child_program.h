/* Programs that this one starts (gnuplot, lucciola-view), and a place for files that are
 * for them alone. */
#ifndef EXPERIMENTS_CHILD_PROGRAM_H
#define EXPERIMENTS_CHILD_PROGRAM_H

#include "base/error.h"

#include <stddef.h>

enum { CHILD_PATH_ROOM = 4096 };

/* Path of a program: beside this one, else the bare name, for PATH to find. */
void child_program_path(const char *program, char path[CHILD_PATH_ROOM]);
/* Runs argv[0] to its end, found by PATH unless it has a slash. *status is its exit
 * status; 127: there is no such program; 128: a signal ended it. */
enum error_code child_program_run(char *const *argv, int *status, struct error *err);
/* Starts it and leaves it to itself; it inherits stdin, stdout and stderr only. */
enum error_code child_program_start(const char *const *argv, struct error *err);
/* As child_program_run; what it writes to stdout comes back as text with a NUL behind it, malloc'ed.
 * Its stderr is dropped. */
enum error_code child_program_capture(const char *const *argv, char **text, int *status,
                                      struct error *err);
/* A new empty folder under TMPDIR; remove its files and itself. */
enum error_code scratch_folder(char path[CHILD_PATH_ROOM], struct error *err);

#endif
