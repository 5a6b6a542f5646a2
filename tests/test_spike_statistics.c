/* Statistics of spike trains against closed forms. Bounds are five standard errors of
 * the estimate, as noted, for a fixed seed. */
#include "base/random.h"
#include "sim/spike_statistics.h"
#include "tests/suites.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

static struct spike_statistics *start(uint64_t neurons,
                                      struct spike_statistics_settings settings)
{
    struct error err = { 0 };
    struct spike_statistics *statistics;
    CU_ASSERT_EQUAL_FATAL(spike_statistics_create(&statistics, &neurons, 1, &settings,
                                                  &err),
                          OK);
    return statistics;
}

static struct population_statistics finish(struct spike_statistics *statistics,
                                           double end_ms)
{
    struct error err = { 0 };
    struct population_statistics result;
    CU_ASSERT_EQUAL_FATAL(spike_statistics_finish(statistics, end_ms, &result, &err),
                          OK);
    return result;
}

static gsl_rng *seeded(uint32_t sequence)
{
    gsl_rng *random = gsl_rng_alloc(random_gsl_type);
    CU_ASSERT_PTR_NOT_NULL_FATAL(random);
    random_set(random, 7, &(struct random_place){ .sequence = sequence });
    return random;
}

/* Neurons share a Poisson stream at share * rate, and each has its own of the rest.
 * In order of time: the superposition of all streams, each spike given to one. */
static void feed_poisson(struct spike_statistics *statistics, uint64_t neurons,
                         double rate_hz, double share, double end_ms, gsl_rng *random)
{
    double own = (1 - share) * rate_hz * (double)neurons, all = own + share * rate_hz;
    double time = 0;
    while ((time += gsl_ran_exponential(random, 1000 / all)) < end_ms) {
        if (gsl_rng_uniform(random) * all < own) {
            uint64_t neuron = gsl_rng_uniform_int(random, neurons);
            CU_ASSERT(spike_statistics_add(statistics, 0, neuron, time));
        } else {
            for (uint64_t neuron = 0; neuron < neurons; neuron++)
                CU_ASSERT(spike_statistics_add(statistics, 0, neuron, time));
        }
    }
}

enum { POISSON_NEURONS = 50 };

/* 50 neurons, 40 Hz, 100 s: 4000 intervals and 1000 windows each. */
static void poisson_trains_have_cv_and_fano_one(void)
{
    gsl_rng *random = seeded(1);
    struct spike_statistics *statistics =
        start(POISSON_NEURONS + 7, (struct spike_statistics_settings){ .seed = 1 });
    feed_poisson(statistics, POISSON_NEURONS, 40, 0, 1e5, random);
    struct population_statistics found = finish(statistics, 1e5);
    CU_ASSERT_EQUAL(found.neurons, POISSON_NEURONS + 7);
    CU_ASSERT_EQUAL(found.silent, 7);
    CU_ASSERT_EQUAL(found.cv_neurons, POISSON_NEURONS);
    CU_ASSERT_EQUAL(found.fano_neurons, POISSON_NEURONS);
    CU_ASSERT_EQUAL(found.windows, 1000);
    /* The standard error of a CV of n intervals is near 1 / sqrt(n): n = 200,000. */
    CU_ASSERT_DOUBLE_EQUAL(found.cv, 1, 5 / sqrt(200000));
    /* |a - b| / (a + b) is uniform on (0, 1): variance of twice it 1/3, of thrice its
     * square 4/5; neighbours share an interval, at most doubling it. */
    CU_ASSERT_DOUBLE_EQUAL(found.cv2, 1, 5 * sqrt(2.0 / 3 / 200000));
    CU_ASSERT_DOUBLE_EQUAL(found.lv, 1, 5 * sqrt(8.0 / 5 / 200000));
    /* Var(Fano) of w windows: 2 / (w - 1), over 50 neurons. */
    CU_ASSERT_DOUBLE_EQUAL(found.fano, 1, 5 * sqrt(2.0 / 999 / POISSON_NEURONS));
    /* 20,000 bins, 1225 pairs that share 50 neurons. */
    CU_ASSERT_DOUBLE_EQUAL(found.correlation, 0, 5 / sqrt(20000.0 * 1225));
    CU_ASSERT_EQUAL(found.pairs, POISSON_NEURONS * (POISSON_NEURONS - 1) / 2);
    CU_ASSERT_DOUBLE_EQUAL(found.rate_hz * 57 / 50, 40, 5 * sqrt(40.0 / 100 / 50));
    CU_ASSERT_EQUAL(found.rate_quantile_hz[0], 0); /* seven of 57 are silent */
    CU_ASSERT_DOUBLE_EQUAL(found.rate_quantile_hz[2], 40, 5 * sqrt(40.0 / 100 / 50));
    /* Exponential intervals of mean 25 ms: the share below 10^1.3 ms = bin 23. */
    uint64_t below = 0, all = found.intervals_outside;
    for (unsigned bin = 0; bin < INTERVAL_BINS; bin++) {
        all += found.intervals[bin];
        below += bin < 23 ? found.intervals[bin] : 0;
    }
    CU_ASSERT_EQUAL(all, found.spikes - POISSON_NEURONS);
    double expected = 1 - exp(-interval_bin_ms(23) / 25) - (1 - exp(-0.1 / 25));
    CU_ASSERT_DOUBLE_EQUAL((double)below / (double)all, expected, 5 * 0.5 / sqrt(2e5));
    spike_statistics_free(statistics);
    gsl_rng_free(random);
}

static void the_spectrum_of_noise_is_flat(void)
{
    gsl_rng *random = seeded(2);
    struct spike_statistics *statistics =
        start(20, (struct spike_statistics_settings){ .bin_ms = 1 });
    feed_poisson(statistics, 20, 50, 0, 100000, random);
    struct population_statistics found = finish(statistics, 100000);
    CU_ASSERT_EQUAL(found.segments, 47); /* (100000 - 4096) / 2048 + 1 */
    CU_ASSERT_DOUBLE_EQUAL(found.spectrum_hz, 1000.0 / 4096, 1e-12);
    double sum = 0;
    for (unsigned k = 4; k < SPECTRUM_SEGMENT / 2; k++)
        sum += found.power[k];
    /* The whole power is the variance of 100,000 Poisson counts. */
    CU_ASSERT_DOUBLE_EQUAL(sum / (SPECTRUM_SEGMENT / 2 - 4), 1, 5 * sqrt(3.0 / 1e5));
    /* The highest of 2000 is commonly 4 of these beyond 1, once in 10^5 runs 8. */
    CU_ASSERT(found.peak_power < 1 + 8 / sqrt(47.0));
    spike_statistics_free(statistics);
    gsl_rng_free(random);
}

static void a_clock_has_no_variation(void)
{
    struct spike_statistics *statistics =
        start(4, (struct spike_statistics_settings){ .window_ms = 50 });
    for (unsigned spike = 0; spike < 1000; spike++)
        for (uint64_t neuron = 0; neuron < 4; neuron++)
            CU_ASSERT(spike_statistics_add(statistics, 0, neuron, 12.5 * spike));
    struct population_statistics found = finish(statistics, 12500);
    CU_ASSERT_EQUAL(found.rate_hz, 80);
    CU_ASSERT(found.cv == 0 && found.cv2 == 0 && found.lv == 0 && found.fano == 0);
    /* Counts of 5 ms go 1, 0, 1, 0, 0 for all four alike. */
    CU_ASSERT_DOUBLE_EQUAL(found.correlation, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(found.synchrony, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(fmod(found.peak_hz, 80), 0, 0.3);
    /* 12.5 ms lies between 10^1 and 10^1.1. */
    CU_ASSERT_EQUAL(found.intervals[20], 4 * 999);
    struct neuron_statistics one;
    spike_statistics_neuron(statistics, 0, 3, &one);
    CU_ASSERT(one.spikes == 1000 && one.rate_hz == 80 && one.cv == 0 && one.fano == 0);
    spike_statistics_free(statistics);
}

/* Shared share c: counts of any two neurons correlate by c whatever the bin, and
 * chi^2 = (1 + (N - 1) c) / N. */
static void shared_input_gives_its_coefficient(void)
{
    static const double share[] = { 0, 0.1, 0.5, 1 };
    enum { NEURONS = 10 };
    for (uint32_t i = 0; i < 4; i++) {
        gsl_rng *random = seeded(10 + i);
        struct spike_statistics *statistics =
            start(NEURONS, (struct spike_statistics_settings){ .correlation_ms = 20 });
        feed_poisson(statistics, NEURONS, 20, share[i], 400000, random);
        struct population_statistics found = finish(statistics, 400000);
        /* 20,000 bins; the error of one coefficient is at most 1.6 / sqrt(bins) for
         * counts of mean 0.4, and pairs do not average it away when all share. */
        double bound = 5 * 1.6 / sqrt(20000);
        CU_ASSERT_DOUBLE_EQUAL(found.correlation, share[i], bound);
        CU_ASSERT_EQUAL(found.pairs, 45);
        double chi = sqrt((1 + (NEURONS - 1) * share[i]) / NEURONS);
        CU_ASSERT_DOUBLE_EQUAL(found.synchrony, chi, bound);
        spike_statistics_free(statistics);
        gsl_rng_free(random);
    }
}

/* Rate r (1 + cos 2 pi f t), drawn by thinning. Of a sine on a point of the spectrum,
 * Hann's window leaves power 1 + r S / 6 with r spikes a bin and S bins a segment. */
static void an_oscillation_shows_at_its_frequency(void)
{
    static const double hertz[] = { 1.7, 10, 40 * 1000.0 / 4096, 183.3 };
    for (uint32_t i = 0; i < 4; i++) {
        gsl_rng *random = seeded(20 + i);
        struct spike_statistics *statistics =
            start(100, (struct spike_statistics_settings){ .start_ms = 0 });
        const double end_ms = 60000, per_ms = 0.5;
        for (double time = 0; time < end_ms;) {
            time += gsl_ran_exponential(random, 1 / (2 * per_ms));
            double phase = 2 * M_PI * hertz[i] * time / 1000;
            uint64_t neuron = gsl_rng_uniform_int(random, 100);
            if (time < end_ms && 2 * gsl_rng_uniform(random) < 1 + cos(phase))
                CU_ASSERT(spike_statistics_add(statistics, 0, neuron, time));
        }
        struct population_statistics found = finish(statistics, end_ms);
        /* A fifth of the distance of two points: the parabola through a Hann peak. */
        CU_ASSERT_DOUBLE_EQUAL(found.peak_hz, hertz[i], found.spectrum_hz / 5);
        if (i == 2) /* rate drawn over bins of 1 ms: sinc^2 of the bin is 0.9997 */
            CU_ASSERT_DOUBLE_EQUAL(found.peak_power / (1 + per_ms * 4096 / 6), 1, 0.1);
        spike_statistics_free(statistics);
        gsl_rng_free(random);
    }
}

/* Silence of any length costs nothing and counts as silence. */
static void long_silence_is_counted_at_once(void)
{
    struct spike_statistics *statistics =
        start(2, (struct spike_statistics_settings){ .start_ms = 5 });
    for (uint64_t neuron = 0; neuron < 2; neuron++) {
        CU_ASSERT(spike_statistics_add(statistics, 0, neuron, 1)); /* before start */
        CU_ASSERT(spike_statistics_add(statistics, 0, neuron, 10));
    }
    CU_ASSERT(spike_statistics_add(statistics, 0, 1, 1e14));
    struct population_statistics found = finish(statistics, 0);
    CU_ASSERT_EQUAL(found.spikes, 3);
    CU_ASSERT_EQUAL(found.windows, 999999999999ull);
    CU_ASSERT(found.segments > 40000000000ull);
    CU_ASSERT(isnan(found.cv));
    CU_ASSERT_EQUAL(found.intervals_outside, 1);
    spike_statistics_free(statistics);
}

static void wrong_spikes_are_refused(void)
{
    struct spike_statistics *statistics =
        start(2, (struct spike_statistics_settings){ .start_ms = 0 });
    CU_ASSERT(spike_statistics_add(statistics, 0, 0, 50));
    CU_ASSERT(!spike_statistics_add(statistics, 1, 0, 50));
    CU_ASSERT(!spike_statistics_add(statistics, 0, 2, 50));
    CU_ASSERT(!spike_statistics_add(statistics, 0, 0, 49));
    CU_ASSERT(!spike_statistics_add(statistics, 0, 0, -1));
    CU_ASSERT(!spike_statistics_add(statistics, 0, 0, (double)NAN));
    CU_ASSERT(!spike_statistics_add(statistics, 0, 0, (double)INFINITY));
    /* Another neuron may be late; what needs the order of all is then not known. */
    CU_ASSERT(spike_statistics_add(statistics, 0, 1, 20));
    struct population_statistics found = finish(statistics, 1000);
    CU_ASSERT(!found.is_ordered && isnan(found.correlation) && isnan(found.synchrony));
    CU_ASSERT(isnan(found.peak_hz) && found.power == NULL);
    CU_ASSERT(found.spikes == 2 && found.rate_hz == 1);
    CU_ASSERT(!spike_statistics_add(statistics, 0, 0, 2000));
    spike_statistics_free(statistics);

    struct error err = { 0 };
    const uint64_t neurons = 1;
    const struct spike_statistics_settings wrong[] = { { .bin_ms = -1 },
                                                       { .window_ms = (double)NAN },
                                                       { .correlation_ms = 1e-9 },
                                                       { .start_ms = -1 },
                                                       { .start_ms =
                                                             (double)INFINITY } };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL(spike_statistics_create(&statistics, &neurons, 1, &wrong[i],
                                                &err),
                        ERR_ARGUMENT);
}

static void nothing_is_no_number(void)
{
    struct spike_statistics *statistics =
        start(3, (struct spike_statistics_settings){ .start_ms = 0 });
    struct population_statistics found = finish(statistics, 0);
    CU_ASSERT(found.silent == 3 && found.spikes == 0 && isnan(found.rate_hz));
    CU_ASSERT(isnan(found.cv) && isnan(found.fano) && isnan(found.correlation));
    CU_ASSERT(isnan(found.synchrony) && isnan(found.peak_hz));
    spike_statistics_free(statistics);
    spike_statistics_free(NULL);
}

CU_TestInfo spike_statistics_tests[] = {
    { "Poisson trains have CV and Fano one", poisson_trains_have_cv_and_fano_one },
    { "the spectrum of noise is flat", the_spectrum_of_noise_is_flat },
    { "a clock has no variation", a_clock_has_no_variation },
    { "shared input gives its coefficient", shared_input_gives_its_coefficient },
    { "an oscillation shows at its frequency", an_oscillation_shows_at_its_frequency },
    { "long silence is counted at once", long_silence_is_counted_at_once },
    { "wrong spikes are refused", wrong_spikes_are_refused },
    { "nothing is no number", nothing_is_no_number },
    CU_TEST_INFO_NULL,
};
