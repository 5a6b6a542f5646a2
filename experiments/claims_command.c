/* `lucciola claims`: what the press and the papers promise, each with its source, its
 * arithmetic, a measurement on a real model, and verdicts with their conditions. */
#include "base/version.h"
#include "experiments/claim_document.h"
#include "experiments/claim_measure.h"
#include "experiments/command.h"
#include "experiments/drawing.h"
#include "experiments/session.h"
#include "experiments/table.h"
#include "experiments/text_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option option_claims[] = {
    { "claim", 0, "NAME", "one claim; 'list' names them", NULL },
    { "html", 0, "FILE", "write all as one page", NULL },
    { "results", 0, "FILE", "stored results (default: data/claims/results.json)",
      NULL },
    { "store", 0, NULL, "put what was measured into --results", NULL },
    { 0 },
};

/* The command without its folders, which mean nothing elsewhere. */
static char *join_base_names(int argc, char **argv)
{
    char **word = calloc((size_t)argc + 1, sizeof *word);
    for (int i = 0; word && i < argc; i++) {
        char *slash = strrchr(argv[i], '/');
        word[i] = slash ? slash + 1 : argv[i];
    }
    char *text = word ? join_words(argc, word) : NULL;
    free(word);
    return text;
}

static void list_claims(void)
{
    for (int t = 0; claim_tables[t]; t++)
        for (const struct claim *claim = claim_tables[t]; claim->name; claim++)
            printf("%-36s %s\n", claim->name, claim->says);
}

/* Stored results, and in front of them what -m and -f measure. */
static enum error_code gather(struct claim_measurements *measurements,
                              const struct options *options, const char *command,
                              struct error *err)
{
    char path[1200];
    const char *given = option_text(options, "results");
    bool measures = option_text(options, "file") || option_text(options, "prompt");
    snprintf(path, sizeof path, "%s/claims/results.json", version_data_folder());
    const char *results = given ? given : path;
    if (!measures && option_is_given(options, "model"))
        return error_set(err, ERR_ARGUMENT, "-m measures on a text: give -f FILE");
    if (!measures && option_flag(options, "store"))
        return error_set(err, ERR_ARGUMENT,
                         "--store needs a measurement: give -f FILE");
    if ((option_flag(options, "store") && drawing_check(results, err) != OK) ||
        claim_measurements_open(measurements, results, measures, err) != OK ||
        !measures)
        return err->code;
    struct claim_measurement *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return error_memory(err, "a measurement", sizeof *fresh);
    if (claim_measure(fresh, options, command, err) == OK &&
        claim_measurements_put(measurements, fresh, err) == OK &&
        option_flag(options, "store"))
        claim_measurements_store(measurements, results, err);
    free(fresh);
    return err->code;
}

static enum error_code show(const struct options *options,
                            const struct claim_measurements *measurements,
                            const struct claim *only, struct error *err)
{
    const char *html = option_text(options, "html");
    json_t *document = claims_document(measurements, only);
    if (!document)
        return error_memory(err, "claims", 0);
    err->code = OK;
    if (!html || claims_page(document, html, err) == OK) {
        if (option_flag(options, "json"))
            return json_print(document, err);
        claims_print(document);
    }
    json_decref(document);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_claims, option_claim_measure,
                                                   option_model,  option_spiking,
                                                   option_common, NULL };
    struct options options;
    struct claim_measurements measurements = { 0 };
    char *command = join_base_names(argc, argv);
    if (options_read(
            &options, tables, "claims [-m MODEL -f TEXT] [options]",
            "Promises of the press and the papers, checked: source, "
            "arithmetic, measurement, verdicts.\nWithout --k the five values of the "
            "report's table 11 are measured.",
            0, argc, argv, err) == OK &&
        !options.help_shown) {
        const char *name = option_text(&options, "claim");
        const struct claim *only = name ? claim_find(name) : NULL;
        if (name && strcmp(name, "list") == 0)
            list_claims();
        else if (name && !only)
            error_set(err, ERR_ARGUMENT, "--claim: no '%s'; 'list' names them", name);
        else if (drawing_check(option_text(&options, "html"), err) == OK &&
                 gather(&measurements, &options, command ? command : "", err) == OK)
            show(&options, &measurements, only, err);
    }
    claim_measurements_release(&measurements);
    free(command);
    options_release(&options);
    return err->code;
}

const struct command claims_command = {
    .name = "claims",
    .arguments = "[-m MODEL -f TEXT] [--html FILE]",
    .summary = "promises of press and papers: source, arithmetic, verdict",
    .run = run,
};
