#ifndef TESTS_TEMPORARY_PATH_H
#define TESTS_TEMPORARY_PATH_H

/* A name in a folder of temporary files, made anew for this process under TMPDIR and
 * removed at its end; valid until the next call. */
const char *temporary_path(const char *name);

#endif
