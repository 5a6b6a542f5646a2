/* Writes what packed_weights.c reads. */
#include "lm/packed_layout.h"
#include "lm/packed_weights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { WRITE_BYTES = 1 << 24 };

static void put(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static size_t header_bytes(uint32_t sites)
{
    return PACKED_FIXED + (size_t)sites * PACKED_ROW + PACKED_SUM;
}

/* (header_bytes), zeroed. Returns the bytes of the file. */
static uint64_t fill_header(uint8_t *header, const struct model *model,
                            const struct weight_plan *plan,
                            const struct weight_matrix *matrix, const char sha256[65])
{
    const size_t table = PACKED_FIXED + (size_t)model->sites * PACKED_ROW;
    uint64_t end = header_bytes(model->sites);
    uint8_t *at = header;
    memcpy(at, packed_magic, PACKED_MAGIC);
    put(at += PACKED_MAGIC, model->file.size, 8);
    put(at += 8, (uint64_t)model->file.modified, 8);
    memcpy(at += 8, sha256, PACKED_SHA256);
    weight_setting_text(&plan->layers, (char *)(at += PACKED_SHA256));
    weight_setting_text(&plan->head, (char *)(at += WEIGHT_TEXT_ROOM));
    put(at += WEIGHT_TEXT_ROOM, model->sites, 8);
    for (uint32_t s = 0; s < model->sites; s++) {
        const uint64_t offset = packed_page_end(end);
        at = header + PACKED_FIXED + (size_t)s * PACKED_ROW;
        put(at, matrix[s].inputs, 4);
        put(at + 4, matrix[s].outputs, 4);
        put(at + 8, offset, 8);
        put(at + 16, matrix[s].bytes, 8);
        put(at + 24, XXH3_64bits(matrix[s].memory, matrix[s].bytes), 8);
        end = offset + matrix[s].bytes;
    }
    put(header + table, XXH3_64bits(header, table), PACKED_SUM);
    return end;
}

static bool write_all(int descriptor, uint64_t offset, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const size_t left = size - done;
        ssize_t put =
            pwrite(descriptor, (const char *)bytes + done,
                   left < WRITE_BYTES ? left : WRITE_BYTES, (off_t)(offset + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

/* Holes up to the next page read as zeros. */
static bool write_file(int descriptor, const uint8_t *header, const struct model *model,
                       const struct weight_matrix *matrix)
{
    uint64_t end = header_bytes(model->sites);
    bool is_good = write_all(descriptor, 0, header, (size_t)end);
    for (uint32_t s = 0; s < model->sites && is_good; s++) {
        const uint64_t offset = packed_page_end(end);
        is_good = write_all(descriptor, offset, matrix[s].memory, matrix[s].bytes);
        end = offset + matrix[s].bytes;
    }
    return is_good && fsync(descriptor) == 0;
}

/* Weights that were made while somebody wrote to the model are of no model. */
static enum error_code check_model(const struct model_file *file, struct error *err)
{
    struct stat st;
    if (fstat(file->descriptor, &st) < 0)
        return error_set(err, ERR_IO, "%s: %s", file->path, strerror(errno));
    if ((uint64_t)st.st_size != file->size || st.st_mtime != file->modified)
        return error_set(err, ERR_IO, "%s: written to while its weights were packed",
                         file->path);
    return OK;
}

/* Another name until it is whole, and one that no other process has. */
static enum error_code write_beside(const char *path, const uint8_t *header,
                                    const struct model *model,
                                    const struct weight_matrix *matrix,
                                    struct error *err)
{
    char beside[PACKED_PATH_ROOM];
    int length =
        snprintf(beside, sizeof beside, "%s.%ld.partial", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof beside)
        return error_set(err, ERR_ARGUMENT, "a path of %d bytes is too long", length);
    int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return error_set(err, ERR_IO, "%s: %s", beside, strerror(errno));
    bool is_good = write_file(descriptor, header, model, matrix);
    int reason = errno;
    if (close(descriptor) != 0 && is_good) {
        is_good = false;
        reason = errno;
    }
    if (!is_good)
        error_set(err, ERR_IO, "%s: %s", path, strerror(reason));
    else if (check_model(&model->file, err) == OK && rename(beside, path) != 0)
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (err->code != OK)
        unlink(beside);
    return err->code;
}

enum error_code packed_weights_write(const struct model *model,
                                     const struct weight_plan *plan,
                                     const struct weight_matrix *matrix,
                                     uint64_t *bytes, struct error *err)
{
    char path[PACKED_PATH_ROOM], sha256[65];
    err->code = OK;
    if (packed_weights_path(path, model->file.path, plan, err) != OK ||
        model_file_sha256(&model->file, sha256, err) != OK)
        return err->code;
    uint8_t *header = calloc(1, header_bytes(model->sites));
    if (!header)
        return error_memory(err, "a header", (double)header_bytes(model->sites));
    *bytes = fill_header(header, model, plan, matrix, sha256);
    write_beside(path, header, model, matrix, err);
    free(header);
    return err->code;
}
