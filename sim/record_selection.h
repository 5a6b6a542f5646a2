/* What `--record` asks for: none | counters | counts |
 * spikes[:populations][:tokens]. */
#ifndef SIM_RECORD_SELECTION_H
#define SIM_RECORD_SELECTION_H

#include "sim/recording.h"

enum record_level { RECORD_NONE, RECORD_COUNTERS, RECORD_COUNTS, RECORD_SPIKES };

struct record_selection {
    enum record_level level;          /* each holds what the one before holds */
    char populations[256];            /* names, roles or layers (L07); "": all */
    uint64_t first_token, last_token; /* whose spikes are kept, both included */
};

/* Tokens are `a-b`, `a-` or `a`, counted from 0. */
enum error_code record_selection_parse(struct record_selection *selection,
                                       const char *text, struct error *err);
/* Whether its list names a population. */
bool record_selection_has(const struct record_selection *selection,
                          const struct population_info *population);
/* Whether spikes of this token are kept, where any are. */
bool record_selection_has_token(const struct record_selection *selection,
                                uint64_t token);
/* Every name must fit one of the run's. */
enum error_code record_selection_check(const struct record_selection *selection,
                                       const struct population_info *population,
                                       uint32_t populations, struct error *err);
/* About the size of a recording of so many tokens: spikes are taken as
 * spikes_per_channel for every channel selected, 3 bytes each (dt of whole
 * milliseconds; else 11). Ternary and bitwise codes at k = 3 make 1.2 to 3. */
double record_predict_bytes(const struct record_selection *selection,
                            const struct population_info *population,
                            uint32_t populations, uint64_t tokens,
                            double spikes_per_channel);

#endif
