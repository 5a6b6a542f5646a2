/* Recordings without a language model: slices of time instead of tokens, neurons
 * without channels, and traces of their state. */
#include "sim/export.h"
#include "sim/recording.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "viz/picture.h"
#include "viz/show.h"

#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXCITATORY = 40, INHIBITORY = 10, SLICES = 30, SLICE_STEPS = 100, TRACED = 3 };
static const double dt_ms = 0.1;
static const uint64_t traced[TRACED] = { 2, 5, 41 };

static const struct population_info populations[] = {
    { .name = "E",
      .role = "excitatory",
      .layer = -1,
      .size = EXCITATORY,
      .neuron = "lif" },
    { .name = "I",
      .role = "inhibitory",
      .layer = -1,
      .first_node = EXCITATORY,
      .size = INHIBITORY,
      .neuron = "lif" },
};
static const struct trace_info traces[] = {
    { .name = "E.v",
      .population = "E",
      .variable = "v",
      .unit = "mV",
      .node = traced,
      .nodes = 2,
      .interval_ms = 0.5 },
    { .name = "all.u",
      .population = "all",
      .variable = "u",
      .node = traced,
      .nodes = TRACED,
      .interval_ms = 10 },
};

static struct recording_plan plan_network(void)
{
    struct recording_plan plan = { .population = populations,
                                   .populations = 2,
                                   .neurons = EXCITATORY + INHIBITORY,
                                   .spikes = true,
                                   .trace = traces,
                                   .traces = 2 };
    strcpy(plan.info.version, "0.1");
    plan.info.dt_ms = dt_ms;
    return plan;
}

/* Neuron n fires at every step that leaves n when divided by 53. */
static enum error_code append_slice(struct recording_writer *writer, uint32_t slice,
                                    struct error *err)
{
    struct recorded_spike spike[SLICE_STEPS];
    struct site_counters site[2] = { { .n[COUNT_SPIKES] = 0 } };
    struct host_cost host = { .cache_bytes = 0 };
    uint64_t length = 0, no_text = 0;
    for (uint32_t step = 0; step < SLICE_STEPS; step++) {
        uint32_t node = (slice * SLICE_STEPS + step) % 53;
        if (node < EXCITATORY + INHIBITORY) {
            spike[length++] = (struct recorded_spike){ node, step, 1 };
            site[node >= EXCITATORY].n[COUNT_SPIKES]++;
        }
    }
    const int32_t id = (int32_t)slice;
    const uint32_t sequence = 0, steps = SLICE_STEPS;
    const double unknown = (double)NAN;
    const struct token_batch batch = {
        .tokens = 1,
        .id = &id,
        .kind = (const unsigned char[]){ TOKEN_PROMPT },
        .sequence = &sequence,
        .position = &slice,
        .steps = &steps,
        .log_probability = &unknown,
        .text = "",
        .text_length = &no_text,
        .site = site,
        .host = &host,
        .spike = spike,
        .spike_length = &length,
    };
    return recording_append(writer, &batch, err);
}

static float state(uint64_t sample, size_t node)
{
    return (float)sample * 0.25f - (float)node;
}

static enum error_code append_traces(struct recording_writer *writer, uint32_t slice,
                                     struct error *err)
{
    float fine[20][2], coarse[1][TRACED];
    for (unsigned sample = 0; sample < 20; sample++)
        for (size_t node = 0; node < 2; node++)
            fine[sample][node] = state(20 * slice + sample, node);
    for (size_t node = 0; node < TRACED; node++)
        coarse[0][node] = state(slice, node);
    if (recording_append_trace(writer, 0, fine[0], 20, err) != OK)
        return err->code;
    return recording_append_trace(writer, 1, coarse[0], 1, err);
}

static enum error_code append_all(struct recording_writer *writer, struct error *err)
{
    for (uint32_t slice = 0; slice < SLICES; slice++)
        if (append_slice(writer, slice, err) != OK ||
            append_traces(writer, slice, err) != OK)
            break;
    return err->code;
}

static const char *write_network(const char *name)
{
    struct error err = { 0 };
    struct recording_writer *writer;
    struct recording_plan plan = plan_network();
    const char *path = temporary_path(name);
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &plan, &err), OK);
    CU_ASSERT_EQUAL(append_all(writer, &err), OK);
    CU_ASSERT_EQUAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    return path;
}

static void check_traces(const struct recording *found, uint64_t least)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(found->traces, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct trace_info *trace = &found->trace[i];
        CU_ASSERT_STRING_EQUAL(trace->name, traces[i].name);
        CU_ASSERT_STRING_EQUAL(trace->population, traces[i].population);
        CU_ASSERT_STRING_EQUAL(trace->variable, traces[i].variable);
        CU_ASSERT_STRING_EQUAL(trace->unit, traces[i].unit);
        CU_ASSERT_EQUAL(trace->interval_ms, traces[i].interval_ms);
        CU_ASSERT_EQUAL_FATAL(trace->nodes, traces[i].nodes);
        CU_ASSERT_EQUAL(memcmp(trace->node, traced, trace->nodes * sizeof *traced), 0);
        uint64_t length = found->trace_length[i], wrong = 0;
        CU_ASSERT(length >= least * (i ? 1 : 20));
        float *value = malloc((size_t)length * trace->nodes * sizeof *value);
        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        CU_ASSERT_EQUAL(recording_read_trace(found, i, 0, length, value, &err), OK);
        for (uint64_t sample = 0; sample < length; sample++)
            for (size_t node = 0; node < trace->nodes; node++)
                wrong += value[sample * trace->nodes + node] != state(sample, node);
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(recording_read_trace(found, i, length, 1, value, &err),
                        ERR_ARGUMENT);
        free(value);
    }
    CU_ASSERT_EQUAL(recording_read_trace(found, 2, 0, 0, NULL, &err), ERR_ARGUMENT);
}

static void traces_and_slices_are_read_back(void)
{
    struct recording found;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, write_network("net.h5"), &err), OK);
    CU_ASSERT_EQUAL(found.state, RECORDING_FINISHED);
    CU_ASSERT_EQUAL(found.tokens, SLICES);
    CU_ASSERT_EQUAL(found.neurons, EXCITATORY + INHIBITORY);
    CU_ASSERT_EQUAL(found.channels, 0);
    CU_ASSERT(found.has_spikes && !found.has_counts);
    check_traces(&found, SLICES);
    for (uint64_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(found.trace_length[i], i ? SLICES : 20 * SLICES);
    uint64_t wrong = 0, spikes = 0;
    for (uint64_t slice = 0; slice < SLICES; slice++) {
        struct recorded_spike *spike;
        size_t length;
        CU_ASSERT_EQUAL_FATAL(recording_expand(&found, slice, &spike, &length, &err),
                              OK);
        for (size_t i = 0; i < length; i++)
            wrong += (slice * SLICE_STEPS + spike[i].step) % 53 != spike[i].node;
        spikes += length;
        free(spike);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(spikes, found.spikes);
    recording_close_reader(&found);
}

/* The data set, its mapping and its time as the SONATA text lays them down. */
static void a_trace_is_a_report_of_sonata(void)
{
    hid_t file = H5Fopen(write_network("report.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    CU_ASSERT_FATAL(file >= 0);
    static const char *const name[] = { "data", "mapping/node_ids",
                                        "mapping/index_pointers",
                                        "mapping/element_ids" };
    const hssize_t points[] = { 20 * SLICES * 2, 2, 3, 2 };
    const size_t bytes[] = { 4, 8, 8, 4 };
    for (int i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "report/E.v/%s", name[i]);
        hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
        hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
        CU_ASSERT_EQUAL(H5Sget_simple_extent_npoints(space), points[i]);
        CU_ASSERT_EQUAL(H5Tget_size(type), bytes[i]);
        H5Tclose(type);
        H5Sclose(space);
        H5Dclose(dataset);
    }
    double time[3];
    hid_t dataset = H5Dopen2(file, "report/E.v/mapping/time", H5P_DEFAULT);
    H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, time);
    CU_ASSERT(time[0] == 0 && time[1] == SLICES * 10.0 && time[2] == 0.5);
    CU_ASSERT(H5Aexists(dataset, "units") > 0);
    H5Dclose(dataset);
    CU_ASSERT(H5Aexists_by_name(file, "report/E.v/data", "units", H5P_DEFAULT) > 0);
    CU_ASSERT(H5Aexists_by_name(file, "report/E.v/mapping/node_ids", "sorted",
                                H5P_DEFAULT) > 0);
    H5Fclose(file);
}

static void a_killed_run_keeps_its_traces(void)
{
    struct error err = { 0 };
    struct recording found;
    const char *path = temporary_path("killed_traces.h5");
    pid_t child = fork();
    if (child == 0) {
        struct recording_writer *writer;
        struct recording_plan plan = plan_network();
        if (recording_create(&writer, path, &plan, &err) == OK &&
            append_all(writer, &err) == OK && recording_flush(writer, &err) == OK) {
            append_traces(writer, SLICES, &err);
            raise(SIGKILL);
        }
        _exit(1);
    }
    int status = 0;
    CU_ASSERT_FATAL(child > 0);
    waitpid(child, &status, 0);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT(found.was_repaired && found.tokens == SLICES);
    check_traces(&found, SLICES);
    recording_close_reader(&found);
}

/* The child appends whenever it is told to, and says when that is flushed. */
static void append_on_demand(const char *path, int order, int answer)
{
    struct error err = { 0 };
    struct recording_writer *writer;
    struct recording_plan plan = plan_network();
    char byte = 0;
    if (recording_create(&writer, path, &plan, &err) != OK)
        _exit(1);
    for (uint32_t slice = 0; read(order, &byte, 1) == 1; slice++)
        if (append_slice(writer, slice, &err) != OK ||
            append_traces(writer, slice, &err) != OK ||
            recording_flush(writer, &err) != OK || write(answer, &byte, 1) != 1)
            _exit(1);
    raise(SIGKILL);
}

static void traces_grow_under_a_reader(void)
{
    int order[2], answer[2];
    char byte = 0;
    struct error err = { 0 };
    struct recording found;
    const char *path = temporary_path("living_traces.h5");
    CU_ASSERT_FATAL(pipe(order) == 0 && pipe(answer) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(order[1]);
        append_on_demand(path, order[0], answer[1]);
    }
    CU_ASSERT_FATAL(child > 0);
    close(order[0]);
    close(answer[1]);
    for (uint64_t slice = 1; slice <= 3; slice++) {
        CU_ASSERT_FATAL(write(order[1], &byte, 1) == 1 &&
                        read(answer[0], &byte, 1) == 1);
        if (slice == 1)
            CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
        CU_ASSERT(found.is_live);
        CU_ASSERT_EQUAL(recording_refresh(&found, &err), OK);
        CU_ASSERT_EQUAL(found.tokens, slice);
        CU_ASSERT_EQUAL(found.trace_length[0], 20 * slice);
        check_traces(&found, slice);
    }
    recording_close_reader(&found);
    close(order[1]);
    close(answer[0]);
    waitpid(child, NULL, 0);
}

/* Opened and drawn as the viewer does. */
static void check_raster(const char *path)
{
    const char *const paths[2] = { path, NULL };
    struct error err = { 0 };
    struct show *show = calloc(1, sizeof *show);
    struct image image;
    struct canvas canvas;
    CU_ASSERT_PTR_NOT_NULL_FATAL(show);
    CU_ASSERT_EQUAL_FATAL(show_open(show, paths, NULL, true, &err), OK);
    CU_ASSERT_EQUAL_FATAL(image_create(&image, 640, 400, &err), OK);
    show_size(show, 640, 400);
    CU_ASSERT_EQUAL(show->view.steps, SLICES * SLICE_STEPS);
    canvas_on_image(&canvas, &image, show->font);
    CU_ASSERT_EQUAL(picture_draw(&show->stage, &canvas, 640, 400, NULL, &err), OK);
    image_release(&image);
    show_close(show);
    free(show);
}

static void a_network_is_exported_and_drawn(void)
{
    struct recording found;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, write_network("draw.h5"), &err), OK);
    CU_ASSERT_EQUAL(export_sonata(&found, temporary_path("net_sonata.h5"), &err), OK);
    const char *path = temporary_path("net.csv");
    CU_ASSERT_EQUAL(export_csv(&found, path, &err), OK);
    FILE *file = fopen(path, "r");
    char line[120] = "";
    for (int i = 0; file && i < 43; i++)
        CU_ASSERT_PTR_NOT_NULL(fgets(line, sizeof line, file));
    CU_ASSERT_STRING_EQUAL(line, "4.1000000000000005,41,I,1,0,41,1\n");
    if (file)
        fclose(file);
    recording_close_reader(&found);
    check_raster(temporary_path("draw.h5"));
}

static void impossible_traces_are_refused(void)
{
    const uint64_t beyond[] = { EXCITATORY + INHIBITORY };
    const struct trace_info wrong[] = {
        { .name = "", .node = traced, .nodes = 1, .interval_ms = 1 },
        { .name = "a/b", .node = traced, .nodes = 1, .interval_ms = 1 },
        { .name = "v", .node = traced, .nodes = 0, .interval_ms = 1 },
        { .name = "v", .node = traced, .nodes = 1, .interval_ms = 0 },
        { .name = "v", .node = traced, .nodes = 1, .interval_ms = (double)INFINITY },
        { .name = "v", .node = beyond, .nodes = 1, .interval_ms = 1 },
    };
    struct error err = { 0 };
    struct recording_writer *writer = NULL;
    struct recording_plan plan = plan_network();
    const char *path = temporary_path("no_trace.h5");
    for (size_t i = 0; i <= sizeof wrong / sizeof wrong[0]; i++) {
        const struct trace_info twice[] = { traces[0], traces[0] };
        bool is_last = i == sizeof wrong / sizeof wrong[0];
        plan.trace = is_last ? twice : &wrong[i];
        plan.traces = is_last ? 2 : 1;
        CU_ASSERT_EQUAL(recording_create(&writer, path, &plan, &err), ERR_ARGUMENT);
        CU_ASSERT(access(path, F_OK) < 0);
    }
}

static void spoilt_traces_are_refused(void)
{
    static const char *const names[] = { "report/E.v/data", "report/E.v/mapping/time",
                                         "report/E.v/mapping/node_ids",
                                         "report/E.v/mapping" };
    struct error err = { 0 };
    struct recording found;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int rank = -1; rank <= 3; rank++) {
            const hsize_t extent[] = { 5, 7, 2 };
            const char *path = write_network("spoilt_trace.h5");
            hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
            CU_ASSERT(H5Ldelete(file, names[i], H5P_DEFAULT) >= 0);
            if (rank >= 0 && i < 3) {
                hid_t space = H5Screate_simple(rank, extent, NULL);
                hid_t dataset = H5Dcreate2(file, names[i], H5T_NATIVE_INT, space,
                                           H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
                H5Dclose(dataset);
                H5Sclose(space);
            }
            H5Fclose(file);
            CU_ASSERT_EQUAL(recording_open(&found, path, &err), ERR_FORMAT);
        }
    }
}

CU_TestInfo network_recording_tests[] = {
    { "traces and slices are read back", traces_and_slices_are_read_back },
    { "a trace is a report of SONATA", a_trace_is_a_report_of_sonata },
    { "a killed run keeps its traces", a_killed_run_keeps_its_traces },
    { "traces grow under a reader", traces_grow_under_a_reader },
    { "a network is exported and drawn", a_network_is_exported_and_drawn },
    { "impossible traces are refused", impossible_traces_are_refused },
    { "spoilt traces are refused", spoilt_traces_are_refused },
    CU_TEST_INFO_NULL,
};
