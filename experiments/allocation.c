/* See allocation.h. A step may be several levels wide: where a curve is not convex, a
 * dear level may hide a cheap one behind it. So each site offers the step, of any width,
 * that saves most for its cost. */
#include "experiments/allocation.h"

#include <math.h>
#include <stdlib.h>

/* Saving per cost of going from one level to another. */
static double worth_of(const struct level_curve *curve, size_t from, size_t to)
{
    double saving = curve->saving[to] - curve->saving[from];
    double cost = curve->cost[to] - curve->cost[from];
    if (saving <= 0)
        return -1;
    return cost > 0 ? saving / cost : (double)INFINITY;
}

struct offer {
    size_t to;
    double worth; /* < 0: nothing */
};

static struct offer best_step(const struct level_curve *curve, size_t from,
                              double budget)
{
    struct offer best = { from, -1 };
    for (size_t to = from + 1; to < curve->levels; to++) {
        if (curve->cost[to] - curve->cost[from] > budget)
            continue;
        double worth = worth_of(curve, from, to);
        if (worth > best.worth)
            best = (struct offer){ to, worth };
    }
    return best;
}

bool allocation_greedy(const struct level_curve *curve, size_t sites, double budget,
                       size_t *level, struct allocation *result)
{
    struct offer *offer = calloc(sites ? sites : 1, sizeof *offer);
    *result = (struct allocation){ 0 };
    if (!offer)
        return false;
    for (size_t s = 0; s < sites; s++) {
        level[s] = 0;
        offer[s] = best_step(&curve[s], 0, budget);
    }
    for (;;) {
        size_t best = sites;
        for (size_t s = 0; s < sites; s++)
            if (offer[s].worth > (best < sites ? offer[best].worth : 0))
                best = s;
        if (best == sites)
            break;
        const struct level_curve *c = &curve[best];
        double cost = c->cost[offer[best].to] - c->cost[level[best]];
        /* The budget shrank since the offer was made. */
        if (cost <= budget) {
            result->saving += c->saving[offer[best].to] - c->saving[level[best]];
            result->cost += cost;
            budget -= cost;
            level[best] = offer[best].to;
        }
        offer[best] = best_step(c, level[best], budget);
    }
    free(offer);
    return true;
}
