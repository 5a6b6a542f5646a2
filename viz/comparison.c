/* See comparison.h. */
#include "viz/comparison.h"

#include "base/config_text.h"

#include <stdio.h>
#include <string.h>

/* Of the run, and not of what it computes. */
static const char *const beside[] = { "output",  "png",  "threads", "prompt", "file",
                                      "profile", "view", "json",    NULL };

static bool is_beside(const char *name)
{
    for (unsigned i = 0; beside[i]; i++)
        if (strcmp(beside[i], name) == 0)
            return true;
    return false;
}

static void add(char text[SETTINGS_ROOM], const char *name, const char *value)
{
    size_t used = strlen(text);
    snprintf(text + used, SETTINGS_ROOM - used, "%s%s = %s", used ? ", " : "", name,
             value);
}

/* What the first sets otherwise than the second. */
static void list(const struct config_text *config, const struct config_text *other,
                 char text[SETTINGS_ROOM])
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entry[i];
        const char *value = config_text_find(other, entry->name);
        if (!is_beside(entry->name) && (!value || strcmp(value, entry->value) != 0))
            add(text, entry->name, entry->value);
    }
}

static bool parse(struct config_text *config, const struct scene *scene)
{
    struct error ignored = { 0 };
    const char *text = scene->recording.info.config;
    return text && config_text_parse(config, text, strlen(text), &ignored) == OK;
}

static void compare_settings(struct comparison *comparison, const struct scene *a,
                             const struct scene *b)
{
    struct config_text config[2];
    const struct recording_info *info[2] = { &a->recording.info, &b->recording.info };
    if (strcmp(info[0]->model, info[1]->model) != 0)
        for (unsigned i = 0; i < 2; i++)
            snprintf(comparison->settings[i], SETTINGS_ROOM, "%.100s", info[i]->model);
    if (!parse(&config[0], a))
        return;
    if (parse(&config[1], b)) {
        list(&config[0], &config[1], comparison->settings[0]);
        list(&config[1], &config[0], comparison->settings[1]);
        config_text_release(&config[1]);
    }
    config_text_release(&config[0]);
}

static bool same_text(const struct scene *a, const struct scene *b, uint64_t token)
{
    uint64_t from[2] = { a->text_offset[token], b->text_offset[token] };
    uint64_t length = a->text_offset[token + 1] - from[0];
    return b->text_offset[token + 1] - from[1] == length &&
           memcmp(a->text + from[0], b->text + from[1], (size_t)length) == 0;
}

void comparison_extend(struct comparison *comparison, const struct scene *a,
                       const struct scene *b)
{
    uint64_t tokens = a->tokens < b->tokens ? a->tokens : b->tokens;
    uint64_t token = comparison->common;
    if (a->is_timed)
        token = tokens;
    while (token < tokens && same_text(a, b, token))
        token++;
    comparison->common = token;
    comparison->differs = token < tokens;
}

enum error_code comparison_make(struct comparison *comparison, const struct scene *a,
                                const struct scene *b, struct error *err)
{
    *comparison = (struct comparison){ 0 };
    if (a->is_timed != b->is_timed && a->tokens > 0 && b->tokens > 0)
        return error_set(err, ERR_ARGUMENT,
                         "%s is of a network and %s of a language model: they have no "
                         "tokens in common to be compared by",
                         a->is_timed ? a->path : b->path,
                         a->is_timed ? b->path : a->path);
    compare_settings(comparison, a, b);
    comparison_extend(comparison, a, b);
    return OK;
}
