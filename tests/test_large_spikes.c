/* Files larger than the memory allowed, and what the tokens of a recording tell. */
#include "sim/spike_import.h"
#include "sim/spike_source.h"
#include "sim/spike_statistics.h"
#include "sim/token_statistics.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <gsl/gsl_statistics_double.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not 0: at _exit(0) LeakSanitizer looks for leaks. */
enum { CHILD_GOOD = 42, NEURONS = 1000, SPIKES = 4000000, PIECE = 50000 };

#if defined(__SANITIZE_ADDRESS__)
enum { KEEPS_FREED = 1 };
#else
enum { KEEPS_FREED = 0 };
#endif

/* 64 MB of SONATA: neuron i % NEURONS at i / 100 ms. */
static void write_large(const char *path)
{
    static double time[PIECE];
    static uint64_t node[PIECE];
    const hsize_t all = SPIKES, part = PIECE;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    hid_t space = H5Screate_simple(1, &all, NULL);
    hid_t memory = H5Screate_simple(1, &part, NULL);
    hid_t times = H5Dcreate2(file, "spikes/net/timestamps", H5T_NATIVE_DOUBLE, space,
                             links, H5P_DEFAULT, H5P_DEFAULT);
    hid_t nodes = H5Dcreate2(file, "spikes/net/node_ids", H5T_NATIVE_UINT64, space,
                             links, H5P_DEFAULT, H5P_DEFAULT);
    bool good = true;
    for (hsize_t first = 0; first < all; first += part) {
        for (hsize_t i = 0; i < part; i++) {
            time[i] = (double)(first + i) / 100;
            node[i] = (first + i) % NEURONS;
        }
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &part, NULL);
        good =
            good &&
            H5Dwrite(times, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, time) >= 0 &&
            H5Dwrite(nodes, H5T_NATIVE_UINT64, memory, space, H5P_DEFAULT, node) >= 0;
    }
    CU_ASSERT_FATAL(good);
    H5Dclose(nodes);
    H5Dclose(times);
    H5Sclose(memory);
    H5Sclose(space);
    H5Pclose(links);
    H5Fclose(file);
}

static bool count_all(const char *path)
{
    static struct source_spike spike[1024];
    struct error err = { 0 };
    struct spike_source source;
    struct spike_statistics *statistics;
    struct population_statistics result;
    const struct spike_statistics_settings settings = { .seed = 1 };
    size_t count;
    if (spike_source_open(&source, path, &err) != OK ||
        spike_statistics_create(&statistics, &source.population[0].neurons, 1,
                                &settings, &err) != OK)
        return false;
    while (spike_source_read(&source, spike, 1024, &count, &err) == OK && count > 0)
        for (size_t i = 0; i < count; i++)
            if (!spike_statistics_add(statistics, 0, spike[i].neuron, spike[i].time_ms))
                return false;
    if (spike_statistics_finish(statistics, source.end_ms, &result, &err) != OK)
        return false;
    /* Every neuron fires every 10 ms. */
    return result.spikes == SPIKES && result.cv < 1e-6 && result.is_ordered;
}

/* The child may take a quarter of the file more than it has. */
static void memory_does_not_grow_with_spikes(void)
{
    if (KEEPS_FREED) {
        printf("    skipped: the address sanitizer keeps what is freed\n");
        return;
    }
    char path[512];
    long pages = 0;
    int status = 0;
    snprintf(path, sizeof path, "%s", temporary_path("large.h5"));
    write_large(path);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        FILE *statm = fopen("/proc/self/statm", "r");
        if (!statm || fscanf(statm, "%ld", &pages) != 1)
            _exit(1);
        fclose(statm);
        rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (16 << 20);
        if (setrlimit(RLIMIT_AS, &(struct rlimit){ most, most }) != 0)
            _exit(2);
        _exit(count_all(path) ? CHILD_GOOD : 3);
    }
    CU_ASSERT_FATAL(child > 0);
    waitpid(child, &status, 0);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_GOOD);
    unlink(path);
}

enum { TOKENS = 300, CHANNELS = 20 };

/* Against the whole table of counts, and GSL's correlation over all tokens at once. */
static void tokens_tell_of_dead_channels_and_surprisal(void)
{
    struct error err = { 0 };
    struct recording recording;
    struct token_statistics found;
    const char *path = temporary_path("tokens.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", CHANNELS, TOKENS, true,
                                          false, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(&recording, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(token_statistics_read(&found, &recording, &err), OK);
    CU_ASSERT(found.tokens == TOKENS && found.distinct == TOKENS);
    CU_ASSERT_EQUAL(found.surprisal.tokens, TOKENS - 1); /* the first is not known */
    CU_ASSERT(isnan(found.frequency.spikes)); /* every token once: nothing varies */

    static double surprisal[TOKENS], spikes[TOKENS], silent[TOKENS];
    int32_t *count = malloc((size_t)recording.channels * sizeof *count);
    unsigned *fired = calloc((size_t)recording.channels, sizeof *fired);
    CU_ASSERT_FATAL(count && fired);
    for (uint64_t token = 0; token < TOKENS; token++) {
        struct site_counters site[4];
        struct token_column column = { .log_probability = &surprisal[token] };
        CU_ASSERT_EQUAL(recording_read_tokens(&recording, token, 1, &column, &err), OK);
        CU_ASSERT_EQUAL(recording_read_counters(&recording, token, 1, site, &err), OK);
        CU_ASSERT_EQUAL(recording_read_counts(&recording, token, count, &err), OK);
        surprisal[token] *= -1 / log(2);
        for (uint32_t p = 0; p < 4; p++)
            spikes[token] += (double)site[p].n[COUNT_SPIKES];
        for (uint64_t c = 0; c < recording.channels; c++) {
            silent[token] += (double)(count[c] == 0) / (double)recording.channels;
            fired[c] += count[c] != 0;
        }
    }
    /* Two ways to sum 299 numbers in double. */
    CU_ASSERT_DOUBLE_EQUAL(found.surprisal.spikes,
                           gsl_stats_correlation(surprisal + 1, 1, spikes + 1, 1,
                                                 TOKENS - 1),
                           1e-12);
    CU_ASSERT_DOUBLE_EQUAL(found.surprisal.silent,
                           gsl_stats_correlation(surprisal + 1, 1, silent + 1, 1,
                                                 TOKENS - 1),
                           1e-12);
    CU_ASSERT(found.has_shares);
    for (uint32_t p = 0; p < 4; p++) {
        const struct population_info *population = &recording.population[p];
        struct firing_share expected = { .channels = population->channels };
        for (uint64_t c = 0; c < population->channels; c++) {
            unsigned times = fired[population->first_channel + c];
            expected.dead += times == 0;
            expected.rare += 100 * times < TOKENS;
            expected.always += 100 * times > 99 * TOKENS;
        }
        CU_ASSERT_EQUAL(memcmp(&found.share[p], &expected, sizeof expected), 0);
    }
    free(fired);
    free(count);
    token_statistics_release(&found);
    recording_close_reader(&recording);
}

/* Silent for ever, for 299 of 300 tokens, and never. */
static void dead_rare_and_constant_channels_are_told_apart(void)
{
    enum { ROWS = 300 };
    const struct population_info population = { .name = "site",
                                                .role = "site",
                                                .layer = 0,
                                                .size = 4,
                                                .channels = 4,
                                                .neuron = "if",
                                                .encoder = "graded" };
    struct recording_plan plan = { .population = &population,
                                   .populations = 1,
                                   .neurons = 4,
                                   .channels = 4,
                                   .counts = true };
    struct recording_writer *writer;
    struct recording recording;
    struct token_statistics found;
    struct error err = { 0 };
    const char *path = temporary_path("shares.h5");
    plan.info.dt_ms = 1;
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &plan, &err), OK);
    for (uint32_t token = 0; token < ROWS; token++) {
        const bool is_common = token % 3 == 0;
        const int32_t id = is_common ? 5 : 7 + (int32_t)token;
        const double log_probability = is_common ? -1 : -4;
        const int8_t count[4] = { 0, token == 9, 1, (int8_t)(is_common ? 1 : 3) };
        const struct site_counters site = { .threshold = 1,
                                            .n[COUNT_STEPS] = 1,
                                            .n[COUNT_SPIKES] = is_common ? 3 : 9,
                                            .n[COUNT_SILENT] = 1 + (token != 9) };
        const struct host_cost host = { .cache_bytes = 0 };
        const struct token_batch batch = { .tokens = 1,
                                           .id = &id,
                                           .kind = (const unsigned char[]){ 0 },
                                           .sequence = &(uint32_t){ 0 },
                                           .position = &token,
                                           .steps = &(uint32_t){ 1 },
                                           .log_probability = &log_probability,
                                           .text = "",
                                           .text_length = &(uint64_t){ 0 },
                                           .site = &site,
                                           .host = &host,
                                           .count = count };
        CU_ASSERT_EQUAL(recording_append(writer, &batch, &err), OK);
    }
    CU_ASSERT_EQUAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(&recording, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(token_statistics_read(&found, &recording, &err), OK);
    CU_ASSERT(found.share[0].channels == 4 && found.share[0].dead == 1 &&
              found.share[0].rare == 2 && found.share[0].always == 2);
    CU_ASSERT_EQUAL(found.distinct, 201);
    /* Two values on either side: all or nothing, up to rounding. */
    CU_ASSERT_DOUBLE_EQUAL(found.surprisal.spikes, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(found.frequency.spikes, -1, 1e-12);
    token_statistics_release(&found);
    recording_close_reader(&recording);
}

CU_TestInfo large_spikes_tests[] = {
    { "memory does not grow with spikes", memory_does_not_grow_with_spikes },
    { "tokens tell of dead channels and surprisal",
      tokens_tell_of_dead_channels_and_surprisal },
    { "dead, rare and constant channels are told apart",
      dead_rare_and_constant_channels_are_told_apart },
    CU_TEST_INFO_NULL,
};
