/* See site_rules.h. A dead zone loses a share e of its site's input energy; what that
 * costs is taken as proportional to e, with the factor that the probe measured, and the
 * costs of sites as additive. Dead zones: greedy (allocation.h), by weight bytes saved
 * per cost. Counts: rounding by a quantum of mean|x| / k loses a = heard / (12 k^2) of
 * the site's energy per channel; of all k with sum of c a = R the ones with fewest bits
 * in all counts are
 *
 *     k^2 = c a(1) N / (n R),    n: channels heard of the site, N: of all sites. */
#include "experiments/site_rules.h"

#include "experiments/allocation.h"
#include "experiments/site_costs.h"

#include <math.h>
#include <stdlib.h>

enum { LEVELS = 64 };

/* Of the budget, for rounding what is heard. */
static const double rounding_share = 0.05;
/* Highest silent share of a site. */
static const double most_silent = 0.95;

/* Nats per share of the input energy lost. */
static double factor_of(const struct site_rules *rules, uint32_t site)
{
    double dead_zone = calibration_dead_zone(rules->calibration, site, probe_share);
    double lost = calibration_error(rules->calibration, site, dead_zone);
    return lost > 0 ? rules->probe_cost[site] / lost : 0;
}

static double share_of(size_t level)
{
    return most_silent * (double)level / (LEVELS - 1);
}

static void fill_curve(const struct site_rules *rules, uint32_t s, double *saving,
                       double *cost)
{
    const struct site *site = &rules->session->model.site[s];
    const double factor = factor_of(rules, s);
    for (size_t level = 0; level < LEVELS; level++) {
        double share = share_of(level);
        double dead_zone =
            level ? calibration_dead_zone(rules->calibration, s, share) : 0;
        saving[level] = share * site->inputs * site->outputs;
        cost[level] = factor * calibration_error(rules->calibration, s, dead_zone);
    }
}

static double rounding_energy(const struct site_rules *rules, uint32_t s, double share)
{
    return (1 - share) / 12 / calibration_energy(rules->calibration, s);
}

static void choose_k(const struct site_rules *rules, const size_t *level, double nats,
                     struct threshold_rule *rule)
{
    const struct model *model = &rules->session->model;
    double heard = 0;
    for (uint32_t s = 0; s < model->sites; s++)
        if (rules->session->spikes[s])
            heard += (1 - share_of(level[s])) * model->site[s].inputs;
    for (uint32_t s = 0; s < model->sites; s++) {
        if (!rules->session->spikes[s])
            continue;
        double share = share_of(level[s]);
        double own = (1 - share) * model->site[s].inputs;
        double lost = factor_of(rules, s) * rounding_energy(rules, s, share);
        double k = sqrt(lost * heard / (own * nats));
        k = k < rules->finest ? k : rules->finest;
        rule[s].k = k > 1 ? ceil(k) : 1;
    }
}

enum error_code site_rules_choose(const struct site_rules *rules, double nats,
                                  struct threshold_rule *rule, struct error *err)
{
    const struct session *session = rules->session;
    const uint32_t sites = session->model.sites;
    const size_t row = LEVELS * sizeof(double);
    struct level_curve *curve = calloc(sites, sizeof *curve);
    double *saving = calloc(sites, row), *cost = calloc(sites, row);
    size_t *level = calloc(sites, sizeof *level);
    struct allocation chosen;
    err->code = OK;
    if (!curve || !saving || !cost || !level) {
        error_memory(err, "levels", 2.0 * (double)row * sites);
        goto out;
    }
    for (uint32_t s = 0; s < sites; s++) {
        double *own_saving = saving + s * LEVELS, *own_cost = cost + s * LEVELS;
        rule[s] = session->spiking_settings.threshold;
        if (!session->spikes[s])
            continue;
        fill_curve(rules, s, own_saving, own_cost);
        curve[s] = (struct level_curve){ own_saving, own_cost, LEVELS };
    }
    if (!allocation_greedy(curve, sites, nats * (1 - rounding_share), level, &chosen)) {
        error_memory(err, "offers", 16.0 * sites);
        goto out;
    }
    choose_k(rules, level, nats * rounding_share, rule);
    for (uint32_t s = 0; s < sites; s++)
        if (session->spikes[s] && level[s] > 0)
            rule[s].dead_zone =
                calibration_dead_zone(rules->calibration, s, share_of(level[s]));
out:
    free(curve);
    free(saving);
    free(cost);
    free(level);
    return err->code;
}
