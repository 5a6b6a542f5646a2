/* See raster_source.h. */
#include "viz/raster_source.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole name, a layer ("L07" of "L07.ffn_down") or a role. */
static bool is_named(const struct population_info *info, const char *name)
{
    size_t length = strlen(name);
    if (strcmp(info->name, name) == 0 || strcmp(info->role, name) == 0)
        return true;
    return length > 0 && strncmp(info->name, name, length) == 0 &&
           info->name[length] == '.';
}

static int compare_layers(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/* The layer in the middle of those that have populations, or -1. */
static int32_t middle_layer(const struct recording *recording, int32_t *room)
{
    size_t count = 0, distinct = 0;
    for (uint32_t p = 0; p < recording->populations; p++)
        if (recording->population[p].layer >= 0)
            room[count++] = recording->population[p].layer;
    qsort(room, count, sizeof *room, compare_layers);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || room[i] != room[i - 1])
            room[distinct++] = room[i];
    return distinct ? room[distinct / 2] : -1;
}

static enum error_code check_names(const struct recording *recording,
                                   const char *const *name, struct error *err)
{
    for (; *name; name++) {
        uint32_t p = 0, all = recording->populations;
        while (p < all && !is_named(&recording->population[p], *name))
            p++;
        if (p == all && all == 0)
            return error_set(err, ERR_FORMAT, "the recording has no populations");
        if (p == all)
            return error_set(err, ERR_ARGUMENT,
                             "no population, layer or role '%s' among the %u recorded, "
                             "'%s' to '%s'",
                             *name, all, recording->population[0].name,
                             recording->population[all - 1].name);
    }
    return OK;
}

static enum error_code choose_populations(struct raster_source *source,
                                          const char *const *name, struct error *err)
{
    const struct recording *recording = source->recording;
    uint32_t all = recording->populations;
    source->population = arena_array(&source->arena, all, sizeof *source->population);
    int32_t *layers = arena_array(&source->arena, all, sizeof *layers);
    if (!source->population || !layers)
        return error_memory(err, "the populations of a raster", 32.0 * all);
    if (name && check_names(recording, name, err) != OK)
        return err->code;

    int32_t middle = middle_layer(recording, layers);
    for (uint32_t p = 0; p < all; p++) {
        const struct population_info *info = &recording->population[p];
        bool is_chosen = !name && (info->layer < 0 || info->layer == middle);
        for (size_t i = 0; name && name[i]; i++)
            is_chosen = is_chosen || is_named(info, name[i]);
        if (is_chosen && info->size > 0)
            source->population[source->populations++].info = info;
    }
    return OK;
}

/* A file may say anything; what follows relies on windows and texts in order. */
static enum error_code check_tokens(const struct raster_source *source,
                                    struct error *err)
{
    uint64_t next = 0;
    for (uint64_t i = 0; i < source->tokens; i++) {
        unsigned long long token = source->first + i;
        if (source->text_offset[i + 1] < source->text_offset[i])
            return error_set(err, ERR_FORMAT,
                             "the text of token %llu ends before it "
                             "begins",
                             token);
        if (source->start_step[i] < next ||
            source->start_step[i] > UINT64_MAX - source->steps[i])
            return error_set(err, ERR_FORMAT,
                             "the window of token %llu begins at step "
                             "%llu, expected %llu or later",
                             token, (unsigned long long)source->start_step[i],
                             (unsigned long long)next);
        next = source->start_step[i] + source->steps[i];
    }
    return OK;
}

static enum error_code read_tokens(struct raster_source *source, struct error *err)
{
    struct arena *arena = &source->arena;
    uint64_t count = source->tokens;
    source->start_step = arena_array(arena, count + 1, sizeof *source->start_step);
    source->steps = arena_array(arena, count, sizeof *source->steps);
    source->kind = arena_array(arena, count, sizeof *source->kind);
    source->text_offset = arena_array(arena, count + 1, sizeof *source->text_offset);
    if (!source->start_step || !source->steps || !source->kind || !source->text_offset)
        return error_memory(err, "the tokens of a raster", 21.0 * (double)count);
    if (count == 0)
        return OK;

    struct token_column column = { .kind = source->kind,
                                   .steps = source->steps,
                                   .start_step = source->start_step,
                                   .text_offset = source->text_offset };
    if (recording_read_tokens(source->recording, source->first, count, &column, err) !=
        OK)
        return err->code;
    if (check_tokens(source, err) != OK)
        return err->code;
    source->start_step[count] =
        source->start_step[count - 1] + source->steps[count - 1];

    uint64_t from = source->text_offset[0], to = source->text_offset[count];
    source->text = arena_array(arena, to - from + 1, 1);
    if (!source->text)
        return error_memory(err, "the tokens' text", (double)(to - from));
    for (uint64_t i = 0; i <= count; i++)
        source->text_offset[i] -= from;
    return recording_read_text(source->recording, from, to, source->text, err);
}

/* A token at a time: a long run has counters by the hundred megabytes. */
static enum error_code sum_silent(struct raster_source *source, struct error *err)
{
    const struct recording *recording = source->recording;
    struct site_counters *site =
        calloc((size_t)recording->populations + 1, sizeof *site);
    if (!site)
        return error_memory(err, "a token's counters", 0);
    enum error_code code = OK;
    for (uint64_t token = 0; token < source->tokens && code == OK; token++) {
        code = recording_read_counters(recording, source->first + token, 1, site, err);
        for (uint32_t i = 0; i < source->populations && code == OK; i++) {
            struct raster_population *population = &source->population[i];
            const struct site_counters *counters =
                &site[population->info - recording->population];
            if (isnan(counters->threshold))
                continue;
            population->silent += counters->n[COUNT_SILENT];
            population->channels += population->info->channels;
        }
    }
    free(site);
    return code;
}

enum error_code raster_source_open(struct raster_source *source,
                                   const struct recording *recording,
                                   const struct raster_settings *settings,
                                   struct error *err)
{
    *source = (struct raster_source){ .recording = recording };
    uint64_t all = recording->tokens, first = settings->first_token;
    if (first > 0 && first >= all)
        return error_set(err, ERR_ARGUMENT,
                         "token %llu is not among the %llu recorded (counted from 0)",
                         (unsigned long long)first, (unsigned long long)all);
    source->is_timed = recording->channels == 0;
    source->first = first;
    source->tokens = all - first;
    if (settings->tokens > 0 && settings->tokens < source->tokens)
        source->tokens = settings->tokens;

    if (choose_populations(source, settings->population, err) == OK &&
        read_tokens(source, err) == OK && sum_silent(source, err) == OK)
        return OK;
    enum error_code code = err->code;
    raster_source_release(source);
    return code;
}

void raster_source_release(struct raster_source *source)
{
    arena_free(&source->arena);
    *source = (struct raster_source){ 0 };
}

size_t raster_source_text(const struct raster_source *source, uint64_t token,
                          char *text, size_t size)
{
    const char *bytes = source->text + source->text_offset[token];
    size_t length = source->text_offset[token + 1] - source->text_offset[token];
    size_t used = 0;
    if (length > 1 && bytes[0] == ' ') {
        bytes++;
        length--;
    }
    for (size_t i = 0; i < length; i++) {
        char one[5] = { bytes[i], 0 };
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\n')
            memcpy(one, "\\n", sizeof "\\n");
        else if (byte == '\t')
            memcpy(one, "\\t", sizeof "\\t");
        else if (byte < ' ' || byte == 0x7f)
            snprintf(one, sizeof one, "\\x%02x", byte);
        else if (byte == ' ')
            memcpy(one, "\u2423", sizeof "\u2423");
        if (used + strlen(one) + 1 > size)
            break;
        memcpy(text + used, one, strlen(one));
        used += strlen(one);
    }
    text[used] = '\0';
    return used;
}
