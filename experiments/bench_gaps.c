/* Reading some of the rows of a memory, at random, in order: what silence can save at
 * best where weights do not fit a cache, whoever reads them. Reading in full lets the
 * hardware fetch ahead; behind a row that is over it fetches what lies there, wanted or
 * not, so that short rows with gaps save less than they leave out. */
#include "experiments/bench.h"

#include "base/progress.h"
#include "base/random.h"
#include "experiments/line_sums.h"

#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    AHEAD = 4096,      /* bytes asked for before they are read, in whole rows */
    TRAFFIC = 1 << 29, /* bytes read for a timing */
    MEGABYTE = 1 << 20,
    SHARES = 4,
    ROWS = 4,
    SIZES = 2,
    ENTRANTS = SIZES * ROWS * SHARES,
};

static const unsigned megabytes[SIZES] = { 128, 1024 };
static const unsigned row_bytes[ROWS] = { 576, 1024, 3072, 16384 };
static const double shares[SHARES] = { 1, 0.7, 0.5, 0.3 };

struct gaps {
    const char *memory;
    uint32_t *row; /* (rows), rising; `ahead` of the first again behind them */
    size_t rows, ahead, bytes; /* of a row */
    size_t next;               /* where the next timing goes on */
    double share;
    int threads;
};

/* Adds a row up. What is read some rows, or as many bytes, later is asked for. */
static void sum_row(const struct gaps *gaps, size_t i, struct line_sums *sums)
{
    const char *row = gaps->memory + gaps->row[i] * gaps->bytes;
    const char *later = gaps->memory + gaps->row[i + gaps->ahead] * gaps->bytes;
    const size_t inside = gaps->bytes > AHEAD ? gaps->bytes - AHEAD : 0;
    line_sums_add(sums, row, row + AHEAD, inside);
    line_sums_add(sums, row + inside, later, gaps->bytes - inside);
}

static uint64_t sum_rows(const struct gaps *gaps, size_t first, size_t count)
{
    struct line_sums sums = { { 0 } };
    for (size_t i = 0; i < count; i++)
        sum_row(gaps, (first + i) % gaps->rows, &sums);
    return line_sums_fold(&sums);
}

/* From timing to timing on through the memory, as tokens go through weights. */
static enum error_code read_rows(const struct entrant *entrant,
                                 double figure[BENCH_FIGURES], struct error *err)
{
    (void)err;
    struct gaps *gaps = entrant->context;
    const size_t part = TRAFFIC / gaps->bytes / (size_t)gaps->threads;
    uint64_t all = 0;
    double started = clock_seconds();
#pragma omp parallel for num_threads(gaps->threads) reduction(^ : all)
    for (int thread = 0; thread < gaps->threads; thread++) {
        const size_t first =
            gaps->next + gaps->rows / (size_t)gaps->threads * (size_t)thread;
        all ^= sum_rows(gaps, first, part);
    }
    double seconds = clock_seconds() - started;
    gaps->next = (gaps->next + part) % gaps->rows;
    /* The sum is used, so that reading cannot be left out. */
    figure[0] = (double)(part * (size_t)gaps->threads * gaps->bytes) / seconds / 1e9 +
                (all == 1 ? 1e-9 : 0);
    return OK;
}

/* Every row with the probability `share`. */
static enum error_code draw_rows(struct gaps *gaps, size_t rows, gsl_rng *generator,
                                 struct error *err)
{
    gaps->ahead = gaps->bytes < AHEAD ? AHEAD / gaps->bytes : 1;
    gaps->row = malloc((rows + gaps->ahead) * sizeof *gaps->row);
    if (!gaps->row)
        return error_memory(err, "rows to read", (double)rows * sizeof *gaps->row);
    for (size_t i = 0; i < rows; i++)
        if (gsl_rng_uniform(generator) < gaps->share || i + 1 == rows)
            gaps->row[gaps->rows++] = (uint32_t)i;
    for (size_t i = 0; i < gaps->ahead; i++)
        gaps->row[gaps->rows + i] = gaps->row[i];
    return OK;
}

static enum error_code prepare(struct gaps *gaps, struct entrant *entrant,
                               const struct bench *bench, const char *memory,
                               struct error *err)
{
    const struct random_place place = { 0 };
    gsl_rng *generator = gsl_rng_alloc(random_gsl_type);
    if (!generator)
        return error_memory(err, "a random generator", 1);
    random_set(generator, bench->session.seed, &place);
    for (size_t i = 0; i < ENTRANTS && err->code == OK; i++) {
        const unsigned size = megabytes[i / SHARES / ROWS];
        gaps[i] = (struct gaps){ .memory = memory,
                                 .bytes = row_bytes[i / SHARES % ROWS],
                                 .share = shares[i % SHARES],
                                 .threads = bench->session.threads };
        entrant[i] = (struct entrant){ .context = &gaps[i], .time = read_rows };
        snprintf(entrant[i].name, sizeof entrant[i].name, "%u MB, rows of %zu bytes",
                 size, gaps[i].bytes);
        draw_rows(&gaps[i], (size_t)size * MEGABYTE / gaps[i].bytes, generator, err);
    }
    gsl_rng_free(generator);
    return err->code;
}

static void report(const struct entrant *entrant, json_t *rows)
{
    for (size_t i = 0; i < ENTRANTS; i++) {
        const struct gaps *gaps = entrant[i].context;
        const double all = entrant[i / SHARES * SHARES].figure[0].median;
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "share", json_number(gaps->share));
        json_object_set_new(row, "of_silence",
                            json_number(entrant[i].figure[0].median / all));
        json_array_append_new(rows, row);
    }
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct gaps gaps[ENTRANTS] = { { 0 } };
    struct entrant entrant[ENTRANTS];
    struct arena arena = { 0 }; /* in huge pages, as weights are */
    const size_t most = (size_t)megabytes[SIZES - 1] * MEGABYTE;
    char *memory = arena_array(&arena, most, 1);
    err->code = OK;
    if (!memory)
        error_memory(err, "a gigabyte to read", (double)most);
    else if (prepare(gaps, entrant, bench, memory, err) == OK &&
             bench_turns(entrant, ENTRANTS, bench->rounds, err) == OK)
        report(entrant, rows);
    for (size_t i = 0; i < ENTRANTS; i++)
        free(gaps[i].row);
    arena_free(&arena);
    return err->code;
}

static const struct column columns[] = {
    { "name", "memory", -30, -1, false },
    { "share", "read", 8, 0, true },
    { "median", "GB/s", 8, 1, false },
    { "lowest", "lowest", 8, 1, false },
    { "highest", "highest", 8, 1, false },
    { "of_silence", "x read", 8, 2, false },
    { 0 },
};

const struct bench_section bench_gaps = {
    .name = "gaps",
    .summary = "reading some of the rows of a memory",
    .columns = columns,
    .note = "GB/s of what is read; x read: those to the GB/s of all rows: 1 would save "
            "time "
            "in full proportion to what is left out",
    .run = run,
};
