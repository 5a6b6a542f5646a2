/* Statistics of spike trains, gathered while the spikes go by: memory grows with the
 * neurons, not with the spikes. Each number is defined here and nowhere else.
 *
 * Notation: T is the length of the recording; I_k the intervals between the spikes of
 * one neuron; n_w the spikes of one neuron in window w. Windows and bins begin at
 * start_ms; those not complete at the end are left out. A time within a millionth of a
 * bin before its end counts to the next, since steps of 0.1 ms are not exact.
 * A mean over neurons leaves out those for which the number does not exist; if it
 * exists for none it is NaN. */
#ifndef SIM_SPIKE_STATISTICS_H
#define SIM_SPIKE_STATISTICS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INTERVAL_BINS = 60, /* ten a decade from 0.1 ms to 10^5 ms; others fall outside */
    RATE_QUANTILES = 5, /* 5, 25, 50, 75 and 95 % of the neurons */
    SPECTRUM_SEGMENT = 4096, /* rate bins */
    CORRELATED_NEURONS = 64  /* at most, drawn from a population */
};

extern const double rate_quantile[RATE_QUANTILES]; /* 0.05, 0.25, ... */

/* Zero in a field takes the value in brackets. */
struct spike_statistics_settings {
    double start_ms;       /* spikes before are passed over [0] */
    double bin_ms;         /* of the population's rate, for its spectrum [1] */
    double correlation_ms; /* bins of correlation and synchrony [5] */
    double window_ms;      /* of the Fano factor [100] */
    uint64_t seed;         /* of the neurons drawn for the correlation */
};

struct population_statistics {
    uint64_t neurons, spikes;
    uint64_t silent;                         /* neurons without a spike */
    double rate_hz;                          /* spikes / (neurons T) */
    double rate_quantile_hz[RATE_QUANTILES]; /* of spikes / T over the neurons */
    /* Means over neurons with three spikes or more.
     * cv: standard deviation of I_k (over all, not n - 1) / mean of I_k; a Poisson
     * process has 1, a clock 0.
     * cv2: mean of 2 |I_k+1 - I_k| / (I_k+1 + I_k) (Holt et al. 1996, J. Neurophysiol.
     * 75, 1806); lv: mean of 3 (I_k+1 - I_k)^2 / (I_k+1 + I_k)^2 (Shinomoto et al. 2003,
     * Neural Comput. 15, 2823). Both 1 for Poisson, and blind to slow changes of rate. */
    double cv, cv2, lv;
    uint64_t cv_neurons;
    /* Mean over neurons of var(n_w) / mean(n_w), variance with n - 1; Poisson: 1. */
    double fano;
    uint64_t fano_neurons, windows;
    /* Mean of Pearson's coefficient of counts in correlation_ms over all pairs of up to
     * CORRELATED_NEURONS neurons drawn without replacement; pairs with a neuron whose
     * count never changes are left out. Needs spikes in order of time, else NaN. */
    double correlation;
    uint64_t pairs;
    /* chi = sqrt(var(mean over neurons of n) / mean over neurons of var(n)) with counts n
     * in correlation_ms: 1 when all fire together, 1 / sqrt(neurons) when independent
     * (Golomb & Rinzel 1993, Phys. Rev. E 48, 4810, with counts for voltages). Needs
     * order of time, else NaN. */
    double synchrony;
    /* Highest point of the spectrum of the population's rate: Welch's mean over segments
     * of SPECTRUM_SEGMENT bins, half overlapping, Hann window, each without its mean;
     * a recording shorter than a segment is one, filled with zeros. power is in units of
     * a Poisson process of the same rate, which has 1 at every frequency; of s segments
     * of pure noise the highest of 2000 points reaches about 1 + 4 / sqrt(s), or 8 for
     * one. Needs order of time, else NaN. */
    double peak_hz, peak_power;
    uint64_t segments;
    const double *power; /* (SPECTRUM_SEGMENT / 2), spectrum_hz apart; or NULL */
    double spectrum_hz;
    /* Of I_k of all neurons; bin i begins at interval_bin_ms(i). */
    const uint64_t *intervals; /* (INTERVAL_BINS) */
    uint64_t intervals_outside;
    bool is_ordered; /* spikes came in order of time, to a bin */
};

double interval_bin_ms(unsigned bin); /* also for INTERVAL_BINS: the end of the last */

struct neuron_statistics {
    uint64_t spikes;
    double rate_hz, cv, fano; /* NaN: does not exist */
};

struct spike_statistics;

/* Populations of so many neurons. */
enum error_code spike_statistics_create(
    struct spike_statistics **statistics, const uint64_t *neurons, uint32_t populations,
    const struct spike_statistics_settings *settings, struct error *err);
/* The spikes of one neuron in order of time. False, and nothing counted, for a neuron
 * out of range, a time that is not a number or not below 1e15, or one before the
 * neuron's last. */
bool spike_statistics_add(struct spike_statistics *statistics, uint32_t population,
                          uint64_t neuron, double time_ms);
/* Closes the books at end_ms, or at the last spike if that is later: T reaches from
 * start_ms to there. result (populations); what it points to lives as long as the
 * statistics. Afterwards nothing may be added. */
enum error_code spike_statistics_finish(struct spike_statistics *statistics,
                                        double end_ms,
                                        struct population_statistics *result,
                                        struct error *err);
/* After finish. */
void spike_statistics_neuron(const struct spike_statistics *statistics,
                             uint32_t population, uint64_t neuron,
                             struct neuron_statistics *result);
void spike_statistics_free(struct spike_statistics *statistics);

#endif
