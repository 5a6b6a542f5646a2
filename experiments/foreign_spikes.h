/* Spikes of other tools as a recording of ours. */
#ifndef EXPERIMENTS_FOREIGN_SPIKES_H
#define EXPERIMENTS_FOREIGN_SPIKES_H

#include "sim/spike_import.h"

/* Fills in where the recording comes from. command and config are the caller's. */
enum error_code foreign_import(struct spike_source *source, const char *path,
                               struct import_settings *settings,
                               struct import_result *result, struct error *err);
/* One line about what was read, on stderr. */
void foreign_describe(const struct spike_source *source,
                      const struct import_result *result);

#endif
