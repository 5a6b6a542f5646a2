/* Exports: every spike, once, in order; and other tools read them. */
#include "sim/export.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKENS = 12, CHANNELS = 200 };

/* Opens a recording of counts, and one with spikes, in turn. */
static void open_synthetic(struct recording *recording, bool spikes)
{
    struct error err = { 0 };
    const char *path = temporary_path("source.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "binary", CHANNELS, TOKENS, !spikes,
                                          spikes, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(recording, path, &err), OK);
}

static void lines_hold_every_spike(void)
{
    struct recording recording;
    struct error err = { 0 };
    open_synthetic(&recording, false);
    const char *path = temporary_path("spikes.csv");
    CU_ASSERT_EQUAL_FATAL(export_csv(&recording, path, &err), OK);
    FILE *file = fopen(path, "r");
    char line[200], population[32];
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(line, sizeof line, file));
    CU_ASSERT_STRING_EQUAL(line, "timestamp_ms,node_id,population,channel,token,step,"
                                 "worth\n");
    uint64_t wrong = 0;
    for (uint64_t token = 0; token < TOKENS; token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        uint64_t start;
        struct token_column column = { .start_step = &start };
        CU_ASSERT_EQUAL(recording_expand(&recording, token, &spike, &length, &err), OK);
        CU_ASSERT_EQUAL(recording_read_tokens(&recording, token, 1, &column, &err), OK);
        for (size_t i = 0; i < length && fgets(line, sizeof line, file); i++) {
            double timestamp;
            unsigned long long node, channel, from;
            unsigned step;
            int worth,
                fields = sscanf(line, "%lf,%llu,%31[^,],%llu,%llu,%u,%d", &timestamp,
                                &node, population, &channel, &from, &step, &worth);
            bool is_first = node < 2 * CHANNELS;
            wrong += fields != 7 || node != spike[i].node || step != spike[i].step ||
                     worth != spike[i].worth || from != token ||
                     timestamp != (double)(start + step) ||
                     is_first != (strcmp(population, "L00.attn_in") == 0) ||
                     (is_first && channel != node / 2);
        }
        free(spike);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_PTR_NULL(fgets(line, sizeof line, file));
    fclose(file);
    recording_close_reader(&recording);
}

static uint64_t read_list(const char *path, const char *name, hid_t type, void *values,
                          uint64_t room)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    uint64_t rows = (uint64_t)H5Sget_simple_extent_npoints(space);
    if (rows <= room)
        CU_ASSERT(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    return rows;
}

static void sonata_holds_every_spike_by_time(void)
{
    enum { ROOM = 1 << 16 };
    static double timestamp[2][ROOM];
    static uint64_t node[2][ROOM];
    struct recording recording;
    struct error err = { 0 };
    uint64_t rows[2];
    for (int spikes = 0; spikes < 2; spikes++) {
        open_synthetic(&recording, spikes);
        const char *path = temporary_path("spikes.h5");
        CU_ASSERT_EQUAL_FATAL(export_sonata(&recording, path, &err), OK);
        rows[spikes] = read_list(path, "spikes/model/timestamps", H5T_NATIVE_DOUBLE,
                                 timestamp[spikes], ROOM);
        CU_ASSERT_EQUAL(read_list(path, "spikes/model/node_ids", H5T_NATIVE_UINT64,
                                  node[spikes], ROOM),
                        rows[spikes]);
        recording_close_reader(&recording);
    }
    CU_ASSERT(rows[0] == rows[1] && rows[0] > 1000 && rows[0] < ROOM);
    uint64_t unordered = 0;
    for (uint64_t i = 1; i < rows[0]; i++)
        unordered += timestamp[0][i] < timestamp[0][i - 1];
    CU_ASSERT_EQUAL(unordered, 0);
    CU_ASSERT_EQUAL(memcmp(timestamp[0], timestamp[1], rows[0] * 8), 0);
    CU_ASSERT_EQUAL(memcmp(node[0], node[1], rows[0] * 8), 0);
}

static void libsonata_reads_recordings_and_exports(void)
{
    if (system("python3 -c 'import libsonata' 2> /dev/null") != 0) {
        printf("    skipped: libsonata is not installed\n");
        return;
    }
    static const char script[] =
        "import sys, libsonata\n"
        "for path in sys.argv[2:]:\n"
        "    model = libsonata.SpikeReader(path)['model']\n"
        "    spikes = model.get()\n"
        "    assert model.sorting == 'by_time', model.sorting\n"
        "    assert len(spikes) == int(sys.argv[1]), len(spikes)\n"
        "    assert spikes == sorted(spikes, key=lambda spike: spike[1])\n";
    struct recording recording;
    struct error err = { 0 };
    char path[256], command[2000];
    open_synthetic(&recording, true);
    strcpy(path, temporary_path("spikes.h5"));
    CU_ASSERT_EQUAL_FATAL(export_sonata(&recording, path, &err), OK);
    snprintf(command, sizeof command, "python3 -c \"%s\" %llu '%s' '%s'", script,
             (unsigned long long)recording.spikes, path, temporary_path("source.h5"));
    recording_close_reader(&recording);
    CU_ASSERT_EQUAL(system(command), 0);
}

/* From the root of the tree, where the tests run. */
static void recipes_run_on_a_recording(void)
{
    struct error err = { 0 };
    char command[300];
    if (access("tests/test_recipes.sh", X_OK) < 0) {
        printf("    skipped: not in the folder of the sources\n");
        return;
    }
    const char *path = temporary_path("recipes.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", CHANNELS, TOKENS, true,
                                          false, &err),
                          OK);
    fflush(stdout);
    snprintf(command, sizeof command, "tests/test_recipes.sh '%s'", path);
    CU_ASSERT_EQUAL(system(command), 0);
}

static void failures_leave_no_file(void)
{
    static const char path[] = "/nonexistent/folder/spikes";
    struct recording recording;
    struct error err = { 0 };
    open_synthetic(&recording, true);
    CU_ASSERT_EQUAL(export_csv(&recording, path, &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file or directory"));
    CU_ASSERT_EQUAL(export_sonata(&recording, path, &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file or directory"));
    recording_close_reader(&recording);

    /* Neither counts nor spikes: refused, and what stood at the path stays. */
    const char *out = temporary_path("kept.csv");
    FILE *file = fopen(out, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("kept\n", file);
    fclose(file);
    char from[256];
    strcpy(from, temporary_path("counters.h5"));
    CU_ASSERT_EQUAL_FATAL(synthetic_write(from, "ternary", 8, 3, false, false, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(&recording, from, &err), OK);
    CU_ASSERT_EQUAL(export_csv(&recording, temporary_path("kept.csv"), &err),
                    ERR_ARGUMENT);
    recording_close_reader(&recording);
    CU_ASSERT(access(temporary_path("kept.csv.partial"), F_OK) < 0);
    CU_ASSERT(access(temporary_path("kept.csv"), F_OK) == 0);
}

CU_TestInfo export_tests[] = {
    { "lines hold every spike", lines_hold_every_spike },
    { "sonata holds every spike by time", sonata_holds_every_spike_by_time },
    { "libsonata reads recordings and exports",
      libsonata_reads_recordings_and_exports },
    { "recipes run on a recording", recipes_run_on_a_recording },
    { "failures leave no file", failures_leave_no_file },
    CU_TEST_INFO_NULL,
};
