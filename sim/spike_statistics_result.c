/* The numbers of spike_statistics.h out of what was gathered. */
#include "sim/spike_statistics_state.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

/* Closes the open window unless T ends within it. */
static void settle(struct window_counts *counts, uint64_t windows)
{
    if (counts->window < windows) {
        counts->sum += (double)counts->open;
        counts->squares += (double)counts->open * (double)counts->open;
    }
    counts->open = 0;
}

static double ratio(double above, double below)
{
    return below > 0 ? above / below : (double)NAN;
}

/* With n - 1; integers sum exactly, so that a constant count has 0. */
static double variance(double sum, double squares, uint64_t windows)
{
    double n = (double)windows;
    return windows > 1 ? fmax(0, (squares - sum * sum / n) / (n - 1)) : (double)NAN;
}

static double interval_cv(const struct neuron_train *train)
{
    if (train->spikes < 3)
        return (double)NAN;
    double count = (double)(train->spikes - 1);
    return ratio(sqrt(train->interval_squares / count), train->mean_interval);
}

static double fano_factor(const struct neuron_train *train, uint64_t windows)
{
    return ratio(variance(train->fano.sum, train->fano.squares, windows),
                 train->fano.sum / (double)windows);
}

struct running_mean {
    double sum;
    uint64_t count;
};

static void take(struct running_mean *mean, double value)
{
    if (isnan(value))
        return;
    mean->sum += value;
    mean->count++;
}

static double mean_of(const struct running_mean *mean)
{
    return ratio(mean->sum, (double)mean->count);
}

static void sum_up_neurons(const struct spike_statistics *statistics,
                           const struct population_train *population, double *rate,
                           struct population_statistics *result)
{
    struct running_mean cv = { 0 }, cv2 = { 0 }, lv = { 0 }, fano = { 0 };
    double seconds = statistics->length_ms / 1000;
    for (uint64_t i = 0; i < population->neurons; i++) {
        const struct neuron_train *train = &statistics->train[population->first + i];
        double pairs = (double)train->interval_pairs;
        rate[i] = ratio((double)train->spikes, seconds);
        result->silent += train->spikes == 0;
        take(&cv, interval_cv(train));
        take(&cv2, ratio(train->cv2, pairs));
        take(&lv, ratio(train->lv, pairs));
        take(&fano, fano_factor(train, statistics->windows));
    }
    result->cv = mean_of(&cv);
    result->cv_neurons = cv.count;
    result->cv2 = mean_of(&cv2);
    result->lv = mean_of(&lv);
    result->fano = mean_of(&fano);
    result->fano_neurons = fano.count;
    size_t count = (size_t)population->neurons;
    gsl_sort(rate, 1, count);
    for (int i = 0; i < RATE_QUANTILES; i++)
        result->rate_quantile_hz[i] =
            count
                ? gsl_stats_quantile_from_sorted_data(rate, 1, count, rate_quantile[i])
                : (double)NAN;
}

static void correlate(const struct spike_statistics *statistics,
                      const struct population_train *population,
                      struct population_statistics *result)
{
    struct running_mean mean = { 0 };
    double bins = (double)statistics->bins;
    for (unsigned a = 0; a < population->drawn; a++) {
        const struct window_counts *x =
            &statistics->train[population->first + population->drawn_neuron[a]].bins;
        for (unsigned b = 0; b < a; b++) {
            const struct window_counts *y =
                &statistics->train[population->first + population->drawn_neuron[b]]
                     .bins;
            double together = population->cross[a * CORRELATED_NEURONS + b];
            double covariance = together - x->sum * y->sum / bins;
            double spread = (x->squares - x->sum * x->sum / bins) *
                            (y->squares - y->sum * y->sum / bins);
            if (statistics->bins > 1 && spread > 0)
                take(&mean, covariance / sqrt(spread));
        }
    }
    result->correlation = mean_of(&mean);
    result->pairs = mean.count;
}

static double synchrony(const struct spike_statistics *statistics,
                        const struct population_train *population)
{
    struct running_mean single = { 0 };
    double neurons = (double)population->neurons;
    for (uint64_t i = 0; i < population->neurons; i++) {
        const struct window_counts *bins =
            &statistics->train[population->first + i].bins;
        take(&single, variance(bins->sum, bins->squares, statistics->bins));
    }
    double all =
        variance(population->all.sum, population->all.squares, statistics->bins);
    return sqrt(ratio(all / (neurons * neurons), mean_of(&single)));
}

/* The last bins of the rate, silent ones included. */
static void complete_rate(struct population_train *population, uint64_t bins)
{
    if (population->rate_bin >= bins)
        return;
    rate_spectrum_push(&population->spectrum, (double)population->rate_count);
    rate_spectrum_push_zeros(&population->spectrum, bins - population->rate_bin - 1);
}

static void conclude_together(struct spike_statistics *statistics,
                              struct population_train *population,
                              struct population_statistics *result)
{
    result->correlation = result->synchrony = result->peak_hz = result->peak_power =
        (double)NAN;
    result->is_ordered = population->is_ordered;
    if (!population->is_ordered)
        return;
    if (population->all.window < statistics->bins)
        statistics_close_bin(population);
    settle(&population->all, statistics->bins);
    correlate(statistics, population, result);
    result->synchrony = synchrony(statistics, population);

    struct rate_spectrum *spectrum = &population->spectrum;
    complete_rate(population, statistics->rate_bins);
    rate_spectrum_finish(spectrum);
    double bin_seconds = statistics->settings.bin_ms / 1000;
    rate_spectrum_peak(spectrum, &result->peak_hz, &result->peak_power);
    result->peak_hz /= bin_seconds;
    result->segments = spectrum->segments;
    result->spectrum_hz = 1 / (bin_seconds * (double)spectrum->length);
    result->power = spectrum->segments ? spectrum->power : NULL;
}

static void conclude(struct spike_statistics *statistics,
                     struct population_train *population, double *rate,
                     struct population_statistics *result)
{
    *result = (struct population_statistics){ .neurons = population->neurons,
                                              .spikes = population->spikes,
                                              .windows = statistics->windows };
    result->rate_hz = ratio((double)population->spikes,
                            (double)population->neurons * statistics->length_ms / 1000);
    for (uint64_t i = 0; i < population->neurons; i++) {
        struct neuron_train *train = &statistics->train[population->first + i];
        settle(&train->fano, statistics->windows);
        settle(&train->bins, statistics->bins);
    }
    sum_up_neurons(statistics, population, rate, result);
    conclude_together(statistics, population, result);
    for (unsigned bin = 0; bin < INTERVAL_BINS; bin++)
        population->interval_count[bin] =
            (uint64_t)gsl_histogram_get(population->intervals, bin);
    result->intervals = population->interval_count;
    result->intervals_outside = population->intervals_outside;
}

enum error_code spike_statistics_finish(struct spike_statistics *statistics,
                                        double end_ms,
                                        struct population_statistics *result,
                                        struct error *err)
{
    const struct spike_statistics_settings *settings = &statistics->settings;
    size_t most = 1;
    err->code = OK;
    for (uint32_t i = 0; i < statistics->populations; i++)
        if (statistics->population[i].neurons > most)
            most = (size_t)statistics->population[i].neurons;
    double *rate = malloc(most * sizeof *rate);
    if (!rate)
        return error_memory(err, "rates", (double)most * sizeof *rate);
    statistics->length_ms = fmax(end_ms - settings->start_ms, statistics->last_ms);
    statistics->windows = statistics_bin(statistics->length_ms, settings->window_ms);
    statistics->bins = statistics_bin(statistics->length_ms, settings->correlation_ms);
    statistics->rate_bins = statistics_bin(statistics->length_ms, settings->bin_ms);
    for (uint32_t i = 0; i < statistics->populations; i++)
        conclude(statistics, &statistics->population[i], rate, &result[i]);
    statistics->is_finished = true;
    free(rate);
    return OK;
}

void spike_statistics_neuron(const struct spike_statistics *statistics,
                             uint32_t population, uint64_t neuron,
                             struct neuron_statistics *result)
{
    const struct neuron_train *train =
        &statistics->train[statistics->population[population].first + neuron];
    *result = (struct neuron_statistics){
        .spikes = train->spikes,
        .rate_hz = ratio((double)train->spikes, statistics->length_ms / 1000),
        .cv = interval_cv(train),
        .fano = fano_factor(train, statistics->windows),
    };
}
