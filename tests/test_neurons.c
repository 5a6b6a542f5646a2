/* Every neuron model of the table, then what is promised of each. */
#include "neurons/population.h"
#include "tests/suites.h"

#include <math.h>
#include <string.h>

enum { NEURONS = 5 };

struct bench {
    struct population population;
    struct arena arena;
    double level[NEURONS];
    double input[NEURON_MAX_INPUTS][NEURONS];
    struct spike fired[NEURONS];
};

/* At rest, with default parameters but those of `assigned` ("name=value,..."). */
static void bench_open(struct bench *bench, const struct neuron_model *model,
                       double dt_ms, const char *assigned)
{
    struct error err = { 0 };
    double param[NEURON_MAX_PARAMS];
    field_defaults(model->params, param);
    CU_ASSERT_EQUAL(field_assign(model->params, assigned, param, &err), OK);
    memset(bench, 0, sizeof *bench);
    CU_ASSERT_FATAL(population_init(&bench->population, &bench->arena, model, NEURONS,
                                    dt_ms, param));
    for (size_t neuron = 0; neuron < NEURONS; neuron++)
        bench->level[neuron] = 1;
    if (model->follows_levels)
        bench->population.level = bench->level;
    population_prepare(&bench->population, model);
}

static void bench_close(struct bench *bench)
{
    arena_free(&bench->arena);
}

static size_t bench_step(struct bench *bench, const struct neuron_model *model)
{
    const double *const input[NEURON_MAX_INPUTS] = { bench->input[0], bench->input[1],
                                                     bench->input[2] };
    return model->step(&bench->population, input, bench->fired);
}

static void tables_are_complete_and_in_order(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        CU_ASSERT_PTR_EQUAL(neuron_model_find(model->name), model);
        CU_ASSERT(i == 0 || strcmp(neuron_models[i - 1]->name, model->name) < 0);
        CU_ASSERT(model->summary && model->source && model->step && model->scheme);
        CU_ASSERT(field_count(model->inputs) <= NEURON_MAX_INPUTS);
        CU_ASSERT(model->drive < field_count(model->inputs));
        CU_ASSERT(model->derived <= NEURON_MAX_DERIVED);
        CU_ASSERT(field_count(model->params) <= NEURON_MAX_PARAMS);
        CU_ASSERT(field_count(model->state_vars) <= NEURON_MAX_STATE);
    }
    CU_ASSERT_PTR_NULL(neuron_model_find("none"));
}

static void silence_stays_silent(void)
{
    for (size_t i = 0; neuron_models[i]; i++)
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            struct bench bench;
            bench_open(&bench, neuron_models[i], 1, "");
            bench.population.is_signed = is_signed;
            bench.population.is_graded = neuron_models[i]->carries_payload && is_signed;
            for (int step = 0; step < 100; step++)
                CU_ASSERT_EQUAL(bench_step(&bench, neuron_models[i]), 0);
            bench_close(&bench);
        }
}

static void spikes_come_in_rising_order(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        if (!model->follows_levels)
            continue;
        struct bench bench;
        bench_open(&bench, model, 1, "");
        bench.population.is_signed = true;
        memcpy(bench.input[model->drive], (double[NEURONS]){ 2, 0, -3, 0.5, 2 },
               sizeof bench.input[0]);
        CU_ASSERT_EQUAL(bench_step(&bench, model), 3);
        static const struct spike expected[] = { { 0, 1 }, { 2, -1 }, { 4, 1 } };
        CU_ASSERT_EQUAL(memcmp(bench.fired, expected, sizeof expected), 0);
        bench_close(&bench);
        bench_open(&bench, model, 1, "");
        bench.input[model->drive][1] = -3;
        CU_ASSERT_EQUAL(bench_step(&bench, model), 0);
        bench_close(&bench);
    }
}

static void if_subtracts_the_level(void)
{
    const struct neuron_model *model = neuron_model_find("if");
    CU_ASSERT_PTR_NOT_NULL_FATAL(model);
    struct bench bench;
    bench_open(&bench, model, 1, "");
    bench.input[0][3] = 11;
    bench.level[3] = 4;
    CU_ASSERT_EQUAL(bench_step(&bench, model), 1);
    CU_ASSERT_EQUAL(bench.population.state[0][3], 7);
    bench.input[0][3] = 0;
    CU_ASSERT_EQUAL(bench_step(&bench, model), 1);
    CU_ASSERT_EQUAL(bench_step(&bench, model), 0);
    CU_ASSERT_EQUAL(bench.population.state[0][3], 3);
    bench_close(&bench);
}

static void if_graded_fires_its_membrane_once(void)
{
    const struct neuron_model *model = neuron_model_find("if");
    CU_ASSERT_PTR_NOT_NULL_FATAL(model);
    struct bench bench;
    bench_open(&bench, model, 1, "");
    bench.population.is_signed = bench.population.is_graded = true;
    memcpy(bench.input[0], (double[NEURONS]){ 0, 1 << 30, -1, 0, -345 },
           sizeof bench.input[0]);
    CU_ASSERT_EQUAL(bench_step(&bench, model), 3);
    static const struct spike expected[] = { { 1, 1 << 30 }, { 2, -1 }, { 4, -345 } };
    CU_ASSERT_EQUAL(memcmp(bench.fired, expected, sizeof expected), 0);
    memset(bench.input, 0, sizeof bench.input);
    CU_ASSERT_EQUAL(bench_step(&bench, model), 0);
    bench_close(&bench);
}

/* v = v0 exp(-t / tau); 1000 products of rounded factors: 1e-12. */
static void lif_leak_matches_its_closed_form(void)
{
    const struct neuron_model *model = neuron_model_find("lif");
    CU_ASSERT_PTR_NOT_NULL_FATAL(model);
    static const double dt[] = { 1.0 / 8192, 0.1, 1, 5 };
    for (size_t i = 0; i < sizeof dt / sizeof dt[0]; i++) {
        struct bench bench;
        bench_open(&bench, model, dt[i], "");
        bench.population.state[0][0] = 0.9;
        for (int step = 0; step < 1000; step++)
            CU_ASSERT_EQUAL(bench_step(&bench, model), 0);
        double expected = 0.9 * exp(-1000 * dt[i] / 10.0);
        CU_ASSERT_DOUBLE_EQUAL(bench.population.state[0][0], expected,
                               1e-12 * expected);
        bench_close(&bench);
    }
}

static void lif_resets_as_told(void)
{
    const struct neuron_model *model = neuron_model_find("lif");
    CU_ASSERT_PTR_NOT_NULL_FATAL(model);
    struct bench bench;
    for (int hard = 0; hard < 2; hard++) {
        bench_open(&bench, model, 1, hard ? "hard_reset=1" : "");
        bench.input[0][0] = 3.5;
        CU_ASSERT_EQUAL(bench_step(&bench, model), 1);
        CU_ASSERT_EQUAL(bench.population.state[0][0], hard ? 0 : 2.5);
        bench_close(&bench);
    }
}

CU_TestInfo neuron_tests[] = {
    { "the table is complete and in order", tables_are_complete_and_in_order },
    { "silence stays silent, all models", silence_stays_silent },
    { "spikes come in rising order of neuron", spikes_come_in_rising_order },
    { "if subtracts the level", if_subtracts_the_level },
    { "if graded fires its membrane once", if_graded_fires_its_membrane_once },
    { "lif leak matches its closed form", lif_leak_matches_its_closed_form },
    { "lif resets as told", lif_resets_as_told },
    CU_TEST_INFO_NULL,
};
