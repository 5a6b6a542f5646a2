/* A model file as the rest of the program sees it: named metadata and named tensors,
 * whatever the format. One parser per format (gguf.c, llama2c.c) fills it; model_file.c
 * opens files. Everything is checked before it is believed: see the list of checks in
 * notes/formats.md.
 *
 * Tensor data stays in the file and is read on demand (pread; a short read is an
 * error), so a file that shrinks while it is open cannot kill the process. */
#ifndef LM_MODEL_FILE_H
#define LM_MODEL_FILE_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers as in the GGUF specification. */
enum value_type {
    VALUE_U8,
    VALUE_I8,
    VALUE_U16,
    VALUE_I16,
    VALUE_U32,
    VALUE_I32,
    VALUE_F32,
    VALUE_BOOL,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_U64,
    VALUE_I64,
    VALUE_F64,
};
const char *value_type_name(enum value_type type); /* "u8", "string", ... */

struct text {
    const char *bytes; /* a NUL stands behind, but bytes may hold NULs too */
    size_t length;
};

struct metadata {
    struct text key;
    enum value_type type; /* VALUE_ARRAY: see element_type and count */
    union {
        uint64_t u; /* unsigned types and bool */
        int64_t i;  /* signed types */
        double f;   /* f32 and f64 */
        struct text text;
    } value;
    enum value_type element_type;
    size_t count;
    union { /* arrays, widened: by element_type */
        const uint64_t *u;
        const int64_t *i;
        const double *f;
        const struct text *text;
    } array;
};

enum { TENSOR_MAX_DIMS = 4 };

struct tensor {
    struct text name;
    const struct block_format *format; /* lm/block_format.h */
    unsigned dims;
    uint64_t extent[TENSOR_MAX_DIMS]; /* {inputs, outputs}, fastest first; then 1 */
    uint64_t offset, bytes;           /* in the file */
};

struct model_file {
    struct arena arena;
    struct metadata *metadata;
    size_t metadata_count;
    struct tensor *tensors;
    size_t tensor_count;
    struct name_index *index; /* keys and names in order */
    char *path;
    int descriptor;   /* -1 when parsed from memory */
    uint64_t size;    /* of the whole file */
    int64_t modified; /* seconds since 1970 */
};

/* Recognises the format by its first bytes. A llama2.c file has no magic: it is taken
 * for one when its seven header numbers give exactly the file's size. */
enum error_code model_file_open(struct model_file *file, const char *path,
                                struct error *err);
/* Parses the front of a file from memory; `file_size` is what the whole file would
 * have, so tensor ranges can be checked. For tests and fuzzers; nothing is read
 * later. */
enum error_code model_file_parse(struct model_file *file, const uint8_t *bytes,
                                 size_t size, uint64_t file_size, struct error *err);
void model_file_close(struct model_file *file);

const struct metadata *model_file_find(const struct model_file *file, const char *key);
const struct tensor *model_file_find_tensor(const struct model_file *file,
                                            const char *name);

/* Typed access. Absent: *value keeps what it had, OK. Wrong type or out of the type's
 * range: an error that names the key, expected and found. u32 takes any whole type
 * whose value fits; float takes f32 and f64, finite. */
enum error_code model_file_u32(const struct model_file *file, const char *key,
                               uint32_t *value, struct error *err);
enum error_code model_file_float(const struct model_file *file, const char *key,
                                 double *value, struct error *err);
enum error_code model_file_bool(const struct model_file *file, const char *key,
                                bool *value, struct error *err);
enum error_code model_file_text(const struct model_file *file, const char *key,
                                struct text *value, struct error *err);

/* Reads raw blocks of rows [first, first + rows) of a matrix (rows = product of extents
 * above the fastest). */
enum error_code model_file_read_rows(const struct model_file *file,
                                     const struct tensor *tensor, uint64_t first,
                                     uint64_t rows, void *blocks, struct error *err);
/* The same, decoded to float: values (rows, extent[0]). Refuses scales that are not
 * finite, naming the tensor. */
enum error_code model_file_decode_rows(const struct model_file *file,
                                       const struct tensor *tensor, uint64_t first,
                                       uint64_t rows, float *values, struct error *err);
/* SHA-256 of the whole file as 64 hex digits and a NUL. */
enum error_code model_file_sha256(const struct model_file *file, char hex[65],
                                  struct error *err);

#endif
