/* See cost_refinement.h. Only the order of costs counts at a given share, so feed-forward
 * inputs keep theirs and the other roles move. */
#include "experiments/cost_refinement.h"

#include "base/progress.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const enum site_role moved[] = { ROLE_FFN_DOWN, ROLE_ATTN_IN, ROLE_ATTN_OUT };
enum { ROLES = sizeof moved / sizeof *moved, DEPTH = ROLES, COORDINATES };
/* Of Brent's steps behind the three points that it begins with. */
enum { STEPS = 3 };
/* Of the logarithm of a factor: from a quarter to four times. */
static const double reach = 1.4;

struct refinement {
    struct calibration *calibration;
    const struct site_rules *rules;
    double share;
    double *probed, *cost, *dead_zone; /* (sites) */
    double place[COORDINATES];
    unsigned coordinate; /* that moves */
    struct progress progress;
    unsigned done;
    struct error *err;
};

static double factor_at(const struct refinement *r, const struct site *site)
{
    const uint32_t layers = r->rules->session->model.shape.layers;
    double place = 0;
    for (int i = 0; i < ROLES; i++)
        if (site->role == moved[i])
            place += r->place[i];
    if (layers > 1 && site->layer >= 0)
        place += r->place[DEPTH] * ((double)site->layer / (layers - 1) - 0.5);
    return exp(place);
}

static void set_costs(struct refinement *r)
{
    const struct model *model = &r->rules->session->model;
    for (uint32_t s = 0; s < model->sites; s++)
        r->cost[s] = r->probed[s] * factor_at(r, &model->site[s]);
}

static double strays(double place, void *context)
{
    enum { MEASUREMENTS = 1 + COORDINATES * (STEPS + 2) };
    struct refinement *r = context;
    char detail[64];
    double divergence = (double)NAN;
    if (r->err->code != OK)
        return divergence;
    r->place[r->coordinate] = place;
    set_costs(r);
    if (site_rules_silence(r->rules, r->share, r->dead_zone, r->err) == OK)
        calibration_probe(r->calibration, r->dead_zone, &divergence, r->err);
    snprintf(detail, sizeof detail, "%.4f nats", divergence);
    progress_update(&r->progress, ++r->done, MEASUREMENTS, detail);
    return divergence;
}

/* The least along one coordinate, `here` being what its place is worth now. */
static enum error_code move(struct refinement *r, gsl_min_fminimizer *minimizer,
                            double *here)
{
    gsl_function along = { strays, r };
    const double start = r->place[r->coordinate];
    const double below = strays(start - reach, r), above = strays(start + reach, r);
    double best = start, least = *here;
    if (r->err->code != OK)
        return r->err->code;
    if (below < least || above < least) { /* no valley between: go to the edge */
        best = below < above ? start - reach : start + reach;
        least = fmin(below, above);
    } else if (gsl_min_fminimizer_set_with_values(minimizer, &along, start, *here,
                                                  start - reach, below, start + reach,
                                                  above) == GSL_SUCCESS) {
        for (int step = 0; step < STEPS && r->err->code == OK; step++)
            if (gsl_min_fminimizer_iterate(minimizer) != GSL_SUCCESS)
                break;
        if (gsl_min_fminimizer_f_minimum(minimizer) < least) {
            best = gsl_min_fminimizer_x_minimum(minimizer);
            least = gsl_min_fminimizer_f_minimum(minimizer);
        }
    }
    r->place[r->coordinate] = best;
    *here = least;
    return r->err->code;
}

static enum error_code refine(struct refinement *r, struct cost_refinement *found)
{
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    if (!minimizer)
        return error_memory(r->err, "a minimiser", 0);
    progress_begin(&r->progress, "refining costs");
    found->before = found->after = strays(0, r);
    for (r->coordinate = 0; r->coordinate < COORDINATES; r->coordinate++)
        if (r->err->code != OK || move(r, minimizer, &found->after) != OK)
            break;
    progress_end(&r->progress);
    set_costs(r);
    gsl_min_fminimizer_free(minimizer);
    return r->err->code;
}

enum error_code cost_refine(struct calibration *calibration,
                            const struct site_rules *rules, double share,
                            size_t windows, double *cost, struct cost_refinement *found,
                            struct error *err)
{
    const uint32_t sites = rules->session->model.sites;
    struct refinement r = {
        .calibration = calibration,
        .rules = rules,
        .share = share,
        .probed = calloc(sites, sizeof(double)),
        .cost = cost,
        .dead_zone = calloc(sites, sizeof(double)),
        .err = err,
    };
    *found = (struct cost_refinement){ 0 };
    err->code = OK;
    if (!r.probed || !r.dead_zone)
        error_memory(err, "costs", 16.0 * sites);
    for (uint32_t s = 0; err->code == OK && s < sites; s++)
        r.probed[s] = cost[s];
    if (err->code == OK && calibration_listen(calibration, windows, err) == OK)
        refine(&r, found);
    free(r.probed);
    free(r.dead_zone);
    return err->code;
}
