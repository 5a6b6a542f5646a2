/* Every spike code. A new one: its `extern` and its row. */
#include "encoders/encoder.h"

#include <string.h>

extern const struct encoder binary_encoder;
extern const struct encoder bitwise_bidirectional_encoder;
extern const struct encoder bitwise_twos_complement_encoder;
extern const struct encoder bitwise_unsigned_encoder;
extern const struct encoder burst_encoder;
extern const struct encoder delta_encoder;
extern const struct encoder graded_encoder;
extern const struct encoder latency_encoder;
extern const struct encoder phase_encoder;
extern const struct encoder rate_encoder;
extern const struct encoder rate_poisson_encoder;
extern const struct encoder sigma_delta_encoder;
extern const struct encoder ternary_encoder;
extern const struct encoder tuning_encoder;

const struct encoder *const encoders[] = {
    &binary_encoder,
    &bitwise_bidirectional_encoder,
    &bitwise_twos_complement_encoder,
    &bitwise_unsigned_encoder,
    &burst_encoder,
    &delta_encoder,
    &graded_encoder,
    &latency_encoder,
    &phase_encoder,
    &rate_encoder,
    &rate_poisson_encoder,
    &sigma_delta_encoder,
    &ternary_encoder,
    &tuning_encoder,
    NULL,
};

const struct encoder *encoder_find(const char *name)
{
    for (size_t i = 0; encoders[i]; i++)
        if (strcmp(encoders[i]->name, name) == 0)
            return encoders[i];
    return NULL;
}
