/* Whether what a file says of a population can be of its code. */
#ifndef SIM_POPULATION_CHECK_H
#define SIM_POPULATION_CHECK_H

#include "encoders/encoder.h"
#include "sim/recording.h"

/* Of a population's counts (channels) in a window of `steps`. ERR_FORMAT: the code has
 * other neurons a channel or no such window, or one of the counts does not fit it. The
 * closed form of a code is asked only for what passes here. */
enum error_code population_check_counts(const struct population_info *population,
                                        const struct encoder *encoder,
                                        const int32_t *count, uint64_t steps,
                                        struct error *err);

#endif
