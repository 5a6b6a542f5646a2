/* Reading a model file: rows of a tensor, raw or decoded, and the file's SHA-256.
 * Always pread: several threads may read one file at once. */
#include "lm/block_format.h"
#include "lm/model_format.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DECODE_BYTES = 1 << 15, /* on the stack of each thread that decodes */
    DIGEST_BYTES = 1 << 20,
};

enum error_code model_file_read_at(int descriptor, uint64_t offset, void *bytes,
                                   size_t size, struct error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(descriptor, (char *)bytes + done, size - done,
                            (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERR_IO, "cannot read %zu bytes at %" PRIu64 ": %s",
                             size, offset, strerror(errno));
        if (got == 0)
            return error_set(err, ERR_IO,
                             "%zu bytes expected at %" PRIu64 ", found %zu: "
                             "the file has shrunk",
                             size, offset, done);
        done += (size_t)got;
    }
    return OK;
}

static enum error_code wrap(const struct model_file *file, const struct tensor *tensor,
                            struct error *err)
{
    return error_wrap(err, "%s: tensor %s", file->path ? file->path : "memory",
                      printable(tensor->name).text);
}

static uint64_t row_bytes(const struct tensor *tensor)
{
    return tensor->extent[0] / tensor->format->elements * tensor->format->bytes;
}

static enum error_code check_rows(const struct model_file *file,
                                  const struct tensor *tensor, uint64_t first,
                                  uint64_t rows, struct error *err)
{
    uint64_t all = tensor->bytes / row_bytes(tensor);
    if (first > all || rows > all - first)
        error_set(err, ERR_ARGUMENT,
                  "rows %" PRIu64 " to %" PRIu64 " asked for, has %" PRIu64, first,
                  first + rows, all);
    else if (file->descriptor < 0)
        error_set(err, ERR_ARGUMENT, "data asked for, but only its front was parsed");
    else
        return OK;
    return wrap(file, tensor, err);
}

enum error_code model_file_read_rows(const struct model_file *file,
                                     const struct tensor *tensor, uint64_t first,
                                     uint64_t rows, void *blocks, struct error *err)
{
    if (check_rows(file, tensor, first, rows, err) != OK)
        return err->code;
    uint64_t row = row_bytes(tensor);
    if (model_file_read_at(file->descriptor, tensor->offset + first * row, blocks,
                           (size_t)(rows * row), err) != OK)
        return wrap(file, tensor, err);
    return OK;
}

enum error_code model_file_decode_rows(const struct model_file *file,
                                       const struct tensor *tensor, uint64_t first,
                                       uint64_t rows, float *values, struct error *err)
{
    const struct block_format *format = tensor->format;
    if (check_rows(file, tensor, first, rows, err) != OK)
        return err->code;
    if (!format->decode) {
        error_set(err, ERR_FORMAT, "is %s, which is not supported", format->name);
        return wrap(file, tensor, err);
    }

    uint8_t buffer[DECODE_BYTES];
    uint64_t offset = tensor->offset + first * row_bytes(tensor);
    uint64_t left = rows * (row_bytes(tensor) / format->bytes);
    size_t room = DECODE_BYTES / format->bytes;
    while (left > 0) {
        size_t blocks = left < room ? (size_t)left : room;
        if (model_file_read_at(file->descriptor, offset, buffer, blocks * format->bytes,
                               err) != OK)
            return wrap(file, tensor, err);
        if (!format->decode(buffer, blocks, values)) {
            error_set(err, ERR_FORMAT,
                      "%s block at byte %" PRIu64 " or behind holds a "
                      "number that is not finite",
                      format->name, offset);
            return wrap(file, tensor, err);
        }
        values += blocks * format->elements;
        offset += blocks * format->bytes;
        left -= blocks;
    }
    return OK;
}

enum error_code model_file_sha256(const struct model_file *file, char hex[65],
                                  struct error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    hex[0] = '\0';
    err->code = OK;
    if (file->descriptor < 0)
        return error_set(err, ERR_ARGUMENT, "SHA-256 of a file parsed from memory");

    uint8_t *buffer = malloc(DIGEST_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!buffer || !context) {
        error_memory(err, "SHA-256", DIGEST_BYTES);
        goto out;
    }
    bool is_good = EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    for (uint64_t at = 0; at < file->size && is_good;) {
        uint64_t left = file->size - at;
        size_t size = left < DIGEST_BYTES ? (size_t)left : DIGEST_BYTES;
        if (model_file_read_at(file->descriptor, at, buffer, size, err) != OK) {
            error_wrap(err, "%s", file->path);
            goto out;
        }
        is_good = EVP_DigestUpdate(context, buffer, size);
        at += size;
    }
    if (!is_good || !EVP_DigestFinal_ex(context, digest, &length) || length != 32) {
        error_set(err, ERR_IO, "%s: libcrypto cannot compute SHA-256", file->path);
        goto out;
    }
    for (size_t i = 0; i < length; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
out:
    EVP_MD_CTX_free(context);
    free(buffer);
    return err->code;
}
