/* A grid of settings measured on one text, each point as `ppl --kl` measures it, into a
 * folder that a later run goes on from. */
#ifndef EXPERIMENTS_SWEEP_H
#define EXPERIMENTS_SWEEP_H

#include "experiments/profile_list.h"
#include "experiments/scoring.h"
#include "experiments/sweep_folder.h"
#include "experiments/sweep_grid.h"

struct sweep {
    const struct options *options; /* the caller's; lists on the axes */
    struct options point;          /* of the point under way */
    struct session session;
    struct scoring_text text;
    struct profile_list profiles;
    struct sweep_grid grid;
    struct sweep_folder folder;
    unsigned jobs;
    bool is_loaded; /* weights, in a worker */
    void *watching; /* progress of sweep_run */
};

extern const struct option option_sweep[];

/* Reads model, text and grid, and opens the folder; every value is checked here, so that
 * a typing error costs no run. `command`: the command line. Close whatever is
 * returned. */
enum error_code sweep_open(struct sweep *sweep, const struct options *options,
                           const char *command, struct error *err);
void sweep_close(struct sweep *sweep);

/* Measures what is missing, and says how many points that were. A point that cannot work
 * gets its sentence as its result. */
enum error_code sweep_run(struct sweep *sweep, size_t *measured, struct error *err);

/* The grid's points in order, an array of {"point": {...}, "row": {...}} or
 * {"point": {...}, "sentence": "..."}; seconds and tokens per second, which no second run
 * repeats, are left out. */
json_t *sweep_lines(const struct sweep *sweep);

#endif
