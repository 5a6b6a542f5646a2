/* Weights as they lie in memory, in a file beside the model: reading them takes less
 * than making them. Layout, byte by byte: notes/formats.md. Everything is checked before
 * it is believed; a file that belongs to another model, or is damaged, is an error that
 * leaves the model itself to be read. */
#ifndef LM_PACKED_WEIGHTS_H
#define LM_PACKED_WEIGHTS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/progress.h"
#include "lm/model.h"
#include "lm/weight_matrix.h"

#include <stddef.h>
#include <stdint.h>

enum { PACKED_PATH_ROOM = 4096 };

struct packed_site {
    uint32_t inputs, outputs;
    uint64_t offset, bytes; /* in the file */
    uint64_t checksum;      /* XXH3, 64 bits, of the bytes */
};

struct packed_weights {
    uint64_t model_size;    /* of the model file, in bytes */
    int64_t model_modified; /* seconds since 1970 */
    char model_sha256[65];  /* for people: nothing here compares it */
    char layers[WEIGHT_TEXT_ROOM], head[WEIGHT_TEXT_ROOM]; /* weight settings */
    uint32_t sites;
    struct packed_site *site; /* (sites) */
    struct arena arena;
    char *path; /* NULL, and the descriptor -1: no file */
    int descriptor;
};

/* "MODEL.4bit-32-min+output.packed"; the head is named where it differs. */
enum error_code packed_weights_path(char path[PACKED_PATH_ROOM], const char *model,
                                    const struct weight_plan *plan, struct error *err);

/* The header, out of the first `size` bytes of a file of `file_size`. */
enum error_code packed_weights_parse(struct packed_weights *packed,
                                     const uint8_t *bytes, size_t size,
                                     uint64_t file_size, struct error *err);

/* The file beside the model, if its header says that it holds these weights of this
 * model file. No file there: OK, and descriptor is -1. Close what was opened. */
enum error_code packed_weights_open(struct packed_weights *packed,
                                    const struct model *model,
                                    const struct weight_plan *plan, struct error *err);
/* Fills the model's matrices, (sites), which have memory. `progress` may be NULL. Of
 * several errors the first site's is told; the matrices then hold anything. */
enum error_code packed_weights_read(const struct packed_weights *packed,
                                    const struct model *model,
                                    struct weight_matrix *matrix, int threads,
                                    struct progress *progress, struct error *err);
void packed_weights_close(struct packed_weights *packed);

/* Writes the file, or replaces it at once; on failure nothing is left behind, and an
 * earlier file stays. *bytes: of the file. */
enum error_code packed_weights_write(const struct model *model,
                                     const struct weight_plan *plan,
                                     const struct weight_matrix *matrix,
                                     uint64_t *bytes, struct error *err);

#endif
