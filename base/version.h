/* What this build is, for `--version` and for recordings. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

extern const char version_number[];
extern const char version_commit[];     /* with -dirty; "unknown" outside a clone */
/* Absolute path of data/: models, profiles, texts. */
extern const char version_data_dir[];

#endif
