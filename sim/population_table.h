/* The populations of a run: one per site that spikes, in the order of sites. */
#ifndef SIM_POPULATION_TABLE_H
#define SIM_POPULATION_TABLE_H

#include "lm/model.h"
#include "sim/recording.h"
#include "sim/spiking_projector.h"

struct population_table {
    struct population_info *population;
    uint32_t populations;
    int32_t *of_site; /* (sites): index of its population, -1: none */
    uint32_t sites;
    uint64_t neurons, channels;
};

/* Release what failed, too. */
enum error_code population_table_init(struct population_table *table,
                                      const struct model *model,
                                      const struct spiking_settings *settings,
                                      struct error *err);
void population_table_release(struct population_table *table);

#endif
