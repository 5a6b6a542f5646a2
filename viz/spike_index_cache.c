/* See spike_index_cache.h. */
#include "viz/spike_index_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char suffix[] = ".index", unfinished[] = ".index.XXXXXX";

static char *join(const char *path, const char *end)
{
    size_t length = strlen(path);
    char *name = malloc(length + strlen(end) + 1);
    if (name) {
        memcpy(name, path, length);
        strcpy(name + length, end);
    }
    return name;
}

enum error_code index_identify(struct index_identity *identity, const char *recording,
                               uint64_t tokens, const struct index_map *map,
                               struct error *err)
{
    struct stat found;
    memset(identity, 0, sizeof *identity);
    if (stat(recording, &found) < 0)
        return error_set(err, ERR_IO, "%s: %s", recording, strerror(errno));
    identity->bytes = (uint64_t)found.st_size;
    identity->seconds = found.st_mtim.tv_sec;
    identity->nanoseconds = found.st_mtim.tv_nsec;
    identity->tokens = tokens;
    identity->populations =
        index_checksum(0, map->first,
                       ((size_t)map->populations + 1) * sizeof *map->first);
    return OK;
}

enum error_code index_file_open(struct index_file *file, const char *recording,
                                const struct index_map *map,
                                const struct index_identity *identity,
                                struct error *err)
{
    struct stat found;
    *file = (struct index_file){ 0 };
    char *name = join(recording, suffix);
    if (!name)
        return error_memory(err, "the name of an index", 0);
    enum error_code code = OK;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) < 0)
        code = error_set(err, ERR_IO, "%s: %s", name, strerror(errno));
    else if (!S_ISREG(found.st_mode) || found.st_size <= 0)
        code = error_set(err, ERR_FORMAT, "%s: no index", name);
    if (code == OK) {
        file->bytes = (size_t)found.st_size;
        file->map = mmap(NULL, file->bytes, PROT_READ, MAP_SHARED, fd, 0);
        if (file->map == MAP_FAILED) {
            file->map = NULL;
            code = error_set(err, ERR_IO, "%s: %s", name, strerror(errno));
        }
    }
    if (fd >= 0)
        close(fd); /* the map outlives it */
    if (code == OK && index_file_check(&file->part, &file->parts, file->map,
                                       file->bytes, map, identity, err) != OK)
        code = error_wrap(err, "%s", name);
    if (code != OK)
        index_file_close(file);
    free(name);
    return code;
}

void index_file_close(struct index_file *file)
{
    if (file->map)
        munmap(file->map, file->bytes);
    free(file->part);
    *file = (struct index_file){ 0 };
}

/* Without a name from the start: nothing can stay of it. */
static int open_nameless(void)
{
    const char *folder = getenv("TMPDIR");
    char *name = join(folder && *folder ? folder : "/tmp", "/lucciola.XXXXXX");
    int fd = name ? mkstemp(name) : -1;
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

enum error_code index_writer_open(struct index_writer *writer, const char *recording,
                                  bool keeps, struct error *err)
{
    struct stat found;
    *writer = (struct index_writer){ .fd = -1, .bytes = INDEX_PAGE };
    if (keeps) {
        writer->name = join(recording, unfinished);
        writer->final_name = join(recording, suffix);
    }
    if (writer->name && writer->final_name)
        writer->fd = mkstemp(writer->name);
    if (writer->fd >= 0 && stat(recording, &found) == 0)
        fchmod(writer->fd, found.st_mode & 0666);
    if (writer->fd < 0) {
        free(writer->name);
        free(writer->final_name);
        writer->name = writer->final_name = NULL;
        writer->fd = open_nameless();
    }
    if (writer->fd >= 0)
        return OK;
    index_writer_close(writer);
    return error_set(err, ERR_IO, "an index of %s: no temporary file: %s", recording,
                     strerror(errno));
}

static bool write_at(int fd, const void *bytes, size_t size, uint64_t at)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t wrote = pwrite(fd, from, size, (off_t)at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        from += wrote;
        at += (uint64_t)wrote;
        size -= (size_t)wrote;
    }
    return true;
}

enum error_code index_writer_add(struct index_writer *writer,
                                 const struct index_part *part, void **map,
                                 struct error *err)
{
    size_t size = (size_t)part->head->bytes;
    *map = NULL;
    if (writer->parts == writer->room) {
        size_t room = writer->room ? 2 * writer->room : 64;
        uint64_t *offset = realloc(writer->offset, room * sizeof *offset);
        if (!offset)
            return error_memory(err, "the parts of an index", 8.0 * (double)room);
        writer->offset = offset;
        writer->room = room;
    }
    if (!write_at(writer->fd, part->bytes, size, writer->bytes))
        return error_set(err, ERR_IO, "an index: %s", strerror(errno));
    *map = mmap(NULL, size, PROT_READ, MAP_SHARED, writer->fd, (off_t)writer->bytes);
    if (*map == MAP_FAILED) {
        *map = NULL;
        return error_set(err, ERR_IO, "an index: cannot map: %s", strerror(errno));
    }
    writer->offset[writer->parts++] = writer->bytes;
    writer->bytes += size;
    return OK;
}

enum error_code index_writer_finish(struct index_writer *writer,
                                    const struct index_identity *identity,
                                    struct error *err)
{
    if (!writer->name)
        return OK;
    size_t table = writer->parts * sizeof *writer->offset;
    struct index_file_head head;
    memset(&head, 0, sizeof head);
    head.bytes = writer->bytes + table;
    head.identity = *identity;
    head.parts = writer->parts;
    head.parts_at = writer->bytes;
    index_file_seal(&head, writer->offset);
    if (!write_at(writer->fd, writer->offset, table, writer->bytes) ||
        !write_at(writer->fd, &head, sizeof head, 0) ||
        rename(writer->name, writer->final_name) < 0)
        return error_set(err, ERR_IO, "%s: %s", writer->final_name, strerror(errno));
    free(writer->name);
    writer->name = NULL;
    return OK;
}

void index_writer_close(struct index_writer *writer)
{
    if (writer->name)
        unlink(writer->name);
    if (writer->fd >= 0)
        close(writer->fd);
    free(writer->name);
    free(writer->final_name);
    free(writer->offset);
    *writer = (struct index_writer){ .fd = -1 };
}
