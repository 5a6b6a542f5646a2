/* The spikes of a recording in files of other tools. Counts are expanded on the way.
 * Files are written beside the path and renamed when they are complete. */
#ifndef SIM_EXPORT_H
#define SIM_EXPORT_H

#include "sim/recording.h"

/* SONATA: /spikes/model with timestamps, node_ids, and values (the worth of a spike),
 * sorted by time. */
enum error_code export_sonata(const struct recording *recording, const char *path,
                              struct error *err);
/* A line of names, then one line per spike:
 * timestamp_ms,node_id,population,channel,token,step,worth */
enum error_code export_csv(const struct recording *recording, const char *path,
                           struct error *err);
/* NIRData: /nodes/<population>/observables/spikes with idx and time in seconds, and the
 * worth as value for populations with a spike code. */
enum error_code export_nirdata(const struct recording *recording, const char *path,
                               struct error *err);
/* NEST's ASCII: three # lines, then `sender time_ms`; sender = node id + 1. */
enum error_code export_nest(const struct recording *recording, const char *path,
                            struct error *err);

#endif
