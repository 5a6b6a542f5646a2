/* See site_rules.h. A dead zone loses a share e of its site's input energy; what that
 * costs is taken as proportional to e, with the factor that the probe measured, and the
 * costs of sites as additive. Dead zones: greedy (allocation.h), by what is saved per
 * cost. Counts: rounding by a quantum of mean|x| / k loses a = heard / (12 k^2) of the
 * site's energy per channel; of all k with sum of c a = R the ones with fewest bits in
 * all counts are
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

/* What silencing all channels of a site would save. */
static double worth_of(const struct site_rules *rules, uint32_t s)
{
    const struct site *site = &rules->session->model.site[s];
    if (!rules->session->spikes[s])
        return 0;
    return rules->saving == SAVE_BYTES ? (double)site->inputs * site->outputs
                                       : site->inputs;
}

static double dead_zone_of(const struct site_rules *rules, uint32_t s, size_t level)
{
    return level ? calibration_dead_zone(rules->calibration, s, share_of(level)) : 0;
}

static void fill_curve(const struct site_rules *rules, uint32_t s, double *saving,
                       double *cost)
{
    const double worth = worth_of(rules, s);
    const double factor = factor_of(rules, s);
    for (size_t level = 0; level < LEVELS; level++) {
        double share = share_of(level);
        double dead_zone = dead_zone_of(rules, s, level);
        saving[level] = share * worth;
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

/* What every site may choose among. */
struct menu {
    uint32_t sites;
    struct level_curve *curve; /* (sites) */
    double *saving, *cost;     /* (sites, LEVELS) */
    size_t *level;             /* (sites), chosen */
};

static void menu_release(struct menu *menu)
{
    free(menu->curve);
    free(menu->saving);
    free(menu->cost);
    free(menu->level);
}

static enum error_code menu_init(struct menu *menu, const struct site_rules *rules,
                                 struct error *err)
{
    const uint32_t sites = rules->session->model.sites;
    const size_t row = LEVELS * sizeof(double);
    *menu = (struct menu){
        .sites = sites,
        .curve = calloc(sites, sizeof *menu->curve),
        .saving = calloc(sites, row),
        .cost = calloc(sites, row),
        .level = calloc(sites, sizeof *menu->level),
    };
    if (!menu->curve || !menu->saving || !menu->cost || !menu->level) {
        menu_release(menu);
        return error_memory(err, "levels", 2.0 * (double)row * sites);
    }
    for (uint32_t s = 0; s < sites; s++) {
        double *saving = menu->saving + s * LEVELS, *cost = menu->cost + s * LEVELS;
        if (!rules->session->spikes[s])
            continue;
        fill_curve(rules, s, saving, cost);
        menu->curve[s] = (struct level_curve){ saving, cost, LEVELS };
    }
    return OK;
}

static enum error_code menu_choose(struct menu *menu, double nats, double *saving,
                                   struct error *err)
{
    struct allocation chosen;
    if (!allocation_greedy(menu->curve, menu->sites, nats, menu->level, &chosen))
        return error_memory(err, "offers", 16.0 * menu->sites);
    *saving = chosen.saving;
    return OK;
}

enum error_code site_rules_choose(const struct site_rules *rules, double nats,
                                  struct threshold_rule *rule, struct error *err)
{
    const struct session *session = rules->session;
    struct menu menu;
    double saving;
    if (menu_init(&menu, rules, err) != OK)
        return err->code;
    if (menu_choose(&menu, nats * (1 - rounding_share), &saving, err) == OK) {
        for (uint32_t s = 0; s < menu.sites; s++) {
            rule[s] = session->spiking_settings.threshold;
            if (menu.level[s] > 0)
                rule[s].dead_zone = dead_zone_of(rules, s, menu.level[s]);
        }
        choose_k(rules, menu.level, nats * rounding_share, rule);
    }
    menu_release(&menu);
    return err->code;
}

static double all_worth(const struct site_rules *rules)
{
    double all = 0;
    for (uint32_t s = 0; s < rules->session->model.sites; s++)
        all += worth_of(rules, s);
    return all;
}

enum error_code site_rules_share(const struct site_rules *rules, double nats,
                                 double *share, struct error *err)
{
    struct menu menu;
    double saving = 0;
    const double all = all_worth(rules);
    if (menu_init(&menu, rules, err) != OK)
        return err->code;
    menu_choose(&menu, nats * (1 - rounding_share), &saving, err);
    *share = all > 0 ? saving / all : 0;
    menu_release(&menu);
    return err->code;
}

enum error_code site_rules_silence(const struct site_rules *rules, double share,
                                   double *dead_zone, struct error *err)
{
    enum { HALVINGS = 60 };
    double low = -20, high = 10, saving = 0; /* log of nats */
    const double all = all_worth(rules);
    struct menu menu;
    if (menu_init(&menu, rules, err) != OK)
        return err->code;
    for (int i = 0; i < HALVINGS && err->code == OK; i++) {
        double middle = (low + high) / 2;
        menu_choose(&menu, exp(middle), &saving, err);
        if (saving < share * all)
            low = middle;
        else
            high = middle;
    }
    if (err->code == OK && menu_choose(&menu, exp(high), &saving, err) == OK)
        for (uint32_t s = 0; s < menu.sites; s++)
            dead_zone[s] = dead_zone_of(rules, s, menu.level[s]);
    menu_release(&menu);
    return err->code;
}

void site_rules_uniform(const struct site_rules *rules, double share, double *dead_zone)
{
    for (uint32_t s = 0; s < rules->session->model.sites; s++)
        dead_zone[s] = rules->session->spikes[s]
                           ? calibration_dead_zone(rules->calibration, s, share)
                           : 0;
}
