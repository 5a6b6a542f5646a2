/* The file of an index: RUN.h5.index beside the recording. It grows under another name
 * and gets its own when it is whole. Where the folder cannot be written it is a
 * temporary file without a name. */
#ifndef VIZ_SPIKE_INDEX_CACHE_H
#define VIZ_SPIKE_INDEX_CACHE_H

#include "viz/spike_index_layout.h"

#include <stdbool.h>

/* A finished file, mapped. */
struct index_file {
    void *map;
    size_t bytes;
    struct index_part *part;
    size_t parts;
};

enum error_code index_identify(struct index_identity *identity, const char *recording,
                               uint64_t tokens, const struct index_map *map,
                               struct error *err);
/* ERR_IO: there is none; ERR_FORMAT: it is not one, or not of this recording. */
enum error_code index_file_open(struct index_file *file, const char *recording,
                                const struct index_map *map,
                                const struct index_identity *identity,
                                struct error *err);
void index_file_close(struct index_file *file);

struct index_writer {
    int fd;
    char *name, *final_name; /* NULL: it has none and will have none */
    uint64_t bytes;
    uint64_t *offset; /* (parts) */
    size_t parts, room;
};

/* A file that is to keep its name must be finished, or nothing stays of it. */
enum error_code index_writer_open(struct index_writer *writer, const char *recording,
                                  bool keeps, struct error *err);
/* Writes a part and maps it: *map, its bytes, to be munmapped. */
enum error_code index_writer_add(struct index_writer *writer,
                                 const struct index_part *part, void **map,
                                 struct error *err);
/* Writes the head and gives the file its name; maps stay. */
enum error_code index_writer_finish(struct index_writer *writer,
                                    const struct index_identity *identity,
                                    struct error *err);
void index_writer_close(struct index_writer *writer);

#endif
