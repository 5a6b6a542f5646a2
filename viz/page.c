/* See page.h. */
#include "viz/page.h"

#include "base/progress.h"
#include "viz/page_head.h"
#include "viz/page_template.h"
#include "viz/page_trains.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum error_code choose(struct page_choice *choice, const struct scene *scene,
                              const struct page_settings *settings, struct error *err)
{
    uint64_t neurons = 0;
    *choice = (struct page_choice){ .scene = scene, .language = settings->language };
    if (!scene->recording.has_counts && !scene->recording.has_spikes)
        return error_set(err, ERR_ARGUMENT,
                         "--html: the recording has no spikes to show (it was made "
                         "with --record counters)");
    if (settings->first_token >= scene->tokens)
        return error_set(err, ERR_ARGUMENT,
                         "--html: token %llu is not among the %llu recorded (counted "
                         "from 0)",
                         (unsigned long long)settings->first_token,
                         (unsigned long long)scene->tokens);
    choice->first = settings->first_token;
    choice->tokens = scene->tokens - settings->first_token;
    if (settings->tokens > 0 && settings->tokens < choice->tokens)
        choice->tokens = settings->tokens;

    choice->population = malloc((settings->stack->bands + 1) * sizeof(uint32_t));
    if (!choice->population)
        return error_memory(err, "populations", 4.0 * settings->stack->bands);
    for (uint32_t i = 0; i < settings->stack->bands; i++) {
        uint32_t population = settings->stack->band[i].population;
        choice->population[choice->populations++] = population;
        neurons += scene->recording.population[population].size;
    }
    if ((double)neurons * (double)choice->tokens > PAGE_MAX_WINDOWS)
        return error_set(err, ERR_ARGUMENT,
                         "--html: %llu neurons over %llu tokens are more than a page "
                         "holds (neurons times tokens up to %d million): choose some "
                         "with --populations or --tokens",
                         (unsigned long long)neurons,
                         (unsigned long long)choice->tokens,
                         PAGE_MAX_WINDOWS / 1000000);
    return OK;
}

static enum error_code pack_spikes(struct page_trains *trains,
                                   const struct page_choice *choice, struct error *err)
{
    struct progress progress;
    enum error_code code = OK;
    progress_begin(&progress, "packing spikes");
    for (uint64_t i = 0; i < choice->tokens && code == OK; i++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        const struct recording *recording = &choice->scene->recording;
        code = recording_expand(recording, choice->first + i, &spike, &length, err);
        if (code == OK)
            code = page_trains_add(trains, recording, choice->population,
                                   choice->populations, spike, length, err);
        free(spike);
        progress_update(&progress, (double)(i + 1), (double)choice->tokens, "tokens");
    }
    progress_end(&progress);
    return code;
}

static void add_script(struct page_bytes *data, const char *id,
                       const struct page_bytes *packed, enum error_code *code,
                       struct error *err)
{
    char open[80];
    int length =
        snprintf(open, sizeof open, "<script id=\"%s\" type=\"text/plain\">", id);
    page_bytes_add(data, open, (size_t)length);
    if (*code == OK)
        *code = page_bytes_pack(data, packed, err);
    page_bytes_add(data, "</script>\n", strlen("</script>\n"));
}

/* The elements that hold what is played. */
static enum error_code make_data(struct page_bytes *data,
                                 const struct page_choice *choice, uint64_t *spikes,
                                 struct error *err)
{
    struct page_trains trains;
    struct page_bytes counters = { 0 }, text = { 0 };
    if (page_trains_init(&trains, err) != OK)
        return err->code;
    enum error_code code = pack_spikes(&trains, choice, err);
    if (code == OK)
        code = page_head_add(data, choice, trains.spikes, err);
    page_head_counters(&counters, choice);
    page_head_text(&text, choice);
    add_script(data, "text", &text, &code, err);
    add_script(data, "counters", &counters, &code, err);
    add_script(data, "trains", &trains.table, &code, err);
    add_script(data, "cells", &trains.cells, &code, err);
    add_script(data, "symbols", &trains.symbols, &code, err);
    *spikes = trains.spikes;
    page_bytes_release(&counters);
    page_bytes_release(&text);
    page_trains_release(&trains);
    return code;
}

/* Written beside the path and renamed, so that a failure leaves what stood there. */
static enum error_code write_file(const char *path, const struct page_bytes *page,
                                  struct error *err)
{
    size_t length = strlen(path) + sizeof ".partial";
    char *partial = malloc(length);
    if (!partial)
        return error_memory(err, "a path", (double)length);
    snprintf(partial, length, "%s.partial", path);
    FILE *file = fopen(partial, "wb");
    if (!file) {
        error_set(err, ERR_IO, "%s: %s", partial, strerror(errno));
        free(partial);
        return err->code;
    }
    enum error_code code = OK;
    bool is_written = fwrite(page->byte, 1, page->length, file) == page->length;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(partial, path) != 0) {
        code = error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        unlink(partial);
    }
    free(partial);
    return code;
}

enum error_code page_write(const struct scene *scene,
                           const struct page_settings *settings, const char *path,
                           struct page_size *size, struct error *err)
{
    struct page_choice choice;
    struct page_bytes data = { 0 }, page = { 0 };
    *size = (struct page_size){ 0 };
    enum error_code code = choose(&choice, scene, settings, err);
    if (code == OK)
        code = make_data(&data, &choice, &size->spikes, err);
    if (code == OK)
        code = page_template_fill(&page, &data, err);
    if (code == OK && page.length > PAGE_MAX_BYTES)
        code =
            error_set(err, ERR_ARGUMENT,
                      "--html: the page would take %.1f MB, at most %d: choose fewer "
                      "with --populations or --tokens",
                      (double)page.length / 1e6, PAGE_MAX_BYTES / 1000000);
    if (code == OK)
        code = write_file(path, &page, err);
    size->bytes = page.length;
    size->tokens = choice.tokens;
    free(choice.population);
    page_bytes_release(&data);
    page_bytes_release(&page);
    return code;
}
