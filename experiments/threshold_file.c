/* See threshold_file.h. */
#include "experiments/threshold_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char section[] = "thresholds.";

static const char *file_of(const struct model *model)
{
    const char *slash = strrchr(model->file.path, '/');
    return slash ? slash + 1 : model->file.path;
}

static void describe_shape(const struct model *model, char *text, size_t room)
{
    const struct model_shape *shape = &model->shape;
    snprintf(text, room, "%u layers, width %u, feed-forward %u, vocabulary %u",
             shape->layers, shape->width, shape->feed_forward, shape->vocabulary);
}

/* The part of a row's name that names a site; NULL: it is no row. */
static const char *site_of(const struct config_entry *entry)
{
    const size_t length = sizeof section - 1;
    if (strncmp(entry->name, section, length) != 0)
        return NULL;
    const char *site = entry->name + length;
    return strcmp(site, "model") == 0 || strcmp(site, "shape") == 0 ? NULL : site;
}

bool threshold_file_is(const struct config_text *config)
{
    for (size_t i = 0; i < config->count; i++)
        if (site_of(&config->entry[i]))
            return true;
    return false;
}

static bool has_site(const struct model *model, const char *name)
{
    for (uint32_t s = 0; s < model->sites; s++)
        if (strcmp(model->site[s].name, name) == 0)
            return true;
    return false;
}

static enum error_code check_model(const struct config_text *config, const char *name,
                                   const struct model *model, struct error *err)
{
    const char *made_for = config_text_find(config, "thresholds.model");
    const char *shape = config_text_find(config, "thresholds.shape");
    char own[120];
    describe_shape(model, own, sizeof own);
    if (!made_for || !shape)
        return error_set(err, ERR_ARGUMENT,
                         "%s: expected the model's name and shape beside its "
                         "thresholds",
                         name);
    if (strcmp(shape, own) != 0)
        return error_set(err, ERR_ARGUMENT, "%s: made for %s (%s), and %s has %s", name,
                         made_for, shape, file_of(model), own);
    for (size_t i = 0; i < config->count; i++) {
        const char *site = site_of(&config->entry[i]);
        if (site && !has_site(model, site))
            return error_set(err, ERR_ARGUMENT, "%s: line %u: %s has no site %s", name,
                             config->entry[i].line, file_of(model), site);
    }
    return OK;
}

static enum error_code read_row(const char *row, const char *name,
                                const struct site *site, struct threshold_rule *rule,
                                struct error *err)
{
    double number[3];
    int count = 0;
    const char *at = row;
    for (char *end; count < 3; count++, at = end) {
        number[count] = strtod(at, &end);
        if (end == at)
            break;
    }
    if (*at || count < 2)
        return error_set(err, ERR_ARGUMENT,
                         "%s: %s: expected k, dead zone and perhaps a group, two or "
                         "three numbers, found '%s'",
                         name, site->name, row);
    if (count == 3 &&
        !(number[2] >= 0 && number[2] <= site->inputs && number[2] == floor(number[2])))
        return error_set(err, ERR_ARGUMENT,
                         "%s: %s: groups of %g channels: expected a whole number up to "
                         "%u",
                         name, site->name, number[2], site->inputs);
    rule->k = number[0];
    rule->dead_zone = number[1];
    if (count == 3)
        rule->group = (uint32_t)number[2];
    if (threshold_check(rule, err) != OK)
        return error_wrap(err, "%s: %s", name, site->name);
    return OK;
}

enum error_code threshold_file_apply(const struct config_text *config, const char *name,
                                     const struct model *model,
                                     struct threshold_rule *rule, struct error *err)
{
    if (!threshold_file_is(config))
        return error_set(err, ERR_ARGUMENT, "%s: no [thresholds] in it", name);
    if (check_model(config, name, model, err) != OK)
        return err->code;
    for (uint32_t s = 0; s < model->sites; s++) {
        const struct site *site = &model->site[s];
        char key[sizeof section + sizeof site->name];
        snprintf(key, sizeof key, "%s%s", section, site->name);
        const char *row = config_text_find(config, key);
        if (!row && site->role == ROLE_HEAD)
            continue;
        if (!row)
            return error_set(err, ERR_ARGUMENT, "%s: no row for %s, a site of %s", name,
                             site->name, file_of(model));
        if (read_row(row, name, site, &rule[s], err) != OK)
            return err->code;
    }
    return OK;
}

static void write_row(FILE *out, const struct site *site,
                      const struct threshold_rule *rule)
{
    fprintf(out, "%s = %.9g %.9g", site->name, rule->k, rule->dead_zone);
    if (rule->group)
        fprintf(out, " %u", rule->group < site->inputs ? rule->group : site->inputs);
    fputc('\n', out);
}

char *threshold_file_text(const struct model *model, const struct threshold_rule *rule,
                          const unsigned char *wanted, const char *about)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    char shape[120];
    describe_shape(model, shape, sizeof shape);
    fprintf(out, "%s[thresholds]\nmodel = \"", about);
    for (const char *c = file_of(model); *c; c++)
        fputc((unsigned char)*c < ' ' || *c == '"' ? ' ' : *c, out);
    fprintf(out, "\"\nshape = \"%s\"\n", shape);
    for (uint32_t s = 0; s < model->sites; s++)
        if (!wanted || wanted[s])
            write_row(out, &model->site[s], &rule[s]);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

enum error_code threshold_file_write(const char *path, const char *text,
                                     struct error *err)
{
    char partial[1100];
    int length = snprintf(partial, sizeof partial, "%s.partial", path);
    if (length < 0 || (size_t)length >= sizeof partial)
        return error_set(err, ERR_ARGUMENT, "a path of %d bytes is too long", length);
    FILE *out = fopen(partial, "wb");
    if (!out)
        return error_set(err, ERR_IO, "%s: %s", partial, strerror(errno));
    bool is_written = fputs(text, out) >= 0;
    is_written = fclose(out) == 0 && is_written;
    if (is_written && rename(partial, path) == 0)
        return OK;
    error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    remove(partial);
    return err->code;
}
