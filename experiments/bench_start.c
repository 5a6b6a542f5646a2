/* From the start of the program to the end of its first token, and the memory it took at
 * most: programs of their own. */
#include "experiments/bench.h"

#include "base/progress.h"
#include "experiments/child_program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct start {
    const char *model;
    const char *tokens;
    int threads;
    double megabytes; /* the most of any round */
};

static enum error_code time_start(const struct entrant *entrant,
                                  double figure[BENCH_FIGURES], struct error *err)
{
    struct start *start = entrant->context;
    char program[CHILD_PATH_ROOM], threads[16], *text = NULL;
    int status = 0;
    child_program_path("lucciola", program);
    snprintf(threads, sizeof threads, "%d", start->threads);
    const char *const argv[] = { program,  "run",         "-m",    start->model,
                                 "-p",     "The firefly", "-n",    start->tokens,
                                 "--json", "--threads",   threads, NULL };
    double started = clock_seconds();
    if (child_program_capture(argv, &text, &status, err) != OK)
        return err->code;
    figure[0] = clock_seconds() - started;
    json_t *report = json_loads(text, 0, NULL);
    start->megabytes =
        fmax(start->megabytes,
             json_number_value(json_object_get(report, "peak_megabytes")));
    json_decref(report);
    free(text);
    if (status != 0)
        return error_set(err, ERR_IO, "%s run ended with status %d", program, status);
    return OK;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct start start[] = { { bench->model_path, "1", bench->session.threads, 0 },
                             { bench->model_path, "64", bench->session.threads, 0 } };
    struct entrant entrant[] = {
        { .name = "run -n 1", .context = &start[0], .time = time_start },
        { .name = "run -n 64", .context = &start[1], .time = time_start },
    };
    if (bench_turns(entrant, 2, bench->rounds, err) != OK)
        return err->code;
    for (size_t i = 0; i < 2; i++) {
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "megabytes", json_number(start[i].megabytes));
        json_array_append_new(rows, row);
    }
    return OK;
}

static const struct column columns[] = {
    { "name", "program", -16, -1, false },   { "median", "seconds", 8, 3, false },
    { "lowest", "lowest", 8, 3, false },     { "highest", "highest", 8, 3, false },
    { "megabytes", "peak MB", 8, 1, false }, { 0 },
};

const struct bench_section bench_start = {
    .name = "start",
    .summary = "start to first token, and peak memory",
    .needs_model = true,
    .columns = columns,
    .note = "spiking, as the defaults of run; less is better here",
    .run = run,
};
