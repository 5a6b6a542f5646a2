/* `lucciola tune`: dead zone and k of every site, so that the network fetches as few
 * weight bytes as a budget of perplexity allows. Calibrates on the first quarter of a
 * text and judges on the rest. */
#include "experiments/calibration.h"
#include "experiments/command.h"
#include "experiments/held_out.h"
#include "experiments/silence_search.h"
#include "experiments/simple_rules.h"
#include "experiments/site_costs.h"
#include "experiments/site_rules.h"
#include "experiments/text_input.h"
#include "experiments/threshold_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINEST = 64, BUDGETS = 8 };
/* Most for what the float model says of the windows that are judged. */
static const double memory_bytes = 2e9;

static const struct option option_tune[] = {
    { "file", 'f', "FILE", "the text: its first quarter calibrates, the rest judges",
      NULL },
    { "prompt", 'p', "TEXT", "the text itself", NULL },
    { "budget", 0, "PERCENT",
      "perplexity that silence may cost; a rising list tunes for each", "2" },
    { "against", 0, "WHAT",
      "perplexity of the dense model in float (as stored) or int8, or of the spiking "
      "network untuned",
      "float" },
    { "save", 0, "WHAT",
      "what silence is to save: bytes (of weights) or channels, each worth the same",
      "bytes" },
    { "refine", 0, "N",
      "calibration windows on which the costs of sites are refined together; 0: they "
      "stay as probed one by one",
      "0" },
    { "compare", 0, NULL,
      "judge simple rules as well: one k, one dead zone, TEAL's at 25, 40, 50, 65 %",
      NULL },
    { "output", 'o', "FILE", "where the thresholds go; of several budgets: FILE.BUDGET",
      "thresholds.conf" },
    { "costs", 0, "FILE",
      "costs of sites, kept as they are measured; a second run with the same model and "
      "text reads them (default: OUTPUT.costs)",
      NULL },
    { "window-tokens", 'w', "N", "tokens of a window", "512" },
    { "calibrate", 0, "N", "windows of the first quarter; 0: all", "16" },
    { "judge", 0, "N", "windows of the rest; 0: all", "24" },
    { 0 },
};

/* A budget, and what it bought. */
struct purchase {
    double percent;
    struct threshold_rule *rule; /* (sites) */
    double spent; /* nats per token, measured on the calibration windows */
};

struct tune {
    struct session session;
    struct scoring_text text, near, far; /* all of it, its quarter's part, the rest's */
    struct scoring_memory memory;        /* of `far` */
    struct calibration *calibration;
    struct site_rules rules;
    double *cost;                   /* (sites) */
    struct threshold_rule *untuned; /* (sites) */
    enum against against;
    uint64_t refined_on; /* windows; 0: costs stay as they were probed */
    struct purchase purchase[BUDGETS];
    unsigned purchases;
    struct held_out held_out;
};

static enum error_code read_budgets(struct tune *tune, const char *text,
                                    struct error *err)
{
    double last = 0;
    for (const char *at = text;; at++) {
        char *end = NULL;
        double percent = strtod(at, &end);
        if (end == at || (*end != ',' && *end) || !(percent >= 1e-3 && percent <= 1e3))
            return error_set(err, ERR_ARGUMENT,
                             "--budget: expected percents from 0.001 to 1000, found "
                             "'%s'",
                             text);
        if (percent <= last || tune->purchases == BUDGETS)
            return error_set(err, ERR_ARGUMENT,
                             "--budget: expected at most %d in rising order, found "
                             "'%s'",
                             BUDGETS, text);
        tune->purchase[tune->purchases++].percent = last = percent;
        at = end;
        if (*at == '\0')
            return OK;
    }
}

static enum error_code read_purpose(struct tune *tune, const struct options *options,
                                    struct error *err)
{
    const char *against = option_text(options, "against");
    if (read_budgets(tune, option_text(options, "budget"), err) != OK)
        return err->code;
    if (strcmp(against, "float") == 0)
        tune->against = AGAINST_FLOAT;
    else if (strcmp(against, "int8") == 0)
        tune->against = AGAINST_INT8;
    else if (strcmp(against, "untuned") == 0)
        tune->against = AGAINST_UNTUNED;
    else
        return error_set(err, ERR_ARGUMENT,
                         "--against: expected float, int8 or untuned, found '%s'",
                         against);
    const char *save = option_text(options, "save");
    if (strcmp(save, "bytes") != 0 && strcmp(save, "channels") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "--save: expected bytes or channels, found '%s'", save);
    tune->rules.saving = *save == 'c' ? SAVE_CHANNELS : SAVE_BYTES;
    return option_whole(options, "refine", 0, UINT32_MAX, &tune->refined_on, err);
}

/* The session's rule at every site, with k so fine that rounding is hardly felt. */
static enum error_code make_rules(struct tune *tune, const struct options *options,
                                  struct error *err)
{
    struct session *session = &tune->session;
    struct threshold_rule *rule = &session->spiking_settings.threshold;
    const uint32_t sites = session->model.sites;
    if (session->precision != PRECISION_SPIKING || rule->fixed > 0 ||
        session->spiking_settings.site_threshold)
        return error_set(err, ERR_ARGUMENT,
                         "tune chooses k and dead zones: --dense, --threshold and "
                         "--thresholds leave it nothing");
    if (!option_is_given(options, "k"))
        rule->k = FINEST;
    tune->untuned = calloc(sites, sizeof *tune->untuned);
    tune->cost = calloc(sites, sizeof *tune->cost);
    bool has_room = tune->untuned && tune->cost;
    for (unsigned i = 0; i < tune->purchases; i++) {
        tune->purchase[i].rule = calloc(sites, sizeof *rule);
        has_room = has_room && tune->purchase[i].rule;
    }
    if (!has_room)
        return error_memory(err, "rules", (2.0 + BUDGETS) * sites * sizeof *rule);
    for (uint32_t s = 0; s < sites; s++)
        tune->untuned[s] = *rule;
    tune->rules.session = session;
    tune->rules.calibration = tune->calibration;
    tune->rules.probe_cost = tune->cost;
    tune->rules.finest = rule->k;
    tune->held_out.session = session;
    tune->held_out.text = &tune->far;
    return OK;
}

static enum error_code split_text(struct tune *tune, const struct options *options,
                                  struct error *err)
{
    uint64_t near = 0, far = 0;
    const size_t quarter = tune->text.chunks / 4;
    if (option_whole(options, "calibrate", 0, UINT32_MAX, &near, err) != OK ||
        option_whole(options, "judge", 0, UINT32_MAX, &far, err) != OK)
        return err->code;
    if (quarter == 0)
        return error_set(err, ERR_ARGUMENT,
                         "a text of %zu windows of %u tokens has no first quarter to "
                         "calibrate on: expected at least 4",
                         tune->text.chunks, tune->text.window);
    if (scoring_spread(&tune->near, &tune->session, &tune->text, 0, quarter,
                       (size_t)near, err) != OK)
        return err->code;
    if (scoring_spread(&tune->far, &tune->session, &tune->text, quarter,
                       tune->text.chunks - quarter, (size_t)far, err) != OK)
        return err->code;
    return scoring_remember(&tune->far, &tune->memory, &tune->session, memory_bytes,
                            err);
}

static enum error_code search(struct tune *tune, struct error *err)
{
    const struct silence_search_settings settings = {
        .session = &tune->session,
        .text = &tune->near,
        .calibration = tune->calibration,
        .rules = &tune->rules,
        .cost = tune->cost,
        .untuned = tune->untuned,
        .against = tune->against,
        .refined_on = (size_t)tune->refined_on,
    };
    struct silence_search *search;
    if (silence_search_create(&search, &settings, err) != OK)
        return err->code;
    for (unsigned i = 0; i < tune->purchases && err->code == OK; i++)
        silence_search_run(search, tune->purchase[i].percent, tune->purchase[i].rule,
                           &tune->purchase[i].spent, err);
    silence_search_free(search);
    return err->code;
}

static enum error_code judge_tuned(struct tune *tune, struct error *err)
{
    for (unsigned i = 0; i < tune->purchases; i++) {
        char name[64] = "tuned";
        if (tune->purchases > 1)
            snprintf(name, sizeof name, "tuned, %g %%", tune->purchase[i].percent);
        if (held_out_spike(&tune->held_out, name, tune->purchase[i].rule, err) != OK)
            return err->code;
    }
    return OK;
}

/* What the budgets are held against comes first, since rows are paired with the first;
 * with the float model they are paired anyway. */
static enum error_code judge_all(struct tune *tune, bool compares, struct error *err)
{
    struct held_out *held_out = &tune->held_out;
    const bool is_int8_first = tune->against == AGAINST_INT8;
    if ((is_int8_first && held_out_int8(held_out, "dense int8", err) != OK) ||
        held_out_spike(held_out, "untuned", tune->untuned, err) != OK ||
        judge_tuned(tune, err) != OK ||
        (!is_int8_first && held_out_int8(held_out, "dense int8", err) != OK) ||
        !compares)
        return err->code;
    return simple_rules_judge(held_out, &tune->rules,
                              tune->purchase[tune->purchases - 1].rule, err);
}

static enum error_code write_rules(const struct tune *tune,
                                   const struct options *options,
                                   const struct purchase *purchase, struct error *err)
{
    char about[400], path[1100];
    const char *output = option_text(options, "output");
    snprintf(path, sizeof path, "%s", output);
    if (tune->purchases > 1)
        snprintf(path, sizeof path, "%s.%g", output, purchase->percent);
    snprintf(about, sizeof about,
             "# lucciola tune: budget %g %% perplexity over %s, calibrated on %zu "
             "windows of %u tokens:\n# %.2f %% spent there. A site's row: k, dead zone "
             "in multiples of mean|x|.\n",
             purchase->percent, option_text(options, "against"), tune->near.chunks,
             tune->near.window, 100 * expm1(purchase->spent));
    char *text = threshold_file_text(&tune->session.model, purchase->rule,
                                     tune->session.spikes, about);
    if (!text)
        return error_memory(err, "thresholds", 0);
    threshold_file_write(path, text, err);
    free(text);
    return err->code;
}

static enum error_code write_all(const struct tune *tune, const struct options *options,
                                 struct error *err)
{
    for (unsigned i = 0; i < tune->purchases; i++)
        if (write_rules(tune, options, &tune->purchase[i], err) != OK)
            return err->code;
    return OK;
}

static void print_rows(const struct tune *tune, const struct options *options)
{
    struct column columns[] = {
        { "setting", "setting", -22, -1, false },
        { "silent_share", "silent", 8, 2, true },
        { "fetched_share", "bytes", 8, 2, true },
        { "spikes_per_channel", "spikes/ch", 10, 3, false },
        { "perplexity", "perplexity", 10, 3, false },
        { "ratio", "to float", 8, 4, false },
        { "ratio_error", "+-", 7, 4, false },
        { "kl", "KL nats", 8, 4, false },
        { "to_first", tune->against == AGAINST_INT8 ? "to int8" : "to untuned", 10, 4,
          false },
        { "to_first_error", "+-", 7, 4, false },
        { 0 },
    };
    printf("budget %s %% over %s; calibrated on %zu windows of %u tokens, judged on "
           "%zu others\nbytes: weights fetched by the projections that spike, of what "
           "they hold\n\n",
           option_text(options, "budget"), option_text(options, "against"),
           tune->near.chunks, tune->near.window, tune->far.chunks);
    table_print(columns, tune->held_out.rows);
    printf("\nthresholds written to %s%s\n", option_text(options, "output"),
           tune->purchases > 1 ? ".BUDGET" : "");
}

static enum error_code tune_text(struct tune *tune, const struct options *options,
                                 const char *bytes, size_t length, uint32_t window,
                                 struct error *err)
{
    char path[1100];
    struct session *session = &tune->session;
    const char *costs = option_text(options, "costs");
    snprintf(path, sizeof path, "%s.costs", option_text(options, "output"));
    if (session_start(session, options, window, window, err) != OK ||
        scoring_prepare(&tune->text, session, bytes, length, window, 0, err) != OK ||
        split_text(tune, options, err) != OK ||
        calibration_create(&tune->calibration, session, &tune->near, err) != OK ||
        make_rules(tune, options, err) != OK ||
        calibration_collect(tune->calibration, err) != OK ||
        site_costs_measure(tune->calibration, session, &tune->near,
                           costs ? costs : path, tune->cost, err) != OK ||
        search(tune, err) != OK || write_all(tune, options, err) != OK ||
        judge_all(tune, option_flag(options, "compare"), err) != OK)
        return err->code;
    if (option_flag(options, "json"))
        return json_print(json_incref(tune->held_out.rows), err);
    print_rows(tune, options);
    return OK;
}

static void release(struct tune *tune)
{
    calibration_free(tune->calibration);
    scoring_release(&tune->text);
    scoring_release(&tune->near);
    scoring_release(&tune->far);
    session_close(&tune->session);
    free(tune->cost);
    free(tune->untuned);
    for (unsigned i = 0; i < tune->purchases; i++)
        free(tune->purchase[i].rule);
    held_out_release(&tune->held_out);
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_tune, option_model,
                                                   option_spiking, option_common,
                                                   NULL };
    struct options options;
    struct tune tune = { 0 };
    char *bytes = NULL;
    size_t length = 0;
    uint64_t window = 0;
    if (options_read(&options, tables, "tune -f FILE --budget 2 [options]",
                     "Thresholds of every site under a budget of perplexity.", 0, argc,
                     argv, err) == OK &&
        !options.help_shown) {
        tune.held_out.rows = json_array();
        if (option_whole(&options, "window-tokens", 4, 1 << 20, &window, err) == OK &&
            read_purpose(&tune, &options, err) == OK &&
            text_read(&options, &bytes, &length, err) == OK)
            tune_text(&tune, &options, bytes, length, (uint32_t)window, err);
        release(&tune);
        free(bytes);
    }
    options_release(&options);
    return err->code;
}

const struct command tune_command = {
    .name = "tune",
    .arguments = "-f FILE [--budget 2]",
    .summary = "thresholds by site under a perplexity budget",
    .run = run,
};
