/* Finds the spikes of any stretch of time and neurons of a recording at a cost that
 * follows the picture's size and not the number of spikes: sums over ever coarser cells,
 * kept in a file beside the recording (`RUN.h5.index`), a cache that may be deleted.
 * It is built in the background; until it stands, spikes come from the recording itself
 * or, where these would be too many, from the parts that are done. */
#ifndef VIZ_SPIKE_INDEX_H
#define VIZ_SPIKE_INDEX_H

#include "base/error.h"
#include "viz/scene.h"
#include "viz/spike_grid.h"

#include <stdbool.h>
#include <stdint.h>

struct spike_index;

/* Takes a cache that fits the recording (size, date, tokens, format), else begins to
 * build one; a folder that cannot be written gets none, and the index lives in a
 * temporary file. The scene must outlive it. waits: return when it stands (for pictures). */
enum error_code spike_index_open(struct spike_index **index, const struct scene *scene,
                                 bool waits, struct error *err);
void spike_index_close(struct spike_index *index); /* NULL is allowed */
/* 0 .. 1: the share of tokens that queries can see. */
double spike_index_progress(const struct spike_index *index);
/* Changes whenever a query could give something new. */
uint64_t spike_index_age(const struct spike_index *index);
/* The scene has grown. */
enum error_code spike_index_extend(struct spike_index *index, struct error *err);

/* Adds the spikes within grid's bands and steps. Every column and every row with a spike
 * shows. Some millions are added one by one, as spike_grid_add does; more as sums over
 * cells of about a pixel, divided where a pixel's border cuts them, so that nothing is
 * lost and nothing is further than 1.4 pixels from its place. Sums and numbers of spikes
 * are then 0.1 % fine. strongest is that of the whole recording, as far as it is seen. */
enum error_code spike_index_fill(struct spike_index *index, struct spike_grid *grid,
                                 struct error *err);
/* The spikes of one token (malloc'ed, by step, then node): for looking closely. */
enum error_code spike_index_token(struct spike_index *index, uint64_t token,
                                  struct recorded_spike **spike, size_t *length,
                                  struct error *err);

#endif
