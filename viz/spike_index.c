/* See spike_index.h. */
#include "viz/spike_index.h"

#include <stdlib.h>

struct spike_index {
    const struct scene *scene;
    uint64_t age;
};

enum error_code spike_index_open(struct spike_index **index, const struct scene *scene,
                                 bool waits, struct error *err)
{
    (void)waits;
    *index = calloc(1, sizeof **index);
    if (!*index)
        return error_memory(err, "an index of spikes", sizeof **index);
    (*index)->scene = scene;
    return OK;
}

void spike_index_close(struct spike_index *index)
{
    free(index);
}

double spike_index_progress(const struct spike_index *index)
{
    (void)index;
    return 1;
}

uint64_t spike_index_age(const struct spike_index *index)
{
    return index->age;
}

enum error_code spike_index_extend(struct spike_index *index, struct error *err)
{
    (void)err;
    index->age++;
    return OK;
}

enum error_code spike_index_fill(struct spike_index *index, struct spike_grid *grid,
                                 struct error *err)
{
    const struct scene *scene = index->scene;
    if (scene->tokens == 0 || grid->steps == 0 || grid->bands == 0 ||
        (!scene->recording.has_counts && !scene->recording.has_spikes))
        return OK;
    for (uint64_t token = scene_token_at(scene, (double)grid->first_step);
         token < scene->tokens &&
         scene->start_step[token] < grid->first_step + grid->steps;
         token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        if (spike_index_token(index, token, &spike, &length, err) != OK)
            return err->code;
        spike_grid_add(grid, scene->start_step[token], spike, length);
        free(spike);
    }
    return OK;
}

enum error_code spike_index_token(struct spike_index *index, uint64_t token,
                                  struct recorded_spike **spike, size_t *length,
                                  struct error *err)
{
    return recording_expand(&index->scene->recording, token, spike, length, err);
}
