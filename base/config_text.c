/* See config_text.h. */
#include "base/config_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names are compared with all before them: 64 KB of short ones take 0.13 s, 1 MB 65
 * s. */
enum { MAX_BYTES = 1 << 16, MAX_NAME = 120 };

/* A stretch of a line. */
struct span {
    const char *at;
    size_t length;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.length && is_space(s.at[0]))
        s = (struct span){ s.at + 1, s.length - 1 };
    while (s.length && is_space(s.at[s.length - 1]))
        s.length--;
    return s;
}

static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
            return false;
    }
    return s.length > 0 && s.length <= MAX_NAME;
}

/* The value without comment and quotes; false: an open quote, or text behind one. */
static bool read_value(struct span rest, struct span *value)
{
    rest = trim(rest);
    if (rest.length && rest.at[0] == '"') {
        const char *close = memchr(rest.at + 1, '"', rest.length - 1);
        if (!close)
            return false;
        *value = (struct span){ rest.at + 1, (size_t)(close - rest.at) - 1 };
        struct span behind =
            trim((struct span){ close + 1, rest.length - value->length - 2 });
        return behind.length == 0 || behind.at[0] == '#';
    }
    const char *comment = memchr(rest.at, '#', rest.length);
    if (comment)
        rest.length = (size_t)(comment - rest.at);
    *value = trim(rest);
    return true;
}

static enum error_code parse_line(struct config_text *config, struct span line,
                                  unsigned number, struct span *section,
                                  struct error *err)
{
    line = trim(line);
    if (line.length == 0 || line.at[0] == '#')
        return OK;
    for (size_t i = 0; i < line.length; i++)
        if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t' && line.at[i] != '\r')
            return error_set(err, ERR_FORMAT, "line %u: byte 0x%02x in text", number,
                             (unsigned)(unsigned char)line.at[i]);

    if (line.at[0] == '[') {
        struct span name = trim((struct span){ line.at + 1, line.length - 1 });
        if (name.length == 0 || name.at[name.length - 1] != ']' ||
            (name.length--, name = trim(name), !is_name(name)))
            return error_set(err, ERR_FORMAT, "line %u: expected [section]", number);
        *section = name;
        return OK;
    }
    const char *equals = memchr(line.at, '=', line.length);
    size_t before = equals ? (size_t)(equals - line.at) : 0;
    struct span name = trim((struct span){ line.at, before }), value;
    if (!equals || !is_name(name))
        return error_set(err, ERR_FORMAT,
                         "line %u: expected name = value, found '%.*s'", number,
                         line.length > 60 ? 60 : (int)line.length, line.at);
    if (!read_value((struct span){ equals + 1, line.length - before - 1 }, &value))
        return error_set(err, ERR_FORMAT,
                         "line %u: %.*s: quote is not closed at the end", number,
                         (int)name.length, name.at);

    size_t prefix = section->length ? section->length + 1 : 0;
    char full[2 * MAX_NAME + 2];
    snprintf(full, sizeof full, "%.*s%s%.*s", (int)section->length, section->at,
             prefix ? "." : "", (int)name.length, name.at);
    if (config_text_find(config, full))
        return error_set(err, ERR_FORMAT, "line %u: %s comes twice", number, full);

    struct config_entry *entry = &config->entry[config->count];
    entry->name = arena_text(&config->arena, full, strlen(full));
    entry->value = arena_text(&config->arena, value.at, value.length);
    entry->line = number;
    if (!entry->name || !entry->value)
        return error_memory(err, "a configuration", (double)value.length);
    config->count++;
    return OK;
}

enum error_code config_text_parse(struct config_text *config, const char *bytes,
                                  size_t size, struct error *err)
{
    *config = (struct config_text){ 0 };
    err->code = OK;
    if (size > MAX_BYTES)
        return error_set(err, ERR_FORMAT, "%zu bytes, expected at most %d", size,
                         MAX_BYTES);
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    config->entry = arena_array(&config->arena, lines, sizeof *config->entry);
    if (!config->entry)
        return error_memory(err, "a configuration", (double)size);

    struct span section = { "", 0 };
    unsigned number = 0;
    for (size_t from = 0; from < size && err->code == OK;) {
        const char *end = memchr(bytes + from, '\n', size - from);
        size_t length = end ? (size_t)(end - (bytes + from)) : size - from;
        parse_line(config, (struct span){ bytes + from, length }, ++number, &section,
                   err);
        from += length + 1;
    }
    if (err->code != OK)
        config_text_release(config);
    return err->code;
}

enum error_code config_text_open(struct config_text *config, const char *path,
                                 struct error *err)
{
    *config = (struct config_text){ 0 };
    err->code = OK;
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(MAX_BYTES + 1);
    if (!file) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!bytes) {
        error_memory(err, path, MAX_BYTES);
        goto out;
    }
    size_t size = fread(bytes, 1, MAX_BYTES + 1, file);
    if (ferror(file))
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    else if (config_text_parse(config, bytes, size, err) != OK)
        error_wrap(err, "%s", path);
out:
    if (file)
        fclose(file);
    free(bytes);
    return err->code;
}

void config_text_release(struct config_text *config)
{
    arena_free(&config->arena);
    *config = (struct config_text){ 0 };
}

const char *config_text_find(const struct config_text *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->entry[i].name, name) == 0)
            return config->entry[i].value;
    return NULL;
}
