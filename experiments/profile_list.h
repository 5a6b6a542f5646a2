/* The price profiles of data/profiles, or those that --profile names. */
#ifndef EXPERIMENTS_PROFILE_LIST_H
#define EXPERIMENTS_PROFILE_LIST_H

#include "sim/energy.h"

/* What a run is priced with when nobody asks for others. */
#define PROFILES_USUAL "horowitz-45nm,spikingbrain-report"

struct profile_list {
    struct energy_profile *profile;
    size_t count;
};

/* "all" files of the folder, or names and paths with commas between; the name
 * cpu-measured measures this machine. */
enum error_code profile_list_open(struct profile_list *list, const char *names,
                                  struct error *err);
void profile_list_close(struct profile_list *list);

#endif
