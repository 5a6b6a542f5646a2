/* See options.h. */
#include "experiments/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option option_common[] = {
    { "config", 0, "FILE", "read options from FILE (name = value); the line wins",
      NULL },
    { "json", 0, NULL, "print results as JSON", NULL },
    { "threads", 't', "N", "threads; 0: one per core", "0" },
    { "pin", 0, NULL, "while a token runs, bind every thread to a core of its own",
      NULL },
    { "seed", 0, "N", "seed of everything random", "1" },
    { "help", 'h', NULL, "this text", NULL },
    { 0 },
};

/* Walks all tables; a letter of 0 asks for the name. */
static const struct option *find(const struct options *options, const char *name,
                                 size_t length, char letter, unsigned *index)
{
    unsigned position = 0;
    for (int t = 0; options->table[t]; t++)
        for (const struct option *o = options->table[t]; o->name; o++, position++)
            if (letter ? o->letter == letter
                       : strncmp(o->name, name, length) == 0 && !o->name[length]) {
                *index = position;
                return o;
            }
    return NULL;
}

static void print_help(const struct options *options, const char *usage,
                       const char *about)
{
    printf("usage: lucciola %s\n\n%s\n\n", usage, about);
    for (int t = 0; options->table[t]; t++)
        for (const struct option *o = options->table[t]; o->name; o++) {
            char left[64];
            char letter[5] = { '-', o->letter, ',', ' ', '\0' };
            snprintf(left, sizeof left, "%s--%s%s%s", o->letter ? letter : "    ",
                     o->name, o->argument ? " " : "", o->argument ? o->argument : "");
            printf("  %-28s %s", left, o->meaning);
            if (o->initial && o->initial[0])
                printf(" (default %s)", o->initial);
            putchar('\n');
        }
}

/* One argument that begins with '-'; *next is moved past what it used. */
static enum error_code read_option(struct options *options, int argc, char **argv,
                                   int *next, struct error *err)
{
    const char *word = argv[*next];
    bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : word + 1;
    const char *equals = is_long ? strchr(name, '=') : NULL;
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    unsigned index = 0;
    const struct option *option =
        find(options, name, length, is_long ? 0 : name[0], &index);
    if (!option)
        return error_set(err, ERR_ARGUMENT, "no option '%s'; --help lists them", word);

    const char *value = NULL;
    if (!option->argument) {
        if (equals || (!is_long && name[1]))
            return error_set(err, ERR_ARGUMENT, "--%s takes no value, found '%s'",
                             option->name, word);
        value = "yes";
    } else if (equals) {
        value = equals + 1;
    } else if (!is_long && name[1]) {
        value = name + 1;
    } else if (*next + 1 < argc) {
        value = argv[++*next];
    } else {
        return error_set(err, ERR_ARGUMENT, "%s expects %s behind it", word,
                         option->argument);
    }
    if (options->value[index])
        return error_set(err, ERR_ARGUMENT, "--%s is given twice", option->name);
    options->value[index] = value;
    (*next)++;
    return OK;
}

static enum error_code read_config(struct options *options, const char *path,
                                   struct error *err)
{
    if (config_text_open(&options->config, path, err) != OK)
        return err->code;
    for (size_t i = 0; i < options->config.count; i++) {
        const struct config_entry *entry = &options->config.entry[i];
        unsigned index = 0;
        const struct option *option =
            find(options, entry->name, strlen(entry->name), 0, &index);
        if (!option || strcmp(entry->name, "config") == 0)
            return error_set(err, ERR_ARGUMENT, "%s: line %u: no option '%s' here",
                             path, entry->line, entry->name);
        bool is_off = !option->argument && strcmp(entry->value, "no") == 0;
        if (!option->argument && !is_off && strcmp(entry->value, "yes") != 0)
            return error_set(err, ERR_ARGUMENT,
                             "%s: line %u: %s: expected yes or no, found '%s'", path,
                             entry->line, entry->name, entry->value);
        if (!options->value[index] && !is_off)
            options->value[index] = entry->value;
    }
    return OK;
}

static void set_tables(struct options *options, const struct option *const *tables)
{
    *options = (struct options){ 0 };
    for (int t = 0; tables[t] && t + 1 < OPTION_TABLES; t++)
        options->table[t] = tables[t];
}

static bool is_in(const struct option *const *tables, const char *name)
{
    for (int t = 0; tables[t]; t++)
        for (const struct option *o = tables[t]; o->name; o++)
            if (strcmp(o->name, name) == 0)
                return true;
    return false;
}

enum error_code options_adopt(struct options *options, const char *text,
                              const struct option *const *kept, struct error *err)
{
    if (options->config.entry)
        return error_set(err, ERR_ARGUMENT, "--config and --from exclude each other");
    if (config_text_parse(&options->config, text, strlen(text), err) != OK)
        return error_wrap(err, "stored configuration");
    for (size_t i = 0; i < options->config.count; i++) {
        const struct config_entry *entry = &options->config.entry[i];
        unsigned index = 0;
        const struct option *option =
            find(options, entry->name, strlen(entry->name), 0, &index);
        if (option && !options->value[index] && is_in(kept, entry->name))
            options->value[index] = entry->value;
    }
    return OK;
}

enum error_code options_recall(struct options *options,
                               const struct option *const *tables, const char *text,
                               struct error *err)
{
    set_tables(options, tables);
    return options_adopt(options, text, tables, err);
}

enum error_code options_read(struct options *options,
                             const struct option *const *tables, const char *usage,
                             const char *about, unsigned most_operands, int argc,
                             char **argv, struct error *err)
{
    set_tables(options, tables);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(options, usage, about);
            options->help_shown = true;
            return OK;
        }
    for (int i = 1; i < argc;) {
        bool is_option = argv[i][0] == '-' && argv[i][1] != '\0';
        if (is_option && read_option(options, argc, argv, &i, err) != OK)
            return err->code;
        if (is_option)
            continue;
        if (options->operands >= most_operands || options->operands >= OPERAND_MAX)
            return error_set(err, ERR_ARGUMENT, "'%s' is one argument too many",
                             argv[i]);
        options->operand[options->operands++] = argv[i++];
    }
    const char *path = option_text(options, "config");
    return path ? read_config(options, path, err) : OK;
}

void options_release(struct options *options)
{
    config_text_release(&options->config);
}

bool options_set(struct options *options, const char *name, const char *value)
{
    unsigned index = 0;
    if (!find(options, name, strlen(name), 0, &index))
        return false;
    options->value[index] = value;
    return true;
}

const char *option_text(const struct options *options, const char *name)
{
    unsigned index = 0;
    const struct option *option = find(options, name, strlen(name), 0, &index);
    if (!option)
        return NULL;
    return options->value[index] ? options->value[index] : option->initial;
}

bool option_is_given(const struct options *options, const char *name)
{
    unsigned index = 0;
    return find(options, name, strlen(name), 0, &index) && options->value[index];
}

bool option_flag(const struct options *options, const char *name)
{
    return option_text(options, name) != NULL;
}

enum error_code option_number(const struct options *options, const char *name,
                              double lowest, double highest, double *value,
                              struct error *err)
{
    const char *text = option_text(options, name);
    if (!text)
        return error_set(err, ERR_ARGUMENT, "--%s expects a number", name);
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || *end || !isfinite(number) || number < lowest || number > highest)
        return error_set(err, ERR_ARGUMENT,
                         "--%s: expected a number from %g to %g, found '%s'", name,
                         lowest, highest, text);
    *value = number;
    return OK;
}

enum error_code option_whole(const struct options *options, const char *name,
                             uint64_t lowest, uint64_t highest, uint64_t *value,
                             struct error *err)
{
    const char *text = option_text(options, name);
    char *end = NULL;
    uint64_t number = 0;
    errno = 0;
    if (text && text[0] >= '0' && text[0] <= '9')
        number = strtoull(text, &end, 10);
    if (!end || *end || errno || number < lowest || number > highest)
        return error_set(err, ERR_ARGUMENT,
                         "--%s: expected a whole number from %llu to %llu, found '%s'",
                         name, (unsigned long long)lowest, (unsigned long long)highest,
                         text ? text : "nothing");
    *value = number;
    return OK;
}

char *options_to_config(const struct options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    unsigned index = 0;
    for (int t = 0; options->table[t]; t++)
        for (const struct option *o = options->table[t]; o->name; o++, index++) {
            const char *value =
                options->value[index] ? options->value[index] : o->initial;
            if (!value || strcmp(o->name, "config") == 0 ||
                strcmp(o->name, "help") == 0)
                continue;
            fprintf(out, "%s = \"", o->name);
            /* A configuration value is one line without quotes. */
            for (const char *c = value; *c; c++)
                fputc((unsigned char)*c < ' ' || *c == '"' ? ' ' : *c, out);
            fputs("\"\n", out);
        }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
