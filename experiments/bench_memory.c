/* Reading memory as fast as the threads can: the limit that weights which do not fit a
 * cache cannot pass. */
#include "experiments/bench.h"

#include "base/progress.h"
#include "experiments/line_sums.h"

#include <stdio.h>
#include <string.h>

enum {
    AHEAD = 4096, /* bytes asked for before they are read ... */
    MEGABYTE = 1 << 20,
    CACHE = MEGABYTE, /* ... of more than fits some cache of a core */
    TRAFFIC = 1 << 30,
};

struct memory_pass {
    const char *memory;
    size_t bytes;
    int threads;
};

static enum error_code read_all(const struct entrant *entrant,
                                double figure[BENCH_FIGURES], struct error *err)
{
    (void)err;
    const struct memory_pass *pass = entrant->context;
    size_t passes = TRAFFIC / pass->bytes;
    const size_t part = pass->bytes / (size_t)pass->threads;
    uint64_t all = 0;
    double started = clock_seconds();
#pragma omp parallel for num_threads(pass->threads) reduction(^ : all)
    for (int thread = 0; thread < pass->threads; thread++) {
        const char *from = pass->memory + (size_t)thread * part;
        const char *later = pass->bytes > CACHE ? from + AHEAD : NULL;
        struct line_sums sums = { { 0 } };
        for (size_t n = 0; n < passes; n++)
            line_sums_add(&sums, from, later, part);
        all ^= line_sums_fold(&sums);
    }
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
    char *memory = arena_array(&arena, most, 1);
    if (!memory)
        return error_memory(err, "a gigabyte to read", (double)most);
    memset(memory, 1, most);
    for (size_t i = 0; i < SIZES; i++)
        for (int threads = 1; threads <= bench->session.threads; threads *= 2) {
            if (threads > 1 && threads * 2 <= bench->session.threads)
                continue; /* one, and all */
            pass[count] = (struct memory_pass){ memory, (size_t)megabytes[i] * MEGABYTE,
                                                threads };
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
