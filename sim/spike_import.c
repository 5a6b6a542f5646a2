/* See spike_import.h. */
#include "sim/spike_import.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, MOST_SLICES = 100000 };

static const double usual_dt_ms = 0.1, slice_ms = 10;
static const double most_steps = 0x1p40; /* on a step of 1e-3 ms: 12 days */
static const uint64_t usual_sort_bytes = (uint64_t)1 << 30;

struct timed_spike {
    uint64_t step;
    uint32_t node;
    int32_t value;
};

struct spike_import {
    struct spike_source *source;
    struct recording_writer *writer;
    struct population_info *population;
    struct recording_plan plan;
    uint64_t *first_node; /* (populations of the source) */
    uint32_t *row;        /* likewise: population of the recording */
    struct source_spike *block;
    uint64_t slice, slice_steps, steps;
    struct recorded_spike *spike; /* of the open slice */
    size_t length, room;
    struct site_counters *site; /* (populations of the recording) */
    double dt_ms, largest_shift;
    uint64_t spikes;
};

static enum error_code plan_populations(struct spike_import *import, uint64_t neurons,
                                        struct error *err)
{
    const struct spike_source *source = import->source;
    size_t count = source->populations ? source->populations : 1;
    import->population = calloc(count, sizeof *import->population);
    import->first_node = calloc(count, sizeof *import->first_node);
    import->row = calloc(count, sizeof *import->row);
    import->site = calloc(count, sizeof *import->site);
    import->block = malloc(BLOCK * sizeof *import->block);
    if (!import->population || !import->first_node || !import->row || !import->site ||
        !import->block)
        return error_memory(err, "populations",
                            (double)count * sizeof *import->population);
    struct recording_plan *plan = &import->plan;
    for (uint32_t i = 0; i < source->populations; i++) {
        const struct source_population *from = &source->population[i];
        import->first_node[i] = plan->neurons;
        if (neurons && from->neurons > neurons)
            return error_set(err, ERR_ARGUMENT,
                             "population %s has %llu neurons, more than %llu",
                             from->name, (unsigned long long)from->neurons,
                             (unsigned long long)neurons);
        if (from->neurons == 0 && neurons == 0)
            continue; /* a list without spikes and of no stated size */
        import->row[i] = plan->populations;
        struct population_info *to = &import->population[plan->populations++];
        snprintf(to->name, sizeof to->name, "%.*s", (int)sizeof to->name - 1,
                 from->name);
        to->layer = -1;
        to->first_node = plan->neurons;
        to->size = neurons ? neurons : from->neurons;
        plan->neurons += to->size;
    }
    if (plan->neurons == 0)
        return error_set(err, ERR_FORMAT, "no neurons");
    if (plan->neurons > UINT32_MAX)
        return error_set(err, ERR_FORMAT, "%llu neurons, expected fewer than 2^32",
                         (unsigned long long)plan->neurons);
    plan->population = import->population;
    plan->spikes = true;
    return OK;
}

static enum error_code plan_time(struct spike_import *import,
                                 const struct import_settings *settings,
                                 struct error *err)
{
    const struct spike_source *source = import->source;
    double dt_ms = settings->dt_ms ? settings->dt_ms
                   : source->dt_ms ? source->dt_ms
                                   : usual_dt_ms;
    if (!(dt_ms > 0 && dt_ms < 1e9))
        return error_set(err, ERR_ARGUMENT, "a step of %g ms", dt_ms);
    /* A spike that stands on the end needs a step of its own. */
    double steps = ceil(source->end_ms / dt_ms - 1e-6) + !source->has_end;
    steps = fmax(steps, 1);
    if (!(steps < most_steps))
        return error_set(err, ERR_ARGUMENT,
                         "%g ms are %.3g steps of %g ms, expected fewer than %.3g",
                         source->end_ms, steps, dt_ms, most_steps);
    uint64_t least = (uint64_t)ceil(steps / MOST_SLICES);
    import->dt_ms = dt_ms;
    import->slice_steps = (uint64_t)fmax(1, nearbyint(slice_ms / dt_ms));
    if (import->slice_steps < least)
        import->slice_steps = least;
    import->steps = (uint64_t)steps;
    import->plan.info.dt_ms = dt_ms;
    return OK;
}

static int compare_spikes(const void *a, const void *b)
{
    const struct recorded_spike *left = a, *right = b;
    if (left->step != right->step)
        return left->step < right->step ? -1 : 1;
    return (left->node > right->node) - (left->node < right->node);
}

static enum error_code close_slice(struct spike_import *import, struct error *err)
{
    uint64_t begin = import->slice * import->slice_steps;
    uint64_t left = import->steps - begin;
    const uint32_t sequence = 0, position = (uint32_t)import->slice;
    const uint32_t steps =
        (uint32_t)(left < import->slice_steps ? left : import->slice_steps);
    const int32_t id = (int32_t)import->slice;
    const unsigned char kind = TOKEN_PROMPT;
    const uint64_t no_text = 0, length = import->length;
    const double unknown = (double)NAN;
    const struct host_cost host = { .cache_bytes = 0 };
    for (uint32_t i = 0; i < import->plan.populations; i++)
        import->site[i].n[COUNT_STEPS] = steps;
    qsort(import->spike, import->length, sizeof *import->spike, compare_spikes);
    const struct token_batch batch = {
        .tokens = 1,
        .id = &id,
        .kind = &kind,
        .sequence = &sequence,
        .position = &position,
        .steps = &steps,
        .log_probability = &unknown,
        .text = "",
        .text_length = &no_text,
        .site = import->site,
        .host = &host,
        .spike = import->spike,
        .spike_length = &length,
    };
    recording_append(import->writer, &batch, err);
    memset(import->site, 0, import->plan.populations * sizeof *import->site);
    import->length = 0;
    import->slice++;
    return err->code;
}

static struct timed_spike place(struct spike_import *import,
                                const struct source_spike *from)
{
    double step = nearbyint(from->time_ms / import->dt_ms);
    step = fmin(step, (double)(import->steps - 1)); /* rounded onto the end */
    double shift = fabs(from->time_ms - step * import->dt_ms);
    import->largest_shift = fmax(import->largest_shift, shift);
    return (struct timed_spike){
        .step = (uint64_t)step,
        .node = (uint32_t)(import->first_node[from->population] + from->neuron),
        .value = from->value,
    };
}

/* Spikes come by rising slice. */
static enum error_code take(struct spike_import *import, uint32_t row,
                            const struct timed_spike *spike, struct error *err)
{
    while (spike->step >= (import->slice + 1) * import->slice_steps)
        if (close_slice(import, err) != OK)
            return err->code;
    if (spike->step < import->slice * import->slice_steps)
        return error_set(err, ERR_FORMAT, "the file changed while it was read");
    if (import->length == import->room) {
        size_t room = import->room ? 2 * import->room : 1024;
        void *grown = realloc(import->spike, room * sizeof *import->spike);
        if (!grown)
            return error_memory(err, "spikes of a slice",
                                (double)room * sizeof *import->spike);
        import->spike = grown;
        import->room = room;
    }
    uint64_t begin = import->slice * import->slice_steps;
    import->spike[import->length++] =
        (struct recorded_spike){ spike->node, (uint32_t)(spike->step - begin),
                                 spike->value };
    import->site[row].n[COUNT_SPIKES]++;
    import->spikes++;
    return OK;
}

static enum error_code stream(struct spike_import *import, struct error *err)
{
    size_t count;
    while (spike_source_read(import->source, import->block, BLOCK, &count, err) == OK &&
           count > 0)
        for (size_t i = 0; i < count; i++) {
            struct timed_spike spike = place(import, &import->block[i]);
            if (take(import, import->row[import->block[i].population], &spike, err) !=
                OK)
                return err->code;
        }
    return err->code;
}

static int compare_steps(const void *a, const void *b)
{
    const struct timed_spike *left = a, *right = b;
    return (left->step > right->step) - (left->step < right->step);
}

/* The population of the recording that a node belongs to. */
static uint32_t row_of(const struct spike_import *import, uint64_t node)
{
    uint32_t first = 0, last = import->plan.populations - 1;
    while (first < last) {
        uint32_t middle = first + (last - first + 1) / 2;
        if (import->population[middle].first_node <= node)
            first = middle;
        else
            last = middle - 1;
    }
    return first;
}

static enum error_code sort(struct spike_import *import, uint64_t most,
                            struct error *err)
{
    uint64_t spikes = import->source->spikes;
    double bytes = (double)spikes * sizeof(struct timed_spike);
    if (bytes > (double)most)
        return error_set(err, ERR_MEMORY,
                         "not in order of time: sorting %llu spikes needs %.0f MB, "
                         "allowed are %.0f MB",
                         (unsigned long long)spikes, bytes / 1e6, (double)most / 1e6);
    struct timed_spike *all = malloc((size_t)(spikes ? spikes : 1) * sizeof *all);
    if (!all)
        return error_memory(err, "sorting spikes", bytes);
    size_t count, held = 0;
    while (spike_source_read(import->source, import->block, BLOCK, &count, err) == OK &&
           count > 0 && held + count <= spikes)
        for (size_t i = 0; i < count; i++)
            all[held++] = place(import, &import->block[i]);
    if (err->code == OK && count > 0)
        error_set(err, ERR_FORMAT, "the file grew while it was read");
    if (err->code == OK)
        qsort(all, held, sizeof *all, compare_steps);
    for (size_t i = 0; i < held && err->code == OK; i++)
        take(import, row_of(import, all[i].node), &all[i], err);
    free(all);
    return err->code;
}

static enum error_code write_all(struct spike_import *import, uint64_t most,
                                 struct error *err)
{
    if (import->source->is_ordered)
        stream(import, err);
    else
        sort(import, most ? most : usual_sort_bytes, err);
    while (err->code == OK && import->slice * import->slice_steps < import->steps)
        close_slice(import, err);
    return err->code;
}

static void release(struct spike_import *import)
{
    free(import->population);
    free(import->first_node);
    free(import->row);
    free(import->site);
    free(import->block);
    free(import->spike);
}

enum error_code spike_import(struct spike_source *source, const char *path,
                             const struct import_settings *settings,
                             struct import_result *result, struct error *err)
{
    struct spike_import import = { .source = source,
                                   .plan = { .info = settings->info } };
    size_t room = strlen(path) + sizeof ".import";
    char *beside = malloc(room);
    err->code = OK;
    if (!beside)
        return error_memory(err, path, (double)room);
    snprintf(beside, room, "%s.import", path);
    if (plan_populations(&import, settings->neurons, err) != OK ||
        plan_time(&import, settings, err) != OK) {
        error_wrap(err, "%s", source->path);
    } else if (recording_create(&import.writer, beside, &import.plan, err) == OK) {
        struct error closing = { 0 };
        write_all(&import, settings->sort_bytes, err);
        recording_close(import.writer,
                        err->code == OK ? RECORDING_FINISHED : RECORDING_FAILED, "",
                        &closing);
        if (err->code == OK)
            *err = closing;
        if (err->code == OK && rename(beside, path) < 0)
            error_set(err, ERR_IO, "%s: cannot rename: %s", path, strerror(errno));
        if (err->code != OK)
            unlink(beside);
    }
    free(beside);
    *result = (struct import_result){ import.dt_ms, import.largest_shift, import.spikes,
                                      import.slice };
    release(&import);
    return err->code;
}
