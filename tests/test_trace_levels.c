/* Coarse traces against the samples they are made of. */
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "viz/scene.h"
#include "viz/trace_levels.h"

#include <math.h>
#include <stdlib.h>

enum { SAMPLES = 10000, NODES = 3, PEAK = 7777 };

static float sample_of(uint64_t sample, unsigned node)
{
    if (node == 2 && sample % 5 == 0)
        return NAN;
    return node == 1 && sample == PEAK ? 100
                                       : sinf((float)(sample * (node + 1)) * 0.01f);
}

static enum error_code append(struct recording_writer *writer, uint64_t samples,
                              struct error *err)
{
    const struct site_counters site = { .n[COUNT_SPIKES] = 0 };
    const struct host_cost host = { 0 };
    const uint32_t sequence = 0, position = 0, steps = (uint32_t)samples;
    const int32_t id = 0;
    const double unknown = (double)NAN;
    const uint64_t none = 0;
    const struct token_batch batch = { .tokens = 1,
                                       .id = &id,
                                       .kind = (const unsigned char[]){ TOKEN_PROMPT },
                                       .sequence = &sequence,
                                       .position = &position,
                                       .steps = &steps,
                                       .log_probability = &unknown,
                                       .text = "",
                                       .text_length = &none,
                                       .site = &site,
                                       .host = &host,
                                       .spike_length = &none };
    float *value = malloc((size_t)samples * NODES * sizeof *value);
    if (!value || recording_append(writer, &batch, err) != OK)
        return ERR_MEMORY;
    for (uint64_t i = 0; i < samples * NODES; i++)
        value[i] = sample_of(i / NODES, (unsigned)(i % NODES));
    recording_append_trace(writer, 0, value, samples, err);
    free(value);
    return err->code;
}

static void record(const char *path)
{
    static const uint64_t node[NODES] = { 0, 1, 2 };
    static const struct population_info population = {
        .name = "E", .role = "neurons", .layer = -1, .size = NODES, .neuron = "lif"
    };
    static const struct trace_info trace = { .name = "E.v",
                                             .population = "E",
                                             .variable = "v",
                                             .unit = "mV",
                                             .node = node,
                                             .nodes = NODES,
                                             .interval_ms = 1 };
    struct error err = { 0 };
    struct recording_writer *writer = NULL;
    const struct recording_plan plan = { .info.dt_ms = 1,
                                         .population = &population,
                                         .populations = 1,
                                         .neurons = NODES,
                                         .spikes = true,
                                         .trace = &trace,
                                         .traces = 1 };
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &plan, &err), OK);
    CU_ASSERT_EQUAL_FATAL(append(writer, SAMPLES, &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
}

static struct trace_extreme range_of(double first, double end, unsigned node)
{
    struct trace_extreme range = { INFINITY, -INFINITY };
    for (uint64_t i = first > 0 ? (uint64_t)first : 0; i < SAMPLES && (double)i < end;
         i++) {
        float value = sample_of(i, node);
        range.least = fminf(range.least, isnan(value) ? INFINITY : value);
        range.most = fmaxf(range.most, isnan(value) ? -INFINITY : value);
    }
    return range;
}

/* A column holds its samples and at most a grain more at either end, a sixteenth of it. */
static void check(const struct scene *scene, double first, double samples,
                  uint32_t columns)
{
    struct error err = { 0 };
    struct trace_extreme *found = calloc((size_t)columns * NODES, sizeof *found);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL(trace_levels_read(scene->trace_levels, &scene->recording, 0, first,
                                      samples, columns, found, &err),
                    OK);
    double each = samples / columns;
    double spare = each < TRACE_GRAIN ? 0 : each;
    bool all_within = true, none_missing = true;
    for (uint32_t column = 0; column < columns; column++)
        for (unsigned node = 0; node < NODES; node++) {
            double begin = floor(first + column * each);
            double end = fmax(begin + 1, floor(first + (column + 1) * each));
            struct trace_extreme own = range_of(begin, end, node);
            struct trace_extreme wide = range_of(begin - spare, end + spare, node);
            const struct trace_extreme *e = &found[column * NODES + node];
            none_missing &= e->least <= own.least && e->most >= own.most;
            all_within &= e->least >= wide.least && e->most <= wide.most;
        }
    CU_ASSERT_TRUE(none_missing);
    CU_ASSERT_TRUE(all_within);
    free(found);
}

static void no_peak_is_lost(void)
{
    struct error err = { 0 };
    struct scene scene;
    const char *path = temporary_path("levels.h5");
    record(path);
    CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene.trace_levels);
    CU_ASSERT_EQUAL(scene.trace_levels[0].samples, SAMPLES);
    for (uint32_t columns = 1; columns < 4000; columns = columns * 3 + 1) {
        check(&scene, 0, SAMPLES, columns);
        check(&scene, PEAK - 40.5, 97.25, columns);
        check(&scene, 5000, 6000, columns); /* beyond the end there is nothing */
    }
    scene_release(&scene);
}

CU_TestInfo trace_level_tests[] = {
    { "at every zoom a trace shows its peaks", no_peak_is_lost },
    CU_TEST_INFO_NULL,
};
