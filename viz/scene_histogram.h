/* Histograms of |count| by population: of all tokens, kept in the scene, and of one. */
#ifndef VIZ_SCENE_HISTOGRAM_H
#define VIZ_SCENE_HISTOGRAM_H

#include "viz/scene.h"

/* Takes what the recording has summed up, or where it has not (a run that still goes on
 * or was killed) adds tokens' counts, so many at a call that it stays short. */
enum error_code scene_histogram(struct scene *scene, struct error *err);
/* Of one token: bins (populations, COUNT_BINS). */
enum error_code scene_token_histogram(const struct scene *scene, uint64_t token,
                                      uint64_t *bins, struct error *err);

#endif
