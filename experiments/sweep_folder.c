/* See sweep_folder.h. */
#include "experiments/sweep_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static const char about_name[] = "sweep.json", results_name[] = "results.jsonl";

static void name_in(const struct sweep_folder *folder, const char *name,
                    char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "%s/%s", folder->path, name);
}

static char *short_text(const json_t *value)
{
    return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
}

static enum error_code differs(const char *path, const char *name, const json_t *there,
                               const json_t *here, struct error *err)
{
    char *old = there ? short_text(there) : NULL, *new = here ? short_text(here) : NULL;
    error_set(err, ERR_ARGUMENT,
              "%s: a sweep of %s %.80s, this one has %.80s; name another folder", path,
              name, old ? old : "none", new ? new : "none");
    free(old);
    free(new);
    return err->code;
}

/* Absent: OK. */
static enum error_code check_about(const struct sweep_folder *folder,
                                   const json_t *about, bool *is_there,
                                   struct error *err)
{
    char path[PATH_ROOM];
    json_error_t error;
    const char *name;
    json_t *here;
    name_in(folder, about_name, path);
    *is_there = access(path, F_OK) == 0;
    if (!*is_there)
        return OK;
    json_t *found = json_load_file(path, 0, &error);
    const json_t *old = json_object_get(found, "of");
    const json_t *new = json_object_get(about, "of");
    err->code = OK;
    if (!json_is_object(old))
        error_set(err, ERR_FORMAT, "%s: not the description of a sweep", path);
    else if (json_object_size(old) != json_object_size(new))
        error_set(err, ERR_FORMAT, "%s: another version's description of a sweep",
                  path);
    else
        json_object_foreach((json_t *)new, name,
                            here) if (!json_equal(json_object_get(old, name), here))
        {
            differs(folder->path, name, json_object_get(old, name), here, err);
            break;
        }
    json_decref(found);
    return err->code;
}

static enum error_code write_about(const struct sweep_folder *folder,
                                   const json_t *about, struct error *err)
{
    char path[PATH_ROOM], partial[PATH_ROOM];
    name_in(folder, about_name, path);
    name_in(folder, "sweep.json.partial", partial);
    FILE *file = fopen(partial, "w");
    bool good = file && json_dumpf(about, file, JSON_INDENT(2)) == 0 &&
                fputc('\n', file) != EOF && fflush(file) == 0 &&
                fsync(fileno(file)) == 0;
    int reason = errno;
    if (file && fclose(file) != 0)
        good = false;
    if (good && rename(partial, path) == 0) {
        int fd = open(folder->path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            fsync(fd);
            close(fd);
        }
        return OK;
    }
    if (file)
        unlink(partial);
    return error_set(err, ERR_IO, "%s: %s", path, strerror(reason));
}

static enum error_code keep(struct sweep_folder *folder, json_t *line)
{
    json_t *point = json_object_get(line, "point");
    char *key = json_is_object(point) ? short_text(point) : NULL;
    int failed = key ? json_object_set(folder->line, key, line) : -1;
    free(key);
    return failed ? ERR_FORMAT : OK;
}

/* Takes in whole lines; what stands behind the last that can be read was torn. */
static enum error_code read_lines(struct sweep_folder *folder, const char *text,
                                  size_t size, struct error *err)
{
    unsigned number = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        if (!end)
            break;
        size_t length = (size_t)(end - text) - at;
        json_t *line = json_loadb(text + at, length, 0, NULL);
        bool is_good = json_is_object(line) && keep(folder, line) == OK;
        json_decref(line);
        number++;
        at += length + 1;
        if (!is_good && at < size)
            return error_set(err, ERR_FORMAT, "%s/%s: line %u is not a result",
                             folder->path, results_name, number);
        if (is_good)
            folder->bytes = at;
    }
    return OK;
}

static enum error_code read_results(struct sweep_folder *folder, struct error *err)
{
    struct stat found;
    char *text = NULL;
    size_t size = 0;
    err->code = OK;
    if (fstat(folder->results, &found) < 0)
        goto failed;
    text = malloc((size_t)found.st_size + 1);
    if (!text)
        return error_memory(err, results_name, (double)found.st_size);
    while (size < (size_t)found.st_size) {
        ssize_t got = pread(folder->results, text + size, (size_t)found.st_size - size,
                            (off_t)size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            goto failed;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    if (read_lines(folder, text, size, err) == OK && folder->bytes < size &&
        ftruncate(folder->results, (off_t)folder->bytes) < 0)
        goto failed;
    free(text);
    return err->code;
failed:
    free(text);
    return error_set(err, ERR_IO, "%s/%s: %s", folder->path, results_name,
                     strerror(errno));
}

static enum error_code open_results(struct sweep_folder *folder, struct error *err)
{
    char path[PATH_ROOM];
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    name_in(folder, results_name, path);
    folder->results = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (folder->results < 0)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (fcntl(folder->results, F_SETLK, &lock) < 0) {
        if (errno == EACCES || errno == EAGAIN)
            return error_set(err, ERR_ARGUMENT, "%s: another run is at this sweep",
                             folder->path);
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    }
    return OK;
}

enum error_code sweep_folder_open(struct sweep_folder *folder, const char *path,
                                  const json_t *about, struct error *err)
{
    bool is_there = false;
    *folder = (struct sweep_folder){ .results = -1,
                                     .path = strdup(path),
                                     .line = json_object() };
    err->code = OK;
    if (!folder->path || !folder->line)
        error_memory(err, "a folder", (double)strlen(path));
    else if (strlen(path) > PATH_ROOM / 2)
        error_set(err, ERR_ARGUMENT, "a path of %zu bytes", strlen(path));
    else if (mkdir(path, 0777) < 0 && errno != EEXIST)
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    else if (check_about(folder, about, &is_there, err) == OK &&
             open_results(folder, err) == OK && read_results(folder, err) == OK) {
        if (!is_there && folder->bytes > 0)
            error_set(err, ERR_FORMAT, "%s has results but no %s", path, about_name);
        else
            write_about(folder, about, err);
    }
    if (err->code != OK)
        sweep_folder_close(folder);
    return err->code;
}

void sweep_folder_close(struct sweep_folder *folder)
{
    if (folder->path && folder->results >= 0)
        close(folder->results);
    json_decref(folder->line);
    free(folder->path);
    *folder = (struct sweep_folder){ .results = -1 };
}

json_t *sweep_folder_find(const struct sweep_folder *folder, const json_t *point)
{
    char *key = short_text(point);
    json_t *line = key ? json_object_get(folder->line, key) : NULL;
    free(key);
    return line;
}

/* One write: a reader sees a line whole or not at all. */
static bool append_line(struct sweep_folder *folder, const char *text, size_t length)
{
    char *line = malloc(length + 1);
    if (!line) {
        errno = ENOMEM;
        return false;
    }
    memcpy(line, text, length);
    line[length] = '\n';
    errno = ENOSPC; /* what a short write without a reason means */
    bool good = write(folder->results, line, length + 1) == (ssize_t)length + 1 &&
                fsync(folder->results) == 0;
    free(line);
    return good;
}

enum error_code sweep_folder_append(struct sweep_folder *folder, const char *text,
                                    struct error *err)
{
    json_t *line = json_loads(text, 0, NULL);
    if (!line || keep(folder, line) != OK) {
        json_decref(line);
        return error_set(err, ERR_FORMAT, "not a result: %.60s", text);
    }
    json_decref(line);
    if (append_line(folder, text, strlen(text))) {
        folder->bytes += strlen(text) + 1;
        return OK;
    }
    int reason = errno;
    error_set(err, ERR_IO, "%s/%s: %s", folder->path, results_name, strerror(reason));
    if (ftruncate(folder->results, (off_t)folder->bytes) < 0)
        error_wrap(err, "with a torn line");
    return err->code;
}
