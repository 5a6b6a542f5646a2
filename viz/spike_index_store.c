/* See spike_index_store.h. */
#include "viz/spike_index_store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void part_store_init(struct part_store *store)
{
    *store = (struct part_store){ .parts = 0 };
    pthread_mutex_init(&store->mutex, NULL);
}

struct stored_part *stored_part_create(const struct index_part *part,
                                       unsigned char *image, void *map)
{
    struct stored_part *stored = calloc(1, sizeof *stored);
    if (!stored) {
        free(image);
        return NULL;
    }
    *stored = (struct stored_part){ *part, image, map, 1 };
    return stored;
}

void stored_part_free(struct stored_part *part)
{
    if (part && part->map)
        munmap(part->map, (size_t)part->part.head->bytes);
    if (part)
        free(part->image);
    free(part);
}

static void drop(struct stored_part *part)
{
    if (part && --part->users == 0)
        stored_part_free(part);
}

void part_store_release(struct part_store *store)
{
    for (size_t i = 0; i < store->parts; i++)
        drop(store->part[i]);
    drop(store->sample);
    free(store->part);
    pthread_mutex_destroy(&store->mutex);
}

bool part_store_add(struct part_store *store, struct stored_part *part, size_t replaced,
                    bool is_whole)
{
    bool good = true;
    pthread_mutex_lock(&store->mutex);
    if (store->parts - replaced == store->room) {
        size_t room = store->room ? 2 * store->room : 64;
        struct stored_part **larger = realloc(store->part, room * sizeof *larger);
        good = larger != NULL;
        if (good) {
            store->part = larger;
            store->room = room;
        }
    }
    if (good) {
        const struct index_part_head *head = part->part.head;
        while (replaced-- > 0)
            drop(store->part[--store->parts]);
        store->part[store->parts++] = part;
        if (is_whole)
            store->whole = store->parts;
        store->end_step = head->first_step + head->steps;
        store->tokens = head->first_token + head->tokens;
        store->age++;
    } else {
        stored_part_free(part);
    }
    pthread_mutex_unlock(&store->mutex);
    return good;
}

void part_store_set_sample(struct part_store *store, struct stored_part *sample)
{
    pthread_mutex_lock(&store->mutex);
    drop(store->sample);
    store->sample = sample;
    store->age++;
    pthread_mutex_unlock(&store->mutex);
}

bool part_store_look(struct part_store *store, struct part_view *view)
{
    pthread_mutex_lock(&store->mutex);
    *view = (struct part_view){ .has_sample = store->sample != NULL,
                                .end_step = store->end_step };
    view->part = malloc((store->parts + 1) * sizeof(struct stored_part *));
    if (view->part) {
        if (store->parts > 0)
            memcpy(view->part, store->part,
                   store->parts * sizeof(struct stored_part *));
        view->parts = store->parts;
        if (store->sample)
            view->part[view->parts++] = store->sample;
        for (size_t i = 0; i < view->parts; i++)
            view->part[i]->users++;
    }
    pthread_mutex_unlock(&store->mutex);
    return view->part != NULL;
}

void part_store_let_go(struct part_store *store, struct part_view *view)
{
    pthread_mutex_lock(&store->mutex);
    for (size_t i = 0; i < view->parts; i++)
        drop(view->part[i]);
    pthread_mutex_unlock(&store->mutex);
    free(view->part);
    *view = (struct part_view){ 0 };
}
