/* What `--trace` means, and the traces of a site's neurons as a recording keeps them. */
#include "sim/state_traces.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void selections_are_read(void)
{
    struct trace_selection s;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(trace_selection_parse(&s, NULL, &err), OK);
    CU_ASSERT_EQUAL(s.choices, 0);
    CU_ASSERT_EQUAL_FATAL(trace_selection_parse(&s, "L07.ffn_down.v:3-9,e.u,i.g_ex:4",
                                                &err),
                          OK);
    CU_ASSERT_EQUAL(s.choices, 3);
    CU_ASSERT_STRING_EQUAL(s.choice[0].population, "L07.ffn_down");
    CU_ASSERT_STRING_EQUAL(s.choice[0].variable, "v");
    CU_ASSERT(s.choice[0].first == 3 && s.choice[0].last == 9);
    CU_ASSERT(s.choice[1].first == 0 && s.choice[1].last == UINT64_MAX);
    CU_ASSERT(s.choice[2].first == 4 && s.choice[2].last == 4);
}

static void bad_selections_are_refused(void)
{
    static const char *const bad[] = { "v",         ".v",     "e.",      "e.v:",
                                       "e.v:-1",    "e.v:3-", "e.v:5-3", "e.v:1x",
                                       "e.v:1-2-3", ",",      "e.v,,e.v" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct trace_selection s;
        struct error err = { 0 };
        CU_ASSERT_EQUAL(trace_selection_parse(&s, bad[i], &err), ERR_ARGUMENT);
        CU_ASSERT(strstr(err.text, "POPULATION.VARIABLE") != NULL);
    }
    char many[TRACE_CHOICES * 8 + 16] = "e.v";
    for (int i = 0; i < TRACE_CHOICES; i++)
        strcat(many, ",e.v");
    struct trace_selection s;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(trace_selection_parse(&s, many, &err), ERR_ARGUMENT);
}

/* The synthetic recording's four populations, as a model's table would have them. */
static struct population_table table_of(const struct synthetic *synthetic)
{
    return (struct population_table){
        .population = (struct population_info *)synthetic->population,
        .populations = synthetic->plan.populations,
        .neurons = synthetic->plan.neurons,
        .channels = synthetic->plan.channels
    };
}

static void create_refused(const struct population_table *table, const char *text)
{
    struct trace_selection selection;
    struct state_traces *traces = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(trace_selection_parse(&selection, text, &err), OK);
    CU_ASSERT_EQUAL(state_traces_create(&traces, &selection, table,
                                        neuron_model_find("if"), 1, 2, &err),
                    ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(traces);
    CU_ASSERT(strstr(err.text, text) != NULL || strstr(err.text, "neuron") != NULL);
}

static void what_is_not_there_is_refused(void)
{
    struct synthetic synthetic;
    CU_ASSERT_FATAL(synthetic_init(&synthetic, "bitwise", 8, true, false));
    const struct population_table table = table_of(&synthetic);
    create_refused(&table, "L09.attn_in.v");
    create_refused(&table, "head.w");
    create_refused(&table, "head.v:2-9");
    synthetic_release(&synthetic);
}

/* Two tokens of 3 steps; the site needs 2 for the first and does not run for the other. */
static void states_reach_the_recording(void)
{
    struct synthetic synthetic;
    struct trace_selection selection;
    struct state_traces *traces = NULL;
    struct recording_writer *writer = NULL;
    struct recording recording;
    struct error err = { 0 };
    const char *path = temporary_path("traces.h5");
    CU_ASSERT_FATAL(synthetic_init(&synthetic, "bitwise", 8, true, false));
    const struct population_table table = table_of(&synthetic);
    CU_ASSERT_EQUAL_FATAL(trace_selection_parse(&selection, "head.v:2-4", &err), OK);
    CU_ASSERT_EQUAL_FATAL(state_traces_create(&traces, &selection, &table,
                                              neuron_model_find("if"), 1, 2, &err),
                          OK);
    synthetic.plan.trace = state_traces_info(traces, &synthetic.plan.traces);
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &synthetic.plan, &err), OK);

    double v[9] = { 0 };
    struct population state = { .count = 9, .state = { v } };
    state_traces_begin(traces);
    for (int step = 0; step < 2; step++) {
        for (int neuron = 0; neuron < 9; neuron++)
            v[neuron] = 10 * step + neuron;
        CU_ASSERT_EQUAL(state_traces_take(traces, 3, 0, &state, &err), OK);
        CU_ASSERT_EQUAL(state_traces_take(traces, 0, 0, &state, &err), OK);
    }
    for (size_t row = 0; row < 2; row++)
        CU_ASSERT_EQUAL(state_traces_write(traces, row, 3, writer, &err), OK);
    CU_ASSERT_EQUAL(synthetic_append(&synthetic, writer, 2, &err), OK);
    CU_ASSERT_EQUAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    state_traces_free(traces);

    float read[6][3];
    CU_ASSERT_EQUAL_FATAL(recording_open(&recording, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording.traces, 1);
    CU_ASSERT_STRING_EQUAL(recording.trace[0].name, "head.v");
    CU_ASSERT_EQUAL(recording.trace[0].node[0], synthetic.population[3].first_node + 2);
    CU_ASSERT_EQUAL_FATAL(recording.trace_length[0], 6);
    CU_ASSERT_EQUAL_FATAL(recording_read_trace(&recording, 0, 0, 6, read[0], &err), OK);
    for (int neuron = 0; neuron < 3; neuron++) {
        CU_ASSERT_EQUAL(read[0][neuron], (float)(2 + neuron));
        CU_ASSERT_EQUAL(read[1][neuron], (float)(12 + neuron));
        CU_ASSERT_EQUAL(read[2][neuron], read[1][neuron]);
        for (int step = 3; step < 6; step++)
            CU_ASSERT(isnan(read[step][neuron]));
    }
    recording_close_reader(&recording);
    synthetic_release(&synthetic);
}

CU_TestInfo trace_tests[] = {
    { "selections are read", selections_are_read },
    { "bad selections are refused", bad_selections_are_refused },
    { "what is not there is refused", what_is_not_there_is_refused },
    { "states reach the recording", states_reach_the_recording },
    CU_TEST_INFO_NULL,
};
