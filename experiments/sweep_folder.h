/* What a sweep keeps on disk: `sweep.json` says of what model, text and settings it is;
 * `results.jsonl` has one line per finished point, each written at once and synced. A
 * line that a kill tore is dropped and its point measured again. */
#ifndef EXPERIMENTS_SWEEP_FOLDER_H
#define EXPERIMENTS_SWEEP_FOLDER_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_folder {
    char *path;
    int results;    /* descriptor, locked against other runs */
    uint64_t bytes; /* of whole lines */
    json_t *line;   /* by key of the point */
};

/* Makes the folder if it is not there. `about` is an object: its member `of` must equal
 * that of the sweep.json found, else the folder is another sweep's and refused as it
 * stands; the rest is description and replaced. */
enum error_code sweep_folder_open(struct sweep_folder *folder, const char *path,
                                  const json_t *about, struct error *err);
void sweep_folder_close(struct sweep_folder *folder);

/* The line of a point, or NULL. A line is an object whose member `point` says which. */
json_t *sweep_folder_find(const struct sweep_folder *folder, const json_t *point);
/* Adds `text`, one line of JSON without its end; on failure the file is as before. */
enum error_code sweep_folder_append(struct sweep_folder *folder, const char *text,
                                    struct error *err);

#endif
