/* See spike_source.h. */
#include "sim/spike_source.h"
#include "sim/source_reader.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_POPULATIONS = 65536, BLOCK = 4096 };

static const double latest_ms = 1e15;

struct source_population *source_add_population(struct spike_source *source,
                                                const char *name, struct error *err)
{
    uint32_t count = source->populations;
    if (count >= MOST_POPULATIONS) {
        error_set(err, ERR_FORMAT, "expected at most %d populations", MOST_POPULATIONS);
        return NULL;
    }
    if ((count & (count - 1)) == 0) { /* room doubles */
        size_t room = count ? 2 * (size_t)count : 1;
        void *grown = realloc(source->population, room * sizeof *source->population);
        if (!grown) {
            error_memory(err, "populations", (double)room * sizeof *source->population);
            return NULL;
        }
        source->population = grown;
    }
    struct source_population *population = &source->population[source->populations++];
    *population = (struct source_population){ .neurons = 0 };
    snprintf(population->name, sizeof population->name, "%s", name);
    return population;
}

enum error_code source_check_spike(uint64_t row, int64_t node, double time_ms,
                                   struct error *err)
{
    if (node < 0 || node >= SOURCE_MOST_NEURONS)
        return error_set(err, ERR_FORMAT, "spike %llu: neuron %lld, expected 0 to %d",
                         (unsigned long long)row, (long long)node,
                         SOURCE_MOST_NEURONS - 1);
    if (!(time_ms >= 0 && time_ms < latest_ms))
        return error_set(err, ERR_FORMAT, "spike %llu: time %g ms, expected 0 to 1e15",
                         (unsigned long long)row, time_ms);
    return OK;
}

static enum error_code choose_reader(const char *path,
                                     const struct source_reader **reader,
                                     struct error *err)
{
    static const unsigned char signature[] = { 0x89, 'H',  'D',  'F',
                                               '\r', '\n', 0x1a, '\n' };
    unsigned char head[256] = { 0 };
    struct stat status;
    if (stat(path, &status) < 0)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERR_IO, "not a file that can be read twice");
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    size_t got = fread(head, 1, sizeof head, file);
    fclose(file);
    *reader = &text_reader;
    if (got >= sizeof signature && memcmp(head, signature, sizeof signature) == 0)
        return source_recognise(path, reader, err);
    if (memchr(head, '\0', got))
        return error_set(err, ERR_FORMAT, "neither HDF5 nor text");
    return OK;
}

/* Fills in what the file does not state. */
static enum error_code survey(struct spike_source *source, struct error *err)
{
    struct source_spike *spike = malloc(BLOCK * sizeof *spike);
    double latest = 0;
    size_t count;
    if (!spike)
        return error_memory(err, "a block of spikes", BLOCK * sizeof *spike);
    source->spikes = 0;
    source->is_ordered = true;
    while (source->reader->read(source, spike, BLOCK, &count, err) == OK && count > 0) {
        for (size_t i = 0; i < count; i++) {
            struct source_population *population =
                &source->population[spike[i].population];
            if (population->neurons <= spike[i].neuron)
                population->neurons = spike[i].neuron + 1;
            source->is_ordered = source->is_ordered && spike[i].time_ms >= latest;
            latest = fmax(latest, spike[i].time_ms);
        }
        source->spikes += count;
    }
    free(spike);
    source->has_end = source->end_ms > latest;
    source->end_ms = fmax(source->end_ms, latest);
    if (err->code == OK && source->reader->settle)
        source->reader->settle(source);
    return err->code == OK ? source->reader->rewind(source, err) : err->code;
}

enum error_code spike_source_open(struct spike_source *source, const char *path,
                                  struct error *err)
{
    *source = (struct spike_source){ .path = malloc(strlen(path) + 1) };
    err->code = OK;
    if (!source->path)
        return error_memory(err, path, (double)strlen(path));
    strcpy(source->path, path);
    if (choose_reader(path, &source->reader, err) == OK) {
        source->format = source->reader->format;
        if (source->reader->open(source, err) == OK && !source->reader->is_surveyed)
            survey(source, err);
    }
    if (err->code != OK) {
        error_wrap(err, "%s", path);
        spike_source_close(source);
    }
    return err->code;
}

bool spike_source_is_foreign(const char *path)
{
    struct error err = { 0 };
    const struct source_reader *reader;
    return choose_reader(path, &reader, &err) == OK && reader != &recording_reader;
}

enum error_code spike_source_read(struct spike_source *source,
                                  struct source_spike *spike, size_t room,
                                  size_t *count, struct error *err)
{
    err->code = OK;
    *count = 0;
    if (source->reader->read(source, spike, room, count, err) != OK)
        return error_wrap(err, "%s", source->path);
    return OK;
}

enum error_code spike_source_rewind(struct spike_source *source, struct error *err)
{
    err->code = OK;
    if (source->reader->rewind(source, err) != OK)
        return error_wrap(err, "%s", source->path);
    return OK;
}

void spike_source_close(struct spike_source *source)
{
    if (source->state)
        source->reader->close(source->state);
    free(source->population);
    free(source->path);
    *source = (struct spike_source){ 0 };
}
