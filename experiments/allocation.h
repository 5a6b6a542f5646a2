/* Where to be silent, when every site may choose among a few levels: each level saves so
 * much and costs so much, and what all cost together must stay within a budget. Greedy:
 * the step up that saves most for its cost, again and again; where costs rise faster
 * than savings (convex curves) that is the best there is, up to the one step that no
 * longer fits. */
#ifndef EXPERIMENTS_ALLOCATION_H
#define EXPERIMENTS_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

/* Levels rise in saving and in cost; level 0 saves and costs nothing. */
struct level_curve {
    const double *saving, *cost; /* (levels) */
    size_t levels;
};

struct allocation {
    double saving, cost; /* of the levels chosen, summed */
};

/* Fills level (sites). False: no memory. A step that does not fit ends the climb of its
 * site only; a level that costs nothing more is always taken. */
bool allocation_greedy(const struct level_curve *curve, size_t sites, double budget,
                       size_t *level, struct allocation *result);

#endif
