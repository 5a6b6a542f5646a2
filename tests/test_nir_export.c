/* Networks and sites of ours as NIR graphs: the same spikes, the same weights, and what
 * cannot be said is refused. */
#include "lm/model.h"
#include "sim/network_nir.h"
#include "sim/nir_file.h"
#include "sim/nir_run.h"
#include "sim/site_nir.h"
#include "tests/model_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES = 20, TARGETS = 30, STEPS = 400, SPIKES = 600 };

struct counted {
    unsigned char fired[STEPS][TARGETS];
};

static enum error_code count_spikes(void *context, uint64_t step, uint32_t population,
                                    const struct spike *spike, size_t spikes,
                                    struct error *err)
{
    struct counted *counted = context;
    (void)err;
    for (size_t i = 0; population == 1 && i < spikes; i++)
        counted->fired[step][spike[i].neuron] = 1;
    return OK;
}

static struct timed_spike *draw_spikes(void)
{
    static struct timed_spike spike[SPIKES];
    uint32_t state = 1;
    for (size_t i = 0; i < SPIKES; i++) {
        state = state * 1664525u + 1013904223u;
        spike[i] = (struct timed_spike){ (double)(1 + i * (STEPS - 20) / SPIKES) * 0.5,
                                         (state >> 16) % SOURCES };
    }
    return spike;
}

struct changes {
    double t_ref, hard_reset;
    const char *model;
    bool is_plastic, has_poisson, has_spread_delays;
};

/* Generator -> lif, jumps after 2 steps; lif -> lif, negative currents after 3. */
static struct network *build(const struct changes *changes, double *dt_ms)
{
    const struct network_settings settings = { .dt_ms = *dt_ms = 0.5,
                                               .seed = 3,
                                               .threads = 1 };
    const struct neuron_model *model = neuron_model_find(changes->model);
    const struct stdp_rule stdp = { .tau_plus_ms = 20,
                                    .tau_minus_ms = 20,
                                    .a_plus = 0.01,
                                    .a_minus = 0.01,
                                    .lowest = 0,
                                    .highest = 5 };
    struct network *network = NULL;
    struct error err = { 0 };
    double param[NEURON_MAX_PARAMS];
    uint32_t from, to;
    field_defaults(model->params, param);
    if (strcmp(changes->model, "lif") == 0) {
        param[field_find(model->params, "t_ref")] = changes->t_ref;
        param[field_find(model->params, "hard_reset")] = changes->hard_reset;
    }
    CU_ASSERT_EQUAL_FATAL(network_create(&network, &settings, &err), OK);
    network_add_generator(network, "in", SOURCES, draw_spikes(), SPIKES, &from, &err);
    network_add_population(network, "cells", model, TARGETS, param, &to, &err);
    const struct projection forward = {
        .source = from,
        .target = to,
        .rule = CONNECT_PROBABILITY,
        .p = 0.5,
        .weight = { .distribution = UNIFORM, .a = 0.5, .b = 4 },
        .delay_ms = { .a = 1,
                      .b = 2,
                      .distribution = changes->has_spread_delays ? UNIFORM : FIXED },
        .stdp = changes->is_plastic ? &stdp : NULL,
    };
    const int current = field_find(model->inputs, "current");
    const struct projection back = {
        .source = to,
        .target = to,
        .port = current < 0 ? 0 : (unsigned)current,
        .rule = CONNECT_IN_DEGREE,
        .degree = 5,
        .weight = { .a = -40 },
        .delay_ms = { .a = 1.5 },
    };
    const struct poisson_source poisson = { .target = { .population = to },
                                            .rate_hz = 10,
                                            .weight = 1 };
    network_connect(network, &forward, &err);
    network_connect(network, &back, &err);
    if (changes->has_poisson)
        network_add_poisson(network, &poisson, &err);
    CU_ASSERT_EQUAL(network_build(network, 0, &err), OK);
    if (err.code != OK)
        printf("    %s\n", err.text);
    return network;
}

static void a_network_fires_the_same_as_a_graph(void)
{
    static struct counted counted;
    double dt_ms;
    struct error err = { 0 };
    struct nir_graph *graph = NULL, *again = NULL;
    struct nir_run *run = NULL;
    struct network *network =
        build(&(struct changes){ .hard_reset = 1, .model = "lif" }, &dt_ms);
    CU_ASSERT_EQUAL(nir_graph_of_network(&graph, network, &err), OK);
    if (err.code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(graph);
    const struct network_sink sink = { &counted, count_spikes, NULL };
    CU_ASSERT_EQUAL(network_run(network, STEPS, &sink, &err), OK);

    const char *path = temporary_path("network.nir");
    CU_ASSERT_EQUAL(nir_graph_write(graph, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(nir_graph_read(&again, path, &err), OK);
    const struct nir_settings settings = { .dt = dt_ms / 1000 };
    CU_ASSERT_EQUAL_FATAL(nir_run_create(&run, again, &settings, &err), OK);
    size_t in = 0, cells = 0, wrong = 0, spikes = 0, next = 0;
    for (size_t i = 0; i < nir_run_units(run); i++) {
        in = strcmp(nir_run_unit(run, i).name, "in") == 0 ? i : in;
        cells = strcmp(nir_run_unit(run, i).name, "cells") == 0 ? i : cells;
    }
    const struct timed_spike *spike = draw_spikes();
    /* A generator's spike at time t is of the step that ends there. */
    for (uint64_t step = 0; step < STEPS; step++) {
        memset(nir_run_input(run, in), 0, SOURCES * sizeof(double));
        for (; next < SPIKES && spike[next].time_ms <= (double)(step + 1) * dt_ms;
             next++)
            nir_run_input(run, in)[spike[next].neuron] += 1;
        CU_ASSERT_EQUAL(nir_run_step(run, &err), OK);
        for (size_t i = 0; i < TARGETS; i++) {
            bool fires = nir_run_unit(run, cells).out[i] != 0;
            wrong += fires != counted.fired[step][i];
            spikes += fires;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(spikes > 100);
    printf("    %zu spikes of a network, the same as a NIR graph\n", spikes);
    nir_run_free(run);
    nir_graph_free(again);
    nir_graph_free(graph);
    network_free(network);
}

static void what_nir_cannot_say_is_refused(void)
{
    static const struct {
        struct changes changes;
        const char *sentence;
    } cases[] = {
        { { .model = "lif" }, "'cells': neuron 0 resets by subtraction" },
        { { .model = "lif", .hard_reset = 1, .t_ref = 2 },
          "a refractory time of 2 ms" },
        { { .model = "adex" }, "'cells': NIR has no neuron like adex" },
        { { .model = "lif", .hard_reset = 1, .is_plastic = true },
          "projection 'in.to.cells.0' is plastic" },
        { { .model = "lif", .hard_reset = 1, .has_poisson = true },
          "the network has 1 Poisson and 0 current sources" },
        { { .model = "lif", .hard_reset = 1, .has_spread_delays = true },
          "projection 'in.to.cells.0.delay': delays of" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double dt_ms;
        struct error err = { 0 };
        struct nir_graph *graph = NULL;
        struct network *network = build(&cases[i].changes, &dt_ms);
        CU_ASSERT_NOT_EQUAL(nir_graph_of_network(&graph, network, &err), OK);
        CU_ASSERT_PTR_NULL(graph);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].sentence));
        if (!strstr(err.text, cases[i].sentence))
            printf("    expected '%s' in: %s\n", cases[i].sentence, err.text);
        network_free(network);
    }
}

/* Every site of a model that has biases. */
static void a_site_is_its_matrices(void)
{
    struct error err = { 0 };
    struct model model = { 0 };
    const char *path = temporary_path("model.gguf");
    CU_ASSERT_FATAL(model_builder_write(model_plan_find("qwen2"), NULL, path));
    CU_ASSERT_EQUAL_FATAL(model_open(&model, path, &err), OK);
    for (uint32_t i = 0; i < model.sites; i++) {
        const struct site *site = &model.site[i];
        struct nir_graph *graph = nir_graph_create();
        CU_ASSERT_EQUAL(nir_graph_add_site(graph, &model.file, site, &err), OK);
        CU_ASSERT_EQUAL_FATAL(nir_graph_check(graph, &err), OK);
        const struct nir_node *node = nir_graph_find(graph, site->name);
        float row[1024];
        CU_ASSERT_FATAL(site->inputs <= 1024);
        size_t wrong = 0, output = 0;
        for (unsigned m = 0; m < site->matrix_count; m++)
            for (uint64_t r = 0; r < site->matrix[m]->extent[1]; r++, output++) {
                model_file_decode_rows(&model.file, site->matrix[m], r, 1, row, &err);
                for (size_t k = 0; k < site->inputs; k++)
                    wrong +=
                        nir_param(node, NIR_WEIGHT)->value[output * site->inputs + k] !=
                        (double)row[k];
                if (site->bias)
                    wrong += nir_param(node, NIR_BIAS)->value[output] !=
                             (double)site->bias[output];
            }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(output, site->outputs);
        CU_ASSERT_EQUAL(nir_param(node, NIR_WEIGHT)->kind, NIR_F32);
        nir_graph_free(graph);
    }
    model_close(&model);
}

CU_TestInfo nir_export_tests[] = {
    { "a site is its matrices", a_site_is_its_matrices },
    { "a network fires the same as a graph", a_network_fires_the_same_as_a_graph },
    { "what NIR cannot say is refused", what_nir_cannot_say_is_refused },
    CU_TEST_INFO_NULL,
};
