/* Spikes of other tools: what we export comes back, every layout is read, and what is
 * broken is refused in a sentence. */
#include "sim/export.h"
#include "sim/spike_import.h"
#include "sim/spike_source.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKENS = 12, CHANNELS = 60, ROOM = 7 };

/* A path that stays: temporary_path's is good until its next call. */
static const char *path_of(const char *name, char path[512])
{
    snprintf(path, 512, "%s", temporary_path(name));
    return path;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

/* All spikes, read in blocks of an awkward size; the caller frees. */
static struct source_spike *read_all(struct spike_source *source, size_t *length)
{
    struct error err = { 0 };
    struct source_spike *all = malloc((source->spikes + ROOM) * sizeof *all);
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    size_t count;
    *length = 0;
    do {
        CU_ASSERT_EQUAL_FATAL(spike_source_read(source, all + *length, ROOM, &count,
                                                &err),
                              OK);
        *length += count;
    } while (count && *length <= source->spikes);
    CU_ASSERT_EQUAL(*length, source->spikes);
    return all;
}

static void check_spikes(const char *path, const char *format,
                         const struct source_spike *expected, size_t count)
{
    struct error err = { 0 };
    struct spike_source source;
    if (spike_source_open(&source, path, &err) != OK) {
        printf("    %s\n", err.text);
        CU_FAIL_FATAL("cannot be opened");
    }
    CU_ASSERT_STRING_EQUAL(source.format, format);
    for (int round = 0; round < 2; round++) {
        size_t length;
        struct source_spike *all = read_all(&source, &length);
        CU_ASSERT_EQUAL_FATAL(length, count);
        for (size_t i = 0; i < count; i++) {
            CU_ASSERT_EQUAL(all[i].population, expected[i].population);
            CU_ASSERT_EQUAL(all[i].neuron, expected[i].neuron);
            CU_ASSERT_DOUBLE_EQUAL(all[i].time_ms, expected[i].time_ms, 1e-9);
            CU_ASSERT_EQUAL(all[i].value, expected[i].value);
        }
        free(all);
        CU_ASSERT_EQUAL(spike_source_rewind(&source, &err), OK);
    }
    spike_source_close(&source);
}

static void refuse(const char *path, const char *sentence)
{
    struct error err = { 0 };
    struct spike_source source;
    CU_ASSERT_NOT_EQUAL(spike_source_open(&source, path, &err), OK);
    CU_ASSERT_PTR_NULL(source.population);
    if (!strstr(err.text, sentence))
        printf("    '%s' lacks '%s'\n", err.text, sentence);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, sentence));
}

static void compare_recordings(const struct recording *a, const struct recording *b,
                               bool has_values)
{
    struct error err = { 0 };
    uint64_t wrong = 0, length_a = 0, length_b = 0;
    struct recorded_spike *all[2];
    uint64_t *clock[2];
    const struct recording *recording[2] = { a, b };
    for (int i = 0; i < 2; i++) {
        size_t room = 1 << 20, used = 0;
        all[i] = malloc(room * sizeof **all);
        clock[i] = malloc(room * sizeof **clock);
        CU_ASSERT_FATAL(all[i] && clock[i]);
        for (uint64_t token = 0; token < recording[i]->tokens; token++) {
            struct recorded_spike *spike;
            size_t length;
            uint64_t start;
            struct token_column column = { .start_step = &start };
            CU_ASSERT_EQUAL(recording_read_tokens(recording[i], token, 1, &column,
                                                  &err),
                            OK);
            CU_ASSERT_EQUAL_FATAL(recording_expand(recording[i], token, &spike, &length,
                                                   &err),
                                  OK);
            for (size_t s = 0; s < length && used < room; s++, used++) {
                all[i][used] = spike[s];
                clock[i][used] = start + spike[s].step;
            }
            free(spike);
        }
        *(i ? &length_b : &length_a) = used;
    }
    CU_ASSERT_EQUAL_FATAL(length_a, length_b);
    CU_ASSERT(length_a > 1000);
    for (uint64_t s = 0; s < length_a; s++)
        wrong += clock[0][s] != clock[1][s] || all[0][s].node != all[1][s].node ||
                 (has_values && all[0][s].worth != all[1][s].worth);
    CU_ASSERT_EQUAL(wrong, 0);
    for (int i = 0; i < 2; i++) {
        free(all[i]);
        free(clock[i]);
    }
}

static void what_is_exported_is_imported(void)
{
    static const struct {
        const char *format;
        enum error_code (*write)(const struct recording *, const char *,
                                 struct error *);
        bool has_values, has_populations;
    } format[] = { { "SONATA", export_sonata, true, false },
                   { "text", export_csv, true, true },
                   { "text", export_nest, false, false },
                   { "NIRData", export_nirdata, true, true } };
    for (size_t i = 0; i < sizeof format / sizeof format[0]; i++) {
        struct error err = { 0 };
        struct recording run, back;
        struct spike_source source;
        struct import_result result;
        char from[512], middle[512], to[512];
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path_of("run.h5", from), "binary",
                                              CHANNELS, TOKENS, true, false, &err),
                              OK);
        CU_ASSERT_EQUAL_FATAL(recording_open(&run, from, &err), OK);
        CU_ASSERT_EQUAL_FATAL(format[i].write(&run, path_of("middle", middle), &err),
                              OK);
        CU_ASSERT_EQUAL_FATAL(spike_source_open(&source, middle, &err), OK);
        CU_ASSERT_STRING_EQUAL(source.format, format[i].format);
        const struct import_settings settings = { .dt_ms = 1 };
        CU_ASSERT_EQUAL_FATAL(spike_import(&source, path_of("back.h5", to), &settings,
                                           &result, &err),
                              OK);
        CU_ASSERT(result.largest_shift_ms < 1e-9);
        CU_ASSERT_EQUAL_FATAL(recording_open(&back, to, &err), OK);
        CU_ASSERT_EQUAL(back.state, RECORDING_FINISHED);
        compare_recordings(&run, &back, format[i].has_values);
        CU_ASSERT_EQUAL(back.populations, format[i].has_populations ? 4 : 1);
        if (format[i].has_populations)
            for (uint32_t p = 0; p < 4; p++) {
                CU_ASSERT_STRING_EQUAL(back.population[p].name, run.population[p].name);
                /* Text does not tell of silent neurons at the border. */
                CU_ASSERT(back.population[p].first_node <
                          run.population[p].first_node + 5);
            }
        if (strcmp(format[i].format, "NIRData") == 0)
            CU_ASSERT_EQUAL(back.neurons, run.neurons);
        spike_source_close(&source);
        recording_close_reader(&run);
        recording_close_reader(&back);
        unlink(middle);
    }
}

/* A recording read as a source, and its import, have the spikes of the recording. */
static void a_recording_is_a_source(void)
{
    struct error err = { 0 };
    struct recording run, back;
    struct spike_source source;
    struct import_result result;
    char from[512], to[512];
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path_of("own.h5", from), "bitwise", CHANNELS,
                                          TOKENS, true, true, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(spike_source_open(&source, from, &err), OK);
    CU_ASSERT_STRING_EQUAL(source.format, "recording");
    CU_ASSERT(source.dt_ms == 1 && source.is_ordered && source.populations == 4);
    const struct import_settings settings = { .neurons = 1000 };
    CU_ASSERT_EQUAL(spike_import(&source, path_of("copy.h5", to), &settings, &result,
                                 &err),
                    OK);
    const struct import_settings few = { .neurons = 5 };
    CU_ASSERT_EQUAL(spike_source_rewind(&source, &err), OK);
    CU_ASSERT_EQUAL(spike_import(&source, temporary_path("few.h5"), &few, &result,
                                 &err),
                    ERR_ARGUMENT);
    CU_ASSERT(access(temporary_path("few.h5"), F_OK) < 0);
    spike_source_close(&source);
    CU_ASSERT_EQUAL_FATAL(recording_open(&run, from, &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(&back, to, &err), OK);
    CU_ASSERT_EQUAL(back.neurons, 4000);
    CU_ASSERT_EQUAL(back.spikes, run.spikes);
    recording_close_reader(&run);
    recording_close_reader(&back);
}

static void text_is_read_in_every_form(void)
{
    static const struct source_spike expected[] = { { 0, 3, 1.5, 1 },
                                                    { 0, 0, 2, 1 },
                                                    { 0, 3, 2.25, 1 } };
    static const char *const text[] = {
        "time_ms,node\n1.5,3\n2,0\n2.25,3\n",
        "1.5,3\r\n2.0,0\r\n2.25,3",
        "1.5 3\n\n2 0\n  2.25\t3\n",
        "# a comment\nnode;extra;time_s\n3;x;0.0015\n0;;0.002\n3;z;0.00225\n",
        "# NEST version: 3.8\n# RecordingBackendASCII version: 2\nsender\ttime_ms\n"
        "4\t1.5\n1\t2\n4\t2.250\n",
        "# NEST version: 3.8\n# RecordingBackendASCII version: 2\n# sender\ttime_ms\n"
        "4\t1.5\n1\t2\n4\t2.250\n",
    };
    char path[512];
    path_of("spikes.txt", path);
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        write_text(path, text[i]);
        check_spikes(path, "text", expected, 3);
    }
    /* Numbered together, a population begins with its first neuron; else each from 0. */
    static const struct source_spike apart[] = { { 1, 1, 1, 2 },
                                                 { 0, 4, 2, -1 },
                                                 { 1, 0, 3, 7 } };
    write_text(path, "time_ms,node,population,worth\n1,8,b,2\n2,4,a,-1\n3,7,b,7\n");
    check_spikes(path, "text", apart, 3);
    static const struct source_spike mixed[] = { { 0, 8, 1, 1 },
                                                 { 1, 9, 2, 1 },
                                                 { 0, 12, 3, 1 } };
    write_text(path, "time_ms,node,population\n1,8,b\n2,9,a\n3,12,b\n");
    check_spikes(path, "text", mixed, 3);
}

static void broken_text_is_refused(void)
{
    static const struct {
        const char *text, *sentence;
    } wrong[] = {
        { "hello world\n", "line 1: expected columns time_ms and node" },
        { "time_ms,node\n1,x\n", "line 2: expected the number of a neuron" },
        { "time_ms,node\nx,1\n", "line 2: expected a time" },
        { "time_ms,node\n1\n", "line 2: expected the number of a neuron, found ''" },
        { "time_ms,node\n1,-1\n", "neuron -1" },
        { "time_ms,node\n-1,1\n", "time -1 ms" },
        { "time_ms,node\nnan,1\n", "time nan ms" },
        { "time_ms,node\ninf,1\n", "time inf ms" },
        { "time_ms,node\n1,99999999999999999999\n", "the number of a neuron" },
        { "time_ms,node\n1,100000000\n", "neuron 100000000" },
        { "sender time_ms\n0 1\n", "neuron -1" },
        { "time_ms,node,value\n1,1,1.5\n", "a whole value" },
        { "1,2,3\n", "columns time_ms and node" },
    };
    char path[512], line[3000];
    path_of("broken.txt", path);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_text(path, wrong[i].text);
        refuse(path, wrong[i].sentence);
    }
    memset(line, '1', sizeof line);
    line[sizeof line - 1] = '\0';
    write_text(path, line);
    refuse(path, "longer than");
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fwrite("GGUF\0\0\0\3", 1, 8, file);
    fclose(file);
    refuse(path, "neither HDF5 nor text");
    refuse("/nonexistent/spikes.csv", "No such file");
    refuse("/", "not a file");
}

static void write_list(hid_t group, const char *name, hid_t type, hid_t memory,
                       int rank, const hsize_t *extent, const void *values)
{
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t dataset =
        H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    CU_ASSERT(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

static void write_attribute(hid_t object, const char *name, hid_t type,
                            const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    CU_ASSERT(H5Awrite(attribute, type, value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

static void write_string(hid_t object, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    write_attribute(object, name, type, &text);
    H5Tclose(type);
}

static hid_t start_file(const char *path)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    CU_ASSERT_FATAL(file >= 0);
    return file;
}

static hid_t group_in(hid_t parent, const char *name)
{
    return H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

enum {
    SONATA_PLAIN,
    SONATA_TEXT,
    SONATA_ENUM,
    SONATA_UNEQUAL,
    SONATA_UNIT,
    SONATA_RANK,
    SONATA_FORMS
};

/* Two populations, one sorted by id, as other tools write them. */
static void write_sonata(const char *path, int form)
{
    const double time[] = { 0.5, 7, 3 }, late[] = { 1, 2 };
    const uint32_t node[] = { 0, 0, 2 };
    const uint64_t other[] = { 5, 1 };
    const hsize_t three = 3, two = 2, square[2] = { 1, 3 };
    hid_t file = start_file(path), spikes = group_in(file, "spikes");
    hid_t first = group_in(spikes, "v1"), second = group_in(spikes, "lgn");
    write_list(first, "timestamps", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, 1, &three, time);
    write_list(first, "node_ids", H5T_STD_U32LE, H5T_NATIVE_UINT32,
               form == SONATA_RANK ? 2 : 1, form == SONATA_RANK ? square : &three,
               node);
    write_list(first, "extra", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &two, time);
    write_list(second, "timestamps", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, 1, &two, late);
    write_list(second, "node_ids", H5T_STD_U64LE, H5T_NATIVE_UINT64, 1,
               form == SONATA_UNEQUAL ? &(hsize_t){ 1 } : &two, other);
    if (form == SONATA_TEXT)
        write_string(first, "sorting", "by_id");
    if (form == SONATA_ENUM) {
        hid_t type = H5Tenum_create(H5T_NATIVE_UINT8);
        uint8_t value = 1;
        H5Tenum_insert(type, "by_id", &value);
        write_attribute(first, "sorting", type, &value);
        H5Tclose(type);
    }
    if (form == SONATA_UNIT) {
        hid_t dataset = H5Dopen2(first, "timestamps", H5P_DEFAULT);
        write_string(dataset, "units", "fortnights");
        H5Dclose(dataset);
    }
    H5Gclose(second);
    H5Gclose(first);
    H5Gclose(spikes);
    H5Fclose(file);
}

static void sonata_is_read_in_every_form(void)
{
    static const struct source_spike expected[] = {
        { 0, 5, 1, 1 }, { 0, 1, 2, 1 }, { 1, 0, 0.5, 1 }, { 1, 0, 7, 1 }, { 1, 2, 3, 1 }
    };
    char path[512], to[512];
    path_of("sonata.h5", path);
    for (int form = SONATA_PLAIN; form <= SONATA_ENUM; form++) {
        write_sonata(path, form);
        check_spikes(path, "SONATA", expected, 5);
    }
    write_sonata(path, SONATA_UNEQUAL);
    refuse(path, "spikes of lgn: 2 timestamps for 1 node_ids");
    write_sonata(path, SONATA_UNIT);
    refuse(path, "times in 'fortnights'");
    write_sonata(path, SONATA_RANK);
    refuse(path, "node_ids: expected 1 dimensions, found 2");

    /* Sorted by id: the import sorts by time, or says what that takes. */
    struct error err = { 0 };
    struct spike_source source;
    struct import_result result;
    struct import_settings settings = { .sort_bytes = 79 };
    write_sonata(path, SONATA_PLAIN);
    CU_ASSERT_EQUAL_FATAL(spike_source_open(&source, path, &err), OK);
    CU_ASSERT(!source.is_ordered && source.end_ms == 7 && !source.has_end);
    path_of("sorted.h5", to);
    CU_ASSERT_EQUAL(spike_import(&source, to, &settings, &result, &err), ERR_MEMORY);
    CU_ASSERT(access(to, F_OK) < 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "sorting 5 spikes needs"));
    settings.sort_bytes = 80;
    CU_ASSERT_EQUAL(spike_source_rewind(&source, &err), OK);
    CU_ASSERT_EQUAL(spike_import(&source, to, &settings, &result, &err), OK);
    CU_ASSERT(result.dt_ms == 0.1 && result.spikes == 5 && result.slices == 1);
    spike_source_close(&source);
    static const struct source_spike by_time[] = {
        { 1, 0, 0.5, 1 }, { 0, 5, 1, 1 }, { 0, 1, 2, 1 }, { 1, 2, 3, 1 }, { 1, 0, 7, 1 }
    };
    check_spikes(to, "recording", by_time, 5);
}

static void old_sonata_is_read(void)
{
    static const struct source_spike expected[] = { { 0, 4, 1, 1 }, { 0, 2, 2, 1 } };
    const double time[] = { 1, 2 };
    const uint32_t gid[] = { 4, 2 };
    const hsize_t two = 2;
    char path[512];
    hid_t file = start_file(path_of("old.h5", path)), spikes = group_in(file, "spikes");
    write_list(spikes, "timestamps", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &two, time);
    write_list(spikes, "gids", H5T_STD_U32LE, H5T_NATIVE_UINT32, 1, &two, gid);
    H5Gclose(spikes);
    H5Fclose(file);
    check_spikes(path, "SONATA (old)", expected, 2);
}

enum {
    NIR_GOOD,
    NIR_SHAPE,
    NIR_NO_SIZE,
    NIR_KIND,
    NIR_NESTED,
    NIR_NOT_BINARY,
    NIR_FORMS
};

static hid_t start_observable(hid_t nodes, const char *node, const char *name,
                              const char *node_type, const char *type)
{
    hid_t group = group_in(nodes, node), observables = group_in(group, "observables");
    hid_t observable = group_in(observables, name);
    write_string(group, "__type__", node_type);
    write_string(observable, "__type__", type);
    H5Gclose(observables);
    H5Gclose(group);
    return observable;
}

static void write_nirdata(const char *path, int form)
{
    const double time[2][3] = { { 0.001, 0.002, HUGE_VAL }, { 0.0005, 0.004, 1 } };
    const int64_t idx[2][3] = { { 3, 0, -1 }, { 1, 3, -1 } }, neurons = 6;
    const double value[1][2] = { { 2, -3 } }, t_max = 0.01, dt = 0.002;
    const hsize_t events[2] = { 2, 3 }, one[2] = { 1, 2 }, grid[3] = { 1, 2, 3 };
    const int8_t cell[2][3] = { { 0, 1, form == NIR_NOT_BINARY ? 2 : 0 }, { 1, 0, 1 } };
    hid_t file = start_file(path), nodes = group_in(file, "nodes");
    write_string(file, "__type__", "NIRGraphData");
    const char *kind = form == NIR_NESTED ? "NIRGraphData" : "NIRNodeData";
    hid_t a = start_observable(nodes, "a", "spikes", kind,
                               form == NIR_KIND ? "Movie" : "EventData");
    write_list(a, "idx", H5T_STD_I64LE, H5T_NATIVE_INT64, 2,
               form == NIR_SHAPE ? one : events, idx);
    write_list(a, "time", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 2, events, time);
    if (form != NIR_NO_SIZE)
        write_attribute(a, "n_neurons", H5T_NATIVE_INT64, &neurons);
    write_attribute(a, "t_max", H5T_NATIVE_DOUBLE, &t_max);
    hid_t b = start_observable(nodes, "b", "out", "NIRNodeData", "ValuedEventData");
    write_list(b, "idx", H5T_STD_I64LE, H5T_NATIVE_INT64, 2, one, idx);
    write_list(b, "time", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 2, one, time);
    write_list(b, "value", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, 2, one, value);
    write_attribute(b, "n_neurons", H5T_NATIVE_INT64, &neurons);
    write_attribute(b, "t_max", H5T_NATIVE_DOUBLE, &t_max);
    hid_t c = start_observable(nodes, "c", "spikes", "NIRNodeData", "TimeGriddedData");
    /* As h5py writes bool. */
    hid_t type = H5Tenum_create(H5T_STD_I8LE);
    H5Tenum_insert(type, "FALSE", &(int8_t){ 0 });
    H5Tenum_insert(type, "TRUE", &(int8_t){ 1 });
    write_list(c, "data", form == NIR_NOT_BINARY ? H5T_STD_I8LE : type,
               form == NIR_NOT_BINARY ? H5T_NATIVE_INT8 : type, 3, grid, cell);
    H5Tclose(type);
    write_attribute(c, "dt", H5T_NATIVE_DOUBLE, &dt);
    hid_t d = start_observable(nodes, "d", "v", "NIRNodeData", "TimeGriddedData");
    const double voltage[2][3] = { { 0.1 } };
    write_list(d, "data", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 3, grid, voltage);
    write_attribute(d, "dt", H5T_NATIVE_DOUBLE, &dt);
    const hid_t open[] = { a, b, c, d, nodes };
    for (int i = 0; i < 5; i++)
        H5Gclose(open[i]);
    H5Fclose(file);
}

static void nirdata_is_read_in_every_form(void)
{
    /* Samples of 10 ms follow each other; padding and voltages are passed over. */
    static const struct source_spike expected[] = {
        { 0, 3, 1, 1 },  { 0, 0, 2, 1 }, { 0, 1, 10.5, 1 },
        { 0, 3, 14, 1 }, { 1, 3, 1, 2 }, { 1, 0, 2, -3 },
        { 2, 1, 0, 1 },  { 2, 0, 2, 1 }, { 2, 2, 2, 1 },
    };
    static const char *const sentence[NIR_FORMS] = { [NIR_SHAPE] = "differ in shape",
                                                     [NIR_NO_SIZE] = "n_neurons",
                                                     [NIR_KIND] = "'Movie'",
                                                     [NIR_NESTED] = "only flat",
                                                     [NIR_NOT_BINARY] =
                                                         "a grid of spikes holds 2" };
    char path[512];
    path_of("nirdata.h5", path);
    write_nirdata(path, NIR_GOOD);
    check_spikes(path, "NIRData", expected, 9);
    struct error err = { 0 };
    struct spike_source source;
    CU_ASSERT_EQUAL_FATAL(spike_source_open(&source, path, &err), OK);
    CU_ASSERT(source.populations == 3 && source.population[0].neurons == 6 &&
              source.population[2].neurons == 3);
    CU_ASSERT_STRING_EQUAL(source.population[1].name, "b");
    CU_ASSERT(source.end_ms == 20 && source.has_end && source.dt_ms == 2);
    spike_source_close(&source);
    for (int form = NIR_SHAPE; form < NIR_FORMS; form++) {
        write_nirdata(path, form);
        refuse(path, sentence[form]);
    }
}

static void files_without_spikes_are_refused(void)
{
    char path[512];
    const double value = 1;
    hid_t file = start_file(path_of("nothing.h5", path));
    write_list(file, "other", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0, NULL, &value);
    H5Fclose(file);
    refuse(path, "holds no spikes");
    file = start_file(path);
    H5Gclose(group_in(file, "spikes"));
    H5Fclose(file);
    refuse(path, "no population");
    write_text(path, "\x89HDF\r\n\x1a\n and no more");
    refuse(path, "");
}

/* A year between two spikes is two spikes and at most 100,000 slices. */
static void silence_of_a_year_is_imported(void)
{
    char path[512], to[512];
    struct error err = { 0 };
    struct spike_source source;
    struct import_result result;
    struct import_settings settings = { .dt_ms = 0.5 };
    write_text(path_of("year.csv", path), "1,0\n31557600000,3\n");
    CU_ASSERT_EQUAL_FATAL(spike_source_open(&source, path, &err), OK);
    CU_ASSERT_EQUAL(spike_import(&source, path_of("year.h5", to), &settings, &result,
                                 &err),
                    OK);
    CU_ASSERT(result.slices <= 100000 && result.spikes == 2);
    settings.dt_ms = 1e-3;
    CU_ASSERT_EQUAL(spike_source_rewind(&source, &err), OK);
    CU_ASSERT_EQUAL(spike_import(&source, to, &settings, &result, &err), ERR_ARGUMENT);
    spike_source_close(&source);
    static const struct source_spike expected[] = { { 0, 0, 1, 1 },
                                                    { 0, 3, 31557600000, 1 } };
    check_spikes(to, "recording", expected, 2);
}

CU_TestInfo spike_source_tests[] = {
    { "what is exported is imported", what_is_exported_is_imported },
    { "a recording is a source", a_recording_is_a_source },
    { "text is read in every form", text_is_read_in_every_form },
    { "broken text is refused", broken_text_is_refused },
    { "SONATA is read in every form", sonata_is_read_in_every_form },
    { "old SONATA is read", old_sonata_is_read },
    { "NIRData is read in every form", nirdata_is_read_in_every_form },
    { "files without spikes are refused", files_without_spikes_are_refused },
    { "silence of a year is imported", silence_of_a_year_is_imported },
    CU_TEST_INFO_NULL,
};
