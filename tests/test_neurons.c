/* Every neuron model of the table, then what is promised of `if` and `lif`. Accuracy,
 * published outcomes and patterns: the other test_neuron files. */
#include "tests/neuron_bench.h"
#include "tests/suites.h"

#include <math.h>
#include <string.h>

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

/* At rest for a second, at steps that some models have to cut: states stay where they
 * are but for rounding, 1e-9 of them. With and without levels. */
static void silence_stays_silent(void)
{
    static const double dt[] = { 0.1, 1, 1 };
    for (size_t i = 0; neuron_models[i]; i++)
        for (int kind = 0; kind < 3; kind++) {
            struct neuron_bench bench;
            double start[NEURON_MAX_STATE];
            neuron_bench_open(&bench, neuron_models[i]->name, dt[kind], "");
            if (kind > 0)
                neuron_bench_levels(&bench);
            bench.population.is_signed = kind == 2;
            bench.population.is_graded = neuron_models[i]->carries_payload && kind == 2;
            for (size_t k = 0; neuron_models[i]->state_vars[k].name; k++)
                start[k] = bench.population.state[k][4];
            for (int step = 0; step < 1000; step++)
                CU_ASSERT_EQUAL(neuron_bench_step(&bench), 0);
            for (size_t k = 0; neuron_models[i]->state_vars[k].name; k++)
                CU_ASSERT_DOUBLE_EQUAL(bench.population.state[k][4], start[k],
                                       1e-9 * fmax(1, fabs(start[k])));
            neuron_bench_close(&bench);
        }
}

/* A drive that makes the model fire again and again at a step of 0.1 ms. */
static double drive_of(const char *name)
{
    static const struct {
        const char *name;
        double drive;
    } drives[] = {
        { "adex", 1000 }, { "alif", 0.1 }, { "coba_lif", 300 }, { "cuba_lif", 600 },
        { "eif", 500 },   { "hh", 15 },    { "if", 0.3 },       { "izhikevich", 10 },
        { "lif", 0.4 },   { "plif", 3 },   { "qif", 200 },      { "resonate_fire", 2 },
        { "srm0", 600 },
    };
    for (size_t i = 0; i < sizeof drives / sizeof drives[0]; i++)
        if (strcmp(drives[i].name, name) == 0)
            return drives[i].drive;
    CU_FAIL("a model without a drive in this table");
    return 0;
}

static void a_constant_drive_fires_again_and_again(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        struct neuron_bench bench;
        neuron_bench_open(&bench, model->name, 0.1, "");
        bench.input[model->drive][0] = drive_of(model->name);
        const struct spike_times early = neuron_bench_run(&bench, 5000);
        const struct spike_times late = neuron_bench_run(&bench, 5000);
        CU_ASSERT(early.count >= 3 && late.count >= 3);
        neuron_bench_close(&bench);
    }
}

/* Driven hard, a neuron fires in every step but those it must skip. */
static void the_refractory_time_is_skipped(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        if (field_find(model->params, "t_ref") < 0)
            continue;
        struct neuron_bench bench;
        neuron_bench_open(&bench, model->name, 0.1, "t_ref=0.5");
        bench.input[model->drive][0] = 1e6;
        neuron_bench_run(&bench, 1);
        const struct spike_times times = neuron_bench_run(&bench, 600);
        CU_ASSERT_EQUAL(times.count, 100);
        CU_ASSERT_DOUBLE_EQUAL(times.last_ms - times.before_last_ms, 0.6, 1e-9);
        neuron_bench_close(&bench);
    }
}

static void hard_resets_go_to_v_reset(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        const int reset = field_find(model->params, "v_reset");
        if (reset < 0)
            continue;
        const bool is_told = field_find(model->params, "hard_reset") >= 0;
        struct neuron_bench bench;
        neuron_bench_open(&bench, model->name, 0.1, is_told ? "hard_reset=1" : "");
        bench.input[model->drive][0] = 1e6;
        CU_ASSERT_EQUAL(neuron_bench_run(&bench, 1).count, 1);
        CU_ASSERT_EQUAL(bench.population.state[0][0], bench.population.param[reset][0]);
        neuron_bench_close(&bench);
    }
}

static void spikes_come_in_rising_order(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        struct neuron_bench bench;
        neuron_bench_open(&bench, model->name, 0.1, "");
        for (size_t neuron = 0; neuron < BENCH_NEURONS; neuron++)
            bench.input[model->drive][neuron] = neuron == 2 ? 0 : drive_of(model->name);
        for (int step = 0; step < 2000; step++) {
            const size_t spikes = neuron_bench_step(&bench);
            CU_ASSERT(spikes == 0 || spikes == 4);
            for (size_t k = 0; k < spikes; k++) {
                CU_ASSERT_EQUAL(bench.fired[k].neuron, k + (k >= 2));
                CU_ASSERT_EQUAL(bench.fired[k].payload, 1);
            }
        }
        neuron_bench_close(&bench);
    }
}

static void levels_are_followed_and_signs_with_them(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        if (!model->follows_levels)
            continue;
        struct neuron_bench bench;
        neuron_bench_open(&bench, model->name, 1, "");
        neuron_bench_levels(&bench);
        bench.population.is_signed = true;
        memcpy(bench.input[model->drive], (double[]){ 2, 0, -3, 0.5, 2 },
               sizeof bench.input[0]);
        CU_ASSERT_EQUAL(neuron_bench_step(&bench), 3);
        static const struct spike expected[] = { { 0, 1 }, { 2, -1 }, { 4, 1 } };
        CU_ASSERT_EQUAL(memcmp(bench.fired, expected, sizeof expected), 0);
        population_rest(&bench.population, model);
        bench.population.is_signed = false;
        memcpy(bench.input[model->drive], (double[]){ 0, 0, -3, 0.5, 0 },
               sizeof bench.input[0]);
        CU_ASSERT_EQUAL(neuron_bench_step(&bench), 0);
        neuron_bench_close(&bench);
    }
}

/* A multiplicative generator: any numbers do. */
static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static void extreme_input_leaves_finite_states(void)
{
    uint64_t random = 1;
    for (size_t i = 0; neuron_models[i]; i++)
        for (int levels = 0; levels < 2; levels++) {
            const struct neuron_model *model = neuron_models[i];
            struct neuron_bench bench;
            bool is_finite = true;
            neuron_bench_open(&bench, model->name, levels ? 1 : 0.1, "");
            if (levels)
                neuron_bench_levels(&bench);
            for (int step = 0; step < 500; step++) {
                for (size_t port = 0; model->inputs[port].name; port++)
                    for (size_t neuron = 0; neuron < BENCH_NEURONS; neuron++) {
                        const double u = random_unit(&random);
                        const double size = neuron == 0 ? 1e9 : pow(10, 9 * u);
                        const double low = fmax(model->inputs[port].minimum, -size);
                        bench.input[port][neuron] =
                            random_unit(&random) < 0.5 ? low : size;
                    }
                neuron_bench_step(&bench);
                for (size_t k = 0; model->state_vars[k].name; k++)
                    for (size_t neuron = 0; neuron < BENCH_NEURONS; neuron++)
                        is_finite &= isfinite(bench.population.state[k][neuron]) != 0;
            }
            CU_ASSERT(is_finite);
            neuron_bench_close(&bench);
        }
}

static void parameters_out_of_range_are_refused(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        struct neuron_bench bench;
        neuron_bench_open(&bench, model->name, 1, "");
        for (unsigned k = 0; model->params[k].name; k++) {
            const struct field *field = &model->params[k];
            const double wrong[] = { (double)NAN, HUGE_VAL, -HUGE_VAL,
                                     nextafter(field->maximum, HUGE_VAL),
                                     nextafter(field->minimum, -HUGE_VAL) };
            double *column = population_param(&bench.population, k), kept = column[3];
            struct error err = { 0 };
            CU_ASSERT_EQUAL(population_check(&bench.population, model, &err), OK);
            for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
                column[3] = wrong[w];
                CU_ASSERT_EQUAL(population_check(&bench.population, model, &err),
                                ERR_ARGUMENT);
                CU_ASSERT_PTR_NOT_NULL(strstr(err.text, field->name));
            }
            column[3] = kept;
        }
        neuron_bench_close(&bench);
    }
}

/* A value of its own for each neuron, near the default; switches are thrown by turns. */
static double varied(const struct field *field, size_t neuron)
{
    if (field->minimum == 0 && field->maximum == 1)
        return neuron % 2 ? 1 - field->initial : field->initial;
    const double step = 0.01 * (double)neuron * (fabs(field->initial) + 0.1);
    return fmax(field->minimum, fmin(field->maximum, field->initial + step));
}

/* Five different neurons together do, bit for bit, what each does among its equals. */
static void neurons_may_differ_in_every_parameter(void)
{
    for (size_t i = 0; neuron_models[i]; i++) {
        const struct neuron_model *model = neuron_models[i];
        struct neuron_bench mixed, equal[BENCH_NEURONS];
        for (size_t n = 0; n <= BENCH_NEURONS; n++) {
            struct neuron_bench *bench = n < BENCH_NEURONS ? &equal[n] : &mixed;
            neuron_bench_open(bench, model->name, 0.1, "");
            for (unsigned k = 0; model->params[k].name; k++)
                for (size_t m = 0; m < BENCH_NEURONS; m++)
                    population_param(&bench->population, k)[m] =
                        varied(&model->params[k], n < BENCH_NEURONS ? n : m);
            population_prepare(&bench->population, model);
            for (size_t m = 0; m < BENCH_NEURONS; m++)
                bench->input[model->drive][m] = 1.2 * drive_of(model->name);
        }
        for (int step = 0; step < 500; step++) {
            size_t spikes = 0;
            for (size_t n = 0; n < BENCH_NEURONS; n++)
                spikes += neuron_bench_step(&equal[n]) / BENCH_NEURONS;
            CU_ASSERT_EQUAL(neuron_bench_step(&mixed), spikes);
        }
        for (size_t k = 0; model->state_vars[k].name; k++)
            for (size_t n = 0; n < BENCH_NEURONS; n++)
                CU_ASSERT_EQUAL(mixed.population.state[k][n],
                                equal[n].population.state[k][n]);
        neuron_bench_close(&mixed);
        for (size_t n = 0; n < BENCH_NEURONS; n++)
            neuron_bench_close(&equal[n]);
    }
}

static void absent_ports_are_silence(void)
{
    static const double *const nothing[NEURON_MAX_INPUTS];
    for (size_t i = 0; neuron_models[i]; i++)
        for (int levels = 0; levels < 2; levels++) {
            struct neuron_bench bench;
            neuron_bench_open(&bench, neuron_models[i]->name, 1, "");
            if (levels)
                neuron_bench_levels(&bench);
            for (int step = 0; step < 10; step++)
                CU_ASSERT_EQUAL(neuron_models[i]->step(&bench.population, nothing,
                                                       bench.fired),
                                0);
            neuron_bench_close(&bench);
        }
}

static void if_subtracts_the_level(void)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "if", 1, "");
    neuron_bench_levels(&bench);
    bench.input[0][3] = 11;
    bench.level[3] = 4;
    CU_ASSERT_EQUAL(neuron_bench_step(&bench), 1);
    CU_ASSERT_EQUAL(bench.population.state[0][3], 7);
    bench.input[0][3] = 0;
    CU_ASSERT_EQUAL(neuron_bench_step(&bench), 1);
    CU_ASSERT_EQUAL(neuron_bench_step(&bench), 0);
    CU_ASSERT_EQUAL(bench.population.state[0][3], 3);
    neuron_bench_close(&bench);
}

static void if_graded_fires_its_membrane_once(void)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "if", 1, "");
    neuron_bench_levels(&bench);
    bench.population.is_signed = bench.population.is_graded = true;
    memcpy(bench.input[0], (double[]){ 0, 1 << 30, -1, 0, -345 },
           sizeof bench.input[0]);
    CU_ASSERT_EQUAL(neuron_bench_step(&bench), 3);
    static const struct spike expected[] = { { 1, 1 << 30 }, { 2, -1 }, { 4, -345 } };
    CU_ASSERT_EQUAL(memcmp(bench.fired, expected, sizeof expected), 0);
    memset(bench.input, 0, sizeof bench.input);
    CU_ASSERT_EQUAL(neuron_bench_step(&bench), 0);
    neuron_bench_close(&bench);
}

/* v = v0 exp(-t / tau); 1000 products of rounded factors: 1e-12. */
static void lif_leak_matches_its_closed_form(void)
{
    static const double dt[] = { 1.0 / 8192, 0.1, 1, 5 };
    for (size_t i = 0; i < sizeof dt / sizeof dt[0]; i++) {
        struct neuron_bench bench;
        neuron_bench_open(&bench, "lif", dt[i], "");
        neuron_bench_levels(&bench);
        bench.population.state[0][0] = 0.9;
        for (int step = 0; step < 1000; step++)
            CU_ASSERT_EQUAL(neuron_bench_step(&bench), 0);
        double expected = 0.9 * exp(-1000 * dt[i] / 10.0);
        CU_ASSERT_DOUBLE_EQUAL(bench.population.state[0][0], expected,
                               1e-12 * expected);
        neuron_bench_close(&bench);
    }
}

/* With levels, lif is these three lines, to the last bit: language models rely on it. */
static void lif_at_levels_is_the_plain_recursion(void)
{
    uint64_t random = 7;
    for (int hard = 0; hard < 2; hard++) {
        struct neuron_bench bench;
        neuron_bench_open(&bench, "lif", 1, hard ? "hard_reset=1" : "");
        neuron_bench_levels(&bench);
        bench.population.is_signed = true;
        double v[BENCH_NEURONS] = { 0 };
        const double decay = expm1(-1 / 10.0);
        for (int step = 0; step < 2000; step++) {
            size_t spikes = 0;
            for (size_t n = 0; n < BENCH_NEURONS; n++)
                bench.input[0][n] = 4 * random_unit(&random) - 2;
            const size_t fired = neuron_bench_step(&bench);
            for (size_t n = 0; n < BENCH_NEURONS; n++) {
                v[n] += decay * v[n];
                v[n] += bench.input[0][n];
                if (v[n] >= 1 || v[n] <= -1) {
                    v[n] = hard ? 0 : v[n] - (v[n] > 0 ? 1 : -1);
                    spikes++;
                }
            }
            CU_ASSERT_EQUAL(fired, spikes);
            CU_ASSERT_EQUAL(memcmp(bench.population.state[0], v, sizeof v), 0);
        }
        neuron_bench_close(&bench);
    }
}

static void lif_resets_as_told(void)
{
    for (int hard = 0; hard < 2; hard++)
        for (int levels = 0; levels < 2; levels++) {
            struct neuron_bench bench;
            neuron_bench_open(&bench, "lif", 1, "v_rest=-2,v_reset=-1,v_threshold=3");
            if (levels)
                neuron_bench_levels(&bench);
            neuron_bench_param(&bench, "hard_reset")[1] = hard;
            bench.input[0][1] = 7.5;
            CU_ASSERT_EQUAL(neuron_bench_step(&bench), 1);
            const double expected =
                levels ? (hard ? 0 : 6.5) : (hard ? -1 : 5.5 - (3 + 1));
            CU_ASSERT_EQUAL(bench.population.state[0][1], expected);
            neuron_bench_close(&bench);
        }
}

CU_TestInfo neuron_tests[] = {
    { "the table is complete and in order", tables_are_complete_and_in_order },
    { "silence stays silent, all models", silence_stays_silent },
    { "a constant drive fires again and again",
      a_constant_drive_fires_again_and_again },
    { "the refractory time is skipped", the_refractory_time_is_skipped },
    { "hard resets go to v_reset", hard_resets_go_to_v_reset },
    { "spikes come in rising order of neuron", spikes_come_in_rising_order },
    { "levels are followed, and signs with them",
      levels_are_followed_and_signs_with_them },
    { "extreme input leaves finite states", extreme_input_leaves_finite_states },
    { "parameters out of range are refused", parameters_out_of_range_are_refused },
    { "neurons may differ in every parameter", neurons_may_differ_in_every_parameter },
    { "absent ports are silence", absent_ports_are_silence },
    { "if subtracts the level", if_subtracts_the_level },
    { "if graded fires its membrane once", if_graded_fires_its_membrane_once },
    { "lif leak matches its closed form", lif_leak_matches_its_closed_form },
    { "lif at levels is the plain recursion", lif_at_levels_is_the_plain_recursion },
    { "lif resets as told", lif_resets_as_told },
    CU_TEST_INFO_NULL,
};
