/* See simple_rules.h. One k silences what rounds to 0: |x| < V / 2 = mean|x| / (2 k). So
 * it stands for a dead zone of 1 / (2 k), and both are read from the histograms. */
#include "experiments/simple_rules.h"

#include <stdio.h>
#include <stdlib.h>

/* The report's. */
static const double usual_k = 3;
static const double teal_share[] = { 0.25, 0.40, 0.50, 0.65 };
enum { TEAL_SHARES = sizeof teal_share / sizeof *teal_share };

/* The share of all channels that lie under the dead zones of rules (sites), or under the
 * one of all sites where these are NULL. */
static double silent_under(const struct site_rules *rules,
                           const struct threshold_rule *of_site, double of_all)
{
    const struct session *session = rules->session;
    double silent = 0, all = 0;
    for (uint32_t s = 0; s < session->model.sites; s++) {
        if (!session->spikes[s])
            continue;
        double channels = session->model.site[s].inputs;
        silent += channels * calibration_share(rules->calibration, s,
                                               of_site ? of_site[s].dead_zone : of_all);
        all += channels;
    }
    return all > 0 ? silent / all : 0;
}

/* The one dead zone under which `share` of all channels lie. */
static double common_dead_zone(const struct site_rules *rules, double share)
{
    enum { HALVINGS = 40 };
    double low = 0, high = 64;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (silent_under(rules, NULL, middle) < share)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static enum error_code judge_one_rule(struct held_out *held_out, double k,
                                      double dead_zone, struct error *err)
{
    const struct session *session = held_out->session;
    const uint32_t sites = session->model.sites;
    char name[64];
    struct threshold_rule *rule = calloc(sites, sizeof *rule);
    if (!rule)
        return error_memory(err, "rules", sites * sizeof *rule);
    for (uint32_t s = 0; s < sites; s++) {
        rule[s] = session->spiking_settings.threshold;
        rule[s].k = k;
        rule[s].dead_zone = dead_zone;
    }
    snprintf(name, sizeof name, "k %.3g", k);
    if (dead_zone > 0)
        snprintf(name, sizeof name, "k %.3g, dead zone %.3g", k, dead_zone);
    held_out_spike(held_out, name, rule, err);
    free(rule);
    return err->code;
}

static enum error_code judge_teal(struct held_out *held_out,
                                  const struct site_rules *rules, double share,
                                  double *dead_zone, struct error *err)
{
    char name[64];
    snprintf(name, sizeof name, "TEAL %.0f %%", 100 * share);
    site_rules_uniform(rules, share, dead_zone);
    if (held_out_silence(held_out, name, dead_zone, err) != OK)
        return err->code;
    snprintf(name, sizeof name, "TEAL %.0f %%, greedy", 100 * share);
    if (site_rules_silence(rules, share, dead_zone, err) != OK)
        return err->code;
    return held_out_silence(held_out, name, dead_zone, err);
}

enum error_code simple_rules_judge(struct held_out *held_out,
                                   const struct site_rules *rules,
                                   const struct threshold_rule *tuned,
                                   struct error *err)
{
    const uint32_t sites = rules->session->model.sites;
    const double common = common_dead_zone(rules, silent_under(rules, tuned, 0));
    if (judge_one_rule(held_out, usual_k, 0, err) != OK)
        return err->code;
    /* Where less is silent than the finest k silences anyway, there is nothing to match. */
    if (0.5 / common < rules->finest &&
        (judge_one_rule(held_out, 0.5 / common, 0, err) != OK ||
         judge_one_rule(held_out, rules->finest, common, err) != OK))
        return err->code;
    double *dead_zone = calloc(sites, sizeof *dead_zone);
    if (!dead_zone)
        return error_memory(err, "dead zones", sites * sizeof *dead_zone);
    for (int i = 0; i < TEAL_SHARES && err->code == OK; i++)
        judge_teal(held_out, rules, teal_share[i], dead_zone, err);
    free(dead_zone);
    return err->code;
}
