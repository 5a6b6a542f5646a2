/* Gathering. See spike_statistics.h for what the numbers mean, and
 * spike_statistics_result.c for how they come out. */
#include "base/random.h"
#include "sim/spike_statistics_state.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const double rate_quantile[RATE_QUANTILES] = { 0.05, 0.25, 0.5, 0.75, 0.95 };

static const double latest_ms = 1e15; /* bins of 1 us still have exact numbers */

double interval_bin_ms(unsigned bin)
{
    return pow(10, (double)bin / 10 - 1);
}

uint64_t statistics_bin(double time_ms, double bin_ms)
{
    return (uint64_t)floor(time_ms / bin_ms + 1e-6);
}

/* Which neurons are compared is a function of seed and population alone. */
static enum error_code draw_neurons(struct spike_statistics *statistics, uint32_t index,
                                    gsl_rng *random, struct error *err)
{
    struct population_train *population = &statistics->population[index];
    size_t all = (size_t)population->neurons;
    uint64_t *pool = malloc((all ? all : 1) * sizeof *pool);
    if (!pool)
        return error_memory(err, "the draw of neurons", (double)all * sizeof *pool);
    for (size_t i = 0; i < all; i++)
        pool[i] = i;
    population->drawn = all < CORRELATED_NEURONS ? (unsigned)all : CORRELATED_NEURONS;
    random_set(random, statistics->settings.seed,
               &(struct random_place){ .population = index });
    if (population->drawn)
        gsl_ran_choose(random, population->drawn_neuron, population->drawn, pool, all,
                       sizeof *pool);
    free(pool);
    for (unsigned slot = 0; slot < population->drawn; slot++)
        statistics->train[population->first + population->drawn_neuron[slot]].slot =
            (int)slot;
    return OK;
}

static enum error_code prepare_population(struct spike_statistics *statistics,
                                          uint32_t index, gsl_rng *random,
                                          struct error *err)
{
    struct population_train *population = &statistics->population[index];
    double range[INTERVAL_BINS + 1];
    for (unsigned bin = 0; bin <= INTERVAL_BINS; bin++)
        range[bin] = interval_bin_ms(bin);
    population->is_ordered = true;
    population->intervals = gsl_histogram_alloc(INTERVAL_BINS);
    population->cross = calloc(CORRELATED_NEURONS * CORRELATED_NEURONS, sizeof(double));
    if (!population->intervals || !population->cross)
        return error_memory(err, "statistics of a population",
                            CORRELATED_NEURONS * CORRELATED_NEURONS * sizeof(double));
    gsl_histogram_set_ranges(population->intervals, range, INTERVAL_BINS + 1);
    if (rate_spectrum_init(&population->spectrum, SPECTRUM_SEGMENT, err) != OK)
        return err->code;
    return draw_neurons(statistics, index, random, err);
}

static enum error_code check_settings(struct spike_statistics_settings *settings,
                                      struct error *err)
{
    settings->bin_ms = settings->bin_ms == 0 ? 1 : settings->bin_ms;
    settings->correlation_ms =
        settings->correlation_ms == 0 ? 5 : settings->correlation_ms;
    settings->window_ms = settings->window_ms == 0 ? 100 : settings->window_ms;
    const double width[] = { settings->bin_ms, settings->correlation_ms,
                             settings->window_ms };
    for (int i = 0; i < 3; i++)
        if (!(width[i] >= 1e-3 && width[i] <= 1e9))
            return error_set(err, ERR_ARGUMENT, "a bin of %g ms: expected 0.001 to 1e9",
                             width[i]);
    if (!(settings->start_ms >= 0 && settings->start_ms < latest_ms))
        return error_set(err, ERR_ARGUMENT, "a start at %g ms", settings->start_ms);
    return OK;
}

static enum error_code prepare(struct spike_statistics *statistics,
                               const uint64_t *neurons, struct error *err)
{
    uint32_t populations = statistics->populations;
    statistics->population =
        calloc(populations ? populations : 1, sizeof *statistics->population);
    if (!statistics->population)
        return error_memory(err, "statistics", populations);
    for (uint32_t i = 0; i < populations; i++) {
        statistics->population[i].first = statistics->neurons;
        statistics->population[i].neurons = neurons[i];
        if (neurons[i] > SIZE_MAX / sizeof *statistics->train - statistics->neurons)
            return error_set(err, ERR_ARGUMENT, "statistics of too many neurons");
        statistics->neurons += neurons[i];
    }
    size_t all = (size_t)statistics->neurons;
    statistics->train = calloc(all ? all : 1, sizeof *statistics->train);
    if (!statistics->train)
        return error_memory(err, "statistics of neurons",
                            (double)all * sizeof *statistics->train);
    for (size_t i = 0; i < all; i++)
        statistics->train[i].slot = NOT_DRAWN;
    gsl_rng *random = gsl_rng_alloc(random_gsl_type);
    if (!random)
        return error_memory(err, "a random generator", 0);
    for (uint32_t i = 0; i < populations && err->code == OK; i++)
        prepare_population(statistics, i, random, err);
    gsl_rng_free(random);
    return err->code;
}

enum error_code spike_statistics_create(
    struct spike_statistics **statistics, const uint64_t *neurons, uint32_t populations,
    const struct spike_statistics_settings *settings, struct error *err)
{
    *statistics = NULL;
    err->code = OK;
    struct spike_statistics *made = calloc(1, sizeof *made);
    if (!made)
        return error_memory(err, "statistics", sizeof *made);
    made->settings = *settings;
    made->populations = populations;
    if (check_settings(&made->settings, err) != OK ||
        prepare(made, neurons, err) != OK) {
        spike_statistics_free(made);
        return err->code;
    }
    *statistics = made;
    return OK;
}

void spike_statistics_free(struct spike_statistics *statistics)
{
    if (!statistics)
        return;
    for (uint32_t i = 0; statistics->population && i < statistics->populations; i++) {
        struct population_train *population = &statistics->population[i];
        if (population->intervals)
            gsl_histogram_free(population->intervals);
        rate_spectrum_release(&population->spectrum);
        free(population->cross);
    }
    free(statistics->population);
    free(statistics->train);
    free(statistics);
}

static void count_in_window(struct window_counts *counts, uint64_t window)
{
    if (window != counts->window) {
        counts->sum += (double)counts->open;
        counts->squares += (double)counts->open * (double)counts->open;
        counts->window = window;
        counts->open = 0;
    }
    counts->open++;
}

void statistics_close_bin(struct population_train *population)
{
    for (unsigned i = 0; i < population->active; i++) {
        unsigned a = population->active_slot[i];
        for (unsigned j = 0; j < i; j++) {
            unsigned b = population->active_slot[j];
            population->cross[(a > b ? a : b) * CORRELATED_NEURONS + (a > b ? b : a)] +=
                population->slot_count[a] * population->slot_count[b];
        }
    }
    for (unsigned i = 0; i < population->active; i++)
        population->slot_count[population->active_slot[i]] = 0;
    population->active = 0;
}

/* What needs the spikes of the population in order of time. */
static void count_together(struct population_train *population, uint64_t rate_bin,
                           uint64_t bin, int slot)
{
    if (rate_bin < population->rate_bin || bin < population->all.window)
        population->is_ordered = false;
    if (!population->is_ordered)
        return;
    if (rate_bin > population->rate_bin) {
        rate_spectrum_push(&population->spectrum, (double)population->rate_count);
        rate_spectrum_push_zeros(&population->spectrum,
                                 rate_bin - population->rate_bin - 1);
        population->rate_bin = rate_bin;
        population->rate_count = 0;
    }
    population->rate_count++;
    if (bin > population->all.window)
        statistics_close_bin(population);
    count_in_window(&population->all, bin);
    if (slot == NOT_DRAWN)
        return;
    if (population->slot_count[slot]++ == 0)
        population->active_slot[population->active++] = (unsigned)slot;
}

static void add_interval(struct population_train *population,
                         struct neuron_train *train, double interval)
{
    double count = (double)train->spikes; /* intervals, this one included */
    double change = interval - train->mean_interval;
    train->mean_interval += change / count;
    train->interval_squares += change * (interval - train->mean_interval);
    /* 10 ms out of steps of 0.1 ms may be a little less. */
    if (gsl_histogram_increment(population->intervals, interval * (1 + 1e-6)) != 0)
        population->intervals_outside++;
    if (train->spikes >= 2 && interval + train->last_interval > 0) {
        double ratio =
            fabs(interval - train->last_interval) / (interval + train->last_interval);
        train->cv2 += 2 * ratio;
        train->lv += 3 * ratio * ratio;
        train->interval_pairs++;
    }
    train->last_interval = interval;
}

bool spike_statistics_add(struct spike_statistics *statistics, uint32_t population,
                          uint64_t neuron, double time_ms)
{
    const struct spike_statistics_settings *settings = &statistics->settings;
    if (population >= statistics->populations ||
        neuron >= statistics->population[population].neurons ||
        !(time_ms >= 0 && time_ms < latest_ms) || statistics->is_finished)
        return false;
    struct population_train *among = &statistics->population[population];
    struct neuron_train *train = &statistics->train[among->first + neuron];
    double time = time_ms - settings->start_ms;
    if (time < 0)
        return true;
    if (train->spikes && time < train->last_ms)
        return false;
    if (train->spikes)
        add_interval(among, train, time - train->last_ms);
    train->last_ms = time;
    train->spikes++;
    among->spikes++;
    statistics->last_ms = fmax(statistics->last_ms, time);
    uint64_t bin = statistics_bin(time, settings->correlation_ms);
    count_in_window(&train->fano, statistics_bin(time, settings->window_ms));
    count_in_window(&train->bins, bin);
    count_together(among, statistics_bin(time, settings->bin_ms), bin, train->slot);
    return true;
}
