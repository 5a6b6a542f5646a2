/* See spike_index_build.h. The tail is what was read and is not yet whole: parts of
 * falling size, each at least twice the next, so that a token is sorted anew a few times
 * at most however slowly a run grows. */
#include "viz/spike_index_build.h"

#include <stdlib.h>
#include <time.h>

enum { SAMPLE_EVENTS = 1000000, SAMPLE_BITS = 20 };

static const double turn_seconds = 0.05, show_seconds = 0.25, sample_seconds = 0.5;

const struct index_sizes index_usual_sizes = { .part_events = 1 << 22,
                                               .cache_events = 1 << 22,
                                               .sample_events = 1 << 20 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void index_builder_init(struct index_builder *builder, const struct index_map *map,
                        struct part_store *store, const struct recording *recording,
                        const char *path, const struct index_sizes *sizes)
{
    *builder = (struct index_builder){ .map = map,
                                       .sizes = *sizes,
                                       .store = store,
                                       .reader = { .recording = *recording },
                                       .path = path };
}

void index_builder_release(struct index_builder *builder)
{
    event_reader_release(&builder->reader);
    if (builder->has_writer)
        index_writer_close(&builder->writer);
    builder->has_writer = false;
}

/* A whole part goes to the file; where that fails it stays in memory. */
static struct stored_part *keep(struct index_builder *builder,
                                const struct index_part *part, unsigned char *image)
{
    struct error err = { 0 };
    struct index_part mapped;
    void *map = NULL;
    if (!builder->has_writer && !builder->has_cache_failed) {
        builder->has_writer = index_writer_open(&builder->writer, builder->path,
                                                builder->keeps_file, &err) == OK;
        builder->has_cache_failed = !builder->has_writer;
    }
    if (builder->has_cache_failed)
        return stored_part_create(part, image, NULL);
    if (index_writer_add(&builder->writer, part, &map, &err) != OK ||
        index_part_check(&mapped, map, (size_t)part->head->bytes, builder->map, &err) !=
            OK) {
        builder->has_cache_failed = true;
        return stored_part_create(part, image, NULL);
    }
    free(image);
    return stored_part_create(&mapped, NULL, map);
}

static enum error_code show(struct index_builder *builder,
                            const struct index_stretch *stretch, size_t replaced,
                            struct error *err)
{
    struct index_part part;
    unsigned char *image;
    if (index_part_make(&part, &image, builder->map, stretch, err) != OK) {
        free(image);
        return err->code;
    }
    bool is_large =
        stretch->has_sums && (builder->keeps_file || builder->has_writer ||
                              stretch->events >= builder->sizes.part_events);
    struct stored_part *stored =
        is_large ? keep(builder, &part, image) : stored_part_create(&part, image, NULL);
    if (!stored || !part_store_add(builder->store, stored, replaced, stretch->has_sums))
        return error_memory(err, "a part of an index", 0);
    return OK;
}

/* Everything read since the last whole part becomes one. */
static enum error_code make_whole(struct index_builder *builder, struct error *err)
{
    struct event_reader *reader = &builder->reader;
    const struct index_stretch stretch = {
        .first_token = reader->first_token,
        .tokens = reader->next_token - reader->first_token,
        .first_step = reader->first_step,
        .steps = reader->end_step - reader->first_step,
        .event = reader->event,
        .events = reader->events,
        .has_sums = true,
    };
    if (stretch.tokens == 0)
        return OK;
    if (show(builder, &stretch, builder->tails, err) != OK)
        return err->code;
    event_reader_restart(reader, reader->next_token);
    builder->tails = 0;
    builder->shown_token = reader->next_token;
    builder->shown_events = 0;
    return OK;
}

/* Shows what was read since the last time. */
static enum error_code show_tail(struct index_builder *builder, struct error *err)
{
    struct event_reader *reader = &builder->reader;
    builder->shown_at = now();
    if (reader->next_token == builder->shown_token)
        return OK;
    size_t kept = builder->tails, begin = builder->shown_events;
    uint64_t token = builder->shown_token;
    while (kept > 0 && (kept == MOST_TAIL || begin - builder->tail_begin[kept - 1] <=
                                                 2 * (reader->events - begin))) {
        kept--;
        begin = builder->tail_begin[kept];
        token = builder->tail_token[kept];
    }
    /* The events' steps are of the reader's first step: so is the part's. */
    const struct index_stretch stretch = {
        .first_token = token,
        .tokens = reader->next_token - token,
        .first_step = reader->first_step,
        .steps = reader->end_step - reader->first_step,
        .event = reader->event + begin,
        .events = reader->events - begin,
    };
    if (show(builder, &stretch, builder->tails - kept, err) != OK)
        return err->code;
    builder->tail_begin[kept] = begin;
    builder->tail_token[kept] = token;
    builder->tails = kept + 1;
    builder->shown_token = reader->next_token;
    builder->shown_events = reader->events;
    return OK;
}

enum error_code index_builder_advance(struct index_builder *builder, uint64_t tokens,
                                      struct error *err)
{
    struct event_reader *reader = &builder->reader;
    double begun = now();
    while (reader->next_token < tokens && reader->events < builder->sizes.part_events &&
           now() - begun < turn_seconds) {
        bool fits;
        if (event_reader_next(reader, &fits, err) != OK)
            return err->code;
        if (!fits && reader->next_token == reader->first_token)
            return error_set(err, ERR_FORMAT,
                             "the window of token %llu is out of order",
                             (unsigned long long)reader->next_token);
        if (!fits && make_whole(builder, err) != OK)
            return err->code;
    }
    if (reader->events >= builder->sizes.part_events)
        return make_whole(builder, err);
    if (reader->next_token == tokens || now() - builder->shown_at > show_seconds)
        return show_tail(builder, err);
    return OK;
}

enum error_code index_builder_finish(struct index_builder *builder, struct error *err)
{
    struct index_identity identity;
    struct error ignored = { 0 };
    uint64_t tokens = builder->reader.next_token;
    if (make_whole(builder, err) != OK)
        return err->code;
    event_reader_empty(&builder->reader);
    if (builder->has_writer && !builder->has_cache_failed &&
        index_identify(&identity, builder->path, tokens, builder->map, &ignored) == OK)
        index_writer_finish(&builder->writer, &identity, &ignored);
    return OK;
}

/* 0, 1/2, 1/4, 3/4, 1/8, ...: wherever one stops, the stretch is evenly covered. */
static double scatter(uint32_t number)
{
    double place = 0;
    for (int bit = 0; bit < SAMPLE_BITS; bit++)
        if (number >> bit & 1)
            place += 1.0 / (double)(UINT64_C(2) << bit);
    return place;
}

static enum error_code take_sample(struct index_builder *builder,
                                   struct event_reader *sample, uint64_t tokens,
                                   struct error *err)
{
    double begun = now();
    for (uint64_t i = 0; 2 * i < tokens && i >> SAMPLE_BITS == 0; i++) {
        uint64_t token = (uint64_t)(scatter((uint32_t)i) * (double)tokens);
        if (event_reader_take(sample, token, err) != OK)
            return err->code;
        if (sample->events > SAMPLE_EVENTS || now() - begun > sample_seconds)
            break;
    }
    event_reader_sort(sample);
    const struct index_stretch stretch = {
        .tokens = tokens,
        .steps = sample->end_step - sample->first_step,
        .first_step = sample->first_step,
        .event = sample->event,
        .events = sample->events,
    };
    struct index_part part;
    unsigned char *image;
    if (index_part_make(&part, &image, builder->map, &stretch, err) != OK) {
        free(image);
        return err->code;
    }
    struct stored_part *stored = stored_part_create(&part, image, NULL);
    if (!stored)
        return error_memory(err, "a sample of spikes", 0);
    part_store_set_sample(builder->store, stored);
    return OK;
}

enum error_code index_builder_sample(struct index_builder *builder, uint64_t tokens,
                                     struct error *err)
{
    struct event_reader sample = { .recording = builder->reader.recording };
    struct token_column column = { .start_step = &sample.first_step };
    enum error_code code = OK;
    if (tokens > 0)
        code = recording_read_tokens(&sample.recording, 0, 1, &column, err);
    sample.end_step = sample.first_step;
    if (tokens > 0 && code == OK)
        code = take_sample(builder, &sample, tokens, err);
    event_reader_release(&sample);
    return code;
}
