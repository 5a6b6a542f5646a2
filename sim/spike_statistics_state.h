/* What spike_statistics keeps: shared by gathering and by drawing conclusions. */
#ifndef SIM_SPIKE_STATISTICS_STATE_H
#define SIM_SPIKE_STATISTICS_STATE_H

#include "sim/rate_spectrum.h"
#include "sim/spike_statistics.h"

#include <gsl/gsl_histogram.h>

enum { NOT_DRAWN = -1 };

/* Counts of one neuron in windows of one length: the open window, and sums over those
 * closed. Silent windows add nothing to either sum. */
struct window_counts {
    uint64_t window, open;
    double sum, squares;
};

struct neuron_train {
    uint64_t spikes;
    double last_ms, last_interval;
    double mean_interval, interval_squares; /* Welford's sums over intervals */
    double cv2, lv;                         /* sums over pairs of intervals */
    uint64_t interval_pairs;
    struct window_counts fano, bins;
    int slot; /* among the drawn, or NOT_DRAWN */
};

struct population_train {
    uint64_t first, neurons; /* its neurons in train[] */
    gsl_histogram *intervals;
    uint64_t interval_count[INTERVAL_BINS], intervals_outside;
    uint64_t spikes;
    bool is_ordered;
    /* In order of time: the open bin of the rate, and that of the correlation. */
    uint64_t rate_bin, rate_count;
    struct rate_spectrum spectrum;
    struct window_counts all;
    unsigned drawn, active;
    unsigned active_slot[CORRELATED_NEURONS];
    double slot_count[CORRELATED_NEURONS]; /* in the open bin */
    uint64_t drawn_neuron[CORRELATED_NEURONS];
    double *cross; /* (CORRELATED_NEURONS, CORRELATED_NEURONS): sums of products */
};

struct spike_statistics {
    struct spike_statistics_settings settings;
    uint32_t populations;
    struct population_train *population;
    struct neuron_train *train; /* (neurons of all) */
    uint64_t neurons;
    double last_ms, length_ms;         /* the latest spike; T */
    uint64_t windows, bins, rate_bins; /* complete in T */
    bool is_finished;
};

/* Complete bins before a time, or the bin of a time. */
uint64_t statistics_bin(double time_ms, double bin_ms);
/* Adds the products of the open correlation bin and empties it. */
void statistics_close_bin(struct population_train *population);

#endif
