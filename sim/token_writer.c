/* See token_writer.h. */
#include "sim/token_writer.h"

#include "base/progress.h"
#include "encoders/encoder.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RING = 16, BURST = 8 };

static const double longest_rest = 0.1; /* seconds between bursts, while tokens come */

/* What a token_batch of one token points to. */
struct slot {
    int32_t id;
    unsigned char kind;
    uint32_t sequence, position, steps;
    double log_probability;
    char *text;
    size_t text_room;
    uint64_t text_length;
    struct site_counters *site; /* (populations) */
    struct host_cost host;
    int8_t *count; /* (channels), or NULL */
    struct recorded_overflow *overflow;
    size_t overflows, overflow_room;
    struct spike_list spike;
    bool expands, has_events;
};

struct token_writer {
    struct token_writer_settings settings;
    struct slot slot[RING];
    int32_t *count; /* (channels) of the token that is written, as integers */
    struct counted_window *window; /* (populations) */
    struct spike_list spelt;       /* from those */
    struct train_table trains;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    uint64_t put, written; /* tokens; under the lock, like the rest */
    bool is_writing, ends;
    double rested_at; /* when the last burst was written */
    struct error error;
};

static enum error_code allocate(struct token_writer *writer, struct error *err)
{
    const struct token_writer_settings *settings = &writer->settings;
    const size_t slots = settings->is_threaded ? RING : 0;
    writer->count = calloc((size_t)settings->channels + 1, sizeof *writer->count);
    writer->window = calloc(settings->populations + 1, sizeof *writer->window);
    bool is_complete = writer->count && writer->window;
    for (size_t i = 0; i < slots && is_complete; i++) {
        struct slot *slot = &writer->slot[i];
        slot->site = calloc(settings->populations + 1, sizeof *slot->site);
        if (settings->channels)
            slot->count = malloc((size_t)settings->channels);
        is_complete = slot->site && (slot->count || !settings->channels);
    }
    if (is_complete)
        return OK;
    return error_memory(err, "tokens on their way to a recording",
                        RING * (double)settings->channels);
}

static void release(struct token_writer *writer)
{
    for (size_t i = 0; i < RING; i++) {
        struct slot *slot = &writer->slot[i];
        free(slot->text);
        free(slot->site);
        free(slot->count);
        free(slot->overflow);
        spike_list_free(&slot->spike);
    }
    spike_list_free(&writer->spelt);
    train_table_free(&writer->trains);
    free(writer->window);
    free(writer->count);
    free(writer);
}

/* Room for `size` bytes behind *at. */
static bool grow(void *at, size_t *room, size_t size)
{
    void **bytes = at;
    if (size <= *room)
        return true;
    void *more = realloc(*bytes, 2 * size);
    if (!more)
        return false;
    *bytes = more;
    *room = 2 * size;
    return true;
}

static enum error_code fill(const struct token_writer *writer, struct slot *slot,
                            const struct token_batch *token, bool expands,
                            struct spike_list *spike, struct error *err)
{
    const struct token_writer_settings *settings = &writer->settings;
    const size_t overflow_bytes = token->overflows * sizeof *token->overflow;
    if (!grow(&slot->text, &slot->text_room, (size_t)token->text_length[0] + 1) ||
        !grow(&slot->overflow, &slot->overflow_room, overflow_bytes + 1))
        return error_memory(err, "a token on its way to a recording",
                            (double)overflow_bytes);
    slot->id = token->id[0];
    slot->kind = token->kind[0];
    slot->sequence = token->sequence[0];
    slot->position = token->position[0];
    slot->steps = token->steps[0];
    slot->log_probability = token->log_probability[0];
    slot->text_length = token->text_length[0];
    slot->host = token->host[0];
    slot->overflows = token->overflows;
    slot->expands = expands;
    slot->has_events = spike != NULL;
    memcpy(slot->text, token->text, (size_t)slot->text_length);
    memcpy(slot->site, token->site, settings->populations * sizeof *slot->site);
    if (slot->overflows)
        memcpy(slot->overflow, token->overflow, overflow_bytes);
    if (slot->count)
        memcpy(slot->count, token->count, (size_t)settings->channels);
    slot->spike.length = 0;
    if (spike) {
        struct spike_list empty = slot->spike;
        slot->spike = *spike;
        *spike = empty;
    }
    return OK;
}

/* Counts as integers; those beyond int8 from the list. */
static void unpack(const struct token_batch *token, uint64_t channels, int32_t *count)
{
    for (uint64_t i = 0; i < channels; i++)
        count[i] = token->count[i];
    for (size_t i = 0; i < token->overflows; i++)
        count[token->overflow[i].channel] = token->overflow[i].count;
}

static enum error_code spell(struct token_writer *writer,
                             const struct token_batch *token, struct error *err)
{
    const struct token_writer_settings *settings = &writer->settings;
    size_t windows = 0;
    unpack(token, settings->channels, writer->count);
    for (uint32_t i = 0; i < settings->populations; i++) {
        const struct population_info *population = &settings->population[i];
        if (settings->expands[i] && population->channels > 0 &&
            !isnan(token->site[i].threshold))
            writer->window[windows++] =
                (struct counted_window){ population, encoder_find(population->encoder),
                                         writer->count + population->first_channel,
                                         token->site[i].n[COUNT_STEPS] };
    }
    return spike_list_spell(&writer->spelt, &writer->trains, writer->window, windows,
                            err);
}

/* With its spikes: made of its counts (`expands`), or those of `spike`; NULL: none. */
static enum error_code write_token(struct token_writer *writer,
                                   const struct token_batch *token, bool expands,
                                   struct spike_list *spike, struct error *err)
{
    struct token_batch batch = *token;
    uint64_t spikes = 0;
    if (expands) {
        spike = &writer->spelt;
        spell(writer, token, err);
    } else if (spike) {
        spike_list_sort(spike, err);
    }
    if (err->code != OK)
        return err->code;
    if (spike) {
        batch.spike = spike->at;
        spikes = spike->length;
    }
    batch.spike_length = &spikes;
    return recording_append(writer->settings.writer, &batch, err);
}

static enum error_code write_slot(struct token_writer *writer, struct slot *slot,
                                  struct error *err)
{
    const struct token_batch token = {
        .tokens = 1,
        .id = &slot->id,
        .kind = &slot->kind,
        .sequence = &slot->sequence,
        .position = &slot->position,
        .steps = &slot->steps,
        .log_probability = &slot->log_probability,
        .text = slot->text,
        .text_length = &slot->text_length,
        .site = slot->site,
        .host = &slot->host,
        .count = slot->count,
        .overflow = slot->overflow,
        .overflows = slot->overflows,
    };
    return write_token(writer, &token, slot->expands,
                       slot->has_events ? &slot->spike : NULL, err);
}

static void *write_all(void *context)
{
    struct token_writer *writer = context;
    recording_prepare_thread();
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->is_writing && !writer->ends)
            pthread_cond_wait(&writer->filled, &writer->lock);
        if (writer->written == writer->put) {
            writer->is_writing = false;
            writer->rested_at = clock_seconds();
            if (writer->ends)
                break;
            continue;
        }
        struct slot *slot = &writer->slot[writer->written % RING];
        struct error error = writer->error;
        pthread_mutex_unlock(&writer->lock);
        if (error.code == OK)
            write_slot(writer, slot, &error);
        pthread_mutex_lock(&writer->lock);
        writer->error = error;
        writer->written++;
        pthread_cond_signal(&writer->emptied);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

enum error_code token_writer_create(struct token_writer **writer,
                                    const struct token_writer_settings *settings,
                                    struct error *err)
{
    struct token_writer *made = calloc(1, sizeof *made);
    *writer = NULL;
    if (!made)
        return error_memory(err, "a recording", sizeof *made);
    made->settings = *settings;
    made->settings.is_threaded = settings->is_threaded && recording_prepare_thread();
    if (allocate(made, err) != OK) {
        release(made);
        return err->code;
    }
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->filled, NULL);
    pthread_cond_init(&made->emptied, NULL);
    if (made->settings.is_threaded &&
        pthread_create(&made->thread, NULL, write_all, made) != 0)
        made->settings.is_threaded = false; /* slower, and as good */
    *writer = made;
    return OK;
}

void token_writer_free(struct token_writer *writer)
{
    if (!writer)
        return;
    if (writer->settings.is_threaded) {
        pthread_mutex_lock(&writer->lock);
        writer->ends = true;
        pthread_cond_signal(&writer->filled);
        pthread_mutex_unlock(&writer->lock);
        pthread_join(writer->thread, NULL);
    }
    pthread_cond_destroy(&writer->emptied);
    pthread_cond_destroy(&writer->filled);
    pthread_mutex_destroy(&writer->lock);
    release(writer);
}

/* Under the lock. */
static void begin_burst(struct token_writer *writer)
{
    writer->is_writing = true;
    pthread_cond_signal(&writer->filled);
}

/* Waits until no more than `most` tokens are in the ring. */
static enum error_code wait_until(struct token_writer *writer, uint64_t most,
                                  struct error *err)
{
    pthread_mutex_lock(&writer->lock);
    if (writer->put - writer->written > most)
        begin_burst(writer);
    while (writer->put - writer->written > most)
        pthread_cond_wait(&writer->emptied, &writer->lock);
    *err = writer->error;
    pthread_mutex_unlock(&writer->lock);
    return err->code;
}

enum error_code token_writer_put(struct token_writer *writer,
                                 const struct token_batch *token, bool expands,
                                 struct spike_list *spike, struct error *err)
{
    struct slot *slot = &writer->slot[writer->put % RING];
    if (!writer->settings.is_threaded) {
        if (writer->error.code == OK)
            write_token(writer, token, expands, spike, &writer->error);
        if (spike)
            spike->length = 0;
        *err = writer->error;
        return err->code;
    }
    if (wait_until(writer, RING - 1, err) != OK ||
        fill(writer, slot, token, expands, spike, err) != OK)
        return err->code;
    pthread_mutex_lock(&writer->lock);
    writer->put++;
    if (!writer->settings.in_bursts || writer->put - writer->written >= BURST ||
        clock_seconds() - writer->rested_at > longest_rest)
        begin_burst(writer);
    pthread_mutex_unlock(&writer->lock);
    return OK;
}

bool token_writer_is_writing(struct token_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    const bool is_writing = writer->is_writing;
    pthread_mutex_unlock(&writer->lock);
    return is_writing;
}

enum error_code token_writer_drain(struct token_writer *writer, struct error *err)
{
    return wait_until(writer, 0, err);
}
