/* How much silence a budget of perplexity buys: rules are chosen for so many nats
 * (site_rules.h), measured on the calibration windows, and the nats corrected until what
 * is measured meets the budget. */
#ifndef EXPERIMENTS_SILENCE_SEARCH_H
#define EXPERIMENTS_SILENCE_SEARCH_H

#include "experiments/site_rules.h"

/* What the budget is held against: the dense model, or the spiking one untuned. */
enum against { AGAINST_FLOAT, AGAINST_INT8, AGAINST_UNTUNED };

struct silence_search;

struct silence_search_settings {
    struct session *session;
    const struct scoring_text *text; /* calibration windows */
    struct calibration *calibration;
    const struct site_rules *rules;
    double *cost;                         /* (sites), what the rules allot by */
    const struct threshold_rule *untuned; /* (sites) */
    enum against against;
    size_t refined_on; /* windows (cost_refinement.h); 0: costs stay as they are */
};

/* Settings point to what outlives it. */
enum error_code silence_search_create(struct silence_search **search,
                                      const struct silence_search_settings *settings,
                                      struct error *err);
void silence_search_free(struct silence_search *search);

/* Of the rules that stay within `percent`, the most silent found go to chosen (sites);
 * `spent`: nats per token that these were measured to cost. Budgets come in rising
 * order: a search goes on from what the ones before measured. Refuses a budget that the
 * untuned network exceeds. Says every round on stderr. */
enum error_code silence_search_run(struct silence_search *search, double percent,
                                   struct threshold_rule *chosen, double *spent,
                                   struct error *err);

#endif
