/* What this build is, for `--version` and for recordings. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

extern const char version_number[];
extern const char version_commit[]; /* with -dirty; "unknown" outside a clone */
/* Path of data/ (models, profiles, texts): LUCCIOLA_DATA, or where the build put it. */
const char *version_data_folder(void);

#endif
