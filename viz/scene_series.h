/* Sums over tokens by series, so that any stretch of them is a difference of two rows. */
#ifndef VIZ_SCENE_SERIES_H
#define VIZ_SCENE_SERIES_H

#include "viz/scene.h"

/* Names the series and adds the tokens from `from_token` to the last. Makes room itself
 * (series, series_of and series_sum are malloc'ed). */
enum error_code scene_series(struct scene *scene, uint64_t from_token,
                             struct error *err);
/* Sums of a series over tokens [from, to). */
struct series_sum scene_series_between(const struct scene *scene, uint32_t series,
                                       uint64_t from, uint64_t to);
/* The same of one population, from its cells. */
struct series_sum scene_population_between(const struct scene *scene,
                                           uint32_t population, uint64_t from,
                                           uint64_t to);

#endif
