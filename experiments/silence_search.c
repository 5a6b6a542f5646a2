/* See silence_search.h. */
#include "experiments/silence_search.h"

#include "experiments/cost_refinement.h"

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Measurements for a budget, and of all budgets that count for the straight line. */
enum { ROUNDS = 5, TRIALS = 64 };
/* Steps that are smaller are not worth a measurement. */
static const double near = 0.03;

struct silence_search {
    struct silence_search_settings given;
    double *reference; /* losses of what the budget is held against */
    /* Nats allotted, as the model of costs counts them, and the excess measured there;
     * the first is the untuned network's. */
    double nats[TRIALS], excess[TRIALS];
    size_t trials;
    struct threshold_rule *rule, *best; /* (sites): under trial, and chosen */
    double best_nats, best_excess;
    bool is_refined;
};

static enum error_code losses_of(struct silence_search *search,
                                 struct projector *projector, double **losses,
                                 struct error *err)
{
    struct scoring_result result;
    *losses = NULL;
    if (scoring_run(search->given.text, search->given.session, projector, NULL, NULL,
                    &result, err) != OK)
        return err->code;
    *losses = result.loss;
    result.loss = NULL;
    scoring_result_release(&result);
    return OK;
}

/* Nats per token above the reference. */
static enum error_code excess_of(struct silence_search *search,
                                 const struct threshold_rule *rule, double *excess,
                                 struct error *err)
{
    struct session *session = search->given.session;
    double *losses = NULL;
    size_t count = scoring_per_chunk(search->given.text) * search->given.text->chunks;
    if (session_set_thresholds(session, rule, err) != OK ||
        losses_of(search, &session->spiking, &losses, err) != OK)
        return err->code;
    if (!search
             ->reference) { /* against the untuned network, which is the first asked */
        search->reference = losses;
        *excess = 0;
        return OK;
    }
    *excess = score_of_difference(losses, search->reference, count).mean;
    free(losses);
    return OK;
}

static enum error_code begin(struct silence_search *search, struct error *err)
{
    struct session *session = search->given.session;
    const uint32_t sites = session->model.sites;
    search->rule = calloc(sites, sizeof *search->rule);
    search->best = calloc(sites, sizeof *search->best);
    if (!search->rule || !search->best)
        return error_memory(err, "rules", 2.0 * sites * sizeof *search->rule);
    memcpy(search->best, search->given.untuned, sites * sizeof *search->best);
    err->code = OK;
    if (search->given.against == AGAINST_FLOAT)
        losses_of(search, &session->dense_float, &search->reference, err);
    else if (search->given.against == AGAINST_INT8)
        losses_of(search, &session->dense_int8, &search->reference, err);
    if (err->code != OK ||
        excess_of(search, search->given.untuned, &search->excess[0], err) != OK)
        return err->code;
    search->trials = 1;
    search->best_excess = search->excess[0];
    fprintf(stderr, "untuned: %+.2f %% measured\n", 100 * expm1(search->excess[0]));
    return OK;
}

enum error_code silence_search_create(struct silence_search **search,
                                      const struct silence_search_settings *settings,
                                      struct error *err)
{
    struct silence_search *s = calloc(1, sizeof *s);
    *search = NULL;
    if (!s)
        return error_memory(err, "a search", sizeof *s);
    s->given = *settings;
    if (begin(s, err) != OK)
        silence_search_free(s);
    else
        *search = s;
    return err->code;
}

void silence_search_free(struct silence_search *search)
{
    if (!search)
        return;
    free(search->reference);
    free(search->rule);
    free(search->best);
    free(search);
}

/* Where the straight line through all trials meets the target. */
static double next_nats(const struct silence_search *search, double target)
{
    double start, slope, cov[3], squares;
    const double last = search->nats[search->trials - 1];
    gsl_fit_linear(search->nats, 1, search->excess, 1, search->trials, &start, &slope,
                   &cov[0], &cov[1], &cov[2], &squares);
    double next = slope > 0 ? (target - start) / slope : 4 * last;
    return fmin(fmax(next, last / 4), 4 * last);
}

static enum error_code try_rules(struct silence_search *search, double nats,
                                 double target, struct error *err)
{
    double excess = 0;
    if (site_rules_choose(search->given.rules, nats, search->rule, err) != OK ||
        excess_of(search, search->rule, &excess, err) != OK)
        return err->code;
    fprintf(stderr, "round %zu: %.4f nats allotted, %+.2f %% measured\n",
            search->trials, nats, 100 * expm1(excess));
    search->nats[search->trials] = nats;
    search->excess[search->trials++] = excess;
    if (excess <= target && nats > search->best_nats) {
        search->best_nats = nats;
        search->best_excess = excess;
        memcpy(search->best, search->rule,
               search->given.session->model.sites * sizeof *search->best);
    }
    return OK;
}

/* At the share that the budget is thought to buy. */
static enum error_code refine_costs(struct silence_search *search, double nats,
                                    struct error *err)
{
    const struct silence_search_settings *given = &search->given;
    struct cost_refinement found;
    double share = 0;
    err->code = OK;
    if (given->refined_on == 0 || search->is_refined)
        return OK;
    if (site_rules_share(given->rules, nats, &share, err) != OK ||
        cost_refine(given->calibration, given->rules, share, given->refined_on,
                    given->cost, &found, err) != OK)
        return err->code;
    search->is_refined = true;
    fprintf(stderr, "costs refined at %.1f %% saved: %.4f nats, before %.4f\n",
            100 * share, found.after, found.before);
    return OK;
}

enum error_code silence_search_run(struct silence_search *search, double percent,
                                   struct threshold_rule *chosen, double *spent,
                                   struct error *err)
{
    const double target = log1p(percent / 100), floor = search->excess[0];
    if (floor >= target)
        return error_set(err, ERR_ARGUMENT,
                         "k %g without silence already costs %.2f %% perplexity, and "
                         "the budget is %g %%",
                         search->given.rules->finest, 100 * expm1(floor), percent);
    /* A model that predicts the text badly may gain by silence; it still has to say
     * nearly what the dense one says. */
    const double most_nats = 2 * (target - floor);
    double nats = target - floor;
    if (refine_costs(search, nats, err) != OK)
        return err->code;
    if (search->trials > 1)
        nats = fmin(next_nats(search, target), most_nats);
    for (int round = 0; round < ROUNDS && search->trials < TRIALS; round++) {
        if (try_rules(search, nats, target, err) != OK)
            return err->code;
        double next = fmin(next_nats(search, target), most_nats);
        if (fabs(next - nats) < near * nats) {
            if (search->excess[search->trials - 1] <= target)
                break;
            next = nats * (1 - 2 * near); /* as near as that, and within */
        }
        nats = next;
    }
    memcpy(chosen, search->best, search->given.session->model.sites * sizeof *chosen);
    *spent = search->best_excess;
    return OK;
}
