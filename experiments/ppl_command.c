/* `lucciola ppl`: perplexity of a text, by windows scored on their second half; KL
 * divergence to the dense float model; the silence that a setting buys beside it. */
#include "experiments/command.h"
#include "experiments/hellaswag.h"
#include "experiments/measuring.h"
#include "experiments/spiking_options.h"
#include "experiments/text_input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option option_ppl[] = {
    { "file", 'f', "FILE", "the text", NULL },
    { "prompt", 'p', "TEXT", "the text itself", NULL },
    { "window-tokens", 'w', "N", "tokens of a window", "512" },
    { "chunks", 0, "N", "windows to score; 0: all", "0" },
    { "kl", 0, NULL, "compare with the dense float model, token by token", NULL },
    { "output", 'o', "FILE", "record the run (all but spikes)", NULL },
    { "record", 0, "WHAT", "counters or counts", "counts" },
    { "hellaswag", 0, "FILE", "accuracy on the tasks of FILE instead", NULL },
    { "tasks", 0, "N", "tasks of --hellaswag; 0: all", "400" },
    { 0 },
};

/* Perplexity of one setting over that of the first of the list, paired by token. */
static void put_pairing(json_t *row, const double *loss, const double *first,
                        size_t count)
{
    struct score paired = score_of_difference(loss, first, count);
    json_object_set_new(row, "to_first", json_number(exp(paired.mean)));
    json_object_set_new(row, "to_first_error",
                        json_number(exp(paired.mean) * paired.error));
}

struct ppl_run {
    struct session session;
    struct scoring_text text;
    const char *command;
    double *first; /* losses of the first setting */
    json_t *rows;
};

static enum error_code one_setting(struct ppl_run *ppl, double k, struct error *err)
{
    struct session *session = &ppl->session;
    const struct options *options = session->options;
    struct measuring measuring = {
        .session = session,
        .text = &ppl->text,
        .compares = option_flag(options, "kl"),
        .output = option_text(options, "output"),
        .record = option_text(options, "record"),
        .command = ppl->command,
    };
    struct scoring_result result = { 0 };
    json_t *row = json_object();
    size_t count = scoring_per_chunk(&ppl->text) * ppl->text.chunks;

    if (session_set_k(session, k, err) != OK ||
        measure_setting(&measuring, row, &result, err) != OK)
        goto out;
    if (ppl->first) {
        put_pairing(row, result.loss, ppl->first, count);
    } else {
        ppl->first = result.loss;
        result.loss = NULL;
    }
    json_array_append(ppl->rows, row);
out:
    json_decref(row);
    scoring_result_release(&result);
    return err->code;
}

static void print_rows(const json_t *rows, bool spikes, bool kl, bool pairs)
{
    static const struct column scores[] = {
        { "setting", "setting", -34, -1, false },
        { "perplexity", "perplexity", 10, 3, false },
        { "perplexity_error", "+-", 7, 3, false },
        { "bits_per_byte", "bits/byte", 9, 4, false },
        { "tokens_per_second", "tokens/s", 8, 0, false },
        { 0 },
    };
    static const struct column sparsity[] = {
        { "setting", "setting", -34, -1, false },
        { "silent_share", "silent", 8, 2, true },
        { "spikes_per_channel", "spikes/ch", 10, 3, false },
        { "slot_sparsity_3", "slots(3)", 9, 2, true },
        { "small_share", "|c|<=7", 8, 2, true },
        { "mean_steps", "T mean", 7, 2, false },
        { "rate_hz", "rate Hz", 8, 1, false },
        { "sop", "SOP/token", 10, 0, false },
        { "event_driven_share", "event-driven", 12, 1, true },
        { 0 },
    };
    static const struct column divergence[] = {
        { "setting", "setting", -34, -1, false },
        { "float_perplexity", "float", 8, 3, false },
        { "ratio", "ratio", 8, 4, false },
        { "ratio_error", "+-", 7, 4, false },
        { "kl", "KL nats", 9, 5, false },
        { "kl_error", "+-", 8, 5, false },
        { 0 },
    };
    static const struct column pairing[] = {
        { "setting", "setting", -34, -1, false },
        { "to_first", "to first", 9, 4, false },
        { "to_first_error", "+-", 7, 4, false },
        { 0 },
    };
    table_print(scores, rows);
    if (spikes) {
        putchar('\n');
        table_print(sparsity, rows);
    }
    if (kl) {
        printf("\nagainst the dense float model, paired by token\n");
        table_print(divergence, rows);
    }
    if (pairs) {
        printf("\nperplexity over that of the first setting, paired by token\n");
        table_print(pairing, rows);
    }
}

static enum error_code score_settings(struct ppl_run *ppl, struct error *err)
{
    const struct options *options = ppl->session.options;
    double k[K_MAX];
    unsigned count = 0;
    if (k_list_read(options, k, &count, err) != OK)
        return err->code;
    if (ppl->session.precision != PRECISION_SPIKING)
        count = 1;
    if (count > 1 && option_text(options, "output"))
        return error_set(err, ERR_ARGUMENT, "-o records one setting, --k lists %u",
                         count);
    if (ppl->session.precision != PRECISION_SPIKING && option_text(options, "output"))
        return error_set(err, ERR_ARGUMENT, "-o records spikes, --dense has none");
    for (unsigned i = 0; i < count; i++)
        if (one_setting(ppl, k[i], err) != OK)
            return err->code;
    if (option_flag(options, "json"))
        return json_print(json_incref(ppl->rows), err);
    printf("%zu windows of %u tokens, %zu scored\n\n", ppl->text.chunks,
           ppl->text.window, scoring_per_chunk(&ppl->text) * ppl->text.chunks);
    print_rows(ppl->rows, ppl->session.precision == PRECISION_SPIKING,
               option_flag(options, "kl"), count > 1);
    return OK;
}

static enum error_code perplexity(struct ppl_run *ppl, const struct options *options,
                                  struct error *err)
{
    uint64_t window = 0, chunks = 0;
    char *bytes = NULL;
    size_t length = 0;
    if (option_whole(options, "window-tokens", 4, 1 << 20, &window, err) == OK &&
        option_whole(options, "chunks", 0, UINT32_MAX, &chunks, err) == OK &&
        text_read(options, &bytes, &length, err) == OK &&
        session_start(&ppl->session, options, (uint32_t)window, (uint32_t)window,
                      err) == OK &&
        scoring_prepare(&ppl->text, &ppl->session, bytes, length, (uint32_t)window,
                        (size_t)chunks, err) == OK &&
        session_announce(&ppl->session, ppl->text.chunks * ppl->text.window, err) == OK)
        score_settings(ppl, err);
    free(bytes);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_ppl, option_model,
                                                   option_spiking, option_common,
                                                   NULL };
    struct options options;
    struct ppl_run ppl = { 0 };
    char *command = join_words(argc, argv);
    if (options_read(
            &options, tables, "ppl -f FILE [options]",
            "Perplexity of a text, with its standard error; sparsity beside it.", 0,
            argc, argv, err) == OK &&
        !options.help_shown) {
        ppl.rows = json_array();
        ppl.command = command ? command : "";
        if (option_text(&options, "hellaswag"))
            hellaswag_run(&ppl.session, &options, err);
        else
            perplexity(&ppl, &options, err);
        scoring_release(&ppl.text);
        session_close(&ppl.session);
        free(ppl.first);
        json_decref(ppl.rows);
    }
    free(command);
    options_release(&options);
    return err->code;
}

const struct command ppl_command = {
    .name = "ppl",
    .arguments = "-f FILE [--k 3] [--kl]",
    .summary = "perplexity of a text, sparsity beside it",
    .run = run,
};
