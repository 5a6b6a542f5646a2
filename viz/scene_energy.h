/* What the tokens of a scene did and cost, added up: scene.h's sum. */
#ifndef VIZ_SCENE_ENERGY_H
#define VIZ_SCENE_ENERGY_H

#include "viz/scene.h"

/* Adds the tokens from `from_token` to the last; what comes before stands. Needs tokens,
 * populations and cells; makes room itself (sum is malloc'ed). Where no price applies,
 * nj is NaN and `unpriced` says why. */
enum error_code scene_energy(struct scene *scene, uint64_t from_token,
                             struct error *err);

#endif
