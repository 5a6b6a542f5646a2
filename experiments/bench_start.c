/* From the start of the program to the end of its first token, and the memory it took at
 * most: programs of their own. With packed weights, too, where they are there. */
#include "experiments/bench.h"

#include "base/progress.h"
#include "experiments/child_program.h"
#include "lm/packed_weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct start {
    const struct bench *bench;
    const char *tokens;
    const char *packed; /* off, auto */
    double megabytes;   /* the most of any round */
};

static enum error_code time_start(const struct entrant *entrant,
                                  double figure[BENCH_FIGURES], struct error *err)
{
    struct start *start = entrant->context;
    const struct session *session = &start->bench->session;
    char program[CHILD_PATH_ROOM], threads[16], *text = NULL;
    char layers[WEIGHT_TEXT_ROOM], head[WEIGHT_TEXT_ROOM];
    int status = 0;
    child_program_path("lucciola", program);
    snprintf(threads, sizeof threads, "%d", session->threads);
    weight_setting_text(&session->weights.layers, layers);
    weight_setting_text(&session->weights.head, head);
    const char *const argv[] = { program,       "run",
                                 "-m",          start->bench->model_path,
                                 "-p",          "The firefly",
                                 "-n",          start->tokens,
                                 "--json",      "--threads",
                                 threads,       "--weights",
                                 layers,        "--head-weights",
                                 head,          "--packed",
                                 start->packed, NULL };
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

/* Weights beside the model that a run would read. */
static bool is_packed(const struct session *session)
{
    struct packed_weights packed;
    struct error err = { OK, "" };
    packed_weights_open(&packed, &session->model, &session->weights, &err);
    const bool is_there = packed.descriptor >= 0;
    packed_weights_close(&packed);
    return is_there;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct start start[] = {
        { bench, "1", "off", 0 },
        { bench, "64", "off", 0 },
        { bench, "1", "auto", 0 },
        { bench, "64", "auto", 0 },
    };
    struct entrant entrant[] = {
        { .name = "run -n 1", .context = &start[0], .time = time_start },
        { .name = "run -n 64", .context = &start[1], .time = time_start },
        { .name = "run -n 1, packed", .context = &start[2], .time = time_start },
        { .name = "run -n 64, packed", .context = &start[3], .time = time_start },
    };
    const size_t entrants = is_packed(&bench->session) ? 4 : 2;
    if (bench_turns(entrant, entrants, bench->rounds, err) != OK)
        return err->code;
    for (size_t i = 0; i < entrants; i++) {
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "megabytes", json_number(start[i].megabytes));
        json_array_append_new(rows, row);
    }
    return OK;
}

static const struct column columns[] = {
    { "name", "program", -18, -1, false },   { "median", "seconds", 8, 3, false },
    { "lowest", "lowest", 8, 3, false },     { "highest", "highest", 8, 3, false },
    { "megabytes", "peak MB", 8, 1, false }, { 0 },
};

const struct bench_section bench_start = {
    .name = "start",
    .summary = "start to first token, and peak memory",
    .needs_model = true,
    .columns = columns,
    .note = "spiking, as the defaults of run but for weights; less is better here",
    .run = run,
};
