/* The parts that queries see. One thread adds parts while another looks: a part that was
 * replaced stays until nobody looks at it any more. */
#ifndef VIZ_SPIKE_INDEX_STORE_H
#define VIZ_SPIKE_INDEX_STORE_H

#include "viz/spike_index_cache.h"

#include <pthread.h>
#include <stdbool.h>

/* A part and where its bytes live: malloc'ed, mapped alone, or in a file's map. */
struct stored_part {
    struct index_part part;
    unsigned char *image;
    void *map;
    unsigned users; /* the store, and those who look */
};

struct part_store {
    pthread_mutex_t mutex;
    struct stored_part **part; /* whole ones, then those of the tail */
    size_t parts, whole, room;
    struct stored_part *sample;     /* of tokens behind the parts' last; or NULL */
    uint64_t age, end_step, tokens; /* where the parts end */
};

void part_store_init(struct part_store *store);
void part_store_release(struct part_store *store);

/* A part with its image, or with its map. NULL: no memory, and image is freed. */
struct stored_part *stored_part_create(const struct index_part *part,
                                       unsigned char *image, void *map);
void stored_part_free(struct stored_part *part);

/* Puts a part in place of the last `replaced` ones. is_whole: it will not be replaced.
 * False: no memory, and the part is freed. */
bool part_store_add(struct part_store *store, struct stored_part *part, size_t replaced,
                    bool is_whole);
void part_store_set_sample(struct part_store *store, struct stored_part *sample);

/* What there is at this moment: to be let go. The sample, if any, stands last. */
struct part_view {
    struct stored_part **part;
    size_t parts;
    bool has_sample;
    uint64_t end_step;
};
bool part_store_look(struct part_store *store, struct part_view *view);
void part_store_let_go(struct part_store *store, struct part_view *view);

#endif
