/* Decoding behind longer and longer texts: what attention over the cache adds. */
#include "experiments/bench.h"

#include "experiments/generation.h"

#include <stdio.h>

enum { SHORTEST = 64, STEPS_MAX = 16, NEW_TOKENS = 16 };

struct reach {
    struct bench *bench;
    struct projector *projector;
    size_t context;
};

static enum error_code time_reach(const struct entrant *entrant,
                                  double figure[BENCH_FIGURES], struct error *err)
{
    const struct reach *reach = entrant->context;
    struct bench *bench = reach->bench;
    struct token_list prompt = bench->text;
    struct generation_result result;
    const struct generation_settings settings = { .batch = BENCH_BATCH };
    prompt.count = reach->context - NEW_TOKENS;
    if (generate(&bench->session, reach->projector, &prompt, bench->forced, NEW_TOKENS,
                 &settings, NULL, &result, err) != OK)
        return err->code;
    figure[0] = (double)result.generated / result.generate_seconds;
    figure[1] = (double)result.prompt / result.prompt_seconds;
    return OK;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct session *session = &bench->session;
    struct reach reach[STEPS_MAX];
    struct entrant entrant[STEPS_MAX] = { 0 };
    size_t count = 0;
    const size_t most = transformer_context(session->transformer);
    if (bench->forced_count < NEW_TOKENS)
        return error_set(err, ERR_ARGUMENT, "-n %zu: the section context decodes %d",
                         bench->forced_count, NEW_TOKENS);
    for (size_t context = SHORTEST;
         context <= most && context <= bench->text.count && count + 2 <= STEPS_MAX;
         context *= 2)
        for (int is_spiking = 0; is_spiking < 2; is_spiking++) {
            reach[count] = (struct reach){
                bench, is_spiking ? &session->spiking : &session->dense_int8, context
            };
            entrant[count].context = &reach[count];
            entrant[count].time = time_reach;
            snprintf(entrant[count].name, sizeof entrant[count].name, "%s",
                     is_spiking ? "spiking" : "dense INT8");
            count++;
        }
    if (bench_turns(entrant, count, bench->rounds, err) != OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "context", json_integer((json_int_t)reach[i].context));
        json_object_set_new(row, "prompt", json_number(entrant[i].figure[1].median));
        json_object_set_new(row, "to_shortest",
                            json_number(entrant[i].figure[0].median /
                                        entrant[i % 2].figure[0].median));
        json_array_append_new(rows, row);
    }
    return OK;
}

static const struct column columns[] = {
    { "name", "network", -12, -1, false },
    { "context", "context", 8, -1, false },
    { "median", "decode/s", 9, 1, false },
    { "lowest", "lowest", 8, 1, false },
    { "to_shortest", "to first", 8, 3, false },
    { "prompt", "prompt/s", 9, 1, false },
    { 0 },
};

const struct bench_section bench_context = {
    .name = "context",
    .summary = "decoding behind longer and longer texts",
    .needs_model = true,
    .columns = columns,
    .note =
        "the last 16 tokens of so many, and the tokens before them at once; --context "
        "sets how far",
    .run = run,
};
