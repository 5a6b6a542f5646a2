/* Izhikevich's twenty patterns (2004) with the scheme of his figure1.m: golden counts
 * and times, computed by a program of its own. */
#include "neurons/izhikevich_patterns.h"
#include "tests/neuron_bench.h"
#include "tests/suites.h"

#include <math.h>
#include <string.h>

/* Spike times of one pattern, in its convention: at the start of the step. */
static size_t run(const struct izhikevich_pattern *pattern, double *at_ms, size_t room)
{
    struct neuron_bench bench;
    double param[NEURON_MAX_PARAMS];
    size_t spikes = 0;
    neuron_bench_open(&bench, "izhikevich", pattern->dt_ms, "");
    izhikevich_pattern_param(pattern, param);
    for (unsigned i = 0; bench.model->params[i].name; i++)
        population_param(&bench.population, i)[0] = param[i];
    struct error err = { 0 };
    CU_ASSERT_EQUAL(population_check(&bench.population, bench.model, &err), OK);
    neuron_bench_state(&bench, "v")[0] = pattern->v0;
    neuron_bench_state(&bench, "u")[0] = pattern->u0;
    const long steps = lrint(pattern->length_ms / pattern->dt_ms);
    for (long step = 0; step <= steps; step++) {
        const double t = (double)step * pattern->dt_ms;
        neuron_bench_input(&bench, "current")[0] =
            izhikevich_pattern_current(pattern, t);
        if (neuron_bench_step(&bench) > 0 && bench.fired[0].neuron == 0 &&
            spikes < room)
            at_ms[spikes++] = t;
    }
    neuron_bench_close(&bench);
    return spikes;
}

/* Times lie on the grid: half a step tells neighbours apart. */
static void all_twenty_fire_as_figure1_does(void)
{
    size_t patterns = 0;
    for (const struct izhikevich_pattern *p = izhikevich_patterns; p->letter; p++) {
        double at[64] = { 0 };
        const size_t spikes = run(p, at, 64);
        CU_ASSERT_EQUAL(spikes, (size_t)p->spikes);
        CU_ASSERT_DOUBLE_EQUAL(at[0], p->first_ms, 0.5 * p->dt_ms);
        CU_ASSERT_FATAL(spikes > 0);
        CU_ASSERT_DOUBLE_EQUAL(at[spikes - 1], p->last_ms, 0.5 * p->dt_ms);
        CU_ASSERT_EQUAL(p->letter, 'A' + (int)patterns);
        patterns++;
    }
    CU_ASSERT_EQUAL(patterns, 20);
}

static const struct izhikevich_pattern *pattern_of(char letter)
{
    return &izhikevich_patterns[letter - 'A'];
}

/* The figures that the literature's programs agree on, apart from the table. */
static void counts_are_those_of_the_facts(void)
{
    static const struct {
        char letter;
        int spikes;
        double first_ms, last_ms;
    } expected[] = {
        { 'A', 5, 13, 86.75 }, { 'C', 28, 25, 204.5 }, { 'F', 6, 10.25, 71.5 },
        { 'L', 1, 20, 20 },    { 'M', 1, 68, 68 },     { 'T', 12, 86.5, 204 },
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct izhikevich_pattern *p = pattern_of(expected[i].letter);
        CU_ASSERT_EQUAL(p->spikes, expected[i].spikes);
        CU_ASSERT_DOUBLE_EQUAL(p->first_ms, expected[i].first_ms, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(p->last_ms, expected[i].last_ms, 1e-9);
    }
}

/* Spikes after from_ms and until to_ms. */
static size_t spikes_between(char letter, double from_ms, double to_ms)
{
    double at[64];
    const size_t spikes = run(pattern_of(letter), at, 64);
    size_t inside = 0;
    for (size_t i = 0; i < spikes; i++)
        inside += at[i] > from_ms && at[i] <= to_ms;
    return inside;
}

/* What each panel's title says, where it can be put in numbers. */
static void patterns_do_what_they_are_named_for(void)
{
    double at[64];
    CU_ASSERT_EQUAL(spikes_between('B', 50, 200), 0);
    CU_ASSERT_EQUAL(spikes_between('D', 70, 200), 0);
    CU_ASSERT_EQUAL_FATAL(run(pattern_of('E'), at, 64), 6);
    CU_ASSERT(at[2] - at[1] < 5 && at[4] - at[3] > 30);
    CU_ASSERT_EQUAL_FATAL(run(pattern_of('F'), at, 64), 6);
    for (int i = 2; i < 6; i++)
        CU_ASSERT(at[i] - at[i - 1] > at[i - 1] - at[i - 2]);
    CU_ASSERT_EQUAL_FATAL(run(pattern_of('G'), at, 64), 10);
    CU_ASSERT(at[1] - at[0] > 2 * (at[9] - at[8]));
    CU_ASSERT_EQUAL_FATAL(run(pattern_of('H'), at, 64), 14);
    CU_ASSERT(at[1] - at[0] < 2 * (at[13] - at[12]));
    CU_ASSERT_EQUAL(spikes_between('I', 13, 100), 1);
    CU_ASSERT_EQUAL(spikes_between('K', 40, 280), 0);
    CU_ASSERT_EQUAL(spikes_between('K', 320, 400), 1);
    CU_ASSERT_EQUAL(spikes_between('L', 70, 100), 0);
    CU_ASSERT_EQUAL(spikes_between('N', 25, 200), 7);
    CU_ASSERT_EQUAL(spikes_between('O', 0, 75), 0);
    CU_ASSERT_EQUAL(spikes_between('P', 216, 300), 0);
    CU_ASSERT_EQUAL(spikes_between('R', 0, 300), 0);
    CU_ASSERT_EQUAL(spikes_between('S', 50, 250), 3);
}

static void the_current_is_that_of_the_listing(void)
{
    static const struct {
        char letter;
        double at_ms, current;
    } expected[] = {
        { 'A', 10, 0 },  { 'A', 10.25, 14 },  { 'G', 130, 7.5 },  { 'H', 0, -0.5 },
        { 'H', 130, 1 }, { 'K', 43.75, .65 }, { 'K', 44, 0 },     { 'R', 0, 0 },
        { 'R', 100, 4 }, { 'R', 200, 0 },     { 'R', 306.25, 2 }, { 'R', 312.5, 0 },
        { 'S', 0, 80 },  { 'S', 50, 75 },     { 'S', 250.5, 80 }, { 'P', 0, .24 },
        { 'O', 72, -6 },
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        CU_ASSERT_DOUBLE_EQUAL(izhikevich_pattern_current(
                                   pattern_of(expected[i].letter), expected[i].at_ms),
                               expected[i].current, 1e-12);
}

CU_TestInfo neuron_pattern_tests[] = {
    { "all twenty fire as figure1.m does", all_twenty_fire_as_figure1_does },
    { "counts are those of independent programs", counts_are_those_of_the_facts },
    { "patterns do what they are named for", patterns_do_what_they_are_named_for },
    { "the current is that of the listing", the_current_is_that_of_the_listing },
    CU_TEST_INFO_NULL,
};
