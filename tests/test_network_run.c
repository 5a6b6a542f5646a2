/* Networks at work: when spikes arrive, in what order they are added, what sources give,
 * and that neither threads nor parts change anything. */
#include "sim/network.h"
#include "tests/suites.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a neuron that shows what it hears and never fires ---- */

static const struct field echo_params[] = { { 0 } };
static const struct field echo_state[] = { { "heard", "", "input", 0, 0, 0 }, { 0 } };
static const struct field echo_inputs[] = { { "input", "", "input", 0, 0, 0 }, { 0 } };

static size_t echo_step(struct population *p, const double *const *input,
                        struct spike *fired)
{
    (void)fired;
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[0][neuron] = input[0] ? input[0][neuron] : 0;
    return 0;
}

static const struct neuron_model echo = { .name = "echo",
                                          .params = echo_params,
                                          .state_vars = echo_state,
                                          .inputs = echo_inputs,
                                          .step = echo_step };

static struct network *create(uint64_t seed, int threads, unsigned parts)
{
    struct error err;
    struct network *network;
    struct network_settings settings = { 0.1, seed, threads, parts };
    CU_ASSERT_EQUAL_FATAL(network_create(&network, &settings, &err), OK);
    return network;
}

static uint32_t add(struct network *network, const char *name,
                    const struct neuron_model *model, size_t count)
{
    struct error err;
    uint32_t population = 0;
    CU_ASSERT_EQUAL_FATAL(network_add_population(network, name, model, count, NULL,
                                                 &population, &err),
                          OK);
    return population;
}

static void build(struct network *network)
{
    struct error err;
    CU_ASSERT_EQUAL_FATAL(network_build(network, 0, &err), OK);
}

static void run(struct network *network, uint64_t steps)
{
    struct error err;
    CU_ASSERT_EQUAL_FATAL(network_run(network, steps, NULL, &err), OK);
}

/* ---- delays ---- */

static void spikes_arrive_after_their_delay(void)
{
    enum { TARGETS = 5, LAST = 60 };
    static const int delay[TARGETS] = { 1, 2, 7, 15, 15 };
    static const int at[] = { 1, 2, 9, 30 }; /* steps at whose end it fires */
    struct error err;
    struct timed_spike spike[4];
    struct synapse synapse[TARGETS];
    uint32_t source;
    struct network *network = create(1, 1, 1);
    for (int i = 0; i < 4; i++)
        spike[i] = (struct timed_spike){ at[i] * 0.1, 0 };
    for (uint32_t i = 0; i < TARGETS; i++)
        synapse[i] = (struct synapse){ 0, i, 1 + i, delay[i] * 0.1 };
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 1, spike, 4, &source, &err),
                    OK);
    uint32_t target = add(network, "t", &echo, TARGETS);
    struct projection projection = { .source = source,
                                     .target = target,
                                     .rule = CONNECT_EXPLICIT,
                                     .synapse = synapse,
                                     .synapses = TARGETS };
    CU_ASSERT_EQUAL_FATAL(network_connect(network, &projection, &err), OK);
    build(network);
    const double *heard = network_state(network, target, 0);
    for (int step = 0; step < LAST; step++) {
        run(network, 1);
        for (int i = 0; i < TARGETS; i++) {
            double expected = 0;
            for (int k = 0; k < 4; k++)
                expected += at[k] - 1 + delay[i] == step ? 1 + i : 0;
            CU_ASSERT_EQUAL(heard[i], expected);
        }
    }
    network_free(network);
}

static void inputs_are_added_in_the_order_of_their_sources(void)
{
    /* The last source fires first. 1e16 swallows 1, so that only the order of sources
     * gives 1e16 - 1e16 + 1 = 1. */
    static const struct synapse synapse[] = { { 0, 0, 1e16, 0.1 },
                                              { 1, 0, -1e16, 0.2 },
                                              { 2, 0, 1, 0.3 } };
    static const struct timed_spike spike[] = { { 0.1, 2 }, { 0.2, 1 }, { 0.3, 0 } };
    struct error err;
    uint32_t source;
    struct network *network = create(1, 1, 1);
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 3, spike, 3, &source, &err),
                    OK);
    uint32_t target = add(network, "t", &echo, 1);
    struct projection projection = { .source = source,
                                     .target = target,
                                     .rule = CONNECT_EXPLICIT,
                                     .synapse = synapse,
                                     .synapses = 3 };
    CU_ASSERT_EQUAL_FATAL(network_connect(network, &projection, &err), OK);
    build(network);
    run(network, 4);
    CU_ASSERT_EQUAL(network_state(network, target, 0)[0], 1);
    network_free(network);
}

/* ---- the same, however it is cut ---- */

struct digest {
    uint64_t spikes, hash, sent;
    struct network *network;
};

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return hash;
}

static enum error_code digest_spikes(void *context, uint64_t step, uint32_t population,
                                     const struct spike *spike, size_t spikes,
                                     struct error *err)
{
    struct digest *digest = context;
    err->code = OK;
    digest->hash = mixed(digest->hash, &step, sizeof step);
    digest->hash = mixed(digest->hash, &population, sizeof population);
    digest->hash = mixed(digest->hash, spike, spikes * sizeof *spike);
    digest->spikes += spikes;
    for (size_t i = 0; i < spikes; i++) {
        digest->sent += network_fan_out(digest->network, population, spike[i].neuron);
        CU_ASSERT(i == 0 || spike[i].neuron > spike[i - 1].neuron);
    }
    return OK;
}

static double wave(const void *context, double time_ms)
{
    return *(const double *)context * sin(time_ms);
}

/* Every kind of rule, source, delay and weight; large enough for threads. */
enum { MANY = 1001 };
static struct network *mixed_network(int threads, unsigned parts)
{
    static const double amplitude = 20;
    static const struct stdp_rule stdp = { 17, 20, 0.02, 0.021, 0, 0.6, 0, 1 };
    static const struct timed_spike spike[] = { { 1, 3 }, { 1, 0 }, { 20, 5 } };
    struct error err;
    struct network *network = create(11, threads, parts);
    uint32_t e = add(network, "e", neuron_model_find("lif"), MANY), g;
    uint32_t i = add(network, "i", neuron_model_find("adex"), 50);
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 9, spike, 3, &g, &err), OK);
    const struct projection projections[] = {
        { .source = e,
          .target = e,
          .rule = CONNECT_PROBABILITY,
          .p = 0.02,
          .weight = { NORMAL, 0.3, 0.1, 0, 0.6 },
          .delay_ms = { UNIFORM, 0.1, 2, 0, 0 },
          .stdp = &stdp },
        { .source = e,
          .target = i,
          .rule = CONNECT_IN_DEGREE,
          .degree = 30,
          .weight = { FIXED, 20, 0, 0, 0 },
          .delay_ms = { FIXED, 1.5, 0, 0, 0 } },
        { .source = i,
          .target = e,
          .rule = CONNECT_TOTAL_NUMBER,
          .degree = 15000,
          .weight = { LOGNORMAL, 0.4, 0.2, 0, 0 },
          .delay_ms = { NORMAL, 0.8, 0.4, 0, 0 } },
        { .source = g,
          .target = e,
          .rule = CONNECT_ALL_TO_ALL,
          .weight = { FIXED, 1, 0, 0, 0 },
          .delay_ms = { FIXED, 1, 0, 0, 0 } },
    };
    for (int k = 0; k < 4; k++)
        CU_ASSERT_EQUAL(network_connect(network, &projections[k], &err), OK);
    struct poisson_source poisson = { .target = { .population = e, .first = 3 },
                                      .rate_hz = 9000,
                                      .weight = 0.22 };
    struct current_source current = { .target = { .population = i, .count = 44 },
                                      .mean = 500,
                                      .deviation = 200 };
    struct current_source sine = {
        .target = { .population = e }, .port = 1, .value = wave, .context = &amplitude
    };
    CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), OK);
    CU_ASSERT_EQUAL(network_add_current(network, &current, &err), OK);
    CU_ASSERT_EQUAL(network_add_current(network, &sine, &err), OK);
    build(network);
    return network;
}

static uint64_t digest_synapses(struct network *network)
{
    uint64_t hash = 1;
    for (uint32_t i = 0; i < network_projections(network); i++) {
        size_t count = network_synapses(network, i, NULL, 0);
        struct synapse *synapse = malloc((count + 1) * sizeof *synapse);
        CU_ASSERT_PTR_NOT_NULL_FATAL(synapse);
        network_synapses(network, i, synapse, count);
        hash = mixed(hash, synapse, count * sizeof *synapse);
        free(synapse);
    }
    return hash;
}

static struct digest digest_run(int threads, unsigned parts, uint64_t piece)
{
    enum { STEPS = 1000 };
    struct error err;
    struct network *network = mixed_network(threads, parts);
    struct digest digest = { .hash = 1, .network = network };
    struct network_sink sink = { &digest, digest_spikes, NULL };
    digest.hash = digest_synapses(network);
    for (uint64_t step = 0; step < STEPS; step += piece)
        CU_ASSERT_EQUAL(network_run(network, piece, &sink, &err), OK);
    digest.hash =
        mixed(digest.hash, network_state(network, 0, 0), MANY * sizeof(double));
    digest.hash = mixed(digest.hash, network_state(network, 1, 1), 50 * sizeof(double));
    digest.hash ^= digest_synapses(network);
    digest.network = NULL;
    network_free(network);
    return digest;
}

static void threads_and_parts_change_nothing(void)
{
    static const unsigned cut[][2] = { { 1, 2 }, { 1, 3 }, { 1, 7 }, { 2, 0 },
                                       { 2, 1 }, { 2, 3 }, { 2, 7 }, { 3, 64 } };
    struct digest whole = digest_run(1, 1, 1000);
    CU_ASSERT(whole.spikes > 3000);
    for (int i = 0; i < 8; i++) {
        struct digest other = digest_run((int)cut[i][0], cut[i][1], 500);
        CU_ASSERT_EQUAL(other.spikes, whole.spikes);
        CU_ASSERT_EQUAL(other.hash, whole.hash);
    }
}

static void what_is_sent_has_arrived_or_is_in_flight(void)
{
    struct error err;
    struct network_totals totals;
    struct network *network = mixed_network(1, 3);
    struct digest digest = { .hash = 1, .network = network };
    struct network_sink sink = { &digest, digest_spikes, NULL };
    size_t most_in_flight = 0;
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(network_run(network, 7, &sink, &err), OK);
        network_totals(network, &totals);
        CU_ASSERT_EQUAL(totals.events, totals.arrived + totals.in_flight);
        CU_ASSERT(totals.synaptic_events <= digest.sent);
        most_in_flight =
            totals.in_flight > most_in_flight ? totals.in_flight : most_in_flight;
    }
    CU_ASSERT(most_in_flight > 100);
    CU_ASSERT_EQUAL(totals.spikes, digest.spikes);
    CU_ASSERT_EQUAL(totals.steps, 700);
    CU_ASSERT_EQUAL(totals.updates, 700 * (MANY + 50));
    network_free(network);
}

static void all_that_was_sent_is_delivered(void)
{
    static const struct timed_spike spike[] = { { 1, 3 }, { 1, 0 }, { 2, 5 } };
    struct error err;
    struct network_totals totals;
    uint32_t g;
    struct network *network = create(5, 1, 2);
    CU_ASSERT_EQUAL(network_add_generator(network, "g", 9, spike, 3, &g, &err), OK);
    uint32_t target = add(network, "t", &echo, 100);
    struct projection projection = { .source = g,
                                     .target = target,
                                     .rule = CONNECT_PROBABILITY,
                                     .p = 0.3,
                                     .weight = { .a = 1 },
                                     .delay_ms = { UNIFORM, 0.1, 3, 0, 0 } };
    CU_ASSERT_EQUAL_FATAL(network_connect(network, &projection, &err), OK);
    build(network);
    run(network, 60);
    network_totals(network, &totals);
    CU_ASSERT_EQUAL(totals.in_flight, 0);
    CU_ASSERT_EQUAL(totals.arrived, totals.events);
    uint64_t sent = network_fan_out(network, g, 3) + network_fan_out(network, g, 0) +
                    network_fan_out(network, g, 5);
    CU_ASSERT(sent > 50 && totals.synaptic_events == sent);
    network_free(network);
}

/* ---- sources ---- */

static void check_poisson(double mean)
{
    enum { NEURONS = 501, STEPS = 400, BINS = 100 };
    struct error err;
    double seen[BINS] = { 0 }, chi2 = 0, left = 1;
    struct network *network = create(9, 1, 2);
    uint32_t target = add(network, "t", &echo, NEURONS);
    struct poisson_source poisson = { .rate_hz = mean * 10000, .weight = 0.5 };
    CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), OK);
    build(network);
    for (int step = 0; step < STEPS; step++) {
        run(network, 1);
        for (int neuron = 0; neuron < NEURONS; neuron++) {
            int spikes = (int)(2 * network_state(network, target, 0)[neuron]);
            CU_ASSERT_FATAL(spikes >= 0 && spikes < BINS);
            seen[spikes]++;
        }
    }
    network_free(network);
    double draws = (double)NEURONS * STEPS, seen_rest = draws;
    unsigned freedom = 0;
    for (unsigned k = 0; k < BINS && left * draws > 50; k++) {
        double expected = draws * gsl_ran_poisson_pdf(k, mean);
        left -= expected / draws;
        if (expected < 20)
            continue;
        chi2 += (seen[k] - expected) * (seen[k] - expected) / expected;
        seen_rest -= seen[k];
        freedom++;
    }
    /* One in a hundred thousand would fail at either end. */
    double p = gsl_cdf_chisq_Q(chi2, freedom);
    CU_ASSERT(p > 1e-5 && p < 1 - 1e-5);
    CU_ASSERT(seen_rest < draws);
}

static void poisson_trains_are_poisson(void)
{
    check_poisson(0.03);
    check_poisson(2);
    check_poisson(17);
    check_poisson(49);
}

static void poisson_trains_are_independent(void)
{
    enum { NEURONS = 400, STEPS = 1000 };
    struct error err;
    struct network *network = create(4, 1, 1);
    uint32_t target = add(network, "t", &echo, NEURONS);
    struct poisson_source poisson = { .rate_hz = 10000, .weight = 1 };
    CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), OK);
    build(network);
    double near = 0, later = 0, before[NEURONS] = { 0 };
    const double *heard = network_state(network, target, 0);
    for (int step = 0; step < STEPS; step++) {
        run(network, 1);
        for (int i = 0; i < NEURONS; i++) {
            near += (heard[i] - 1) * (heard[(i + 1) % NEURONS] - 1);
            later += step > 0 ? (heard[i] - 1) * (before[i] - 1) : 0;
            before[i] = heard[i];
        }
    }
    network_free(network);
    /* Products of variance 1: five deviations of their mean. */
    double draws = (double)NEURONS * STEPS;
    CU_ASSERT_DOUBLE_EQUAL(near / draws, 0, 5 / sqrt(draws));
    CU_ASSERT_DOUBLE_EQUAL(later / draws, 0, 5 / sqrt(draws));
}

static void sources_act_between_start_and_stop_on_their_range(void)
{
    static const double amplitude = 3;
    struct error err;
    struct network *network = create(2, 1, 3);
    uint32_t target = add(network, "t", &echo, 40);
    struct poisson_source poisson = { .target = { target, 10, 5 },
                                      .rate_hz = 200000,
                                      .weight = 1,
                                      .start_ms = 0.5,
                                      .stop_ms = 0.8 };
    struct current_source sine = { .target = { target, 30, 0 },
                                   .value = wave,
                                   .context = &amplitude,
                                   .stop_ms = 0.9 };
    CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), OK);
    CU_ASSERT_EQUAL(network_add_current(network, &sine, &err), OK);
    build(network);
    for (int step = 0; step < 12; step++) {
        run(network, 1);
        const double *heard = network_state(network, target, 0);
        for (int i = 0; i < 40; i++) {
            bool hears_spikes = i >= 10 && i < 15 && step >= 5 && step < 8;
            double flows = i >= 30 && step < 9 ? 3 * sin(step * 0.1) : 0;
            if (hears_spikes) /* mean 20: below 1 once in 5e8 */
                CU_ASSERT(heard[i] >= 1)
            else
                CU_ASSERT_DOUBLE_EQUAL(heard[i], flows, 1e-12);
        }
    }
    network_free(network);
}

static void noise_has_its_mean_and_deviation(void)
{
    enum { NEURONS = 300, STEPS = 300 };
    struct error err;
    struct network *network = create(6, 1, 1);
    uint32_t target = add(network, "t", &echo, NEURONS);
    struct current_source noise = { .mean = 3, .deviation = 2 };
    CU_ASSERT_EQUAL(network_add_current(network, &noise, &err), OK);
    build(network);
    double sum = 0, squares = 0, draws = (double)NEURONS * STEPS;
    for (int step = 0; step < STEPS; step++) {
        run(network, 1);
        for (int i = 0; i < NEURONS; i++) {
            double off = network_state(network, target, 0)[i] - 3;
            sum += off;
            squares += off * off;
        }
    }
    network_free(network);
    /* Five deviations of the mean and of the variance. */
    CU_ASSERT_DOUBLE_EQUAL(sum / draws, 0, 5 * 2 / sqrt(draws));
    CU_ASSERT_DOUBLE_EQUAL(squares / draws, 4, 5 * 4 * sqrt(2 / draws));
}

static void every_model_runs_in_a_network(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        struct error err;
        struct network *network = create(1, 1, 3);
        uint32_t target = add(network, "t", neuron_models[i], 30);
        for (unsigned port = 0; neuron_models[i]->inputs[port].name; port++) {
            struct poisson_source poisson = { .target = { .population = target },
                                              .port = port,
                                              .rate_hz = 100,
                                              .weight = 0.01 };
            CU_ASSERT_EQUAL(network_add_poisson(network, &poisson, &err), OK);
        }
        build(network);
        run(network, 200);
        const double *state = network_state(network, target, 0);
        for (int neuron = 0; neuron < 30; neuron++)
            CU_ASSERT(isfinite(state[neuron]));
        network_free(network);
    }
}

CU_TestInfo network_run_tests[] = {
    { "spikes arrive after their delay", spikes_arrive_after_their_delay },
    { "inputs are added in the order of their sources",
      inputs_are_added_in_the_order_of_their_sources },
    { "threads and parts change nothing", threads_and_parts_change_nothing },
    { "what is sent has arrived or is in flight",
      what_is_sent_has_arrived_or_is_in_flight },
    { "all that was sent is delivered", all_that_was_sent_is_delivered },
    { "poisson trains are poisson", poisson_trains_are_poisson },
    { "poisson trains are independent", poisson_trains_are_independent },
    { "sources act between start and stop on their range",
      sources_act_between_start_and_stop_on_their_range },
    { "noise has its mean and deviation", noise_has_its_mean_and_deviation },
    { "every model runs in a network", every_model_runs_in_a_network },
    CU_TEST_INFO_NULL,
};
