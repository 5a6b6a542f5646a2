/* What every export shares: walking over the spikes, and a file that appears whole. */
#ifndef SIM_EXPORT_SPIKES_H
#define SIM_EXPORT_SPIKES_H

#include "sim/recording.h"

/* The spikes of one token, from the recording or expanded. */
struct exported_token {
    uint64_t token, start_step;
    const struct recorded_spike *spike;
    size_t length;
};

typedef enum error_code (*export_visit)(void *context,
                                        const struct exported_token *token,
                                        struct error *err);
enum error_code export_each(const struct recording *recording, export_visit visit,
                            void *context, struct error *err);

/* The population of a node id. */
const struct population_info *export_population(const struct recording *recording,
                                                uint64_t node);

/* Lets `write` make PATH.partial, then renames it; removes it on failure. */
typedef enum error_code (*export_write)(const struct recording *recording,
                                        const char *path, struct error *err);
enum error_code export_whole(const struct recording *recording, const char *path,
                             export_write write, struct error *err);

#endif
