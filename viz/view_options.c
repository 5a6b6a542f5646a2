/* See view_options.h. */
#include "viz/view_options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name, *argument, *meaning;
    enum error_code (*read)(struct view_options *options, const char *text,
                            struct error *err);
};

static enum error_code read_png(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)err;
    options->png = text;
    return OK;
}

/* Digits only: strtoull alone would take signs and spaces. */
static bool read_whole(const char **text, uint64_t highest, uint64_t *value)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    unsigned long long number = strtoull(*text, &end, 10);
    if (errno != 0 || number > highest)
        return false;
    *value = number;
    *text = end;
    return true;
}

static enum error_code read_size(struct view_options *options, const char *text,
                                 struct error *err)
{
    const char *rest = text;
    uint64_t width = 0, height = 0;
    bool is_read = read_whole(&rest, 32768, &width) && *rest++ == 'x' &&
                   read_whole(&rest, 32768, &height) && *rest == '\0';
    if (!is_read || width == 0 || height == 0)
        return error_set(err, ERR_ARGUMENT,
                         "--size '%s': expected WIDTHxHEIGHT in "
                         "pixels, such as 1600x1000, each at most 32768",
                         text);
    options->width = (uint32_t)width;
    options->height = (uint32_t)height;
    return OK;
}

static enum error_code read_tokens(struct view_options *options, const char *text,
                                   struct error *err)
{
    const char *rest = text;
    uint64_t first = 0, last = 0;
    bool is_open = false;
    bool is_read = read_whole(&rest, UINT64_MAX - 1, &first);
    last = first;
    if (is_read && *rest == '-') {
        rest++;
        is_open = *rest == '\0';
        is_read = is_open || read_whole(&rest, UINT64_MAX - 1, &last);
    }
    if (!is_read || *rest || last < first)
        return error_set(err, ERR_ARGUMENT,
                         "--tokens '%s': expected the first and the "
                         "last, counted from 0, such as 0-31, 8- or 5",
                         text);
    options->first_token = first;
    options->tokens = is_open ? 0 : last - first + 1;
    return OK;
}

static enum error_code read_populations(struct view_options *options, const char *text,
                                        struct error *err)
{
    size_t count = 0;
    char *rest = NULL;
    free(options->names);
    options->names = strdup(text);
    if (!options->names)
        return error_memory(err, "names of populations", (double)strlen(text));
    for (char *name = strtok_r(options->names, ", ", &rest); name;
         name = strtok_r(NULL, ", ", &rest)) {
        if (count == VIEW_MAX_NAMES)
            return error_set(err, ERR_ARGUMENT, "--populations takes %d names at most",
                             VIEW_MAX_NAMES);
        options->population[count++] = name;
    }
    options->population[count] = NULL;
    if (count == 0)
        return error_set(err, ERR_ARGUMENT, "--populations '%s' names none", text);
    return OK;
}

static enum error_code set_dark(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)text;
    (void)err;
    options->dark = true;
    return OK;
}

static enum error_code set_help(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)text;
    (void)err;
    options->help = true;
    return OK;
}

static const struct row rows[] = {
    { "--png", "FILE", "draw into a file instead of a window", read_png },
    { "--size", "WxH", "pixels of the picture or the window (1600x1000)", read_size },
    { "--tokens", "A-B", "these tokens, counted from 0; A- goes to the end",
      read_tokens },
    { "--populations", "NAMES",
      "names, layers (L07) or roles (ffn_down), by commas; "
      "without it the middle layer and the head",
      read_populations },
    { "--dark", NULL, "light on dark", set_dark },
    { "--help", NULL, "this list", set_help },
};

enum { ROWS = sizeof rows / sizeof rows[0] };

enum error_code view_options_read(struct view_options *options, int argc, char **argv,
                                  struct error *err)
{
    *options = (struct view_options){ 0 };
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-') {
            if (options->recording)
                return error_set(err, ERR_ARGUMENT,
                                 "takes one recording, found '%s' "
                                 "and '%s'",
                                 options->recording, word);
            options->recording = word;
            continue;
        }
        if (strcmp(word, "-h") == 0)
            word = "--help";
        const struct row *row = rows;
        while (row < rows + ROWS && strcmp(row->name, word) != 0)
            row++;
        if (row == rows + ROWS)
            return error_set(err, ERR_ARGUMENT, "no option '%s' (--help lists them)",
                             word);
        if (row->argument && ++i == argc)
            return error_set(err, ERR_ARGUMENT, "%s needs %s", word, row->argument);
        if (row->read(options, argv[i], err) != OK)
            return err->code;
    }
    if (!options->recording && !options->help)
        return error_set(err, ERR_ARGUMENT, "needs a recording, such as run.h5");
    return OK;
}

void view_options_release(struct view_options *options)
{
    free(options->names);
    *options = (struct view_options){ 0 };
}

void view_options_help(FILE *out)
{
    fprintf(out, "usage: lucciola-view RECORDING [options]\n\n"
                 "Plays the spikes of a recording in a window, or draws them.\n\n");
    for (const struct row *row = rows; row < rows + ROWS; row++)
        fprintf(out, "  %-13s %-6s %s\n", row->name, row->argument ? row->argument : "",
                row->meaning);
    fprintf(out, "\nIn the window: space pauses and goes on, left and right go by a "
                 "token,\nup and down change the pace, home begins anew, q quits.\n");
}
