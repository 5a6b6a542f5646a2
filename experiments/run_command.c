/* `lucciola run`: continues a text as a spiking network, streams it, then says what the
 * spikes were and what they cost. */
#include "experiments/command.h"
#include "experiments/generation.h"
#include "experiments/live_view.h"
#include "experiments/profile_list.h"
#include "experiments/replay.h"
#include "experiments/report.h"
#include "experiments/spiking_options.h"
#include "experiments/tally.h"
#include "experiments/text_input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROMPT_BATCH = 512, RECORDED_BATCH = 64 };

static const struct option option_run[] = {
    { "prompt", 'p', "TEXT", "the text to continue", NULL },
    { "file", 'f', "FILE", "the same from a file", NULL },
    { "tokens", 'n', "N", "tokens to generate", "64" },
    { "chat", 0, NULL, "wrap the text in the model's chat template", NULL },
    { "output", 'o', "FILE", "write a recording", NULL },
    { "record", 0, "WHAT", "none, counters, counts or spikes[:populations][:tokens]",
      "counts" },
    { "view", 0, NULL, "show the recording while it is written", NULL },
    { "trace", 0, "STATE",
      "also record state step by step: L07.ffn_down.v:0-9,...; neurons number from 0",
      NULL },
    { "from", 0, "FILE", "replay the tokens of a recording and compare its spikes",
      NULL },
    { "profile", 0, "NAME",
      "price profiles, NAME,NAME or all, or cpu-measured for this machine; "
      "'lucciola profiles' lists them",
      PROFILES_USUAL },
    { "temperature", 0, "T", "0: always the likeliest token", "0" },
    { "top-k", 0, "N", "sample among the N likeliest; 0: all", "40" },
    { "top-p", 0, "P", "sample among the likeliest that hold P together", "0.95" },
    { "min-p", 0, "P", "drop what is less likely than P times the likeliest", "0.05" },
    { "ignore-end", 0, NULL, "go on behind an end token", NULL },
    { 0 },
};

struct run {
    struct session session;
    struct options options;
    struct token_list prompt;
    struct generation_settings settings;
    const char *command;
    struct tally tally;
    struct profile_list profiles;
    bool streams;
};

static enum error_code read_settings(struct run *run, struct error *err)
{
    const struct options *o = &run->options;
    struct generation_settings *s = &run->settings;
    uint64_t most = 0, top_k = 0;
    if (option_whole(o, "tokens", 0, 1 << 24, &most, err) != OK ||
        option_whole(o, "top-k", 0, UINT32_MAX, &top_k, err) != OK ||
        option_number(o, "temperature", 0, 100, &s->sampler.temperature, err) != OK ||
        option_number(o, "top-p", 1e-6, 1, &s->sampler.top_p, err) != OK ||
        option_number(o, "min-p", 0, 1, &s->sampler.min_p, err) != OK)
        return err->code;
    s->most = (uint32_t)most;
    s->sampler.top_k = (uint32_t)top_k;
    s->ignores_end = option_flag(o, "ignore-end");
    bool records = option_text(o, "output") != NULL;
    s->scores_prompt = records;
    s->batch = records ? RECORDED_BATCH : PROMPT_BATCH;
    return OK;
}

static enum error_code read_prompt(struct run *run, struct error *err)
{
    const struct options *o = &run->options;
    const struct session *session = &run->session;
    bool chats = option_flag(o, "chat");
    char *text = NULL, *wrapped = NULL;
    size_t length = 0;
    if (text_read(o, &text, &length, err) != OK)
        return err->code;
    if (chats && chat_wrap(&session->model.file, text, &wrapped, err) != OK)
        goto out;
    const char *prompt = chats ? wrapped : text;
    if (tokenizer_encode(session->tokenizer, prompt, chats ? strlen(wrapped) : length,
                         true, chats, &run->prompt, err) != OK)
        goto out;
    uint64_t room = transformer_context(session->transformer);
    if (run->prompt.count + run->settings.most > room)
        error_set(
            err, ERR_ARGUMENT,
            "%zu tokens of prompt and %u to generate do not fit a context of %llu; "
            "--context sets it, up to %u for this model",
            run->prompt.count, run->settings.most, (unsigned long long)room,
            session->model.shape.context);
out:
    free(text);
    free(wrapped);
    return err->code;
}

static enum error_code before(void *context, const struct generation_batch *batch,
                              struct error *err)
{
    (void)err;
    struct run *run = context;
    if (run->session.precision == PRECISION_SPIKING)
        tally_before(&run->tally, batch->rows, batch->wanted);
    return OK;
}

static enum error_code after(void *context, const struct generation_batch *batch,
                             struct error *err)
{
    struct run *run = context;
    if (run->session.precision != PRECISION_SPIKING)
        return OK;
    return tally_after(&run->tally, batch->rows, batch->token, batch->ids,
                       batch->is_generated, batch->log_probability, err);
}

static void put_token(const struct session *session, int32_t token)
{
    struct text text = tokenizer_decode(session->tokenizer, token, false);
    fwrite(text.bytes, 1, text.length, stdout);
}

static bool chosen(void *context, int32_t token, double log_p)
{
    (void)log_p;
    struct run *run = context;
    if (run->streams) {
        put_token(&run->session, token);
        fflush(stdout);
    }
    return true;
}

/* One continuation of the prompt with the session's projector, watched. */
static enum error_code generate_once(struct run *run, struct generation_result *result,
                                     struct error *err)
{
    struct session *session = &run->session;
    const struct options *o = &run->options;
    struct generation_listener listener = { run, before, after, chosen };
    const char *path = option_text(o, "output");
    uint64_t tokens = run->prompt.count + run->settings.most;

    if (session_announce(session, tokens, err) != OK)
        return err->code;
    if (session->precision == PRECISION_SPIKING) {
        if (tally_begin(&run->tally, session, run->settings.batch, path,
                        option_text(o, "record"), option_text(o, "trace"), run->command,
                        err) != OK)
            return err->code;
        live_view_start(o, path);
        sampler_cost(&run->settings.sampler, session->model.shape.vocabulary,
                     &run->tally.sampling);
        double bytes = tally_predict_bytes(&run->tally, tokens);
        if (run->tally.selection.level == RECORD_SPIKES)
            fprintf(stderr, "spikes of %llu tokens: a file of about %.1f MB\n",
                    (unsigned long long)tokens, bytes / 1e6);
    }
    return generate(session, session_projector(session), &run->prompt, NULL, 0,
                    &run->settings, &listener, result, err);
}

/* Of this program alone: what getrusage tells includes the one that started it. NaN
 * becomes null where the system has no such file. */
static json_t *peak_megabytes(void)
{
    char line[128];
    double kilobytes = (double)NAN;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf kB", &kilobytes) == 1)
            break;
    if (file)
        fclose(file);
    return json_number(kilobytes / 1024);
}

static json_t *rates_of(const struct session *session,
                        const struct generation_result *result)
{
    double generated = (double)result->generated;
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:f, s:o}", "prompt_tokens",
                     (json_int_t)result->prompt, "generated_tokens",
                     (json_int_t)result->generated, "surprisal_bits",
                     json_number(result->surprisal_bits / generated),
                     "prompt_tokens_per_second",
                     json_number((double)result->prompt / result->prompt_seconds),
                     "generated_tokens_per_second",
                     json_number(generated / result->generate_seconds), "load_seconds",
                     session->load_seconds, "peak_megabytes", peak_megabytes());
}

/* Everything behind the text: settings, speed, sparsity, energy. */
static enum error_code report_run(struct run *run,
                                  const struct generation_result *result,
                                  struct error *err)
{
    struct session *session = &run->session;
    const struct run_totals *totals = NULL;
    char setting[96];
    if (session->precision == PRECISION_SPIKING &&
        tally_totals(&run->tally, &totals, err) != OK)
        return err->code;
    session_describe(session, setting, sizeof setting);
    json_t *all = rates_of(session, result);
    json_object_set_new(all, "setting", json_string(setting));
    if (totals) {
        struct work work;
        session_work(session, totals, &work);
        json_object_set_new(all, "roles",
                            report_roles(totals, session->spiking_settings.dt_ms));
        json_object_set_new(all, "energy",
                            report_energy(&work, run->profiles.profile,
                                          run->profiles.count));
        json_object_set_new(all, "event_driven_share",
                            json_number(work_event_driven_share(&work)));
    }
    if (option_flag(&run->options, "json"))
        return json_print(all, err);

    printf("\n\n%s: %zu tokens of prompt, %zu generated", setting, result->prompt,
           result->generated);
    if (result->generated > 0)
        printf(", %.2f bits of surprisal per generated token",
               result->surprisal_bits / (double)result->generated);
    putchar('\n');
    if (json_object_get(all, "roles")) {
        putchar('\n');
        report_print_roles(json_object_get(all, "roles"));
        report_print_energy(json_object_get(all, "energy"));
        printf(
            "\nevent-driven share: %.1f %% of the dense-equivalent operations of whole "
            "tokens\n",
            100 * json_number_value(json_object_get(all, "event_driven_share")));
    }
    fflush(stdout);
    fprintf(stderr, "load %.2f s, prompt %.1f tokens/s, generation %.1f tokens/s\n",
            session->load_seconds, (double)result->prompt / result->prompt_seconds,
            (double)result->generated / result->generate_seconds);
    json_decref(all);
    return OK;
}

static enum error_code run_once(struct run *run, struct error *err)
{
    struct generation_result result;
    run->streams = !option_flag(&run->options, "json");
    if (run->streams)
        for (size_t i = 0; i < run->prompt.count; i++)
            put_token(&run->session, run->prompt.id[i]);
    fflush(stdout);
    if (generate_once(run, &result, err) == OK)
        report_run(run, &result, err);
    return tally_end(&run->tally, err);
}

/* --k with a list: the continuations one under another. */
static enum error_code compare(struct run *run, const double *k, unsigned count,
                               struct error *err)
{
    json_t *rows = json_array();
    bool prints = !option_flag(&run->options, "json");
    for (unsigned i = 0; i < count && err->code == OK; i++) {
        struct generation_result result;
        const struct run_totals *totals;
        if (session_set_k(&run->session, k[i], err) != OK)
            break;
        run->streams = prints;
        if (prints)
            printf("%sk = %g\n", i ? "\n\n" : "", k[i]);
        fflush(stdout);
        if (generate_once(run, &result, err) == OK &&
            tally_totals(&run->tally, &totals, err) == OK) {
            json_t *row = rates_of(&run->session, &result);
            json_object_set_new(row, "k", json_real(k[i]));
            report_sparsity(totals, run->session.spiking_settings.dt_ms, row);
            json_array_append_new(rows, row);
        }
        tally_end(&run->tally, err);
    }
    if (err->code == OK && prints) {
        static const struct column columns[] = {
            { "k", "k", 6, 2, false },
            { "silent_share", "silent", 9, 1, true },
            { "spikes_per_channel", "spikes/ch", 10, 3, false },
            { "surprisal_bits", "bits/token", 11, 2, false },
            { 0 },
        };
        printf("\n\n");
        table_print(columns, rows);
        printf("silent = channels with count 0 / channels; bits/token = surprisal that "
               "the "
               "network itself\ngives to what it wrote\n");
    } else if (err->code == OK) {
        return json_print(rows, err);
    }
    json_decref(rows);
    return err->code;
}

static enum error_code check_together(const struct options *options, unsigned settings,
                                      struct error *err)
{
    bool records = option_text(options, "output") != NULL;
    bool is_dense = option_flag(options, "dense");
    if (settings > 1 && records)
        return error_set(err, ERR_ARGUMENT, "-o records one setting, --k lists %u",
                         settings);
    if (settings > 1 && is_dense)
        return error_set(err, ERR_ARGUMENT, "--dense has no k to compare");
    if (is_dense && records)
        return error_set(err, ERR_ARGUMENT, "-o records spikes, --dense has none");
    return live_view_check(options, err);
}

static enum error_code execute(struct run *run, struct error *err)
{
    const struct options *options = &run->options;
    double k[K_MAX];
    unsigned count = 0;
    const char *from = option_text(options, "from");
    if (from && option_text(options, "output"))
        return error_set(err, ERR_ARGUMENT, "-o and --from exclude each other");
    if (from)
        return replay(&run->session, &run->options, from, err);
    /* Before the run: a wrong name of a profile must not cost what was generated. */
    if (k_list_read(options, k, &count, err) != OK || read_settings(run, err) != OK ||
        check_together(options, count, err) != OK ||
        profile_list_open(&run->profiles, option_text(options, "profile"), err) != OK)
        return err->code;
    if (session_start(&run->session, &run->options, 0, run->settings.batch, err) !=
            OK ||
        read_prompt(run, err) != OK)
        return err->code;
    run->settings.sampler.seed = run->session.seed;
    return count > 1 ? compare(run, k, count, err) : run_once(run, err);
}

static enum error_code run_run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_run, option_model,
                                                   option_spiking, option_common,
                                                   NULL };
    struct run *run = calloc(1, sizeof *run);
    char *command = join_words(argc, argv);
    if (!run || !command) {
        error_memory(err, "a run", sizeof *run);
    } else if (options_read(&run->options, tables, "run -p TEXT [options]",
                            "Continues a text as a spiking network; prints what the "
                            "spikes were and what they cost.",
                            0, argc, argv, err) == OK &&
               !run->options.help_shown) {
        run->command = command;
        execute(run, err);
    }
    if (run) {
        session_close(&run->session);
        profile_list_close(&run->profiles);
        token_list_release(&run->prompt);
        options_release(&run->options);
    }
    free(run);
    free(command);
    return err->code;
}

const struct command run_command = {
    .name = "run",
    .arguments = "-p TEXT [-n N] [--k 3]",
    .summary = "continue a text as a spiking network",
    .run = run_run,
};
