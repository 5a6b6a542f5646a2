/* `lucciola bench`: how fast this machine is, and how fast we are on it, beside our own
 * dense network and, where --peer names a program, another's. */
#include "experiments/bench.h"
#include "experiments/command.h"
#include "experiments/generation.h"
#include "experiments/text_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct bench_section bench_memory, bench_gaps, bench_kernels, bench_decode,
    bench_prompt, bench_silence, bench_events, bench_recording, bench_start,
    bench_context;

static const struct bench_section *const sections[] = {
    &bench_memory,  &bench_gaps,    &bench_kernels, &bench_decode,    &bench_prompt,
    &bench_silence, &bench_context, &bench_events,  &bench_recording, &bench_start,
};
enum { SECTIONS = sizeof sections / sizeof sections[0], LEAST_CONTEXT = 32 };

static const struct option option_bench[] = {
    { "rounds", 0, "N", "timings of each, taken in turn; the median counts", "5" },
    { "tokens", 'n', "N", "tokens to decode", "64" },
    { "peer", 0, "PROGRAM",
      "llama-bench, to take part in decode, prompt and silence; 3 s of rest behind it",
      NULL },
    { "peer-model", 0, "FILES", "models for it, FILE,FILE (default: ours)", NULL },
    { "dead-zones", 0, "LIST", "settings of the section silence",
      "0,0.1,0.2,0.3,0.4,0.5,0.7,0.9,1.2,1.6" },
    { "file", 'f', "FILE", "text for prompts, and for perplexity in silence", NULL },
    { "prompt", 'p', "TEXT", "the text itself", NULL },
    { "chunks", 0, "N", "windows of 512 tokens to measure perplexity on", "8" },
    { "png", 0, "FILE", "draw speed against perplexity (silence, with -f)", NULL },
    { 0 },
};

static const struct bench_section *section_find(const char *name)
{
    for (size_t i = 0; i < SECTIONS; i++)
        if (strcmp(sections[i]->name, name) == 0)
            return sections[i];
    return NULL;
}

static enum error_code check_sections(const struct options *options, bool *needs_model,
                                      struct error *err)
{
    *needs_model = options->operands == 0;
    for (unsigned i = 0; i < options->operands; i++) {
        const struct bench_section *section = section_find(options->operand[i]);
        if (!section) {
            char names[160] = "";
            for (size_t s = 0; s < SECTIONS; s++)
                snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                         s ? ", " : "", sections[s]->name);
            return error_set(err, ERR_ARGUMENT, "no section '%s': expected %s",
                             options->operand[i], names);
        }
        *needs_model = *needs_model || section->needs_model;
    }
    return OK;
}

/* The text's tokens, again and again until they fill the context. */
static enum error_code read_text(struct bench *bench, struct error *err)
{
    static const char firefly[] = "The firefly is dark until it has something to say. ";
    const struct options *o = bench->options;
    struct session *session = &bench->session;
    char *bytes = NULL;
    size_t length = 0;
    bool is_given = option_text(o, "file") || option_text(o, "prompt");
    if (is_given && text_read(o, &bytes, &length, err) != OK)
        return err->code;
    struct token_list once = { 0 };
    size_t room = transformer_context(session->transformer);
    if (tokenizer_encode(session->tokenizer, is_given ? bytes : firefly,
                         is_given ? length : strlen(firefly), true, false, &once,
                         err) == OK &&
        tokenizer_encode(session->tokenizer, "The firefly", 11, true, false,
                         &bench->prompt, err) == OK) {
        bench->text.id = malloc(room * sizeof *bench->text.id);
        if (!bench->text.id)
            error_memory(err, "a text", (double)room);
        for (size_t i = 0; bench->text.id && i < room; i++)
            bench->text.id[i] = once.id[i % once.count];
        bench->text.count = bench->text.id ? room : 0;
    }
    bench->whole = room - 1 < BENCH_BATCH ? room - 1 : BENCH_BATCH;
    if (err->code == OK && room < LEAST_CONTEXT)
        error_set(err, ERR_ARGUMENT, "a context of %zu: bench needs %d", room,
                  LEAST_CONTEXT);
    free(bytes);
    token_list_release(&once);
    return err->code;
}

static bool keep_token(void *context, int32_t token, double log_probability)
{
    struct bench *bench = context;
    (void)log_probability;
    bench->forced[bench->forced_count++] = token;
    return true;
}

/* What all networks will be made to say: the dense one's own choice. */
static enum error_code choose_tokens(struct bench *bench, struct error *err)
{
    uint64_t count = 0;
    struct generation_result result;
    struct generation_listener listener = { bench, NULL, NULL, keep_token };
    const size_t room = transformer_context(bench->session.transformer);
    if (option_whole(bench->options, "tokens", 1, 1 << 20, &count, err) != OK)
        return err->code;
    if (bench->prompt.count + count > room)
        return error_set(err, ERR_ARGUMENT,
                         "-n %llu does not fit a context of %zu; --context sets it",
                         (unsigned long long)count, room);
    bench->forced = malloc(count * sizeof *bench->forced);
    if (!bench->forced)
        return error_memory(err, "tokens", (double)count);
    const struct generation_settings settings = { .batch = BENCH_BATCH,
                                                  .most = (uint32_t)count,
                                                  .ignores_end = true };
    return generate(&bench->session, &bench->session.dense_int8, &bench->prompt, NULL,
                    0, &settings, &listener, &result, err);
}

enum error_code bench_generate(struct bench *bench, struct projector *projector,
                               double *tokens_per_second, struct error *err)
{
    struct generation_result result;
    const struct generation_settings settings = { .batch = BENCH_BATCH };
    if (generate(&bench->session, projector, &bench->prompt, bench->forced,
                 bench->forced_count, &settings, NULL, &result, err) == OK)
        *tokens_per_second = (double)result.generated / result.generate_seconds;
    return err->code;
}

struct watched {
    const struct model *model;
    double channels, silent, weights, fetched, sop;
};

static enum error_code watch_site(void *context, uint32_t site, size_t row,
                                  const int32_t *count,
                                  const struct site_counters *counters,
                                  struct error *err)
{
    (void)row;
    (void)count;
    (void)err;
    struct watched *watched = context;
    const struct site *shape = &watched->model->site[site];
    const double active = shape->inputs - (double)counters->n[COUNT_SILENT];
    watched->channels += shape->inputs;
    watched->silent += (double)counters->n[COUNT_SILENT];
    watched->weights += (double)shape->inputs * shape->outputs;
    watched->fetched += active * shape->outputs;
    watched->sop += (double)counters->n[COUNT_SOP];
    return OK;
}

enum error_code bench_watch(struct bench *bench, struct bench_silence *silence,
                            struct error *err)
{
    struct watched watched = { .model = &bench->session.model };
    const struct spike_observer observer = { .context = &watched, .site = watch_site };
    double ignored;
    spiking_observe(&bench->session.spiking, &observer);
    bench_generate(bench, &bench->session.spiking, &ignored, err);
    spiking_observe(&bench->session.spiking, NULL);
    *silence = (struct bench_silence){
        watched.silent / watched.channels, watched.fetched / watched.weights,
        watched.sop / (double)(bench->forced_count + bench->prompt.count)
    };
    return err->code;
}

static enum error_code start(struct bench *bench, struct error *err)
{
    if (option_flag(bench->options, "dense"))
        return error_set(err, ERR_ARGUMENT,
                         "--dense: bench times dense and spiking alike, without it");
    bench->model_path = session_model_path(bench->options, err);
    if (!bench->model_path ||
        session_start(&bench->session, bench->options, 0, BENCH_BATCH, err) != OK ||
        read_text(bench, err) != OK)
        return err->code;
    return choose_tokens(bench, err);
}

static void print_section(const struct bench *bench,
                          const struct bench_section *section, const json_t *rows,
                          bool is_first)
{
    printf("%s%s: %s; %d thread%s, medians of %u\n\n", is_first ? "" : "\n",
           section->name, section->summary, bench->session.threads,
           bench->session.threads == 1 ? "" : "s", bench->rounds);
    table_print(section->columns, rows);
    if (section->note)
        printf("%s\n", section->note);
    fflush(stdout);
}

static enum error_code run_sections(struct bench *bench, struct error *err)
{
    const struct options *o = bench->options;
    const bool is_json = option_flag(o, "json");
    json_t *all = json_object();
    for (unsigned i = 0; i < (o->operands ? o->operands : (unsigned)SECTIONS); i++) {
        const struct bench_section *section =
            o->operands ? section_find(o->operand[i]) : sections[i];
        json_t *rows = json_array();
        if (section->run(bench, rows, err) != OK) {
            json_decref(rows);
            break;
        }
        if (!is_json)
            print_section(bench, section, rows, i == 0);
        json_object_set_new(all, section->name, rows);
    }
    if (err->code == OK && is_json) {
        json_object_set_new(all, "threads", json_integer(bench->session.threads));
        json_object_set_new(all, "kernel", json_string(bench->session.kernel->name));
        return json_print(all, err);
    }
    json_decref(all);
    return err->code;
}

static enum error_code execute(struct bench *bench, struct error *err)
{
    uint64_t rounds = 0;
    bool needs_model = false;
    if (check_sections(bench->options, &needs_model, err) != OK ||
        option_whole(bench->options, "rounds", 1, 1000, &rounds, err) != OK)
        return err->code;
    bench->rounds = (unsigned)rounds;
    if ((needs_model
             ? start(bench, err)
             : session_take_machine(&bench->session, bench->options, err)) != OK)
        return err->code;
    return run_sections(bench, err);
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_bench, option_model,
                                                   option_spiking, option_common,
                                                   NULL };
    struct options options;
    struct bench bench = { .options = &options };
    if (options_read(
            &options, tables, "bench [SECTION]... [options]",
            "Times memory, kernels and whole tokens, entrants in turn. Sections: "
            "memory, gaps, kernels, decode, prompt, silence, context, events, "
            "recording, start; all of them without one.",
            OPERAND_MAX, argc, argv, err) == OK &&
        !options.help_shown) {
        execute(&bench, err);
        session_close(&bench.session);
        token_list_release(&bench.prompt);
        free(bench.text.id);
        free(bench.forced);
    }
    options_release(&options);
    return err->code;
}

const struct command bench_command = {
    .name = "bench",
    .arguments = "[SECTION]... [--peer PROGRAM]",
    .summary = "how fast, beside the dense network and a peer",
    .run = run,
};
