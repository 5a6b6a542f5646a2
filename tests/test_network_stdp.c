/* Plastic synapses against sums over pairs of spikes. */
#include "base/random.h"
#include "sim/network.h"
#include "tests/suites.h"

#include <math.h>
#include <stdlib.h>

enum {
    PAIRS = 6,
    SPIKES = 60,
    STEPS = 2000,
    SETTLED = STEPS + 200,
    TRAINS = 2 * PAIRS
};

/* ---- a neuron that fires when it is told to and shows what plastic synapses give ---- */

enum { TOLD, PLASTIC };
static const struct field relay_params[] = { { 0 } };
static const struct field relay_state[] = { { "heard", "", "input", 0, 0, 0 }, { 0 } };
static const struct field relay_inputs[] = { [TOLD] = { "told", "", "fire", 0, 0, 0 },
                                             [PLASTIC] = { "plastic", "", "", 0, 0, 0 },
                                             { 0 } };

static size_t relay_step(struct population *p, const double *const *input,
                         struct spike *fired)
{
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        p->state[0][neuron] = input[PLASTIC] ? input[PLASTIC][neuron] : 0;
        if (input[TOLD][neuron] > 0)
            fired[spikes++] = (struct spike){ (uint32_t)neuron, 1 };
    }
    return spikes;
}

static const struct neuron_model relay = { .name = "relay",
                                           .params = relay_params,
                                           .state_vars = relay_state,
                                           .inputs = relay_inputs,
                                           .step = relay_step };

/* ---- PAIRS pairs: pre i and post i fire at the steps fires[i] and fires[PAIRS + i] ---- */

struct trial {
    bool fires[TRAINS][STEPS];
    struct stdp_rule rule;
    uint32_t delay[PAIRS]; /* steps */
    double weight[PAIRS];
    struct network *network;
    uint32_t post, projection;
};

static void random_trains(struct trial *trial, uint64_t seed)
{
    gsl_rng *generator = gsl_rng_alloc(random_gsl_type);
    CU_ASSERT_PTR_NOT_NULL_FATAL(generator);
    random_set(generator, seed, &(struct random_place){ 0 });
    /* Both early enough for the last pair to settle, and not in the first step, which
     * nothing can tell a relay. */
    for (int train = 0; train < TRAINS; train++)
        for (int i = 0; i < SPIKES; i++)
            trial->fires[train][1 + gsl_rng_uniform_int(generator, STEPS - 1)] = true;
    gsl_rng_free(generator);
}

/* What fires in step s tells a relay to fire in step s + 1. */
static size_t list_spikes(const struct trial *trial, struct timed_spike *spike)
{
    size_t spikes = 0;
    for (int step = 0; step < STEPS; step++)
        for (uint32_t i = 0; i < PAIRS; i++) {
            if (trial->fires[i][step])
                spike[spikes++] = (struct timed_spike){ (step + 1) * 0.1, i };
            if (step + 1 < STEPS && trial->fires[PAIRS + i][step + 1])
                spike[spikes++] = (struct timed_spike){ (step + 1) * 0.1, PAIRS + i };
        }
    return spikes;
}

static void begin(struct trial *trial)
{
    static struct timed_spike spike[TRAINS * STEPS];
    struct error err;
    struct synapse order[PAIRS], plastic[PAIRS];
    uint32_t source;
    struct network_settings settings = { 0.1, 1, 1, 2 };
    CU_ASSERT_EQUAL_FATAL(network_create(&trial->network, &settings, &err), OK);
    CU_ASSERT_EQUAL_FATAL(network_add_generator(trial->network, "g", TRAINS, spike,
                                                list_spikes(trial, spike), &source,
                                                &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(network_add_population(trial->network, "t", &relay, PAIRS,
                                                 NULL, &trial->post, &err),
                          OK);
    for (uint32_t i = 0; i < PAIRS; i++) {
        order[i] = (struct synapse){ PAIRS + i, i, 1, 0.1 };
        plastic[i] = (struct synapse){ i, i, trial->weight[i], trial->delay[i] * 0.1 };
    }
    struct projection projection = { .source = source,
                                     .target = trial->post,
                                     .port = TOLD,
                                     .rule = CONNECT_EXPLICIT,
                                     .synapse = order,
                                     .synapses = PAIRS };
    CU_ASSERT_EQUAL_FATAL(network_connect(trial->network, &projection, &err), OK);
    projection.port = PLASTIC;
    projection.synapse = plastic;
    projection.stdp = &trial->rule;
    CU_ASSERT_EQUAL_FATAL(network_connect(trial->network, &projection, &err), OK);
    CU_ASSERT_EQUAL_FATAL(network_build(trial->network, 0, &err), OK);
    trial->projection = 1;
}

static void run(struct trial *trial, uint64_t steps)
{
    struct error err;
    CU_ASSERT_EQUAL_FATAL(network_run(trial->network, steps, NULL, &err), OK);
}

/* Weights by pair: sources and pairs have the same numbers. */
static void read_weights(const struct trial *trial, double weight[PAIRS])
{
    struct synapse synapse[PAIRS];
    CU_ASSERT_EQUAL_FATAL(network_synapses(trial->network, trial->projection, synapse,
                                           PAIRS),
                          PAIRS);
    for (int i = 0; i < PAIRS; i++)
        weight[synapse[i].source] = synapse[i].weight;
}

/* Each pair of spikes by itself, in steps of t_post + delay - t_pre. */
static double pair_sum(const struct trial *trial, int pair)
{
    const struct stdp_rule *rule = &trial->rule;
    double sum = 0;
    for (int pre = 0; pre < STEPS; pre++)
        for (int post = 0; post < STEPS && trial->fires[pair][pre]; post++) {
            double distance = 0.1 * (post + (int)trial->delay[pair] - pre);
            if (!trial->fires[PAIRS + pair][post])
                continue;
            if (post + (int)trial->delay[pair] > pre)
                sum +=
                    rule->a_plus * rule->highest * exp(-distance / rule->tau_plus_ms);
            if (post + (int)trial->delay[pair] < pre)
                sum -=
                    rule->a_minus * rule->highest * exp(distance / rule->tau_minus_ms);
        }
    return sum;
}

static void additive_weights_are_sums_over_all_pairs(void)
{
    static struct trial trial;
    trial = (struct trial){ .rule = { 17, 34, 1e-5, 8e-6, -100, 100, 0, 0 },
                            .delay = { 1, 2, 5, 15, 15, 40 },
                            .weight = { 1, 2, 3, 4, 5, 6 } };
    for (uint64_t seed = 1; seed <= 3; seed++) {
        double weight[PAIRS];
        random_trains(&trial, seed);
        begin(&trial);
        run(&trial, SETTLED);
        read_weights(&trial, weight);
        for (int pair = 0; pair < PAIRS; pair++) {
            double expected = trial.weight[pair] + pair_sum(&trial, pair);
            CU_ASSERT(fabs(expected - trial.weight[pair]) > 1e-3);
            /* Traces decay step by step: roundings of 1e-16 in sums of some 100 pairs. */
            CU_ASSERT_DOUBLE_EQUAL(weight[pair], expected, 1e-12);
        }
        network_free(trial.network);
    }
}

static void one_pair_gives_the_window(void)
{
    static struct trial trial;
    for (int first = -60; first <= 60; first += PAIRS) {
        double weight[PAIRS];
        trial = (struct trial){ .rule = { 10, 20, 0.01, 0.005, 0, 2, 0, 0 },
                                .delay = { 4, 4, 4, 4, 4, 4 },
                                .weight = { 1, 1, 1, 1, 1, 1 } };
        for (int pair = 0; pair < PAIRS; pair++) {
            trial.fires[pair][200] = true;
            trial.fires[PAIRS + pair][200 + first + pair - 4] = true;
        }
        begin(&trial);
        run(&trial, 400);
        read_weights(&trial, weight);
        for (int pair = 0; pair < PAIRS; pair++) {
            double distance = 0.1 * (first + pair), change = 0;
            if (first + pair > 0)
                change = 2 * 0.01 * exp(-distance / 10);
            if (first + pair < 0)
                change = -2 * 0.005 * exp(distance / 20);
            CU_ASSERT_DOUBLE_EQUAL(weight[pair] - 1, change, 1e-14);
        }
        network_free(trial.network);
    }
}

/* ---- weights that depend on themselves: the order of events counts ---- */

static double cut(double weight, const struct stdp_rule *rule)
{
    return fmin(fmax(weight, rule->lowest), rule->highest);
}

/* What spikes of a train before a step have left. */
static double left(const bool *fires, int step, double tau_ms)
{
    double sum = 0;
    for (int other = 0; other < step && other < STEPS; other++)
        sum += fires[other] ? exp(-0.1 * (step - other) / tau_ms) : 0;
    return sum;
}

/* The weight of a pair once it has seen what happens at a step: a postsynaptic spike,
 * which arrives late, before a presynaptic one. */
static double follow(const struct trial *trial, int pair, int step, double weight)
{
    const struct stdp_rule *rule = &trial->rule;
    const bool *pre = trial->fires[pair], *post = trial->fires[PAIRS + pair];
    double span = rule->highest - rule->lowest;
    int late = step - (int)trial->delay[pair];
    if (late >= 0 && late < STEPS && post[late])
        weight = cut(weight + rule->a_plus * rule->highest *
                                  pow((rule->highest - weight) / span, rule->mu_plus) *
                                  left(pre, step, rule->tau_plus_ms),
                     rule);
    if (step < STEPS && pre[step])
        weight = cut(weight - rule->a_minus * rule->highest *
                                  pow((weight - rule->lowest) / span, rule->mu_minus) *
                                  left(post, late, rule->tau_minus_ms),
                     rule);
    return weight;
}

static void check_rule(struct stdp_rule rule)
{
    static struct trial trial;
    double weight[PAIRS], found[PAIRS];
    static double at[PAIRS][SETTLED];
    trial = (struct trial){ .rule = rule,
                            .delay = { 1, 2, 5, 15, 15, 40 },
                            .weight = { 0.1, 0.3, 0.5, 0.7, 0.9, 1 } };
    random_trains(&trial, 5);
    begin(&trial);
    for (int pair = 0; pair < PAIRS; pair++) {
        weight[pair] = trial.weight[pair];
        for (int step = 0; step < SETTLED; step++)
            at[pair][step] = weight[pair] = follow(&trial, pair, step, weight[pair]);
    }
    for (int step = 0; step < SETTLED; step++) {
        run(&trial, 1);
        for (int pair = 0; pair < PAIRS; pair++) {
            int fired = step - (int)trial.delay[pair];
            bool arrives = fired >= 0 && fired < STEPS && trial.fires[pair][fired];
            double heard = network_state(trial.network, trial.post, 0)[pair];
            /* As above; steps of at most a hundredth keep weights from diverging. */
            CU_ASSERT_DOUBLE_EQUAL(heard, arrives ? at[pair][fired] : 0, 1e-11);
        }
    }
    read_weights(&trial, found);
    for (int pair = 0; pair < PAIRS; pair++)
        CU_ASSERT_DOUBLE_EQUAL(found[pair], weight[pair], 1e-11);
    network_free(trial.network);
}

static void weights_are_followed_spike_by_spike(void)
{
    check_rule((struct stdp_rule){ 17, 34, 0.01, 0.008, 0, 1, 1, 1 });
    check_rule((struct stdp_rule){ 10, 10, 0.01, 0.01, 0, 1, 0.4, 0.4 });
    check_rule((struct stdp_rule){ 20, 20, 0.05, 0.06, 0.05, 1, 0, 0 }); /* at bounds */
    check_rule((struct stdp_rule){ 20, 20, 0.02, 0.03, -1, 2, 0, 1 });
}

CU_TestInfo network_stdp_tests[] = {
    { "additive weights are sums over all pairs",
      additive_weights_are_sums_over_all_pairs },
    { "one pair gives the window", one_pair_gives_the_window },
    { "weights are followed spike by spike", weights_are_followed_spike_by_spike },
    CU_TEST_INFO_NULL,
};
