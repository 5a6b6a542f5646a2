/* Builds an index: reads token after token, shows what it has now and then as parts that
 * are replaced by larger ones, and keeps whole parts in a file. */
#ifndef VIZ_SPIKE_INDEX_BUILD_H
#define VIZ_SPIKE_INDEX_BUILD_H

#include "viz/spike_index_read.h"
#include "viz/spike_index_store.h"

enum { MOST_TAIL = 64 };

struct index_sizes {
    size_t part_events;     /* of a whole part */
    uint64_t cache_events;  /* recordings of fewer get no file */
    uint64_t sample_events; /* recordings of fewer get no sample first */
};
extern const struct index_sizes index_usual_sizes;

struct index_builder {
    const struct index_map *map;
    struct index_sizes sizes;
    struct part_store *store;
    struct event_reader reader;
    size_t
        tail_begin[MOST_TAIL]; /* where in reader.event each part of the tail begins */
    uint64_t tail_token[MOST_TAIL];
    size_t tails;
    uint64_t shown_token; /* where the shown ones end */
    size_t shown_events;
    const char *path; /* of the recording */
    struct index_writer writer;
    bool has_writer, keeps_file; /* the file gets a name in the end */
    bool has_cache_failed;       /* parts stay in memory */
    double shown_at;
};

void index_builder_init(struct index_builder *builder, const struct index_map *map,
                        struct part_store *store, const struct recording *recording,
                        const char *path, const struct index_sizes *sizes);
void index_builder_release(struct index_builder *builder);
/* Evenly spread tokens of those to come, for a while. */
enum error_code index_builder_sample(struct index_builder *builder, uint64_t tokens,
                                     struct error *err);
/* Reads on for a moment, at most to `tokens`. */
enum error_code index_builder_advance(struct index_builder *builder, uint64_t tokens,
                                      struct error *err);
/* What was read becomes whole, and the file gets its name. */
enum error_code index_builder_finish(struct index_builder *builder, struct error *err);

#endif
