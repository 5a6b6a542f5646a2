/* Recordings: what is written is read back, and what is broken is refused. */
#include "encoders/encoder.h"
#include "sim/neuron_totals.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const codes[] = { "ternary", "binary", "bitwise", "graded" };
enum { CODES = sizeof codes / sizeof codes[0], TOKENS = 37, CHANNELS = 50 };

static void bins_cover_every_count(void)
{
    static const struct {
        int32_t count;
        unsigned bin;
    } known[] = { { 0, 0 },          { 1, 1 },         { -7, 7 },    { 8, 8 },
                  { 15, 8 },         { -16, 9 },       { 31, 9 },    { 32, 10 },
                  { 63, 10 },        { 64, 11 },       { -127, 11 }, { 128, 12 },
                  { INT32_MAX, 12 }, { INT32_MIN, 12 } };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        CU_ASSERT_EQUAL(count_bin(known[i].count), known[i].bin);
}

static void compare_info(const struct recording *found,
                         const struct recording_plan *plan)
{
    CU_ASSERT_EQUAL(found->populations, plan->populations);
    CU_ASSERT_EQUAL(found->neurons, plan->neurons);
    CU_ASSERT_EQUAL(found->channels, plan->channels);
    CU_ASSERT_EQUAL(memcmp(found->population, plan->population,
                           plan->populations * sizeof *plan->population),
                    0);
    CU_ASSERT_STRING_EQUAL(found->info.command, plan->info.command);
    CU_ASSERT_STRING_EQUAL(found->info.config, plan->info.config);
    CU_ASSERT_STRING_EQUAL(found->info.model, plan->info.model);
    CU_ASSERT_EQUAL(found->info.seed, plan->info.seed);
    CU_ASSERT_EQUAL(found->info.model_size, plan->info.model_size);
    CU_ASSERT_EQUAL(found->info.model_modified, plan->info.model_modified);
    CU_ASSERT_EQUAL(found->info.threads, plan->info.threads);
    CU_ASSERT_EQUAL(found->info.dt_ms, plan->info.dt_ms);
}

static bool same_counters(const struct site_counters *a, const struct site_counters *b)
{
    return (a->threshold == b->threshold ||
            (isnan(a->threshold) && isnan(b->threshold))) &&
           memcmp(a->n, b->n, sizeof a->n) == 0;
}

/* The token that `synthetic` made last against row `token` of the file. */
static bool same_token(const struct recording *found, uint64_t token,
                       const struct synthetic *synthetic, struct error *err)
{
    struct site_counters site[4];
    struct host_cost host;
    uint32_t steps, position;
    int32_t id;
    int32_t *count = calloc(found->channels, sizeof *count);
    struct token_column column = { .id = &id, .steps = &steps, .position = &position };
    bool same = count && recording_read_counters(found, token, 1, site, err) == OK &&
                recording_read_host(found, token, 1, &host, err) == OK &&
                recording_read_tokens(found, token, 1, &column, err) == OK &&
                memcmp(&host, &synthetic->host, sizeof host) == 0 &&
                id == synthetic->id && steps == synthetic->steps && position == token;
    for (uint32_t i = 0; same && i < found->populations; i++)
        same = same_counters(&site[i], &synthetic->site[i]);
    if (same && found->has_counts)
        same = recording_read_counts(found, token, count, err) == OK &&
               memcmp(count, synthetic->count, found->channels * sizeof *count) == 0;
    free(count);
    return same;
}

static void what_is_written_is_read_back(void)
{
    struct error err = { 0 };
    for (int code = 0; code < CODES; code++) {
        for (int kept = 0; kept < 4; kept++) {
            const char *path = temporary_path("round.h5");
            bool counts = kept & 1, spikes = kept & 2;
            struct synthetic synthetic;
            struct recording found;
            CU_ASSERT_EQUAL_FATAL(synthetic_write(path, codes[code], CHANNELS, TOKENS,
                                                  counts, spikes, &err),
                                  OK);
            CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
            CU_ASSERT(
                synthetic_init(&synthetic, codes[code], CHANNELS, counts, spikes));
            compare_info(&found, &synthetic.plan);
            CU_ASSERT_EQUAL(found.tokens, TOKENS);
            CU_ASSERT_EQUAL(found.state, RECORDING_FINISHED);
            CU_ASSERT_STRING_EQUAL(found.model_sha256, "abc");
            CU_ASSERT(found.end[0] && !found.was_repaired && !found.is_live);
            CU_ASSERT(found.has_counts == counts && found.has_spikes == spikes);
            for (uint64_t token = 0; token < TOKENS; token++) {
                synthetic_next(&synthetic);
                CU_ASSERT(same_token(&found, token, &synthetic, &err));
            }
            recording_close_reader(&found);
            synthetic_release(&synthetic);
        }
    }
}

static void text_and_clock_follow_the_tokens(void)
{
    struct error err = { 0 };
    struct recording found;
    uint64_t start[TOKENS], offset[TOKENS + 1];
    uint32_t steps[TOKENS];
    unsigned char kind[TOKENS];
    double log_probability[TOKENS];
    struct token_column column = { .start_step = start,
                                   .steps = steps,
                                   .kind = kind,
                                   .log_probability = log_probability,
                                   .text_offset = offset };
    char text[16] = "";
    const char *path = temporary_path("text.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 8, TOKENS, false, false,
                                          &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT_EQUAL(recording_read_tokens(&found, 0, TOKENS, &column, &err), OK);
    uint64_t clock = 0;
    for (int i = 0; i < TOKENS; i++) {
        CU_ASSERT_EQUAL(start[i], clock);
        CU_ASSERT_EQUAL(kind[i], i > 2);
        clock += steps[i];
    }
    CU_ASSERT(isnan(log_probability[0]) && log_probability[9] == -4.5);
    CU_ASSERT_EQUAL(recording_read_text(&found, offset[36], offset[37], text, &err),
                    OK);
    CU_ASSERT_STRING_EQUAL(text, " t36");
    CU_ASSERT_EQUAL(recording_read_text(&found, 0, offset[37] + 1, text, &err),
                    ERR_FORMAT);
    CU_ASSERT_EQUAL(recording_read_tokens(&found, 1, TOKENS, &column, &err),
                    ERR_ARGUMENT);
    recording_close_reader(&found);
}

/* Stored spikes and those expanded from counts are the same, and decode to the
 * counts. */
static void expansion_equals_stored_spikes(void)
{
    struct error err = { 0 };
    for (int code = 0; code < CODES; code++) {
        char stored_path[256];
        strcpy(stored_path, temporary_path("stored.h5"));
        const char *path = temporary_path("counts.h5");
        struct recording stored, counts;
        CU_ASSERT_EQUAL_FATAL(synthetic_write(stored_path, codes[code], 300, 20, true,
                                              true, &err),
                              OK);
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path, codes[code], 300, 20, true, false,
                                              &err),
                              OK);
        CU_ASSERT_EQUAL_FATAL(recording_open(&stored, stored_path, &err), OK);
        CU_ASSERT_EQUAL_FATAL(recording_open(&counts, path, &err), OK);
        uint64_t total = 0;
        for (uint64_t token = 0; token < 20; token++) {
            struct recorded_spike *one, *other;
            size_t length, other_length;
            CU_ASSERT_EQUAL_FATAL(recording_expand(&stored, token, &one, &length, &err),
                                  OK);
            CU_ASSERT_EQUAL_FATAL(recording_expand(&counts, token, &other,
                                                   &other_length, &err),
                                  OK);
            CU_ASSERT_EQUAL(length, other_length);
            size_t differ = 0, unordered = 0;
            for (size_t i = 0; i < length && i < other_length; i++) {
                differ += one[i].node != other[i].node ||
                          one[i].step != other[i].step ||
                          one[i].worth != other[i].worth;
                unordered += i > 0 && (one[i].step < one[i - 1].step ||
                                       (one[i].step == one[i - 1].step &&
                                        one[i].node <= one[i - 1].node));
            }
            CU_ASSERT_EQUAL(differ, 0);
            CU_ASSERT_EQUAL(unordered, 0);
            total += length;
            free(one);
            free(other);
        }
        CU_ASSERT_EQUAL(total, stored.spikes);
        recording_close_reader(&counts);
        recording_close_reader(&stored);
    }
}

static void totals_are_summed_anew_when_stale(void)
{
    struct error err = { 0 };
    struct synthetic synthetic;
    struct recording found;
    struct neuron_totals expected;
    const char *path = temporary_path("totals.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "bitwise", CHANNELS, TOKENS, true,
                                          false, &err),
                          OK);
    CU_ASSERT(synthetic_init(&synthetic, "bitwise", CHANNELS, true, false));
    CU_ASSERT_EQUAL(neuron_totals_init(&expected, synthetic.population, 4, true, &err),
                    OK);
    for (int token = 0; token < TOKENS; token++) {
        synthetic_next(&synthetic);
        for (uint32_t i = 0; i < 4; i++)
            neuron_totals_add(&expected, i,
                              synthetic.count + synthetic.population[i].first_channel,
                              (unsigned)synthetic.site[i].n[COUNT_STEPS]);
    }
    neuron_totals_settle(&expected);
    size_t channels = synthetic.plan.channels;
    uint64_t *fired = calloc(channels * (COUNT_BINS + 2), sizeof *fired);
    uint64_t *spikes = fired + channels, *histogram = spikes + channels;
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT_EQUAL(found.totals_tokens, 0);
    CU_ASSERT_EQUAL(recording_read_totals(&found, fired, spikes, histogram, &err), OK);
    CU_ASSERT_EQUAL(memcmp(fired, expected.tokens_fired, channels * 8), 0);
    CU_ASSERT_EQUAL(memcmp(spikes, expected.spikes, channels * 8), 0);
    CU_ASSERT_EQUAL(memcmp(histogram, expected.histogram, channels * COUNT_BINS * 8),
                    0);
    free(fired);
    recording_close_reader(&found);
    neuron_totals_release(&expected);
    synthetic_release(&synthetic);
}

/* The steps of a token are those that its largest count needs; this one needs more. */
static void counts_that_do_not_fit_are_refused(void)
{
    for (int code = 0; code < CODES; code++) {
        struct error err = { 0 };
        struct recording found;
        struct recorded_spike *spike;
        size_t length;
        const char *path = temporary_path("spoilt.h5");
        if (encoder_find(codes[code])->is_graded) /* any count fits its one step */
            continue;
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path, codes[code], 8, 20, true, false,
                                              &err),
                              OK);
        CU_ASSERT(synthetic_spoil(path, "counts/values", 7, 127));
        CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
        CU_ASSERT_EQUAL(recording_expand(&found, 7, &spike, &length, &err), ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a count of 127 does not fit"));
        recording_close_reader(&found);
    }
}

/* Opening gives a sentence or, when the damage spares it, a recording that can be read;
 * never a crash. */
static void try_to_read(const char *path, enum error_code expected)
{
    struct error err = { 0 };
    struct recording found;
    enum error_code code = recording_open(&found, path, &err);
    if (expected != OK)
        CU_ASSERT_EQUAL(code, expected);
    if (code != OK) {
        CU_ASSERT(strlen(err.text) > strlen(path) + 5 && !strchr(err.text, '\n'));
        return;
    }
    for (uint64_t token = 0; token < found.tokens; token++) {
        struct recorded_spike *spike = NULL;
        size_t length;
        if (recording_expand(&found, token, &spike, &length, &err) == OK)
            free(spike);
    }
    recording_close_reader(&found);
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void truncated_files_are_refused_or_read(void)
{
    struct error err = { 0 };
    static char bytes[1 << 22];
    CU_ASSERT_EQUAL_FATAL(synthetic_write(temporary_path("whole.h5"), "ternary", 20, 20,
                                          true, true, &err),
                          OK);
    FILE *file = fopen(temporary_path("whole.h5"), "rb");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose(file);
    CU_ASSERT(size > 10000 && size < sizeof bytes);
    for (size_t cut = 0; cut < size; cut += cut < 2000 ? 97 : size / 60) {
        write_bytes(temporary_path("cut.h5"), bytes, cut);
        try_to_read(temporary_path("cut.h5"), ERR_FORMAT);
    }
}

static void other_files_are_refused(void)
{
    static const char text[] = "not an HDF5 file, whatever its name says";
    write_bytes(temporary_path("other.h5"), text, sizeof text);
    try_to_read(temporary_path("other.h5"), ERR_FORMAT);
    try_to_read(temporary_path("none.h5"), ERR_IO);
    hid_t file =
        H5Fcreate(temporary_path("empty.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    try_to_read(temporary_path("empty.h5"), ERR_FORMAT);
}

/* Replaces a dataset by one of another shape or type. */
static void spoil(const char *path, const char *name, hid_t type, int rank,
                  const hsize_t *extent)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    CU_ASSERT_FATAL(file >= 0);
    CU_ASSERT(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    if (rank >= 0) {
        hid_t space =
            rank ? H5Screate_simple(rank, extent, NULL) : H5Screate(H5S_SCALAR);
        hid_t dataset =
            H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        CU_ASSERT(dataset >= 0);
        H5Dclose(dataset);
        H5Sclose(space);
    }
    H5Fclose(file);
}

static void wrong_shapes_are_refused(void)
{
    static const char *const names[] = {
        "tokens/id",      "tokens/text",   "by_token/silent",      "by_token/threshold",
        "host/attention", "counts/values", "counts/overflow",      "run/status",
        "run/config",     "populations",   "spikes/model/node_ids"
    };
    struct error err = { 0 };
    const hsize_t extent[3] = { 20, 3, 2 };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int rank = -1; rank <= 3; rank++) {
            bool list = i < 2 || i == 6 || i >= 9, scalar = i == 7 || i == 8;
            const char *path = temporary_path("spoilt.h5");
            CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 20, 20, true, true,
                                                  &err),
                                  OK);
            spoil(path, names[i], H5T_NATIVE_INT, rank, extent);
            /* Of the right shape, a list of numbers may even pass. */
            bool fits = (list && rank == 1) || (scalar && rank == 0);
            try_to_read(path, fits ? OK : ERR_FORMAT);
        }
    }
}

static void unwritable_paths_leave_nothing(void)
{
    struct error err = { 0 };
    struct synthetic synthetic;
    struct recording_writer *writer = NULL;
    CU_ASSERT(synthetic_init(&synthetic, "ternary", 8, true, false));
    CU_ASSERT_EQUAL(recording_create(&writer, "/nonexistent/folder/run.h5",
                                     &synthetic.plan, &err),
                    ERR_IO);
    CU_ASSERT_PTR_NULL(writer);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file or directory"));
    synthetic.plan.populations = 0;
    CU_ASSERT_EQUAL(recording_create(&writer, temporary_path("no.h5"), &synthetic.plan,
                                     &err),
                    ERR_ARGUMENT);
    CU_ASSERT(access(temporary_path("no.h5"), F_OK) < 0);
    CU_ASSERT(access(temporary_path("no.h5.partial"), F_OK) < 0);
    CU_ASSERT_EQUAL(recording_close(NULL, RECORDING_FAILED, "", &err), OK);
    synthetic_release(&synthetic);
}

CU_TestInfo recording_tests[] = {
    { "bins cover every count", bins_cover_every_count },
    { "what is written is read back", what_is_written_is_read_back },
    { "text and clock follow the tokens", text_and_clock_follow_the_tokens },
    { "expansion equals stored spikes", expansion_equals_stored_spikes },
    { "totals are summed anew when stale", totals_are_summed_anew_when_stale },
    { "counts that do not fit are refused", counts_that_do_not_fit_are_refused },
    { "truncated files are refused or read", truncated_files_are_refused_or_read },
    { "other files are refused", other_files_are_refused },
    { "wrong shapes are refused", wrong_shapes_are_refused },
    { "unwritable paths leave nothing", unwritable_paths_leave_nothing },
    CU_TEST_INFO_NULL,
};
