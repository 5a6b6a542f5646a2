/* Is a projection one that can be drawn? See network.h for what it may say. */
#include "sim/network_draw.h"

#include <math.h>
#include <stdlib.h>

/* A draw that is rejected more often would not end. */
static const double least_share = 1e-3;

static const char *const value_name[] = { "fixed", "normal", "lognormal", "uniform" };

static enum error_code check_value(const char *what, const struct synapse_value *value,
                                   struct error *err)
{
    if (value->distribution < FIXED || value->distribution > UNIFORM)
        return error_set(err, ERR_ARGUMENT, "%s: distribution %d is not known", what,
                         (int)value->distribution);
    const char *name = value_name[value->distribution];
    if (!isfinite(value->a) || !isfinite(value->b) || isnan(value->lowest) ||
        isnan(value->highest))
        return error_set(err, ERR_ARGUMENT,
                         "%s: %s of %g, %g within %g, %g: expected numbers", what, name,
                         value->a, value->b, value->lowest, value->highest);
    bool has_spread = value->distribution == NORMAL || value->distribution == LOGNORMAL;
    if (has_spread && value->b < 0)
        return error_set(err, ERR_ARGUMENT, "%s: deviation %g: expected 0 or more",
                         what, value->b);
    if (value->distribution == LOGNORMAL && value->a <= 0)
        return error_set(err, ERR_ARGUMENT,
                         "%s: lognormal of mean %g: expected more than 0", what,
                         value->a);
    if (value->distribution == UNIFORM && value->b < value->a)
        return error_set(err, ERR_ARGUMENT,
                         "%s: uniform from %g to %g: expected rising", what, value->a,
                         value->b);
    if (value->distribution != FIXED && !(synapse_value_share(value) >= least_share))
        return error_set(err, ERR_ARGUMENT,
                         "%s: %s of %g, %g: hardly ever within %g, %g", what, name,
                         value->a, value->b, value->lowest, value->highest);
    return OK;
}

static enum error_code check_delay(const struct network *network, const char *what,
                                   double delay_ms, struct error *err)
{
    double dt_ms = network->settings.dt_ms, steps = rint(delay_ms / dt_ms);
    if (!(steps >= 1 && steps <= NETWORK_MAX_DELAY))
        return error_set(err, ERR_ARGUMENT,
                         "%s: a delay of %g ms: expected 1 to %d steps of %g ms", what,
                         delay_ms, NETWORK_MAX_DELAY, dt_ms);
    return OK;
}

static enum error_code check_rule(const struct network *network, const char *what,
                                  const struct projection *projection,
                                  struct error *err)
{
    const struct group *source = &network->group[projection->source];
    const struct group *target = &network->group[projection->target];
    bool excludes = source == target && !projection->self_connections;
    switch (projection->rule) {
    case CONNECT_ALL_TO_ALL: return OK;
    case CONNECT_ONE_TO_ONE:
        if (source->count != target->count)
            return error_set(err, ERR_ARGUMENT,
                             "%s: one to one: expected as many targets as sources, "
                             "found %zu and %zu",
                             what, target->count, source->count);
        if (excludes)
            return error_set(err, ERR_ARGUMENT,
                             "%s: one to one within a population is a self "
                             "connection, which is not allowed",
                             what);
        return OK;
    case CONNECT_PROBABILITY:
        if (!(projection->p >= 0 && projection->p <= 1))
            return error_set(err, ERR_ARGUMENT, "%s: probability %g: expected 0 to 1",
                             what, projection->p);
        return OK;
    case CONNECT_IN_DEGREE:
    case CONNECT_TOTAL_NUMBER:
        if (projection->degree >= no_index)
            return error_set(err, ERR_ARGUMENT, "%s: degree %llu: expected at most %u",
                             what, (unsigned long long)projection->degree,
                             no_index - 1);
        if (excludes && source->count == 1 && projection->degree > 0)
            return error_set(err, ERR_ARGUMENT,
                             "%s: one neuron has no source but itself, and self "
                             "connections are not allowed",
                             what);
        return OK;
    case CONNECT_EXPLICIT: return OK;
    }
    return error_set(err, ERR_ARGUMENT, "%s: rule %d is not known", what,
                     (int)projection->rule);
}

static enum error_code check_listed(const struct network *network, const char *what,
                                    const struct projection *projection,
                                    struct error *err)
{
    const struct group *source = &network->group[projection->source];
    const struct group *target = &network->group[projection->target];
    for (size_t i = 0; i < projection->synapses; i++) {
        const struct synapse *synapse = &projection->synapse[i];
        if (synapse->source >= source->count || synapse->target >= target->count)
            return error_set(err, ERR_ARGUMENT,
                             "%s: synapse %zu from %u to %u: there are %zu and %zu "
                             "neurons",
                             what, i, synapse->source, synapse->target, source->count,
                             target->count);
        if (!isfinite(synapse->weight))
            return error_set(err, ERR_ARGUMENT, "%s: weight of synapse %zu is %g", what,
                             i, synapse->weight);
        if (check_delay(network, what, synapse->delay_ms, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code check_stdp(const char *what, const struct projection *projection,
                                  struct error *err)
{
    const struct stdp_rule *rule = projection->stdp;
    const struct synapse_value *weight = &projection->weight;
    if (!(rule->tau_plus_ms > 0 && rule->tau_minus_ms > 0))
        return error_set(err, ERR_ARGUMENT,
                         "%s: windows of %g and %g ms: expected more than 0", what,
                         rule->tau_plus_ms, rule->tau_minus_ms);
    if (!(isfinite(rule->lowest) && isfinite(rule->highest) && rule->highest > 0 &&
          rule->lowest < rule->highest))
        return error_set(err, ERR_ARGUMENT,
                         "%s: plastic weights within %g and %g: expected rising, the "
                         "highest more than 0",
                         what, rule->lowest, rule->highest);
    if (!(isfinite(rule->a_plus) && isfinite(rule->a_minus) && rule->mu_plus >= 0 &&
          rule->mu_minus >= 0 && isfinite(rule->mu_plus) && isfinite(rule->mu_minus)))
        return error_set(err, ERR_ARGUMENT,
                         "%s: steps %g, %g with exponents %g, %g: expected numbers, "
                         "exponents not below 0",
                         what, rule->a_plus, rule->a_minus, rule->mu_plus,
                         rule->mu_minus);
    if (projection->rule != CONNECT_EXPLICIT && weight->distribution == FIXED &&
        !(weight->a >= rule->lowest && weight->a <= rule->highest))
        return error_set(err, ERR_ARGUMENT, "%s: plastic weight %g: expected %g to %g",
                         what, weight->a, rule->lowest, rule->highest);
    return OK;
}

enum error_code network_check_projection(const struct network *network,
                                         const struct projection *projection,
                                         struct error *err)
{
    char what[160], part[200];
    if (projection->source >= network->groups || projection->target >= network->groups)
        return error_set(err, ERR_ARGUMENT,
                         "projection from population %u to %u: there are %u",
                         projection->source, projection->target, network->groups);
    const struct group *target = &network->group[projection->target];
    snprintf(what, sizeof what, "projection %s to %s",
             network->group[projection->source].name, target->name);
    if (projection->port >= target->ports)
        return error_set(err, ERR_ARGUMENT, "%s: port %u: the target has %u", what,
                         projection->port, target->ports);
    if (check_rule(network, what, projection, err) != OK ||
        (projection->stdp && check_stdp(what, projection, err) != OK))
        return err->code;
    if (projection->rule == CONNECT_EXPLICIT)
        return check_listed(network, what, projection, err);
    snprintf(part, sizeof part, "%s: weight", what);
    if (check_value(part, &projection->weight, err) != OK)
        return err->code;
    snprintf(part, sizeof part, "%s: delay", what);
    if (check_value(part, &projection->delay_ms, err) != OK)
        return err->code;
    if (projection->delay_ms.distribution == FIXED)
        return check_delay(network, what, projection->delay_ms.a, err);
    return OK;
}

enum error_code network_sort_synapses(const struct network *network, struct link *link,
                                      struct error *err)
{
    size_t targets = network->group[link->spec.target].count;
    size_t synapses = link->spec.synapses, largest = SIZE_MAX / sizeof *link->synapse;
    size_t *first = calloc(targets + 2, sizeof *first);
    if (synapses < largest)
        link->synapse = malloc((synapses + 1) * sizeof *link->synapse);
    if (!first || !link->synapse) {
        free(first);
        free(link->synapse);
        return error_memory(err, "listed synapses",
                            (double)synapses * sizeof *link->synapse);
    }
    for (size_t i = 0; i < synapses; i++)
        first[link->spec.synapse[i].target + 2]++;
    for (size_t target = 0; target < targets; target++)
        first[target + 2] += first[target + 1];
    /* first[target + 1] moves from its target's begin to its end. */
    for (size_t i = 0; i < synapses; i++)
        link->synapse[first[link->spec.synapse[i].target + 1]++] =
            link->spec.synapse[i];
    link->first_of_target = first;
    link->spec.synapse = link->synapse;
    return OK;
}

static void size_listed(const struct network *network, struct link *link)
{
    size_t targets = network->group[link->spec.target].count;
    for (size_t target = 0; target < targets; target++) {
        size_t count =
            link->first_of_target[target + 1] - link->first_of_target[target];
        link->most = count > link->most ? count : link->most;
    }
    link->expected = (double)link->spec.synapses;
}

void network_size_link(const struct network *network, struct link *link)
{
    const struct projection *spec = &link->spec;
    size_t sources = network->group[spec->source].count;
    size_t targets = network->group[spec->target].count;
    bool excludes = spec->source == spec->target && !spec->self_connections;
    double pairs = (double)(sources - excludes) * (double)targets;
    link->most = sources;
    switch (spec->rule) {
    case CONNECT_ALL_TO_ALL: link->expected = pairs; break;
    case CONNECT_ONE_TO_ONE:
        link->most = 1;
        link->expected = (double)targets;
        break;
    case CONNECT_PROBABILITY: link->expected = spec->p * pairs; break;
    case CONNECT_IN_DEGREE:
        link->most = (size_t)spec->degree;
        link->expected = (double)spec->degree * (double)targets;
        break;
    case CONNECT_TOTAL_NUMBER: link->expected = (double)spec->degree; break;
    case CONNECT_EXPLICIT: size_listed(network, link); return;
    }
    if (spec->delay_ms.distribution == FIXED)
        link->fixed_delay = (uint32_t)rint(spec->delay_ms.a / network->settings.dt_ms);
}

bool network_link_is_stored(const struct link *link)
{
    return link->spec.rule == CONNECT_EXPLICIT || link->spec.stdp ||
           link->spec.weight.distribution != FIXED;
}
