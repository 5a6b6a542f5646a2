/* See network_draw.h. Links, delays and weights come from streams of their own, so that
 * a pass over the links alone sees the same links. */
#include "sim/network_draw.h"

#include "base/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

static void set_place(const struct drawing *drawing, enum network_place kind,
                      uint32_t target)
{
    random_set(drawing->generator, drawing->network->settings.seed,
               &(struct random_place){
                   .sequence = kind, .population = drawing->index, .neuron = target });
}

uint32_t draw_quotas(const struct network *network, uint32_t projection,
                     uint32_t *quota, gsl_rng *generator)
{
    const struct projection *spec = &network->link[projection].spec;
    size_t targets = network->group[spec->target].count;
    unsigned left = (unsigned)spec->degree;
    uint32_t most = 0;
    random_set(generator, network->settings.seed,
               &(struct random_place){ .sequence = PLACE_QUOTAS,
                                       .population = projection });
    /* A multinomial, target by target: each takes its binomial share of what is left. */
    for (size_t target = 0; target < targets; target++) {
        size_t others = targets - target;
        quota[target] = others == 1
                            ? left
                            : gsl_ran_binomial(generator, 1.0 / (double)others, left);
        left -= quota[target];
        most = quota[target] > most ? quota[target] : most;
    }
    return most;
}

bool drawing_init(struct drawing *drawing, const struct network *network,
                  uint32_t projection)
{
    const struct link *link = &network->link[projection];
    *drawing = (struct drawing){
        .network = network,
        .link = link,
        .index = projection,
        .generator = gsl_rng_alloc(random_gsl_type),
        .per_gap = 1 / log1p(-link->spec.p),
        .source = malloc((link->most + 1) * sizeof *drawing->source),
        .delay = malloc((link->most + 1) * sizeof *drawing->delay),
        .weight = malloc((link->most + 1) * sizeof *drawing->weight),
    };
    return drawing->generator && drawing->source && drawing->delay && drawing->weight;
}

void drawing_release(struct drawing *drawing)
{
    if (drawing->generator)
        gsl_rng_free(drawing->generator);
    free(drawing->source);
    free(drawing->delay);
    free(drawing->weight);
    *drawing = (struct drawing){ 0 };
}

/* Gaps between links are geometric. In double: gsl_ran_geometric overflows its integer
 * for small p. */
static size_t draw_with_probability(struct drawing *drawing, uint32_t sources,
                                    uint32_t excluded)
{
    size_t count = 0;
    double source = -1;
    for (;;) {
        double draw = log(gsl_rng_uniform_pos(drawing->generator));
        source += 1 + floor(draw * drawing->per_gap);
        if (!(source < sources))
            return count;
        if ((uint32_t)source != excluded)
            drawing->source[count++] = (uint32_t)source;
    }
}

static size_t draw_number(struct drawing *drawing, size_t count, uint32_t sources,
                          uint32_t excluded)
{
    uint32_t choices = sources - (excluded != no_index);
    for (size_t i = 0; i < count; i++) {
        uint32_t source = (uint32_t)gsl_rng_uniform_int(drawing->generator, choices);
        drawing->source[i] = source + (source >= excluded);
    }
    return count;
}

static size_t take_listed(struct drawing *drawing, uint32_t target)
{
    const struct link *link = drawing->link;
    size_t first = link->first_of_target[target];
    size_t count = link->first_of_target[target + 1] - first;
    for (size_t i = 0; i < count; i++)
        drawing->source[i] = link->synapse[first + i].source;
    return count;
}

size_t draw_sources(struct drawing *drawing, uint32_t target)
{
    const struct projection *spec = &drawing->link->spec;
    uint32_t sources = (uint32_t)drawing->network->group[spec->source].count;
    bool excludes = spec->source == spec->target && !spec->self_connections;
    uint32_t excluded = excludes ? target : no_index;
    size_t count = 0;

    if (spec->rule >= CONNECT_PROBABILITY && spec->rule <= CONNECT_TOTAL_NUMBER)
        set_place(drawing, PLACE_LINKS, target);
    switch (spec->rule) {
    case CONNECT_ALL_TO_ALL:
        for (uint32_t source = 0; source < sources; source++)
            if (source != excluded)
                drawing->source[count++] = source;
        return count;
    case CONNECT_ONE_TO_ONE: drawing->source[0] = target; return 1;
    case CONNECT_PROBABILITY: return draw_with_probability(drawing, sources, excluded);
    case CONNECT_IN_DEGREE:
        return draw_number(drawing, (size_t)spec->degree, sources, excluded);
    case CONNECT_TOTAL_NUMBER:
        return draw_number(drawing, drawing->link->quota[target], sources, excluded);
    case CONNECT_EXPLICIT: return take_listed(drawing, target);
    }
    return 0;
}

static double lognormal_sigma(const struct synapse_value *value)
{
    return sqrt(log1p(value->b * value->b / (value->a * value->a)));
}

static double draw_once(const struct synapse_value *value, gsl_rng *generator)
{
    switch (value->distribution) {
    case FIXED: break;
    case NORMAL: return value->a + gsl_ran_gaussian_ziggurat(generator, value->b);
    case LOGNORMAL: {
        double sigma = lognormal_sigma(value);
        return value->a *
               exp(gsl_ran_gaussian_ziggurat(generator, sigma) - sigma * sigma / 2);
    }
    case UNIFORM: return gsl_ran_flat(generator, value->a, value->b);
    }
    return value->a;
}

/* Ends: synapse_value_share was found large enough. */
static double draw_value(const struct synapse_value *value, gsl_rng *generator)
{
    double drawn = draw_once(value, generator);
    if (value->lowest < value->highest)
        while (!(drawn >= value->lowest && drawn <= value->highest))
            drawn = draw_once(value, generator);
    return drawn;
}

static uint32_t delay_steps(double delay_ms, double dt_ms)
{
    double steps = rint(delay_ms / dt_ms);
    return steps < 1
               ? 1
               : (steps > NETWORK_MAX_DELAY ? NETWORK_MAX_DELAY + 1 : (uint32_t)steps);
}

void draw_delays(struct drawing *drawing, uint32_t target, size_t synapses)
{
    const struct link *link = drawing->link;
    double dt_ms = drawing->network->settings.dt_ms;
    if (link->spec.rule == CONNECT_EXPLICIT) {
        const struct synapse *synapse = link->synapse + link->first_of_target[target];
        for (size_t i = 0; i < synapses; i++)
            drawing->delay[i] = delay_steps(synapse[i].delay_ms, dt_ms);
        return;
    }
    set_place(drawing, PLACE_DELAYS, target);
    for (size_t i = 0; i < synapses; i++)
        drawing->delay[i] =
            delay_steps(draw_value(&link->spec.delay_ms, drawing->generator), dt_ms);
}

void draw_weights(struct drawing *drawing, uint32_t target, size_t synapses)
{
    const struct link *link = drawing->link;
    if (link->spec.rule == CONNECT_EXPLICIT) {
        const struct synapse *synapse = link->synapse + link->first_of_target[target];
        for (size_t i = 0; i < synapses; i++)
            drawing->weight[i] = synapse[i].weight;
        return;
    }
    set_place(drawing, PLACE_WEIGHTS, target);
    for (size_t i = 0; i < synapses; i++)
        drawing->weight[i] = draw_value(&link->spec.weight, drawing->generator);
    if (link->spec.stdp)
        for (size_t i = 0; i < synapses; i++)
            drawing->weight[i] = fmin(fmax(drawing->weight[i], link->spec.stdp->lowest),
                                      link->spec.stdp->highest);
}

/* Share of a distribution below x. */
static double below(const struct synapse_value *value, double x)
{
    switch (value->distribution) {
    case FIXED: break;
    case NORMAL:
        if (value->b > 0)
            return gsl_cdf_gaussian_P(x - value->a, value->b);
        break;
    case LOGNORMAL: {
        double sigma = lognormal_sigma(value);
        if (x <= 0)
            return 0;
        if (sigma > 0)
            return gsl_cdf_lognormal_P(x, log(value->a) - sigma * sigma / 2, sigma);
        break;
    }
    case UNIFORM:
        if (value->b > value->a)
            return gsl_cdf_flat_P(x, value->a, value->b);
        break;
    }
    return x > value->a;
}

double synapse_value_share(const struct synapse_value *value)
{
    if (!(value->lowest < value->highest))
        return 1;
    return below(value, nextafter(value->highest, HUGE_VAL)) -
           below(value, value->lowest);
}

double synapse_value_delays(const struct synapse_value *value, double dt_ms, double n,
                            double *longest)
{
    double share = synapse_value_share(value), used = 0, seen = 0;
    bool is_bounded = value->lowest < value->highest;
    double from = is_bounded ? below(value, value->lowest) : 0;
    *longest = 1;
    for (uint32_t steps = 1; steps <= NETWORK_MAX_DELAY && seen < 1 - 1e-12; steps++) {
        double edge = (steps + 0.5) * dt_ms;
        if (is_bounded)
            edge = fmin(edge, nextafter(value->highest, HUGE_VAL));
        double upto = fmin(fmax((below(value, edge) - from) / share, seen), 1);
        /* 1 - (1 - p)^n, the chance that one of n falls between the edges. */
        used -= expm1(n * log1p(-fmin(upto - seen, 1 - 1e-16)));
        if (n * (1 - seen) > 0.5)
            *longest = steps;
        seen = upto;
    }
    return used;
}
