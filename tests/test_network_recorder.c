/* A network's spikes and traces come back out of its recording. */
#include "sim/network_recorder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEURONS = 20, STEPS = 1234, MOST = 4000 };

struct heard {
    struct recorded_spike spike[MOST]; /* step from the run's beginning */
    size_t spikes;
    float v[STEPS + 1][3]; /* of E's neurons 5, 6, 7 */
    const double *state;
    struct network_sink recorder;
};

static struct network *noisy_network(struct error *err)
{
    struct network *network;
    uint32_t e, g;
    struct network_settings settings = { .dt_ms = 0.1, .seed = 3, .threads = 1 };
    const struct neuron_model *lif = neuron_model_find("lif");
    const struct timed_spike spike[] = { { 0.1, 1 }, { 5, 0 }, { 100, 2 } };
    CU_ASSERT_EQUAL_FATAL(network_create(&network, &settings, err), OK);
    CU_ASSERT_EQUAL(network_add_generator(network, "G", 3, spike, 3, &g, err), OK);
    CU_ASSERT_EQUAL(network_add_population(network, "E", lif, NEURONS, NULL, &e, err),
                    OK);
    struct current_source current = {
        .target = { .population = e }, .port = 1, .mean = 700, .deviation = 300
    };
    CU_ASSERT_EQUAL(network_add_current(network, &current, err), OK);
    struct projection projection = { .source = g,
                                     .target = e,
                                     .rule = CONNECT_ALL_TO_ALL,
                                     .weight = { .a = 1 },
                                     .delay_ms = { .a = 1 } };
    CU_ASSERT_EQUAL(network_connect(network, &projection, err), OK);
    CU_ASSERT_EQUAL_FATAL(network_build(network, 0, err), OK);
    network_state(network, e, 0)[6] = -60;
    return network;
}

static enum error_code hear_spikes(void *context, uint64_t step, uint32_t population,
                                   const struct spike *spike, size_t spikes,
                                   struct error *err)
{
    struct heard *heard = context;
    for (size_t i = 0; i < spikes && heard->spikes < MOST; i++)
        heard->spike[heard->spikes++] =
            (struct recorded_spike){ spike[i].neuron + (population ? 3 : 0),
                                     (uint32_t)step, spike[i].payload };
    return heard->recorder.spikes(heard->recorder.context, step, population, spike,
                                  spikes, err);
}

static enum error_code hear_step(void *context, uint64_t step, struct error *err)
{
    struct heard *heard = context;
    for (int i = 0; i < 3; i++)
        heard->v[step + 1][i] = (float)heard->state[5 + i];
    return heard->recorder.stepped(heard->recorder.context, step, err);
}

/* Runs with a recorder of the settings; what it was told is in `heard`. */
static void run(const struct network_recorder_settings *settings, struct heard *heard)
{
    struct error err;
    struct network_recorder *recorder;
    struct network *network = noisy_network(&err);
    CU_ASSERT_EQUAL_FATAL(network_recorder_create(&recorder, network, settings, &err),
                          OK);
    heard->recorder = network_recorder_sink(recorder);
    heard->state = network_state(network, 1, 0);
    for (int i = 0; i < 3; i++)
        heard->v[0][i] = (float)heard->state[5 + i];
    struct network_sink sink = { heard, hear_spikes, hear_step };
    CU_ASSERT_EQUAL(network_run(network, 1000, &sink, &err), OK);
    CU_ASSERT_EQUAL(network_run(network, STEPS - 1000, &sink, &err), OK);
    CU_ASSERT(heard->spikes > 100 && heard->spikes < MOST);
    CU_ASSERT_EQUAL(network_recorder_spikes(recorder, 0), 3);
    CU_ASSERT_EQUAL(network_recorder_spikes(recorder, 1), heard->spikes - 3);
    CU_ASSERT_EQUAL(network_recorder_close(recorder, RECORDING_FINISHED, &err), OK);
    network_free(network);
}

static void check_slice(const struct recording *found, uint64_t slice,
                        const struct heard *heard, size_t *next)
{
    struct error err;
    struct recorded_spike spike[MOST];
    struct site_counters site[2];
    uint64_t start;
    uint32_t steps;
    size_t length = MOST;
    struct token_column column = { .start_step = &start, .steps = &steps };
    CU_ASSERT_EQUAL_FATAL(recording_read_tokens(found, slice, 1, &column, &err), OK);
    CU_ASSERT_EQUAL(start, 50 * slice);
    CU_ASSERT_EQUAL(steps, slice == 24 ? 34 : 50);
    CU_ASSERT_EQUAL_FATAL(recording_read_spikes(found, slice, spike, &length, &err),
                          OK);
    uint64_t of[2] = { 0 };
    for (size_t i = 0; i < length; i++) {
        const struct recorded_spike *expected = &heard->spike[(*next)++];
        CU_ASSERT_EQUAL(spike[i].node, expected->node);
        CU_ASSERT_EQUAL(spike[i].step + start, expected->step);
        CU_ASSERT_EQUAL(spike[i].worth, expected->worth);
        of[spike[i].node >= 3]++;
    }
    CU_ASSERT_EQUAL_FATAL(recording_read_counters(found, slice, 1, site, &err), OK);
    CU_ASSERT_EQUAL(site[0].n[COUNT_SPIKES], of[0]);
    CU_ASSERT_EQUAL(site[1].n[COUNT_SPIKES], of[1]);
    CU_ASSERT_EQUAL(site[0].n[COUNT_SOP], of[0] * NEURONS);
    CU_ASSERT_EQUAL(site[0].n[COUNT_UPDATES], 0);
    CU_ASSERT_EQUAL(site[1].n[COUNT_UPDATES], (uint64_t)steps * NEURONS);
    CU_ASSERT_EQUAL(site[1].n[COUNT_STEPS], steps);
    CU_ASSERT_EQUAL(site[1].threshold, 0);
}

static void spikes_and_counters_come_back_by_slice(void)
{
    struct error err;
    struct recording found;
    struct heard heard = { .spikes = 0 };
    const char *path = temporary_path("network.h5");
    run(&(struct network_recorder_settings){ .path = path, .slice_ms = 5 }, &heard);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT_EQUAL(found.state, RECORDING_FINISHED);
    CU_ASSERT_EQUAL(found.tokens, 25);
    CU_ASSERT_EQUAL(found.info.dt_ms, 0.1);
    CU_ASSERT_EQUAL_FATAL(found.populations, 2);
    CU_ASSERT_STRING_EQUAL(found.population[1].name, "E");
    CU_ASSERT_STRING_EQUAL(found.population[1].neuron, "lif");
    CU_ASSERT_EQUAL(found.population[1].first_node, 3);
    CU_ASSERT_EQUAL(found.population[0].fan_out, NEURONS);
    size_t next = 0;
    for (uint64_t slice = 0; slice < found.tokens; slice++)
        check_slice(&found, slice, &heard, &next);
    CU_ASSERT_EQUAL(next, heard.spikes);
    recording_close_reader(&found);
}

static void traces_sample_the_state_from_time_0_on(void)
{
    struct error err;
    struct recording found;
    struct heard heard = { .spikes = 0 };
    const char *path = temporary_path("network.h5");
    const struct network_trace trace[] = { { 1, "v", 5, 2 }, { 1, "v", 7, 1 } };
    run(&(struct network_recorder_settings){ .path = path,
                                             .trace_every_ms = 0.3,
                                             .trace = trace,
                                             .traces = 2 },
        &heard);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(found.traces, 2);
    for (uint32_t i = 0; i < 2; i++) {
        size_t nodes = found.trace[i].nodes;
        uint64_t samples = found.trace_length[i], first = found.trace[i].node[0];
        float *value = malloc((STEPS + 1) * 2 * sizeof *value);
        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        CU_ASSERT_EQUAL_FATAL(samples, STEPS / 3 + 1);
        CU_ASSERT_EQUAL(nodes, first == 3 + 5 ? 2 : 1);
        CU_ASSERT_DOUBLE_EQUAL(found.trace[i].interval_ms, 0.3, 1e-12);
        CU_ASSERT_EQUAL(recording_read_trace(&found, i, 0, samples, value, &err), OK);
        for (uint64_t k = 0; k < samples; k++)
            for (size_t node = 0; node < nodes; node++)
                CU_ASSERT_EQUAL(value[k * nodes + node],
                                heard.v[3 * k][first - 8 + node]);
        free(value);
    }
    CU_ASSERT_EQUAL(heard.v[0][1], -60);
    recording_close_reader(&found);
}

static void spikes_are_counted_without_a_file(void)
{
    struct heard heard = { .spikes = 0 };
    run(&(struct network_recorder_settings){ .path = NULL }, &heard);
}

static void bad_traces_are_refused(void)
{
    static const struct network_trace bad[] = {
        { 2, "v", 0, 0 },  { 1, "w", 0, 0 },  { 1, NULL, 0, 0 }, { 0, "v", 0, 0 },
        { 1, "v", 20, 0 }, { 1, "v", 19, 2 }, { 1, "v", 0, 21 },
    };
    struct error err;
    struct network_recorder *recorder;
    struct network *network = noisy_network(&err);
    struct network_recorder_settings settings = { .path = temporary_path("network.h5"),
                                                  .traces = 1 };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        settings.trace = &bad[i];
        CU_ASSERT_EQUAL(network_recorder_create(&recorder, network, &settings, &err),
                        ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(recorder);
    }
    settings.traces = NETWORK_MAX_TRACES + 1;
    CU_ASSERT_EQUAL(network_recorder_create(&recorder, network, &settings, &err),
                    ERR_ARGUMENT);
    network_free(network);
}

CU_TestInfo network_recorder_tests[] = {
    { "spikes and counters come back by slice",
      spikes_and_counters_come_back_by_slice },
    { "traces sample the state from time 0 on",
      traces_sample_the_state_from_time_0_on },
    { "spikes are counted without a file", spikes_are_counted_without_a_file },
    { "bad traces are refused", bad_traces_are_refused },
    CU_TEST_INFO_NULL,
};
