/* Coarse traces against the samples they are made of. */
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "tests/traced_network.h"
#include "viz/scene.h"
#include "viz/trace_levels.h"

#include <math.h>
#include <stdlib.h>

static struct trace_extreme range_of(double first, double end, unsigned node)
{
    struct trace_extreme range = { INFINITY, -INFINITY };
    for (uint64_t i = first > 0 ? (uint64_t)first : 0;
         i < TRACED_SAMPLES && (double)i < end; i++) {
        float value = traced_sample(i, node);
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
    struct trace_extreme *found = calloc((size_t)columns * TRACED_NODES, sizeof *found);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL(trace_levels_read(scene->trace_levels, &scene->recording, 0, first,
                                      samples, columns, found, &err),
                    OK);
    double each = samples / columns;
    double spare = each < TRACE_GRAIN ? 0 : each;
    bool all_within = true, none_missing = true;
    for (uint32_t column = 0; column < columns; column++)
        for (unsigned node = 0; node < TRACED_NODES; node++) {
            double begin = floor(first + column * each);
            double end = fmax(begin + 1, floor(first + (column + 1) * each));
            struct trace_extreme own = range_of(begin, end, node);
            struct trace_extreme wide = range_of(begin - spare, end + spare, node);
            const struct trace_extreme *e = &found[column * TRACED_NODES + node];
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
    CU_ASSERT_EQUAL_FATAL(traced_network_write(path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene.trace_levels);
    CU_ASSERT_EQUAL(scene.trace_levels[0].samples, TRACED_SAMPLES);
    for (uint32_t columns = 1; columns < 4000; columns = columns * 3 + 1) {
        check(&scene, 0, TRACED_SAMPLES, columns);
        check(&scene, TRACED_PEAK - 40.5, 97.25, columns);
        check(&scene, 5000, 6000, columns); /* beyond the end there is nothing */
    }
    scene_release(&scene);
}

CU_TestInfo trace_level_tests[] = {
    { "at every zoom a trace shows its peaks", no_peak_is_lost },
    CU_TEST_INFO_NULL,
};
