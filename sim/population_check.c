/* See population_check.h. */
#include "sim/population_check.h"

enum error_code population_check_counts(const struct population_info *population,
                                        const struct encoder *encoder,
                                        const int32_t *count, uint64_t steps,
                                        struct error *err)
{
    int32_t lowest = 0, highest = 0;
    if (population->size != population->channels * encoder->neurons_per_channel)
        return error_set(err, ERR_FORMAT,
                         "population %s: %llu neurons for %llu channels, code '%s' has "
                         "%u a channel",
                         population->name, (unsigned long long)population->size,
                         (unsigned long long)population->channels, encoder->name,
                         encoder->neurons_per_channel);
    if (steps > encoder->max_steps)
        return error_set(err, ERR_FORMAT,
                         "population %s: a window of %llu steps, code '%s' has %u at "
                         "most",
                         population->name, (unsigned long long)steps, encoder->name,
                         encoder->max_steps);
    if (steps > 0)
        encoder->range((unsigned)steps, &lowest, &highest);
    for (uint64_t channel = 0; channel < population->channels; channel++)
        if (count[channel] < lowest || count[channel] > highest)
            return error_set(err, ERR_FORMAT,
                             "population %s: a count of %d does not fit %u steps",
                             population->name, (int)count[channel], (unsigned)steps);
    return OK;
}
