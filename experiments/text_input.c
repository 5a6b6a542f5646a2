/* See text_input.h. */
#include "experiments/text_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *join_words(int argc, char **argv)
{
    size_t length = 1;
    for (int i = 0; i < argc; i++)
        length += strlen(argv[i]) + 1;
    char *text = calloc(length, 1);
    for (int i = 0; text && i < argc; i++) {
        strcat(text, i ? " " : "");
        strcat(text, argv[i]);
    }
    return text;
}

static enum error_code read_whole(const char *path, char **text, size_t *length,
                                  struct error *err)
{
    FILE *file = fopen(path, "rb");
    size_t room = 1 << 16, used = 0, got;
    char *bytes = malloc(room + 1);
    err->code = OK;
    if (!file) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    while (bytes && (got = fread(bytes + used, 1, room - used, file)) > 0) {
        used += got;
        if (used < room)
            continue;
        room *= 2;
        char *more = realloc(bytes, room + 1);
        if (!more)
            free(bytes);
        bytes = more;
    }
    if (!bytes)
        error_memory(err, path, (double)room);
    else if (ferror(file))
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
out:
    if (file)
        fclose(file);
    if (err->code != OK) {
        free(bytes);
        return err->code;
    }
    bytes[used] = '\0';
    *text = bytes;
    *length = used;
    return OK;
}

enum error_code text_read(const struct options *options, char **text, size_t *length,
                          struct error *err)
{
    const char *prompt = option_text(options, "prompt");
    const char *path = option_text(options, "file");
    *text = NULL;
    *length = 0;
    if (prompt && path)
        return error_set(err, ERR_ARGUMENT, "-p and -f exclude each other");
    if (!prompt && !path)
        return error_set(err, ERR_ARGUMENT, "a text is needed: -p TEXT or -f FILE");
    if (path && read_whole(path, text, length, err) != OK)
        return err->code;
    if (prompt) {
        *text = strdup(prompt);
        if (!*text)
            return error_memory(err, "the prompt", (double)strlen(prompt));
        *length = strlen(prompt);
    }
    if (*length > 0)
        return OK;
    free(*text);
    *text = NULL;
    return error_set(err, ERR_ARGUMENT, "%s: the text is empty", path ? path : "-p");
}
