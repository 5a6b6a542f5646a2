/* Opening a model file, and finding things in it by name. */
#include "lm/model_format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names in order, searched by halves. A hash table would be faster on honest files and
 * quadratic on a file whose names are chosen to collide. */
struct name_index {
    const struct metadata **metadata;
    const struct tensor **tensors;
};

/* The front of a file holds metadata and descriptions; how long it is, only the parser
 * finds out. Real ones stay below 20 MB. */
enum { FIRST_FRONT = 1 << 20, FRONT_GROWTH = 4, LAST_FRONT = 1 << 28 };

/* Sums of two such sizes still fit in 64 bits, signed or not. */
static const uint64_t max_file_size = (uint64_t)1 << 60;

struct printable printable(struct text text)
{
    struct printable shown;
    size_t room = sizeof shown.text - 4,
           length = text.length < room ? text.length : room;
    for (size_t i = 0; i < length; i++) {
        char c = text.bytes[i];
        shown.text[i] = c >= ' ' && c <= '~' ? c : '?';
    }
    strcpy(shown.text + length, length < text.length ? "..." : "");
    return shown;
}

static int compare_text(struct text a, struct text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.bytes, b.bytes, shorter);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_keys(const void *a, const void *b)
{
    const struct metadata *const *first = a, *const *second = b;
    return compare_text((*first)->key, (*second)->key);
}

static int compare_names(const void *a, const void *b)
{
    const struct tensor *const *first = a, *const *second = b;
    return compare_text((*first)->name, (*second)->name);
}

static int compare_offsets(const void *a, const void *b)
{
    const struct tensor *const *first = a, *const *second = b;
    return ((*first)->offset > (*second)->offset) -
           ((*first)->offset < (*second)->offset);
}

enum error_code model_file_index_metadata(struct model_file *file, struct error *err)
{
    size_t count = file->metadata_count;
    struct name_index *index = arena_array(&file->arena, 1, sizeof *index);
    const struct metadata **sorted = arena_array(&file->arena, count, sizeof *sorted);
    if (!index || !sorted)
        return error_memory(err, "an index", (double)count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &file->metadata[i];
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < count; i++)
        if (compare_text(sorted[i - 1]->key, sorted[i]->key) == 0)
            return error_set(err, ERR_FORMAT, "key %s comes twice",
                             printable(sorted[i]->key).text);
    index->metadata = sorted;
    file->index = index;
    return OK;
}

enum error_code model_file_index_tensors(struct model_file *file, struct error *err)
{
    size_t count = file->tensor_count;
    const struct tensor **sorted = arena_array(&file->arena, count, sizeof *sorted);
    if (!sorted)
        return error_memory(err, "an index", (double)count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &file->tensors[i];

    qsort(sorted, count, sizeof *sorted, compare_offsets);
    for (size_t i = 1; i < count; i++) {
        const struct tensor *before = sorted[i - 1], *behind = sorted[i];
        if (behind->offset - before->offset < before->bytes)
            return error_set(err, ERR_FORMAT,
                             "tensors %s (%" PRIu64 " bytes at %" PRIu64
                             ") and %s (at %" PRIu64 ") overlap",
                             printable(before->name).text, before->bytes,
                             before->offset, printable(behind->name).text,
                             behind->offset);
    }
    qsort(sorted, count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < count; i++)
        if (compare_text(sorted[i - 1]->name, sorted[i]->name) == 0)
            return error_set(err, ERR_FORMAT, "tensor %s comes twice",
                             printable(sorted[i]->name).text);
    file->index->tensors = sorted;
    return OK;
}

const struct metadata *model_file_find(const struct model_file *file, const char *key)
{
    const struct metadata wanted = { .key = { key, strlen(key) } }, *at = &wanted;
    const struct metadata **found =
        bsearch(&at, file->index->metadata, file->metadata_count, sizeof at,
                compare_keys);
    return found ? *found : NULL;
}

const struct tensor *model_file_find_tensor(const struct model_file *file,
                                            const char *name)
{
    const struct tensor wanted = { .name = { name, strlen(name) } }, *at = &wanted;
    const struct tensor **found = bsearch(&at, file->index->tensors, file->tensor_count,
                                          sizeof at, compare_names);
    return found ? *found : NULL;
}

/* *needs_more: the front was too short, not the file. */
static enum error_code parse_front(struct model_file *file, const uint8_t *bytes,
                                   size_t size, uint64_t file_size, bool *needs_more,
                                   struct error *err)
{
    struct byte_reader in = { bytes, size, 0, file_size, false };
    *file = (struct model_file){ .descriptor = -1, .size = file_size };
    *needs_more = false;
    if (file_size > max_file_size || size > file_size)
        return error_set(err, ERR_FORMAT, "a file of %" PRIu64 " bytes", file_size);

    bool is_gguf = size >= 4 && memcmp(bytes, "GGUF", 4) == 0;
    err->code = OK;
    if ((is_gguf ? gguf_parse : llama2c_parse)(file, &in, err) != OK) {
        *needs_more = in.ran_out;
        arena_free(&file->arena);
        *file = (struct model_file){ .descriptor = -1 };
    }
    return err->code;
}

enum error_code model_file_parse(struct model_file *file, const uint8_t *bytes,
                                 size_t size, uint64_t file_size, struct error *err)
{
    bool needs_more;
    if (parse_front(file, bytes, size, file_size, &needs_more, err) != OK && needs_more)
        error_set(err, ERR_FORMAT,
                  "the first %zu of %" PRIu64 " bytes do not hold all "
                  "metadata",
                  size, file_size);
    return err->code;
}

static enum error_code parse_descriptor(struct model_file *file, int descriptor,
                                        uint64_t file_size, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t have = 0;
    for (uint64_t front = FIRST_FRONT;; front *= FRONT_GROWTH) {
        bool needs_more;
        size_t size = (size_t)(front < file_size ? front : file_size);
        uint8_t *larger = realloc(bytes, size ? size : 1);
        if (!larger) {
            error_memory(err, "metadata", (double)size);
            break;
        }
        bytes = larger;
        if (model_file_read_at(descriptor, have, bytes + have, size - have, err) != OK)
            break;
        have = size;
        if (parse_front(file, bytes, size, file_size, &needs_more, err) == OK ||
            !needs_more)
            break;
        if (front >= LAST_FRONT) {
            error_set(err, ERR_FORMAT, "metadata goes on behind the first %d MB",
                      LAST_FRONT >> 20);
            break;
        }
    }
    free(bytes);
    return err->code;
}

enum error_code model_file_open(struct model_file *file, const char *path,
                                struct error *err)
{
    struct stat st;
    *file = (struct model_file){ .descriptor = -1 };
    err->code = OK;

    /* Not blocking: opening a pipe would wait for a writer. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &st) < 0) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        error_set(err, ERR_IO, "%s: not a regular file", path);
        goto out;
    }
    if (parse_descriptor(file, descriptor, (uint64_t)st.st_size, err) != OK) {
        error_wrap(err, "%s", path);
        goto out;
    }
    file->path = arena_text(&file->arena, path, strlen(path));
    if (!file->path) {
        error_memory(err, "a path", (double)strlen(path));
        goto out;
    }
    file->descriptor = descriptor;
    file->modified = st.st_mtime;
    return OK;
out:
    if (descriptor >= 0)
        close(descriptor);
    model_file_close(file);
    return err->code;
}

void model_file_close(struct model_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    arena_free(&file->arena);
    *file = (struct model_file){ .descriptor = -1 };
}
