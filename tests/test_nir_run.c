/* Running NIR graphs: membranes against closed forms, convolutions against their
 * definition, whole graphs of other tools against an evaluation in NumPy, and the same
 * bits for any number of threads. */
#include "neurons/population.h"
#include "sim/nir_file.h"
#include "sim/nir_run.h"
#include "tests/nir_builder.h"
#include "tests/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nir_run *create(const struct nir_graph *graph,
                              const struct nir_settings *settings)
{
    struct nir_run *run = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(nir_run_create(&run, graph, settings, &err), OK);
    if (err.code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(run);
    return run;
}

static size_t unit_named(const struct nir_run *run, const char *name)
{
    for (size_t i = 0; i < nir_run_units(run); i++)
        if (strcmp(nir_run_unit(run, i).name, name) == 0)
            return i;
    CU_FAIL_FATAL("no such unit");
    return 0;
}

static void step(struct nir_run *run)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL(nir_run_step(run, &err), OK);
}

/* ---- membranes ---- */

/* Between spikes of lif_norse.nir under a constant current x the membrane n steps after
 * rest is x (1 - exp(-n dt / tau)). Tolerance: each of 100 steps rounds twice, 2 * 100
 * ulps of values below 0.1, 3e-15. */
static void the_leaky_neuron_follows_its_closed_form(void)
{
    const char *path = test_case_path("lif_norse.nir");
    if (!path)
        return;
    struct nir_graph *graph = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(nir_graph_read(&graph, path, &err), OK);
    const double dt = 1e-4, tau = (double)2.5e-3f, level = (double)0.1f;
    double worst = 0;
    for (int current = 1; current <= 40; current++) {
        const double x = 0.02 * current;
        struct nir_run *run = create(graph, &(struct nir_settings){ .dt = dt });
        size_t in = unit_named(run, "input"), lif = unit_named(run, "1");
        nir_run_input(run, in)[0] = x;
        int since = 0;
        for (int n = 0; n < 1000; n++) {
            step(run);
            double exact = -x * expm1(-++since * dt / tau);
            bool fires = exact > level;
            CU_ASSERT_EQUAL(nir_run_unit(run, lif).out[0], fires);
            since = fires ? 0 : since;
            double error = fabs(nir_run_membrane(run, lif)[0] - (fires ? 0 : exact));
            worst = error > worst ? error : worst;
        }
        nir_run_free(run);
    }
    CU_ASSERT(worst < 3e-15);
    printf("    lif_norse.nir: membrane within %.1e of the closed form\n", worst);
    nir_graph_free(graph);
}

/* A pulse of one step of 0.1 ms, as the NIR paper runs this file. Values: its exact
 * program, paper/01_lif/lif_exact.csv, lines 60, 61 and 70. Tolerance: the program sums
 * times in double (1e-16 of 0.1 s a step over 60 steps, / tau): 1e-12. */
static void a_pulse_is_that_of_the_paper(void)
{
    const char *path = test_case_path("lif_norse.nir");
    if (!path)
        return;
    static const double published[][2] = { { 0, 3.921056170668948959e-02 },
                                           { 1, 3.767309355733538395e-02 },
                                           { 10, 2.628362529331741693e-02 } };
    struct nir_graph *graph = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(nir_graph_read(&graph, path, &err), OK);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1e-4 });
    size_t in = unit_named(run, "input"), lif = unit_named(run, "1"), next = 0;
    for (int n = 0; n <= 10; n++) {
        nir_run_input(run, in)[0] = n == 0;
        step(run);
        if (n == (int)published[next][0])
            CU_ASSERT_DOUBLE_EQUAL(nir_run_membrane(run, lif)[0], published[next++][1],
                                   1e-12);
    }
    CU_ASSERT_EQUAL(next, 3);
    nir_run_free(run);
    nir_graph_free(graph);
}

/* in -> node -> out, one neuron, double parameters. */
static struct nir_graph *one_neuron(enum nir_type_id type,
                                    const struct nir_value *params, size_t count)
{
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    nir_build_node(graph, "in", NIR_INPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_node(graph, "node", type, params, count);
    nir_build_node(graph, "out", NIR_OUTPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_edge(graph, "in", "node");
    nir_build_edge(graph, "node", "out");
    CU_ASSERT_EQUAL_FATAL(nir_graph_check(graph, &err), OK);
    return graph;
}

/* The end of 40 steps of changing input against steps 64 times as fine: exact
 * integration does not depend on the step. Tolerance: 2560 roundings of values below 8,
 * growing like their root: 50 * 8.9e-16 = 5e-14. */
static void exact_integration_does_not_depend_on_the_step(void)
{
    static const struct {
        enum nir_type_id type;
        struct nir_value params[6];
        size_t count;
    } cases[] = {
        { NIR_I, { { NIR_R, 3 } }, 1 },
        { NIR_LI, { { NIR_R, 2 }, { NIR_TAU, 0.02 }, { NIR_V_LEAK, 0.5 } }, 3 },
        { NIR_CUBA_LI,
          { { NIR_R, 2 },
            { NIR_TAU_MEM, 0.02 },
            { NIR_TAU_SYN, 0.005 },
            { NIR_V_LEAK, 0.5 },
            { NIR_W_IN, 1.5 } },
          5 },
        { NIR_CUBA_LI,
          { { NIR_R, 2 },
            { NIR_TAU_MEM, 0.005 },
            { NIR_TAU_SYN, 0.02 },
            { NIR_V_LEAK, 0.5 },
            { NIR_W_IN, 1.5 } },
          5 },
        { NIR_CUBA_LI,
          { { NIR_R, 2 },
            { NIR_TAU_MEM, 0.01 },
            { NIR_TAU_SYN, 0.01 },
            { NIR_V_LEAK, 0.5 } },
          4 },
        { NIR_CUBA_LI,
          { { NIR_R, 2 },
            { NIR_TAU_MEM, 0.01 },
            { NIR_TAU_SYN, 0.01 * (1 + 1e-12) },
            { NIR_V_LEAK, 0.5 } },
          4 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nir_graph *graph =
            one_neuron(cases[i].type, cases[i].params, cases[i].count);
        struct nir_run *coarse = create(graph, &(struct nir_settings){ .dt = 1e-3 });
        struct nir_run *fine = create(graph, &(struct nir_settings){ .dt = 1e-3 / 64 });
        size_t in = unit_named(coarse, "in"), out = unit_named(coarse, "out");
        for (int n = 0; n < 40; n++) {
            double x = (n * 7 % 11) / 11.0;
            nir_run_input(coarse, in)[0] = nir_run_input(fine, in)[0] = x;
            step(coarse);
            for (int k = 0; k < 64; k++)
                step(fine);
        }
        CU_ASSERT_DOUBLE_EQUAL(nir_run_unit(coarse, out).out[0],
                               nir_run_unit(fine, out).out[0], 5e-14);
        nir_run_free(coarse);
        nir_run_free(fine);
        nir_graph_free(graph);
    }
}

/* The current and the membrane of a CubaLI after one step, by their textbook forms, and
 * Euler's by its definition. Tolerance: a handful of roundings of values below 2. */
static void one_step_has_the_textbook_value(void)
{
    const double dt = 1e-3, tau_m = 0.02, tau_s = 0.005, r = 2, w = 1.5, leak = 0.5;
    struct nir_graph *graph =
        one_neuron(NIR_CUBA_LI,
                   (const struct nir_value[]){ { NIR_R, r },
                                               { NIR_TAU_MEM, tau_m },
                                               { NIR_TAU_SYN, tau_s },
                                               { NIR_V_LEAK, leak },
                                               { NIR_W_IN, w } },
                   5);
    const double em = exp(-dt / tau_m), es = exp(-dt / tau_s);
    const double exact =
        leak + r * w * (1 - em) - r * w * tau_s / (tau_s - tau_m) * (es - em);
    const double euler[2] = { leak, leak + dt / tau_m * r * w * dt / tau_s };
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = dt });
    nir_run_input(run, 0)[0] = 1;
    step(run);
    CU_ASSERT_DOUBLE_EQUAL(nir_run_unit(run, 1).out[0], exact, 1e-15);
    nir_run_free(run);

    run = create(graph, &(struct nir_settings){ .dt = dt, .integration = NIR_EULER });
    nir_run_input(run, 0)[0] = 1;
    for (int n = 0; n < 2; n++) {
        step(run);
        CU_ASSERT_DOUBLE_EQUAL(nir_run_unit(run, 1).out[0], euler[n], 1e-15);
    }
    nir_run_free(run);
    nir_graph_free(graph);
}

/* v = 1 at a threshold of 1 does not fire, v = 2 does, and v is then v_reset. */
static void only_more_than_the_threshold_fires(void)
{
    struct nir_graph *graph =
        one_neuron(NIR_IF,
                   (const struct nir_value[]){
                       { NIR_R, 1 }, { NIR_V_THRESHOLD, 1 }, { NIR_V_RESET, -0.5 } },
                   3);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1 });
    nir_run_input(run, 0)[0] = 1;
    step(run);
    CU_ASSERT_EQUAL(nir_run_unit(run, 1).out[0], 0);
    step(run);
    CU_ASSERT_EQUAL(nir_run_unit(run, 1).out[0], 1);
    CU_ASSERT_EQUAL(nir_run_membrane(run, 1)[0], -0.5);
    CU_ASSERT_EQUAL(nir_run_unit(run, 2).spikes, 1);
    CU_ASSERT(nir_run_unit(run, 2).is_spiking);
    nir_run_free(run);
    nir_graph_free(graph);
}

/* An impulse moves v by r whatever the step, a pulse by r dt. */
static void an_impulse_has_area_one(void)
{
    static const enum nir_spike spikes[] = { SPIKE_PULSE, SPIKE_IMPULSE };
    struct nir_graph *graph =
        one_neuron(NIR_I, &(const struct nir_value){ NIR_R, 3 }, 1);
    for (int i = 0; i < 2; i++) {
        struct nir_run *run =
            create(graph, &(struct nir_settings){ .dt = 0.125, .spike = spikes[i] });
        nir_run_input(run, 0)[0] = nir_run_worth(run);
        step(run);
        CU_ASSERT_EQUAL(nir_run_unit(run, 1).out[0], i ? 3 : 0.375);
        nir_run_free(run);
    }
    nir_graph_free(graph);
}

/* LIF against the model of neurons/ under a current that changes: the same spikes. With
 * the threshold one ulp higher, since that model fires at v >= threshold. */
static void the_leaky_neuron_fires_as_the_model_of_neurons(void)
{
    static const char *const names[] = { "tau_m",       "v_rest",     "v_reset",
                                         "v_threshold", "resistance", "hard_reset" };
    const double values[] = { 20, 0.25, -0.5, nextafter(1, 2), 2, 1 };
    const struct neuron_model *model = neuron_model_find("lif");
    struct nir_graph *graph =
        one_neuron(NIR_LIF,
                   (const struct nir_value[]){ { NIR_R, 2 },
                                               { NIR_TAU, 0.02 },
                                               { NIR_V_LEAK, 0.25 },
                                               { NIR_V_THRESHOLD, 1 },
                                               { NIR_V_RESET, -0.5 } },
                   5);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1e-3 });
    struct arena arena = { 0 };
    struct population population;
    double param[NEURON_MAX_PARAMS], current[1], jump[1] = { 0 };
    field_defaults(model->params, param);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        param[field_find(model->params, names[i])] = values[i];
    CU_ASSERT_FATAL(population_init(&population, &arena, model, 1, 1.0, param));
    population_prepare(&population, model);
    const double *input[NEURON_MAX_INPUTS] = { NULL };
    input[field_find(model->inputs, "jump")] = jump;
    input[field_find(model->inputs, "current")] = current;
    size_t spikes = 0;
    for (int n = 0; n < 2000; n++) {
        struct spike fired[1];
        current[0] = nir_run_input(run, 0)[0] = (n * 37 % 101) / 80.0;
        step(run);
        size_t fires = model->step(&population, input, fired);
        CU_ASSERT_EQUAL(nir_run_unit(run, 1).out[0], (double)fires);
        spikes += fires;
    }
    CU_ASSERT(spikes > 20);
    arena_free(&arena);
    nir_run_free(run);
    nir_graph_free(graph);
}

/* ---- loops and delays ---- */

/* in -> lif <- w <- lif, an IF that fires once: w times the spike arrives one step
 * later, the bias of w in every step from the first. */
static void a_loop_takes_one_step(void)
{
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    const struct nir_shape one = { 1, { 1 } }, matrix = { 2, { 1, 1 } };
    nir_build_node(graph, "in", NIR_INPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_node(graph, "if", NIR_IF,
                   (const struct nir_value[]){ { NIR_R, 1 }, { NIR_V_THRESHOLD, 10 } },
                   2);
    struct nir_node *w = nir_graph_add(graph, "w", NIR_AFFINE, &err);
    nir_param_set(graph, w, NIR_WEIGHT, NIR_F64, &matrix, &(double){ 4 }, &err);
    nir_param_set(graph, w, NIR_BIAS, NIR_F64, &one, &(double){ 0.25 }, &err);
    nir_build_node(graph, "out", NIR_OUTPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_edge(graph, "in", "if");
    nir_build_edge(graph, "if", "w");
    nir_build_edge(graph, "w", "if");
    nir_build_edge(graph, "if", "out");
    CU_ASSERT_EQUAL_FATAL(nir_graph_check(graph, &err), OK);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1 });
    static const double membrane[] = { 0.25, 0, 4.25, 4.5 };
    size_t in = unit_named(run, "in"), neuron = unit_named(run, "if");
    for (int n = 0; n < 4; n++) {
        nir_run_input(run, in)[0] = n == 1 ? 20 : 0;
        step(run);
        CU_ASSERT_EQUAL(nir_run_membrane(run, neuron)[0], membrane[n]);
        CU_ASSERT_EQUAL(nir_run_unit(run, neuron).out[0], n == 1);
    }
    nir_run_free(run);
    nir_graph_free(graph);
}

/* Delays of 0, 1 and 2.5 steps (to even: 2) side by side; and a loop through a delay,
 * which takes the delay's steps and no more. */
static void delays_last_their_steps(void)
{
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    const struct nir_shape three = { 1, { 3 } };
    nir_build_node(graph, "in", NIR_INPUT, &(struct nir_value){ NIR_SHAPE, 3 }, 1);
    struct nir_node *delay = nir_graph_add(graph, "delay", NIR_DELAY, &err);
    nir_param_set(graph, delay, NIR_DELAY_TIME, NIR_F64, &three,
                  (const double[]){ 0, 1e-3, 2.5e-3 }, &err);
    nir_build_node(graph, "out", NIR_OUTPUT, &(struct nir_value){ NIR_SHAPE, 3 }, 1);
    nir_build_edge(graph, "in", "delay");
    nir_build_edge(graph, "delay", "out");
    CU_ASSERT_EQUAL_FATAL(nir_graph_check(graph, &err), OK);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1e-3 });
    static const int after[] = { 0, 1, 2 };
    for (int n = 0; n < 5; n++) {
        for (int i = 0; i < 3; i++)
            nir_run_input(run, 0)[i] = n + 1;
        step(run);
        for (int i = 0; i < 3; i++)
            CU_ASSERT_EQUAL(nir_run_unit(run, 2).out[i],
                            n >= after[i] ? n + 1 - after[i] : 0);
    }
    nir_run_free(run);
    nir_graph_free(graph);

    graph = nir_graph_create();
    nir_build_node(graph, "in", NIR_INPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_node(graph, "half", NIR_SCALE,
                   &(struct nir_value){ NIR_SCALE_FACTOR, 0.5 }, 1);
    nir_build_node(graph, "wait", NIR_DELAY,
                   &(struct nir_value){ NIR_DELAY_TIME, 2e-3 }, 1);
    nir_build_node(graph, "out", NIR_OUTPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_edge(graph, "in", "half");
    nir_build_edge(graph, "half", "wait");
    nir_build_edge(graph, "wait", "half");
    nir_build_edge(graph, "half", "out");
    CU_ASSERT_EQUAL_FATAL(nir_graph_check(graph, &err), OK);
    run = create(graph, &(struct nir_settings){ .dt = 1e-3 });
    static const double echo[] = { 0.5, 0, 0.25, 0, 0.125 };
    for (int n = 0; n < 5; n++) {
        nir_run_input(run, unit_named(run, "in"))[0] = n == 0;
        step(run);
        CU_ASSERT_EQUAL(nir_run_unit(run, unit_named(run, "out")).out[0], echo[n]);
    }
    nir_run_free(run);
    nir_graph_free(graph);
}

/* A loop that nothing leads into, and whose nodes have one edge each. */
static void a_loop_on_its_own_runs(void)
{
    struct error err = { 0 };
    struct nir_graph *graph =
        one_neuron(NIR_I, &(const struct nir_value){ NIR_R, 1 }, 1);
    nir_build_node(graph, "a", NIR_I, &(struct nir_value){ NIR_R, 1 }, 1);
    nir_build_node(graph, "b", NIR_SCALE, &(struct nir_value){ NIR_SCALE_FACTOR, 1 },
                   1);
    nir_build_edge(graph, "a", "b");
    nir_build_edge(graph, "b", "a");
    CU_ASSERT_EQUAL_FATAL(nir_graph_check(graph, &err), OK);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1 });
    CU_ASSERT_EQUAL(nir_run_unit(run, unit_named(run, "b")).driver, SIZE_MAX);
    step(run);
    CU_ASSERT_EQUAL(nir_run_unit(run, unit_named(run, "b")).out[0], 0);
    nir_run_free(run);
    nir_graph_free(graph);
}

static void values_beyond_double_are_refused(void)
{
    struct error err = { 0 };
    struct nir_graph *graph =
        one_neuron(NIR_I, &(const struct nir_value){ NIR_R, 1e300 }, 1);
    struct nir_run *run = create(graph, &(struct nir_settings){ .dt = 1 });
    nir_run_input(run, 0)[0] = 1e300;
    CU_ASSERT_NOT_EQUAL(nir_run_step(run, &err), OK);
    CU_ASSERT_STRING_EQUAL(err.text, "node 'node': a value is not finite at step 0");
    nir_run_free(run);
    CU_ASSERT_EQUAL(nir_run_create(&run, graph, &(struct nir_settings){ .dt = 0 },
                                   &err),
                    ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(run);
    nir_graph_free(graph);
}

/* ---- whole graphs ---- */

/* The generator of tests/golden/nir/evaluate_nir.py. */
static void draw_bits(uint32_t *state, double *value, size_t count, uint32_t percent,
                      double worth)
{
    for (size_t i = 0; i < count; i++) {
        *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
        value[i] = (*state >> 16) % 100 < percent ? worth : 0;
    }
}

static void run_bits(struct nir_run *run, const char *input, int steps,
                     uint32_t percent)
{
    uint32_t state = 1;
    size_t in = unit_named(run, input);
    for (int n = 0; n < steps; n++) {
        draw_bits(&state, nir_run_input(run, in), nir_run_unit(run, in).size, percent,
                  nir_run_worth(run));
        step(run);
    }
}

struct layer_spikes {
    const char *name;
    uint64_t spikes;
};

static void check_spikes(const char *file, double dt, int steps, uint32_t percent,
                         const struct layer_spikes *layers)
{
    const char *path = test_case_path(file);
    if (!path)
        return;
    struct nir_graph *graph = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(nir_graph_read(&graph, path, &err), OK);
    for (int threads = 1; threads <= 2; threads++) {
        struct nir_run *run =
            create(graph, &(struct nir_settings){ .dt = dt, .threads = threads });
        run_bits(run, "input", steps, percent);
        for (size_t i = 0; layers[i].name; i++)
            CU_ASSERT_EQUAL(nir_run_unit(run, unit_named(run, layers[i].name)).spikes,
                            layers[i].spikes);
        nir_run_free(run);
    }
    nir_graph_free(graph);
}

/* Spikes as evaluate_nir.py counts them. */
static void other_tools_graphs_fire_as_in_numpy(void)
{
    static const struct layer_spikes braille[] = { { "lif1.lif", 30 },
                                                   { "lif2", 455 },
                                                   { 0 } };
    static const struct layer_spikes convolutional[] = { { "1", 4135 }, { "3", 6455 },
                                                         { "6", 2028 }, { "10", 409 },
                                                         { "12", 7 },   { 0 } };
    check_spikes("braille_noDelay_bias_zero.nir", 1e-4, 256, 20, braille);
    check_spikes("cnn_sinabs.nir", 1, 50, 5, convolutional);
}

static void two_threads_give_the_same_bits(void)
{
    const char *path = "tests/golden/nir/every.nir";
    struct nir_graph *graph = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(nir_graph_read(&graph, path, &err), OK);
    CU_ASSERT(nir_graph_has_time(graph));
    struct nir_run *run[2];
    for (int i = 0; i < 2; i++) {
        run[i] =
            create(graph, &(struct nir_settings){
                              .dt = 1e-3, .spike = SPIKE_IMPULSE, .threads = i + 1 });
        run_bits(run[i], "input", 200, 30);
    }
    for (size_t i = 0; i < nir_run_units(run[0]); i++) {
        struct nir_unit_info a = nir_run_unit(run[0], i), b = nir_run_unit(run[1], i);
        CU_ASSERT_EQUAL(memcmp(a.out, b.out, a.size * sizeof *a.out), 0);
        CU_ASSERT_EQUAL(memcmp(a.sum, b.sum, a.size * sizeof *a.sum), 0);
        CU_ASSERT_EQUAL(a.additions, b.additions);
    }
    CU_ASSERT(nir_run_unit(run[0], unit_named(run[0], "if")).spikes > 100);
    CU_ASSERT(nir_run_unit(run[0], unit_named(run[0], "lif")).spikes > 10);
    nir_run_free(run[0]);
    nir_run_free(run[1]);
    nir_graph_free(graph);
}

CU_TestInfo nir_run_tests[] = {
    { "the leaky neuron follows its closed form",
      the_leaky_neuron_follows_its_closed_form },
    { "a pulse is that of the paper", a_pulse_is_that_of_the_paper },
    { "exact integration does not depend on the step",
      exact_integration_does_not_depend_on_the_step },
    { "one step has the textbook value", one_step_has_the_textbook_value },
    { "only more than the threshold fires", only_more_than_the_threshold_fires },
    { "an impulse has area one", an_impulse_has_area_one },
    { "the leaky neuron fires as the model of neurons/",
      the_leaky_neuron_fires_as_the_model_of_neurons },
    { "a loop takes one step", a_loop_takes_one_step },
    { "delays last their steps", delays_last_their_steps },
    { "a loop on its own runs", a_loop_on_its_own_runs },
    { "values beyond double are refused", values_beyond_double_are_refused },
    { "other tools' graphs fire as in NumPy", other_tools_graphs_fire_as_in_numpy },
    { "two threads give the same bits", two_threads_give_the_same_bits },
    CU_TEST_INFO_NULL,
};
