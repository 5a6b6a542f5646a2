/* Networks: what may be described, what is drawn, and how much memory that takes. */
#include "sim/network.h"
#include "tests/suites.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct synapse_value one = { .a = 1 }, delay_1ms = { .a = 1 };

static struct network *create(struct error *err)
{
    struct network *network;
    struct network_settings settings = { .dt_ms = 0.1, .seed = 7, .threads = 1 };
    CU_ASSERT_EQUAL_FATAL(network_create(&network, &settings, err), OK);
    return network;
}

/* Populations 0, `a` of n neurons, and 1, `b` of m. */
static struct network *two_populations(size_t n, size_t m, struct error *err)
{
    uint32_t population;
    struct network *network = create(err);
    const struct neuron_model *lif = neuron_model_find("lif");
    CU_ASSERT_EQUAL(network_add_population(network, "a", lif, n, NULL, &population,
                                           err),
                    OK);
    CU_ASSERT_EQUAL(network_add_population(network, "b", lif, m, NULL, &population,
                                           err),
                    OK);
    return network;
}

static struct synapse *all_synapses(struct network *network, uint32_t projection,
                                    size_t *count)
{
    *count = network_synapses(network, projection, NULL, 0);
    struct synapse *synapse = malloc((*count + 1) * sizeof *synapse);
    CU_ASSERT_PTR_NOT_NULL_FATAL(synapse);
    CU_ASSERT_EQUAL(network_synapses(network, projection, synapse, *count), *count);
    return synapse;
}

/* Builds one projection and returns its synapses. */
static struct synapse *drawn(size_t n, size_t m, const struct projection *projection,
                             size_t *count)
{
    struct error err;
    struct network *network = two_populations(n, m, &err);
    CU_ASSERT_EQUAL_FATAL(network_connect(network, projection, &err), OK);
    CU_ASSERT_EQUAL_FATAL(network_build(network, 0, &err), OK);
    struct synapse *synapse = all_synapses(network, 0, count);
    network_free(network);
    return synapse;
}

static void everyone_reaches_everyone_but_itself(void)
{
    struct projection projection = { .rule = CONNECT_ALL_TO_ALL,
                                     .weight = one,
                                     .delay_ms = delay_1ms };
    size_t count;
    struct synapse *synapse = drawn(40, 1, &projection, &count);
    CU_ASSERT_EQUAL(count, 40 * 39);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_NOT_EQUAL(synapse[i].source, synapse[i].target);
        CU_ASSERT_EQUAL(synapse[i].source, i / 39);
        CU_ASSERT_EQUAL(synapse[i].weight, 1);
        CU_ASSERT_DOUBLE_EQUAL(synapse[i].delay_ms, 1, 1e-12);
    }
    free(synapse);
    projection.self_connections = true;
    free(drawn(40, 1, &projection, &count));
    CU_ASSERT_EQUAL(count, 40 * 40);
}

static void one_to_one_reaches_the_neuron_of_the_same_number(void)
{
    struct projection projection = {
        .target = 1, .rule = CONNECT_ONE_TO_ONE, .weight = one, .delay_ms = delay_1ms
    };
    size_t count;
    struct synapse *synapse = drawn(30, 30, &projection, &count);
    CU_ASSERT_EQUAL(count, 30);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT(synapse[i].source == i && synapse[i].target == i);
    free(synapse);
}

static void in_degrees_are_exact_and_sources_uniform(void)
{
    enum { SOURCES = 50, TARGETS = 400, DEGREE = 60 };
    struct projection projection = { .target = 1,
                                     .rule = CONNECT_IN_DEGREE,
                                     .degree = DEGREE,
                                     .weight = one,
                                     .delay_ms = delay_1ms };
    unsigned in[TARGETS] = { 0 }, out[SOURCES] = { 0 };
    size_t count;
    struct synapse *synapse = drawn(SOURCES, TARGETS, &projection, &count);
    CU_ASSERT_EQUAL_FATAL(count, TARGETS * DEGREE);
    for (size_t i = 0; i < count; i++) {
        in[synapse[i].target]++;
        out[synapse[i].source]++;
    }
    free(synapse);
    for (int i = 0; i < TARGETS; i++)
        CU_ASSERT_EQUAL(in[i], DEGREE);
    double chi2 = 0, expected = (double)TARGETS * DEGREE / SOURCES;
    for (int i = 0; i < SOURCES; i++)
        chi2 += (out[i] - expected) * (out[i] - expected) / expected;
    /* 49 degrees of freedom: mean 49, deviation 10; five of them. */
    CU_ASSERT(chi2 > 49 - 35 && chi2 < 49 + 50);
}

static void in_degrees_can_leave_the_neuron_itself_out(void)
{
    struct projection projection = {
        .rule = CONNECT_IN_DEGREE, .degree = 20, .weight = one, .delay_ms = delay_1ms
    };
    size_t count, selves = 0;
    struct synapse *synapse = drawn(5, 1, &projection, &count);
    CU_ASSERT_EQUAL(count, 100);
    for (size_t i = 0; i < count; i++)
        selves += synapse[i].source == synapse[i].target;
    free(synapse);
    CU_ASSERT_EQUAL(selves, 0);
}

/* Mean and variance of the number of synapses of a target, which is binomial of n
 * trials and probability p. */
static void check_binomial(const struct synapse *synapse, size_t count, size_t targets,
                           double n, double p)
{
    double mean = (double)count / (double)targets, variance = 0;
    unsigned *in = calloc(targets, sizeof *in);
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    for (size_t i = 0; i < count; i++)
        in[synapse[i].target]++;
    for (size_t i = 0; i < targets; i++)
        variance += (in[i] - mean) * (in[i] - mean) / (double)targets;
    free(in);
    double expected = n * p * (1 - p);
    /* Five deviations of the mean and of the variance of that many. */
    CU_ASSERT_DOUBLE_EQUAL(mean, n * p, 5 * sqrt(expected / (double)targets));
    CU_ASSERT_DOUBLE_EQUAL(variance, expected,
                           5 * expected * sqrt(2 / (double)targets));
}

static void pairs_are_linked_with_their_probability(void)
{
    static const double probabilities[] = { 0.001, 0.02, 0.5, 0.97 };
    for (int i = 0; i < 4; i++) {
        struct projection projection = { .target = 1,
                                         .rule = CONNECT_PROBABILITY,
                                         .p = probabilities[i],
                                         .weight = one,
                                         .delay_ms = delay_1ms };
        size_t count;
        struct synapse *synapse = drawn(500, 600, &projection, &count);
        check_binomial(synapse, count, 600, 500, probabilities[i]);
        for (size_t k = 1; k < count; k++) /* no pair twice, targets rise */
            CU_ASSERT(synapse[k].source > synapse[k - 1].source ||
                      synapse[k].target > synapse[k - 1].target);
        free(synapse);
    }
}

static void probabilities_of_0_and_1_are_none_and_all(void)
{
    struct projection projection = { .rule = CONNECT_PROBABILITY,
                                     .weight = one,
                                     .delay_ms = delay_1ms };
    size_t count;
    free(drawn(30, 1, &projection, &count));
    CU_ASSERT_EQUAL(count, 0);
    projection.p = 1;
    free(drawn(30, 1, &projection, &count));
    CU_ASSERT_EQUAL(count, 30 * 29);
}

static void total_numbers_are_exact_and_both_ends_drawn(void)
{
    enum { NEURONS = 300, TOTAL = 30000 };
    struct projection projection = { .rule = CONNECT_TOTAL_NUMBER,
                                     .degree = TOTAL,
                                     .weight = one,
                                     .delay_ms = delay_1ms };
    size_t count, selves = 0;
    struct synapse *synapse = drawn(NEURONS, 1, &projection, &count);
    CU_ASSERT_EQUAL(count, TOTAL);
    check_binomial(synapse, count, NEURONS, TOTAL, 1.0 / NEURONS);
    for (size_t i = 0; i < count; i++)
        selves += synapse[i].source == synapse[i].target;
    CU_ASSERT_EQUAL(selves, 0);
    for (size_t i = 0; i < count; i++) { /* the other end */
        uint32_t source = synapse[i].source;
        synapse[i].source = synapse[i].target;
        synapse[i].target = source;
    }
    check_binomial(synapse, count, NEURONS, TOTAL, 1.0 / NEURONS);
    free(synapse);
}

static void listed_synapses_come_back(void)
{
    static const struct synapse list[] = {
        { 2, 1, -0.5, 1.0 }, { 0, 3, 2, 0.1 }, { 2, 0, 1, 0.3 },
        { 0, 1, 4, 0.1 },    { 2, 1, 7, 1.0 },
    };
    static const int order[] = { 3, 1, 2, 0, 4 }; /* source, delay, target */
    struct projection projection = {
        .target = 1, .rule = CONNECT_EXPLICIT, .synapse = list, .synapses = 5
    };
    size_t count;
    struct synapse *synapse = drawn(3, 4, &projection, &count);
    CU_ASSERT_EQUAL_FATAL(count, 5);
    for (int i = 0; i < 5; i++) {
        const struct synapse *expected = &list[order[i]];
        CU_ASSERT_EQUAL(synapse[i].source, expected->source);
        CU_ASSERT_EQUAL(synapse[i].target, expected->target);
        CU_ASSERT_EQUAL(synapse[i].weight, expected->weight);
        CU_ASSERT_DOUBLE_EQUAL(synapse[i].delay_ms, expected->delay_ms, 1e-12);
    }
    free(synapse);
}

static void check_moments(struct synapse_value value, double mean, double deviation)
{
    struct projection projection = {
        .target = 1, .rule = CONNECT_ALL_TO_ALL, .weight = value, .delay_ms = delay_1ms
    };
    size_t count;
    struct synapse *synapse = drawn(200, 200, &projection, &count);
    double sum = 0, squares = 0, n = (double)count;
    for (size_t i = 0; i < count; i++) {
        sum += synapse[i].weight;
        squares += (synapse[i].weight - mean) * (synapse[i].weight - mean);
        if (value.lowest < value.highest)
            CU_ASSERT(synapse[i].weight >= value.lowest &&
                      synapse[i].weight <= value.highest);
    }
    free(synapse);
    /* Five deviations of the mean; the tails of the lognormal one need more for the
     * deviation. */
    CU_ASSERT_DOUBLE_EQUAL(sum / n, mean, 5 * deviation / sqrt(n));
    CU_ASSERT_DOUBLE_EQUAL(sqrt(squares / n), deviation, 0.03 * deviation);
}

static void weights_have_their_distribution(void)
{
    check_moments((struct synapse_value){ NORMAL, -3, 0.5, 0, 0 }, -3, 0.5);
    check_moments((struct synapse_value){ LOGNORMAL, 2, 1, 0, 0 }, 2, 1);
    check_moments((struct synapse_value){ UNIFORM, 1, 4, 0, 0 }, 2.5, sqrt(0.75));
    /* Half of a normal distribution: mean sqrt(2 / pi), variance 1 - 2 / pi. */
    check_moments((struct synapse_value){ NORMAL, 0, 1, 0, 100 }, sqrt(2 / M_PI),
                  sqrt(1 - 2 / M_PI));
}

static void drawn_delays_are_whole_steps_from_one_up(void)
{
    struct projection projection = { .target = 1,
                                     .rule = CONNECT_IN_DEGREE,
                                     .degree = 100,
                                     .weight = one,
                                     .delay_ms = { NORMAL, 0.5, 0.4, 0, 0 } };
    size_t count;
    struct synapse *synapse = drawn(50, 100, &projection, &count);
    CU_ASSERT_EQUAL(count, 100 * 100);
    for (size_t i = 0; i < count; i++) {
        double steps = synapse[i].delay_ms / 0.1;
        CU_ASSERT(steps > 0.9 && fabs(steps - rint(steps)) < 1e-9);
        if (i > 0 && synapse[i].source == synapse[i - 1].source)
            CU_ASSERT(synapse[i].delay_ms >= synapse[i - 1].delay_ms);
    }
    free(synapse);
}

static void check_refused(const struct projection *projection, const char *part)
{
    struct error err;
    struct network *network = two_populations(4, 5, &err);
    CU_ASSERT_NOT_EQUAL(network_connect(network, projection, &err), OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, part));
    CU_ASSERT_EQUAL(network_projections(network), 0);
    network_free(network);
}

static void bad_projections_are_refused(void)
{
    const struct projection good = { .target = 1,
                                     .rule = CONNECT_PROBABILITY,
                                     .p = 0.5,
                                     .weight = one,
                                     .delay_ms = delay_1ms };
    struct projection bad = good;
    bad.target = 2;
    check_refused(&bad, "there are 2");
    bad = good, bad.port = 9;
    check_refused(&bad, "port 9");
    bad = good, bad.p = 1.5;
    check_refused(&bad, "expected 0 to 1");
    bad = good, bad.p = (double)NAN;
    check_refused(&bad, "expected 0 to 1");
    bad = good, bad.delay_ms.a = 0.04;
    check_refused(&bad, "a delay of 0.04 ms");
    bad = good, bad.delay_ms.a = 1e9;
    check_refused(&bad, "a delay of 1e+09 ms");
    bad = good, bad.weight.a = (double)NAN;
    check_refused(&bad, "weight: fixed of nan");
    bad = good, bad.weight = (struct synapse_value){ NORMAL, 0, -1, 0, 0 };
    check_refused(&bad, "deviation -1");
    bad = good, bad.weight = (struct synapse_value){ NORMAL, 0, 1, 20, 30 };
    check_refused(&bad, "hardly ever within 20, 30");
    bad = good, bad.weight = (struct synapse_value){ LOGNORMAL, -1, 1, 0, 0 };
    check_refused(&bad, "lognormal of mean -1");
    bad = good, bad.weight = (struct synapse_value){ UNIFORM, 2, 1, 0, 0 };
    check_refused(&bad, "uniform from 2 to 1");
    bad = good, bad.rule = CONNECT_ONE_TO_ONE;
    check_refused(&bad, "as many targets as sources");
    bad = good, bad.rule = CONNECT_ONE_TO_ONE, bad.target = 0;
    check_refused(&bad, "self connection");
    bad = good, bad.rule = CONNECT_IN_DEGREE, bad.degree = UINT32_MAX;
    check_refused(&bad, "degree 4294967295");
    const struct synapse beyond = { 4, 0, 1, 1 }, silent = { 0, 0, (double)NAN, 1 };
    bad = good, bad.rule = CONNECT_EXPLICIT, bad.synapses = 1, bad.synapse = &beyond;
    check_refused(&bad, "synapse 0 from 4 to 0");
    bad.synapse = &silent;
    check_refused(&bad, "weight of synapse 0 is nan");
    const struct stdp_rule flat = { 20, 20, 0.1, 0.1, 0, 0, 0, 0 };
    bad = good, bad.stdp = &flat;
    check_refused(&bad, "plastic weights within 0 and 0");
}

static void bad_populations_and_sources_are_refused(void)
{
    struct error err;
    uint32_t population;
    struct network *network = two_populations(4, 5, &err);
    const struct neuron_model *lif = neuron_model_find("lif");
    CU_ASSERT_EQUAL(network_add_population(network, "c", lif, 0, NULL, &population,
                                           &err),
                    ERR_ARGUMENT);
    CU_ASSERT_EQUAL(network_add_population(network, "a", lif, 3, NULL, &population,
                                           &err),
                    ERR_ARGUMENT);
    struct timed_spike spike[2] = { { 2, 0 }, { 1, 0 } };
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 3, spike, 2, &population, &err),
                    ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "rising times"));
    spike[1] = (struct timed_spike){ 3, 3 };
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 3, spike, 2, &population, &err),
                    ERR_ARGUMENT);
    spike[0].time_ms = 0;
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 3, spike, 1, &population, &err),
                    ERR_ARGUMENT);
    struct poisson_source poisson = { .target = { .population = 1, .first = 6 } };
    CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), ERR_ARGUMENT);
    poisson = (struct poisson_source){ .rate_hz = -1 };
    CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), ERR_ARGUMENT);
    struct current_source current = { .mean = (double)NAN };
    CU_ASSERT_EQUAL(network_add_current(network, &current, &err), ERR_ARGUMENT);
    current = (struct current_source){ .start_ms = 2, .stop_ms = 1 };
    CU_ASSERT_EQUAL(network_add_current(network, &current, &err), ERR_ARGUMENT);
    CU_ASSERT_EQUAL(network_run(network, 1, NULL, &err), ERR_ARGUMENT);
    network_param(network, 0, 0)[3] = -1; /* tau_m */
    CU_ASSERT_EQUAL(network_build(network, 0, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "population a"));
    network_param(network, 0, 0)[3] = 10;
    CU_ASSERT_EQUAL(network_build(network, 0, &err), OK);
    CU_ASSERT_EQUAL(network_build(network, 0, &err), ERR_ARGUMENT);
    network_free(network);
}

static void memory_is_foretold(void)
{
    static const struct stdp_rule stdp = { 20, 20, 0.01, 0.01, 0, 1, 0, 0 };
    const struct projection plans[] = {
        { .rule = CONNECT_IN_DEGREE, .degree = 500 },
        { .rule = CONNECT_PROBABILITY, .p = 0.1 },
        { .rule = CONNECT_PROBABILITY, .p = 0.3, .weight = { NORMAL, 1, 1, 0, 0 } },
        { .rule = CONNECT_TOTAL_NUMBER,
          .degree = 300000,
          .delay_ms = { NORMAL, 1.5, 0.75, 0.1, 10 } },
        { .rule = CONNECT_IN_DEGREE, .degree = 200, .stdp = &stdp },
        { .rule = CONNECT_IN_DEGREE,
          .degree = 30,
          .stdp = &stdp,
          .delay_ms = { UNIFORM, 1, 5, 0, 0 } },
    };
    for (int i = 0; i < 6; i++) {
        struct error err;
        struct network_totals totals;
        struct network *network = two_populations(2000, 1000, &err);
        struct projection projection = plans[i];
        projection.target = 1;
        if (projection.weight.distribution == FIXED)
            projection.weight.a = 0.5;
        if (projection.delay_ms.distribution == FIXED)
            projection.delay_ms.a = 1.5;
        CU_ASSERT_EQUAL_FATAL(network_connect(network, &projection, &err), OK);
        double foretold = network_bytes(network);
        CU_ASSERT_EQUAL(network_build(network, foretold * 0.99, &err), ERR_MEMORY);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "GB"));
        CU_ASSERT_EQUAL_FATAL(network_build(network, foretold, &err), OK);
        network_totals(network, &totals);
        CU_ASSERT_DOUBLE_EQUAL(foretold, totals.bytes, 0.1 * totals.bytes);
        network_free(network);
    }
}

static void what_no_machine_holds_is_refused_at_once(void)
{
    struct error err;
    struct network *network = two_populations(4000000000, 4000000000, &err);
    struct projection projection = {
        .target = 1, .rule = CONNECT_ALL_TO_ALL, .weight = one, .delay_ms = delay_1ms
    };
    CU_ASSERT_EQUAL_FATAL(network_connect(network, &projection, &err), OK);
    CU_ASSERT_EQUAL(network_build(network, 0, &err), ERR_MEMORY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "needs 6.4e+10 GB"));
    network_free(network);
}

static void bad_settings_are_refused(void)
{
    static const struct network_settings bad[] = {
        { 0, 1, 1, 1 },      { -1, 1, 1, 1 },     { 0.1, 1, 0, 1 },
        { 0.1, 1, 5000, 1 }, { 0.1, 1, 1, 5000 },
    };
    struct error err;
    struct network *network;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(network_create(&network, &bad[i], &err), ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(network);
    }
}

static void synapses_of_one_weight_take_five_bytes_at_most(void)
{
    struct error err;
    struct network_totals totals;
    struct network *network = two_populations(1000, 1000, &err);
    struct projection projection = {
        .rule = CONNECT_IN_DEGREE, .degree = 1000, .weight = one, .delay_ms = delay_1ms
    };
    CU_ASSERT_EQUAL_FATAL(network_connect(network, &projection, &err), OK);
    CU_ASSERT_EQUAL_FATAL(network_build(network, 0, &err), OK);
    network_totals(network, &totals);
    CU_ASSERT_EQUAL(totals.synapses, 1000000);
    CU_ASSERT(totals.bytes < 5.0 * 1000000);
    network_free(network);
}

CU_TestInfo network_tests[] = {
    { "everyone reaches everyone but itself", everyone_reaches_everyone_but_itself },
    { "one to one reaches the neuron of the same number",
      one_to_one_reaches_the_neuron_of_the_same_number },
    { "in-degrees are exact and sources uniform",
      in_degrees_are_exact_and_sources_uniform },
    { "in-degrees can leave the neuron itself out",
      in_degrees_can_leave_the_neuron_itself_out },
    { "pairs are linked with their probability",
      pairs_are_linked_with_their_probability },
    { "probabilities of 0 and 1 are none and all",
      probabilities_of_0_and_1_are_none_and_all },
    { "total numbers are exact and both ends drawn",
      total_numbers_are_exact_and_both_ends_drawn },
    { "listed synapses come back", listed_synapses_come_back },
    { "weights have their distribution", weights_have_their_distribution },
    { "drawn delays are whole steps from one up",
      drawn_delays_are_whole_steps_from_one_up },
    { "bad projections are refused", bad_projections_are_refused },
    { "bad populations and sources are refused",
      bad_populations_and_sources_are_refused },
    { "memory is foretold", memory_is_foretold },
    { "what no machine holds is refused at once",
      what_no_machine_holds_is_refused_at_once },
    { "bad settings are refused", bad_settings_are_refused },
    { "synapses of one weight take five bytes at most",
      synapses_of_one_weight_take_five_bytes_at_most },
    CU_TEST_INFO_NULL,
};
