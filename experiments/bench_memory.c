/* Reading memory as fast as the threads can: the limit that weights which do not fit a
 * cache cannot pass. */
#include "experiments/bench.h"

#include "base/progress.h"

#include <stdio.h>
#include <string.h>

enum {
    WORDS = 8,
    AHEAD = 512, /* words */
    MEGABYTE = 1 << 20,
    CACHE = MEGABYTE, /* which fits some cache of a core */
    TRAFFIC = 1 << 30,
};

struct memory_pass {
    const uint64_t *word;
    size_t bytes;
    int threads;
};

/* Eight sums: one alone would wait for itself. Where it may help, what comes 4 KB later is
 * asked for. */
static uint64_t sum_words(const uint64_t *word, size_t words, bool asks)
{
    uint64_t sum[WORDS] = { 0 }, all = 0;
    for (size_t i = 0; i + WORDS <= words; i += WORDS) {
        if (asks)
            __builtin_prefetch(word + i + AHEAD, 0, 2);
        for (size_t j = 0; j < WORDS; j++)
            sum[j] += word[i + j];
    }
    for (size_t j = 0; j < WORDS; j++)
        all ^= sum[j];
    return all;
}

static enum error_code read_all(const struct entrant *entrant,
                                double figure[BENCH_FIGURES], struct error *err)
{
    (void)err;
    const struct memory_pass *pass = entrant->context;
    size_t passes = TRAFFIC / pass->bytes;
    size_t words = pass->bytes / sizeof(uint64_t) / (size_t)pass->threads;
    uint64_t all = 0;
    double started = clock_seconds();
#pragma omp parallel for num_threads(pass->threads) reduction(^ : all)
    for (int thread = 0; thread < pass->threads; thread++)
        for (size_t n = 0; n < passes; n++)
            all ^= sum_words(pass->word + (size_t)thread * words, words,
                             pass->bytes > CACHE) +
                   n;
    double seconds = clock_seconds() - started;
    /* The sum is used, so that reading cannot be left out. */
    figure[0] = (double)(passes * pass->bytes) / seconds / 1e9 + (all == 1 ? 1e-9 : 0);
    return OK;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    static const unsigned megabytes[] = { 1, 16, 128, 1024 };
    enum { SIZES = sizeof megabytes / sizeof megabytes[0] };
    struct memory_pass pass[2 * SIZES];
    struct entrant entrant[2 * SIZES];
    size_t count = 0, most = (size_t)megabytes[SIZES - 1] * MEGABYTE;
    struct arena arena = { 0 }; /* in huge pages, as weights are */
    uint64_t *word = arena_array(&arena, most, 1);
    if (!word)
        return error_memory(err, "a gigabyte to read", (double)most);
    memset(word, 1, most);
    for (size_t i = 0; i < SIZES; i++)
        for (int threads = 1; threads <= bench->session.threads; threads *= 2) {
            if (threads > 1 && threads * 2 <= bench->session.threads)
                continue; /* one, and all */
            pass[count] =
                (struct memory_pass){ word, (size_t)megabytes[i] * MEGABYTE, threads };
            entrant[count] =
                (struct entrant){ .context = &pass[count], .time = read_all };
            snprintf(entrant[count].name, sizeof entrant[count].name,
                     "%u MB, %d thread%s", megabytes[i], threads,
                     threads > 1 ? "s" : "");
            count++;
        }
    if (bench_turns(entrant, count, bench->rounds, err) == OK)
        for (size_t i = 0; i < count; i++)
            json_array_append_new(rows, bench_row(&entrant[i]));
    arena_free(&arena);
    return err->code;
}

static const struct column columns[] = {
    { "name", "read from", -24, -1, false },
    { "median", "GB/s", 8, 1, false },
    { "lowest", "lowest", 8, 1, false },
    { "highest", "highest", 8, 1, false },
    { 0 },
};

const struct bench_section bench_memory = {
    .name = "memory",
    .summary = "reading memory of several sizes",
    .columns = columns,
    .run = run,
};
