/* Whole tokens per second: one after another (decode) and a prompt at once, dense and
 * spiking, beside a peer. All decode the same tokens, those that the dense network
 * chose. Nothing watches the spikes here: see the section `recording`. */
#include "experiments/bench.h"

#include "experiments/generation.h"

#include <stdio.h>
#include <string.h>

struct racer {
    struct bench *bench;
    struct projector *projector; /* NULL: the peer */
    const char *program, *model;
    int threads;
    bool is_prompt;
};

static enum error_code generate_all(const struct racer *racer,
                                    struct generation_result *result, struct error *err)
{
    struct bench *bench = racer->bench;
    struct generation_settings settings = { .batch = BENCH_BATCH };
    struct token_list prompt = bench->prompt;
    if (racer->is_prompt) {
        prompt = bench->text;
        prompt.count = bench->whole;
    }
    return generate(&bench->session, racer->projector, &prompt, bench->forced,
                    racer->is_prompt ? 0 : bench->forced_count, &settings, NULL, result,
                    err);
}

static enum error_code race(const struct entrant *entrant, double figure[BENCH_FIGURES],
                            struct error *err)
{
    const struct racer *racer = entrant->context;
    const struct bench *bench = racer->bench;
    struct generation_result result;
    if (!racer->projector)
        return bench_peer(racer->program, racer->model, racer->threads,
                          racer->is_prompt ? (unsigned)bench->whole : 0,
                          racer->is_prompt ? 0 : (unsigned)bench->forced_count, figure,
                          err);
    if (generate_all(racer, &result, err) == OK)
        figure[0] = racer->is_prompt
                        ? (double)result.prompt / result.prompt_seconds
                        : (double)result.generated / result.generate_seconds;
    return err->code;
}

/* Peers are files, separated by commas: --peer-model, or the model itself. */
static size_t add_peers(struct racer *racer, struct entrant *entrant, size_t room,
                        const struct bench *bench, char *names)
{
    size_t count = 0;
    char *rest = NULL;
    const char *program = option_text(bench->options, "peer");
    if (!program)
        return 0;
    for (char *model = strtok_r(names, ",", &rest); model && count < room;
         model = strtok_r(NULL, ",", &rest), count++) {
        const char *slash = strrchr(model, '/');
        racer[count].program = program;
        racer[count].model = model;
        snprintf(entrant[count].name, sizeof entrant[count].name, "peer, %s",
                 slash ? slash + 1 : model);
    }
    return count;
}

static enum error_code run(struct bench *bench, bool is_prompt, json_t *rows,
                           struct error *err)
{
    enum { OURS = 2, PEERS = 6, ALL = OURS + PEERS };
    struct session *session = &bench->session;
    struct racer racer[ALL] = { { .projector = &session->dense_int8 },
                                { .projector = &session->spiking } };
    struct entrant entrant[ALL] = { { .name = "dense INT8" }, { .name = "" } };
    const char *given = option_text(bench->options, "peer-model");
    char names[4096];
    snprintf(names, sizeof names, "%s", given ? given : bench->model_path);
    session_describe(session, entrant[1].name, sizeof entrant[1].name);
    size_t count = OURS + add_peers(racer + OURS, entrant + OURS, PEERS, bench, names);
    for (size_t i = 0; i < count; i++) {
        racer[i].bench = bench;
        racer[i].threads = session->threads;
        racer[i].is_prompt = is_prompt;
        entrant[i].context = &racer[i];
        entrant[i].time = race;
    }
    if (bench_turns(entrant, count, bench->rounds, err) != OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "to_dense",
                            json_number(entrant[i].figure[0].median /
                                        entrant[0].figure[0].median));
        if (is_prompt)
            json_object_set_new(row, "prompt", json_integer((json_int_t)bench->whole));
        if (count > OURS)
            json_object_set_new(row, "to_peer",
                                json_number(entrant[i].figure[0].median /
                                            entrant[OURS].figure[0].median));
        json_array_append_new(rows, row);
    }
    return OK;
}

static enum error_code run_decode(struct bench *bench, json_t *rows, struct error *err)
{
    return run(bench, false, rows, err);
}

static enum error_code run_prompt(struct bench *bench, json_t *rows, struct error *err)
{
    return run(bench, true, rows, err);
}

static const struct column columns[] = {
    { "name", "network", -44, -1, false },
    { "median", "tokens/s", 9, 1, false },
    { "lowest", "lowest", 8, 1, false },
    { "highest", "highest", 8, 1, false },
    { "to_dense", "to dense", 9, 2, false },
    { "to_peer", "to peer", 8, 2, false },
    { 0 },
};

const struct bench_section bench_decode = {
    .name = "decode",
    .summary = "token after token, dense, spiking and a peer",
    .needs_model = true,
    .columns = columns,
    .note = "to peer: to the first of them",
    .run = run_decode,
};

const struct bench_section bench_prompt = {
    .name = "prompt",
    .summary = "a prompt of up to 512 tokens at once, likewise",
    .needs_model = true,
    .columns = columns,
    .note = "to peer: to the first of them",
    .run = run_prompt,
};
