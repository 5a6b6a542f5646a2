/* `lucciola tune`: dead zone and k of every site, so that the network fetches as few
 * weight bytes as a budget of perplexity allows. Calibrates on the first quarter of a
 * text and judges on the rest. */
#include "experiments/calibration.h"
#include "experiments/command.h"
#include "experiments/cost_refinement.h"
#include "experiments/held_out.h"
#include "experiments/simple_rules.h"
#include "experiments/site_costs.h"
#include "experiments/site_rules.h"
#include "experiments/text_input.h"
#include "experiments/threshold_file.h"

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINEST = 64, ROUNDS = 5 };

static const struct option option_tune[] = {
    { "file", 'f', "FILE", "the text: its first quarter calibrates, the rest judges",
      NULL },
    { "prompt", 'p', "TEXT", "the text itself", NULL },
    { "budget", 0, "PERCENT", "perplexity that silence may cost", "2" },
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
    { "output", 'o', "FILE", "where the thresholds go", "thresholds.conf" },
    { "costs", 0, "FILE",
      "costs of sites, kept as they are measured; a second run with the same model and "
      "text reads them (default: OUTPUT.costs)",
      NULL },
    { "window-tokens", 'w', "N", "tokens of a window", "512" },
    { "calibrate", 0, "N", "windows of the first quarter; 0: all", "16" },
    { "judge", 0, "N", "windows of the rest; 0: all", "24" },
    { 0 },
};

enum against { AGAINST_FLOAT, AGAINST_INT8, AGAINST_UNTUNED };

struct tune {
    struct session session;
    struct scoring_text text, near, far; /* all of it, its quarter's part, the rest's */
    struct calibration *calibration;
    struct site_rules rules;
    double *cost;                            /* (sites) */
    struct threshold_rule *untuned, *chosen; /* (sites) */
    enum against against;
    double percent, target; /* the target in nats per token */
    double *reference;      /* losses of what the budget is held against, on `near` */
    double spent, chosen_nats; /* by the rules chosen: measured, and allotted */
    uint64_t refined_on;       /* windows; 0: costs stay as they were probed */
    struct held_out held_out;
};

static enum error_code read_budget(struct tune *tune, const struct options *options,
                                   struct error *err)
{
    const char *against = option_text(options, "against");
    if (option_number(options, "budget", 1e-3, 1e3, &tune->percent, err) != OK)
        return err->code;
    tune->target = log1p(tune->percent / 100);
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
    tune->chosen = calloc(sites, sizeof *tune->chosen);
    tune->cost = calloc(sites, sizeof *tune->cost);
    if (!tune->untuned || !tune->chosen || !tune->cost)
        return error_memory(err, "rules", 3.0 * sites * sizeof *rule);
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
    return scoring_spread(&tune->far, &tune->session, &tune->text, quarter,
                          tune->text.chunks - quarter, (size_t)far, err);
}

static enum error_code losses_of(struct tune *tune, struct projector *projector,
                                 double **losses, struct error *err)
{
    struct scoring_result result;
    *losses = NULL;
    if (scoring_run(&tune->near, &tune->session, projector, NULL, NULL, &result, err) !=
        OK)
        return err->code;
    *losses = result.loss;
    result.loss = NULL;
    scoring_result_release(&result);
    return OK;
}

/* Nats per token above the reference, on the calibration windows. */
static enum error_code excess_of(struct tune *tune, const struct threshold_rule *rule,
                                 double *excess, struct error *err)
{
    double *losses = NULL;
    size_t count = scoring_per_chunk(&tune->near) * tune->near.chunks;
    if (session_set_thresholds(&tune->session, rule, err) != OK ||
        losses_of(tune, &tune->session.spiking, &losses, err) != OK)
        return err->code;
    if (!tune->reference) { /* against the untuned network, which is the first asked */
        tune->reference = losses;
        *excess = 0;
        return OK;
    }
    *excess = score_of_difference(losses, tune->reference, count).mean;
    free(losses);
    return OK;
}

static enum error_code hear_reference(struct tune *tune, struct error *err)
{
    err->code = OK;
    if (tune->against == AGAINST_FLOAT)
        losses_of(tune, &tune->session.dense_float, &tune->reference, err);
    else if (tune->against == AGAINST_INT8)
        losses_of(tune, &tune->session.dense_int8, &tune->reference, err);
    return err->code;
}

/* Nats allotted, as the model of costs counts them, and the excess measured there. */
struct trials {
    double nats[ROUNDS + 1], excess[ROUNDS + 1];
    size_t count;
};

/* Where the straight line through all trials meets the target. */
static double next_nats(const struct trials *trials, double target)
{
    double start, slope, cov[3], squares;
    const double last = trials->nats[trials->count - 1];
    gsl_fit_linear(trials->nats, 1, trials->excess, 1, trials->count, &start, &slope,
                   &cov[0], &cov[1], &cov[2], &squares);
    double next = slope > 0 ? (target - start) / slope : 4 * last;
    return fmin(fmax(next, last / 4), 4 * last);
}

static enum error_code try_rules(struct tune *tune, struct trials *trials, double nats,
                                 struct threshold_rule *rule, struct error *err)
{
    double excess = 0;
    if (site_rules_choose(&tune->rules, nats, rule, err) != OK ||
        excess_of(tune, rule, &excess, err) != OK)
        return err->code;
    fprintf(stderr, "round %zu: %.4f nats allotted, %+.2f %% measured\n", trials->count,
            nats, 100 * expm1(excess));
    trials->nats[trials->count] = nats;
    trials->excess[trials->count++] = excess;
    if (excess <= tune->target && nats > tune->chosen_nats) {
        tune->chosen_nats = nats;
        tune->spent = excess;
        memcpy(tune->chosen, rule, tune->session.model.sites * sizeof *rule);
    }
    return OK;
}

/* At the share that the budget is thought to buy. */
static enum error_code refine_costs(struct tune *tune, double nats, struct error *err)
{
    struct cost_refinement found;
    double share = 0;
    err->code = OK;
    if (tune->refined_on == 0)
        return OK;
    if (site_rules_share(&tune->rules, nats, &share, err) != OK ||
        cost_refine(tune->calibration, &tune->rules, share, (size_t)tune->refined_on,
                    tune->cost, &found, err) != OK)
        return err->code;
    fprintf(stderr, "costs refined at %.1f %% saved: %.4f nats, before %.4f\n",
            100 * share, found.after, found.before);
    return OK;
}

/* Of the rules that stay within the target, the most silent found. */
static enum error_code search(struct tune *tune, struct error *err)
{
    const uint32_t sites = tune->session.model.sites;
    struct trials trials = { .count = 1 };
    struct threshold_rule *rule = calloc(sites, sizeof *rule);
    double *floor = &trials.excess[0];
    if (!rule)
        return error_memory(err, "rules", sites * sizeof *rule);
    memcpy(tune->chosen, tune->untuned, sites * sizeof *rule);
    if (hear_reference(tune, err) != OK ||
        excess_of(tune, tune->untuned, floor, err) != OK)
        goto out;
    fprintf(stderr, "untuned: %+.2f %% measured\n", 100 * expm1(*floor));
    if (*floor >= tune->target) {
        error_set(err, ERR_ARGUMENT,
                  "k %g without silence already costs %.2f %% perplexity, and the "
                  "budget is %g %%",
                  tune->rules.finest, 100 * expm1(*floor), tune->percent);
        goto out;
    }
    /* A model that predicts the text badly may gain by silence; it still has to say
     * nearly what the dense one says. */
    double nats = tune->target - *floor;
    const double most_nats = 2 * nats;
    if (refine_costs(tune, nats, err) != OK)
        goto out;
    for (int round = 0; round < ROUNDS; round++) {
        if (try_rules(tune, &trials, nats, rule, err) != OK)
            break;
        double next = fmin(next_nats(&trials, tune->target), most_nats);
        if (fabs(next - nats) < 0.03 * nats)
            break;
        nats = next;
    }
out:
    free(rule);
    return err->code;
}

static enum error_code judge_all(struct tune *tune, bool compares, struct error *err)
{
    struct held_out *held_out = &tune->held_out;
    if (held_out_spike(held_out, "untuned", tune->untuned, err) != OK ||
        held_out_spike(held_out, "tuned", tune->chosen, err) != OK ||
        held_out_int8(held_out, "dense int8", err) != OK || !compares)
        return err->code;
    return simple_rules_judge(held_out, &tune->rules, tune->chosen, err);
}

static enum error_code write_rules(struct tune *tune, const struct options *options,
                                   struct error *err)
{
    char about[400];
    snprintf(about, sizeof about,
             "# lucciola tune: budget %g %% perplexity over %s, calibrated on %zu "
             "windows of %u tokens:\n# %.2f %% spent there. A site's row: k, dead zone "
             "in multiples of mean|x|.\n",
             tune->percent, option_text(options, "against"), tune->near.chunks,
             tune->near.window, 100 * expm1(tune->spent));
    char *text = threshold_file_text(&tune->session.model, tune->chosen,
                                     tune->session.spikes, about);
    if (!text)
        return error_memory(err, "thresholds", 0);
    threshold_file_write(option_text(options, "output"), text, err);
    free(text);
    return err->code;
}

static void print_rows(const struct tune *tune, const struct options *options)
{
    static const struct column columns[] = {
        { "setting", "setting", -22, -1, false },
        { "silent_share", "silent", 8, 2, true },
        { "fetched_share", "bytes", 8, 2, true },
        { "spikes_per_channel", "spikes/ch", 10, 3, false },
        { "perplexity", "perplexity", 10, 3, false },
        { "ratio", "to float", 8, 4, false },
        { "ratio_error", "+-", 7, 4, false },
        { "kl", "KL nats", 8, 4, false },
        { "to_untuned", "to untuned", 10, 4, false },
        { "to_untuned_error", "+-", 7, 4, false },
        { 0 },
    };
    printf("budget %g %% over %s; calibrated on %zu windows of %u tokens, judged on "
           "%zu others\nbytes: weights fetched by the projections that spike, of what "
           "they hold\n\n",
           tune->percent, option_text(options, "against"), tune->near.chunks,
           tune->near.window, tune->far.chunks);
    table_print(columns, tune->held_out.rows);
    printf("\nthresholds written to %s\n", option_text(options, "output"));
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
        search(tune, err) != OK || write_rules(tune, options, err) != OK ||
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
    free(tune->chosen);
    free(tune->reference);
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
            read_budget(&tune, &options, err) == OK &&
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
