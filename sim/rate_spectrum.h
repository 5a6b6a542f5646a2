/* Power spectrum of a series of counts that goes by: Welch's method (1967, IEEE Trans.
 * Audio Electroacoust. 15, 70), segments half overlapping under a Hann window, each
 * without its mean. Memory is one segment. */
#ifndef SIM_RATE_SPECTRUM_H
#define SIM_RATE_SPECTRUM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct rate_spectrum {
    double *series, *work, *power; /* (length), (length), (length / 2) */
    size_t length, fill;           /* of a segment, a power of two; counts in series */
    uint64_t segments, bins;
    double sum, in_series; /* of all counts, and of those in series */
};

enum error_code rate_spectrum_init(struct rate_spectrum *spectrum, size_t length,
                                   struct error *err);
void rate_spectrum_release(struct rate_spectrum *spectrum);
/* One count, or many zeros; a long silence costs no more than a short one. */
void rate_spectrum_push(struct rate_spectrum *spectrum, double count);
void rate_spectrum_push_zeros(struct rate_spectrum *spectrum, uint64_t bins);
/* Scales power so that white noise with variance = mean has 1. A series shorter than a
 * segment becomes one, filled with zeros. */
void rate_spectrum_finish(struct rate_spectrum *spectrum);
/* Frequency (in cycles a bin) and power of the highest point above the window's own
 * width, by a parabola through the logarithms of three points; NaN without one. */
void rate_spectrum_peak(const struct rate_spectrum *spectrum, double *frequency,
                        double *power);

#endif
