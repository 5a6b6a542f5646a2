/* The fast engine, for pairs with a closed form: every channel's spikes at once, as its
 * count; silent channels are skipped. The same integers as the event queue delivers, so
 * the same y bit for bit. */
#ifndef SIM_SPIKING_COUNTS_H
#define SIM_SPIKING_COUNTS_H

#include "sim/spiking_site.h"

struct counts_engine;

enum error_code counts_create(struct counts_engine **engine,
                              const struct kernel *kernel,
                              const struct spiking_limits *limits,
                              struct thread_team *team, struct error *err);
void counts_free(struct counts_engine *engine);
/* y (rows, outputs); row (rows), at most BLOCK_ROWS. */
enum error_code counts_project(struct counts_engine *engine,
                               const struct spiking_site *s, const struct encoded *row,
                               size_t rows, float *y, struct error *err);

#endif
