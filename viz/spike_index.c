/* See spike_index.h. One thread reads the recording and builds; the others look. Where
 * HDF5 has no locks, there is no thread: then it is built a moment at every query. */
#include "viz/spike_index_state.h"

#include <stdlib.h>

struct spike_index {
    const struct scene *scene;
    struct query_limits limits;
    struct index_map map;
    struct part_store store;
    struct index_file file; /* the cache, if it fits */
    struct index_builder builder;
    pthread_t thread;
    bool has_thread;
    bool needs_sample;
    /* Under mutex, between the builder and the others: */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct recording recording; /* as it is now */
    bool stops, is_complete;    /* complete: nothing is left to do for what is there */
    struct error failure;
};

static bool has_spikes(const struct scene *scene)
{
    return scene->recording.has_spikes || scene->recording.has_counts;
}

/* How many there will be, to choose by. */
static uint64_t expect_events(const struct scene *scene)
{
    if (scene->recording.has_spikes)
        return scene->recording.spikes;
    uint64_t events = 0;
    for (size_t i = 0; i < scene->tokens * scene->recording.populations; i++)
        events += scene->cell[i].spikes;
    return events;
}

static void fail(struct spike_index *index, const struct error *err)
{
    pthread_mutex_lock(&index->mutex);
    index->failure = *err;
    index->is_complete = true;
    pthread_mutex_unlock(&index->mutex);
}

/* A moment's work; false: there is none left, or it failed. */
static bool advance(struct spike_index *index)
{
    struct index_builder *builder = &index->builder;
    struct error err = { 0 };
    pthread_mutex_lock(&index->mutex);
    bool has_work = !index->is_complete && !index->stops;
    builder->reader.recording = index->recording;
    pthread_mutex_unlock(&index->mutex);
    if (!has_work)
        return false;
    const struct recording *recording = &builder->reader.recording;
    if (index->needs_sample) {
        index->needs_sample = false;
        if (index_builder_sample(builder, recording->tokens, &err) != OK)
            fail(index, &err);
        return true;
    }
    bool is_last = false;
    if (index_builder_advance(builder, recording->tokens, &err) == OK &&
        builder->reader.next_token == recording->tokens) {
        is_last = true;
        if (!recording->is_live)
            index_builder_finish(builder, &err);
    }
    if (err.code != OK) {
        fail(index, &err);
        return false;
    }
    if (!is_last)
        return true;
    part_store_set_sample(&index->store, NULL);
    pthread_mutex_lock(&index->mutex);
    index->is_complete = index->recording.tokens == builder->reader.next_token;
    pthread_mutex_unlock(&index->mutex);
    return true;
}

static void *build(void *argument)
{
    struct spike_index *index = argument;
    recording_prepare_thread();
    pthread_mutex_lock(&index->mutex);
    while (!index->stops) {
        if (index->is_complete) {
            pthread_cond_wait(&index->wake, &index->mutex);
            continue;
        }
        pthread_mutex_unlock(&index->mutex);
        advance(index);
        pthread_mutex_lock(&index->mutex);
    }
    pthread_mutex_unlock(&index->mutex);
    return NULL;
}

/* Takes the cache file, if there is one that fits. */
static bool take_cache(struct spike_index *index)
{
    struct error ignored = { 0 };
    struct index_identity identity;
    const struct scene *scene = index->scene;
    if (scene->recording.is_live ||
        index_identify(&identity, scene->path, scene->tokens, &index->map, &ignored) !=
            OK ||
        index_file_open(&index->file, scene->path, &index->map, &identity, &ignored) !=
            OK)
        return false;
    bool good = true;
    for (size_t i = 0; i < index->file.parts && good; i++) {
        struct stored_part *part = stored_part_create(&index->file.part[i], NULL, NULL);
        good = part && part_store_add(&index->store, part, 0, true);
    }
    return good;
}

static void begin(struct spike_index *index, bool waits,
                  const struct index_sizes *sizes)
{
    const struct scene *scene = index->scene;
    uint64_t events = expect_events(scene);
    index_builder_init(&index->builder, &index->map, &index->store, &scene->recording,
                       scene->path, sizes);
    index->builder.keeps_file =
        events >= sizes->cache_events && !scene->recording.is_live;
    index->needs_sample = !waits && events >= sizes->sample_events;
    index->recording = scene->recording;
    if (waits) {
        while (advance(index))
            ;
        if (!scene->recording.is_live)
            return;
    }
    index->has_thread = recording_prepare_thread() &&
                        pthread_create(&index->thread, NULL, build, index) == 0;
}

enum error_code spike_index_open_sized(struct spike_index **index,
                                       const struct scene *scene, bool waits,
                                       const struct index_settings *settings,
                                       struct error *err)
{
    struct spike_index *new = calloc(1, sizeof *new);
    *index = NULL;
    if (!new)
        return error_memory(err, "an index of spikes", sizeof *new);
    new->scene = scene;
    new->limits = settings->limits;
    if (index_map_init(&new->map, scene->recording.population,
                       scene->recording.populations, err) != OK) {
        free(new);
        return err->code;
    }
    part_store_init(&new->store);
    pthread_mutex_init(&new->mutex, NULL);
    pthread_cond_init(&new->wake, NULL);
    if (!has_spikes(scene) || take_cache(new))
        new->is_complete = true;
    else
        begin(new, waits, &settings->sizes);
    if (waits && new->failure.code != OK) {
        *err = new->failure;
        spike_index_close(new);
        return err->code;
    }
    *index = new;
    return OK;
}

enum error_code spike_index_open(struct spike_index **index, const struct scene *scene,
                                 bool waits, struct error *err)
{
    const struct index_settings usual = { .sizes = index_usual_sizes };
    return spike_index_open_sized(index, scene, waits, &usual, err);
}

void spike_index_close(struct spike_index *index)
{
    if (!index)
        return;
    if (index->has_thread) {
        pthread_mutex_lock(&index->mutex);
        index->stops = true;
        pthread_cond_signal(&index->wake);
        pthread_mutex_unlock(&index->mutex);
        pthread_join(index->thread, NULL);
    }
    index_builder_release(&index->builder);
    part_store_release(&index->store);
    index_file_close(&index->file);
    index_map_release(&index->map);
    pthread_cond_destroy(&index->wake);
    pthread_mutex_destroy(&index->mutex);
    free(index);
}

bool spike_index_is_cached(const struct spike_index *index)
{
    return index->file.map != NULL;
}

/* The mutexes are the index's own, whatever the caller may change. */
static struct spike_index *opened(const struct spike_index *index)
{
    return (struct spike_index *)index;
}

double spike_index_progress(const struct spike_index *index)
{
    struct spike_index *own = opened(index);
    uint64_t all = index->scene->tokens;
    if (!has_spikes(index->scene) || all == 0)
        return 1;
    pthread_mutex_lock(&own->store.mutex);
    uint64_t seen = own->store.tokens;
    pthread_mutex_unlock(&own->store.mutex);
    return seen >= all ? 1 : (double)seen / (double)all;
}

uint64_t spike_index_age(const struct spike_index *index)
{
    struct spike_index *own = opened(index);
    pthread_mutex_lock(&own->store.mutex);
    uint64_t age = own->store.age;
    pthread_mutex_unlock(&own->store.mutex);
    return age;
}

enum error_code spike_index_extend(struct spike_index *index, struct error *err)
{
    if (!has_spikes(index->scene) || index->file.map)
        return OK;
    pthread_mutex_lock(&index->mutex);
    index->recording = index->scene->recording;
    enum error_code code = index->failure.code;
    if (code == OK)
        index->is_complete = false;
    else
        *err = index->failure;
    pthread_cond_signal(&index->wake);
    pthread_mutex_unlock(&index->mutex);
    return code;
}

/* Of the parts in view those that the plot touches; the sample only behind the rest. */
static size_t choose_parts(const struct part_view *view, const struct spike_grid *grid,
                           struct query_part *part)
{
    const uint64_t most = INT64_MAX / 2, first = grid->first_step;
    size_t chosen = 0;
    for (size_t i = 0; i < view->parts; i++) {
        const struct index_part_head *head = view->part[i]->part.head;
        bool is_sample = view->has_sample && i + 1 == view->parts;
        uint64_t from = is_sample ? view->end_step : 0;
        uint64_t begin = head->first_step, end = begin + head->steps;
        if (end >= most || end <= first || end <= from || begin >= first + grid->steps)
            continue;
        part[chosen++] = (struct query_part){ &view->part[i]->part, from, most };
    }
    return chosen;
}

enum error_code spike_index_fill(struct spike_index *index, struct spike_grid *grid,
                                 struct error *err)
{
    struct part_view view;
    if (!index->has_thread)
        advance(index);
    pthread_mutex_lock(&index->mutex);
    struct error failure = index->failure;
    pthread_mutex_unlock(&index->mutex);
    if (failure.code != OK) {
        *err = failure;
        return err->code;
    }
    if (grid->first_step >= INT64_MAX / 4 || grid->steps >= INT64_MAX / 4)
        return OK;
    if (!part_store_look(&index->store, &view))
        return error_memory(err, "the parts of an index", 0);
    for (size_t i = 0; i < view.parts; i++)
        if (view.part[i]->part.head->strongest > grid->strongest)
            grid->strongest = view.part[i]->part.head->strongest;
    struct query_part *part = malloc((view.parts + 1) * sizeof *part);
    enum error_code code = OK;
    if (part)
        code = index_query(grid, &index->map, part, choose_parts(&view, grid, part),
                           &index->limits, err);
    else
        code = error_memory(err, "the parts of an index", 0);
    free(part);
    part_store_let_go(&index->store, &view);
    return code;
}

enum error_code spike_index_token(struct spike_index *index, uint64_t token,
                                  struct recorded_spike **spike, size_t *length,
                                  struct error *err)
{
    return recording_expand(&index->scene->recording, token, spike, length, err);
}
