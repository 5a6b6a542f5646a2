/* See rate_spectrum.h. */
#include "sim/rate_spectrum.h"

#include <gsl/gsl_fft_real.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST = 16 }; /* bins that are worth a spectrum */

enum error_code rate_spectrum_init(struct rate_spectrum *spectrum, size_t length,
                                   struct error *err)
{
    *spectrum = (struct rate_spectrum){ .length = length };
    spectrum->series = calloc(length, sizeof *spectrum->series);
    spectrum->work = calloc(length, sizeof *spectrum->work);
    spectrum->power = calloc(length / 2, sizeof *spectrum->power);
    if (!spectrum->series || !spectrum->work || !spectrum->power) {
        rate_spectrum_release(spectrum);
        return error_memory(err, "a spectrum", 2.5 * (double)length * sizeof(double));
    }
    return OK;
}

void rate_spectrum_release(struct rate_spectrum *spectrum)
{
    free(spectrum->series);
    free(spectrum->work);
    free(spectrum->power);
    *spectrum = (struct rate_spectrum){ 0 };
}

/* Adds the periodogram of the first `bins` of the series. GSL's half-complex order: the
 * real part of k at k, the imaginary at length - k. */
static void add_segment(struct rate_spectrum *spectrum, size_t bins)
{
    size_t length = spectrum->length;
    double *work = spectrum->work, mean = spectrum->in_series / (double)bins;
    double weight = 0;
    spectrum->segments++;
    if (spectrum->in_series == 0)
        return;
    memset(work, 0, length * sizeof *work);
    for (size_t i = 0; i < bins; i++) {
        double hann = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)bins);
        work[i] = hann * (spectrum->series[i] - mean);
        weight += hann * hann;
    }
    gsl_fft_real_radix2_transform(work, 1, length);
    for (size_t k = 1; k < length / 2; k++)
        spectrum->power[k] +=
            (work[k] * work[k] + work[length - k] * work[length - k]) / weight;
}

void rate_spectrum_push(struct rate_spectrum *spectrum, double count)
{
    size_t half = spectrum->length / 2;
    spectrum->series[spectrum->fill++] = count;
    spectrum->in_series += count;
    spectrum->sum += count;
    spectrum->bins++;
    if (spectrum->fill < spectrum->length)
        return;
    add_segment(spectrum, spectrum->length);
    memmove(spectrum->series, spectrum->series + half, half * sizeof(double));
    spectrum->fill = half;
    spectrum->in_series = 0;
    for (size_t i = 0; i < half; i++)
        spectrum->in_series += spectrum->series[i];
}

void rate_spectrum_push_zeros(struct rate_spectrum *spectrum, uint64_t bins)
{
    uint64_t half = spectrum->length / 2;
    while (bins > 0) {
        /* An empty series with an empty second half to come is a segment without
         * power. */
        if (spectrum->in_series == 0 && spectrum->fill == half && bins >= half) {
            spectrum->segments += bins / half;
            spectrum->bins += bins - bins % half;
            bins %= half;
        } else {
            rate_spectrum_push(spectrum, 0);
            bins--;
        }
    }
}

void rate_spectrum_finish(struct rate_spectrum *spectrum)
{
    if (spectrum->segments == 0 && spectrum->fill >= FEWEST)
        add_segment(spectrum, spectrum->fill);
    double mean = spectrum->sum / (double)spectrum->bins;
    if (!(mean > 0) || spectrum->segments == 0)
        return;
    for (size_t k = 1; k < spectrum->length / 2; k++)
        spectrum->power[k] /= mean * (double)spectrum->segments;
}

void rate_spectrum_peak(const struct rate_spectrum *spectrum, double *frequency,
                        double *power)
{
    const double *p = spectrum->power;
    double length = (double)spectrum->length,
           bins = fmin((double)spectrum->bins, length);
    *frequency = *power = (double)NAN;
    if (spectrum->segments == 0 || !(spectrum->sum > 0))
        return;
    size_t first = (size_t)ceil(2 * length / bins), last = spectrum->length / 2 - 1;
    size_t peak = first;
    for (size_t k = first; k < last; k++)
        if (p[k] > p[peak])
            peak = k;
    if (peak >= last || !(p[peak] > 0))
        return;
    double shift = 0;
    if (p[peak - 1] > 0 && p[peak + 1] > 0) {
        double before = log(p[peak - 1]), here = log(p[peak]), after = log(p[peak + 1]);
        double bend = before - 2 * here + after;
        shift = bend < 0 ? 0.5 * (before - after) / bend : 0;
    }
    *frequency = ((double)peak + shift) / length;
    *power = p[peak];
}
