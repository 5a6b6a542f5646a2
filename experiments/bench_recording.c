/* What watching and recording cost a run: the time of the same tokens with more and more
 * kept, and what closing the file takes once. */
#include "experiments/bench.h"

#include "base/progress.h"
#include "experiments/child_program.h"
#include "experiments/generation.h"
#include "experiments/tally.h"

#include <stdio.h>
#include <unistd.h>

struct keeping {
    struct bench *bench;
    const char *record; /* as --record; NULL: nothing watches */
    const char *path;   /* NULL: no file */
};

static enum error_code before(void *context, const struct generation_batch *batch,
                              struct error *err)
{
    (void)err;
    tally_before(context, batch->rows, batch->wanted);
    return OK;
}

static enum error_code after(void *context, const struct generation_batch *batch,
                             struct error *err)
{
    return tally_after(context, batch->rows, batch->token, batch->ids,
                       batch->is_generated, batch->log_probability, err);
}

static enum error_code time_keeping(const struct entrant *entrant,
                                    double figure[BENCH_FIGURES], struct error *err)
{
    const struct keeping *keeping = entrant->context;
    struct bench *bench = keeping->bench;
    struct session *session = &bench->session;
    struct tally tally = { 0 };
    struct generation_result result;
    struct generation_listener listener = { &tally, before, after, NULL };
    const struct generation_settings settings = { .batch = 64 };
    if (!keeping->record)
        return bench_generate(bench, &session->spiking, &figure[0], err);
    if (tally_begin(&tally, session, settings.batch, keeping->path, keeping->record,
                    NULL, "bench", err) != OK)
        return err->code;
    generate(session, &session->spiking, &bench->prompt, bench->forced,
             bench->forced_count, &settings, &listener, &result, err);
    double closing = clock_seconds();
    tally_end(&tally, err);
    closing = clock_seconds() - closing;
    spiking_observe(&session->spiking, NULL);
    if (err->code == OK) {
        figure[0] = (double)result.generated / result.generate_seconds;
        figure[1] = closing;
    }
    if (keeping->path)
        unlink(keeping->path);
    return err->code;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    char folder[CHILD_PATH_ROOM], path[CHILD_PATH_ROOM + 16];
    struct keeping keeping[] = {
        { bench, NULL, NULL },       { bench, "none", NULL },
        { bench, "counters", path }, { bench, "counts", path },
        { bench, "spikes", path },
    };
    static const char *const name[] = { "nothing watched", "totals for the tables",
                                        "--record counters", "--record counts",
                                        "--record spikes" };
    enum { WAYS = sizeof keeping / sizeof keeping[0] };
    struct entrant entrant[WAYS] = { 0 };
    if (scratch_folder(folder, err) != OK)
        return err->code;
    snprintf(path, sizeof path, "%s/run.h5", folder);
    for (size_t i = 0; i < WAYS; i++) {
        entrant[i].context = &keeping[i];
        entrant[i].time = time_keeping;
        snprintf(entrant[i].name, sizeof entrant[i].name, "%s", name[i]);
    }
    if (bench_turns(entrant, WAYS, bench->rounds, err) == OK)
        for (size_t i = 0; i < WAYS; i++) {
            json_t *row = bench_row(&entrant[i]);
            json_object_set_new(row, "slowdown",
                                json_number(entrant[1].figure[0].median /
                                            entrant[i].figure[0].median));
            json_object_set_new(row, "closing",
                                json_number(entrant[i].figure[1].median));
            json_array_append_new(rows, row);
        }
    rmdir(folder);
    return err->code;
}

static const struct column columns[] = {
    { "name", "kept", -24, -1, false },
    { "median", "tokens/s", 9, 1, false },
    { "lowest", "lowest", 8, 1, false },
    { "highest", "highest", 8, 1, false },
    { "slowdown", "slowdown", 9, 3, false },
    { "closing", "closing s", 10, 3, false },
    { 0 },
};

const struct bench_section bench_recording = {
    .name = "recording",
    .summary = "what recording costs a run",
    .needs_model = true,
    .columns = columns,
    .note =
        "slowdown: time of a token to that with totals alone, which every run keeps; "
        "closing: once, the model's checksum and the totals of neurons included",
    .run = run,
};
