/* An index with other sizes than usual: for tests, which cannot wait for large files. */
#ifndef VIZ_SPIKE_INDEX_STATE_H
#define VIZ_SPIKE_INDEX_STATE_H

#include "viz/spike_index.h"
#include "viz/spike_index_build.h"
#include "viz/spike_index_query.h"

struct index_settings {
    struct index_sizes sizes;
    struct query_limits limits;
};

enum error_code spike_index_open_sized(struct spike_index **index,
                                       const struct scene *scene, bool waits,
                                       const struct index_settings *settings,
                                       struct error *err);
/* Whether the cache file was taken as it stood. */
bool spike_index_is_cached(const struct spike_index *index);

#endif
