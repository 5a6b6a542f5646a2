/* See network.h. The description of a network: everything is checked as it is added,
 * but for parameters of neurons, which may still change until the network is built. */
#include "sim/network_draw.h"

#include "neurons/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 4096 };

enum error_code network_create(struct network **network,
                               const struct network_settings *settings,
                               struct error *err)
{
    *network = NULL;
    err->code = OK;
    if (!(settings->dt_ms > 0 && settings->dt_ms <= 1e6))
        return error_set(err, ERR_ARGUMENT,
                         "network: time step of %g ms: expected more than 0",
                         settings->dt_ms);
    if (settings->threads < 1 || settings->threads > MOST_PARTS ||
        settings->parts > MOST_PARTS)
        return error_set(err, ERR_ARGUMENT,
                         "network: %d threads and %u parts: expected at least one "
                         "thread and at most %d of either",
                         settings->threads, settings->parts, MOST_PARTS);
    struct network *created = calloc(1, sizeof *created);
    if (!created)
        return error_memory(err, "a network", (double)sizeof *created);
    created->settings = *settings;
    created->parts = settings->parts ? settings->parts : (unsigned)settings->threads;
    *network = created;
    return OK;
}

void network_free(struct network *network)
{
    if (!network)
        return;
    network_release_built(network);
    for (uint32_t i = 0; i < network->groups; i++) {
        free(network->group[i].planned);
        for (size_t column = 0; column < NEURON_MAX_PARAMS; column++)
            free(network->group[i].column[column]);
    }
    for (uint32_t i = 0; i < network->links; i++) {
        free(network->link[i].synapse);
        free(network->link[i].first_of_target);
    }
    arena_free(&network->description);
    free(network->group);
    free(network->link);
    free(network->poisson);
    free(network->current);
    free(network);
}

uint64_t network_rounded_steps(const struct network *network, double time_ms)
{
    double steps = rint(time_ms / network->settings.dt_ms);
    return steps <= 0 ? 0 : (steps < 1e18 ? (uint64_t)steps : UINT64_MAX);
}

/* A zeroed element behind the others; arrays double. NULL: no memory. */
static void *add_element(void *array, uint32_t *count, size_t size)
{
    char *elements = *(char **)array;
    bool is_full = (*count & (*count - 1)) == 0;
    if (is_full) {
        elements = realloc(elements, (*count ? 2 * (size_t)*count : 1) * size);
        if (!elements)
            return NULL;
        *(char **)array = elements;
    }
    return memset(elements + (*count)++ * size, 0, size);
}

static enum error_code check_growable(const struct network *network, const char *what,
                                      struct error *err)
{
    err->code = OK;
    if (network->is_built)
        return error_set(err, ERR_ARGUMENT,
                         "network: a %s cannot be added once the network is built",
                         what);
    return OK;
}

static enum error_code add_group(struct network *network, const char *name,
                                 size_t count, struct group **group, struct error *err)
{
    if (check_growable(network, "population", err) != OK)
        return err->code;
    if (!name || !name[0])
        return error_set(err, ERR_ARGUMENT, "network: a population needs a name");
    if (count == 0 || count >= no_index)
        return error_set(err, ERR_ARGUMENT,
                         "population %s: %zu neurons: expected 1 to %u", name, count,
                         no_index - 1);
    for (uint32_t i = 0; i < network->groups; i++)
        if (strcmp(network->group[i].name, name) == 0)
            return error_set(err, ERR_ARGUMENT,
                             "population %s: there is one of that name", name);
    char *copy = arena_text(&network->description, name, strlen(name));
    struct group *added =
        copy ? add_element(&network->group, &network->groups, sizeof *added) : NULL;
    if (!added)
        return error_memory(err, "a population", (double)sizeof *added);
    added->name = copy;
    added->count = count;
    *group = added;
    return OK;
}

enum error_code network_add_population(struct network *network, const char *name,
                                       const struct neuron_model *model, size_t count,
                                       const double *param, uint32_t *population,
                                       struct error *err)
{
    struct group *group;
    size_t params = field_count(model->params);
    if (add_group(network, name, count, &group, err) != OK)
        return err->code;
    group->param = arena_array(&network->description, params, sizeof *group->param);
    if (!group->param) {
        network->groups--;
        return error_memory(err, "parameters", (double)params * sizeof *group->param);
    }
    if (param)
        memcpy(group->param, param, params * sizeof *param);
    else
        field_defaults(model->params, group->param);
    group->model = model;
    group->ports = (unsigned)field_count(model->inputs);
    *population = network->groups - 1;
    return OK;
}

double *network_param(struct network *network, uint32_t population, unsigned parameter)
{
    struct group *group = &network->group[population];
    if (!group->model)
        return NULL;
    if (!group->column[parameter]) {
        double *column = malloc(group->count * sizeof *column);
        if (!column)
            return NULL;
        for (size_t neuron = 0; neuron < group->count; neuron++)
            column[neuron] = group->param[parameter];
        group->column[parameter] = column;
    }
    return group->column[parameter];
}

static int compare_plans(const void *left, const void *right)
{
    const struct planned_spike *a = left, *b = right;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->neuron > b->neuron) - (a->neuron < b->neuron);
}

static enum error_code check_spikes(const struct network *network, const char *name,
                                    size_t count, const struct timed_spike *spike,
                                    size_t spikes, struct error *err)
{
    double dt_ms = network->settings.dt_ms;
    for (size_t i = 0; i < spikes; i++) {
        if (!(rint(spike[i].time_ms / dt_ms) >= 1 && spike[i].time_ms / dt_ms < 1e18))
            return error_set(err, ERR_ARGUMENT,
                             "generator %s: spike %zu at %g ms: expected a time from "
                             "the end of the first step, %g ms, on",
                             name, i, spike[i].time_ms, dt_ms);
        if (i > 0 && spike[i].time_ms < spike[i - 1].time_ms)
            return error_set(err, ERR_ARGUMENT,
                             "generator %s: spike %zu at %g ms after one at %g ms: "
                             "expected rising times",
                             name, i, spike[i].time_ms, spike[i - 1].time_ms);
        if (spike[i].neuron >= count)
            return error_set(err, ERR_ARGUMENT,
                             "generator %s: spike %zu of neuron %u: there are %zu",
                             name, i, spike[i].neuron, count);
    }
    return OK;
}

enum error_code network_add_generator(struct network *network, const char *name,
                                      size_t count, const struct timed_spike *spike,
                                      size_t spikes, uint32_t *population,
                                      struct error *err)
{
    struct group *group;
    if (check_spikes(network, name, count, spike, spikes, err) != OK ||
        add_group(network, name, count, &group, err) != OK)
        return err->code;
    group->planned = malloc((spikes + 1) * sizeof *group->planned);
    if (!group->planned) {
        network->groups--;
        return error_memory(err, "spikes of a generator",
                            (double)spikes * sizeof *group->planned);
    }
    /* What happens at (step + 1) dt belongs to the step. */
    for (size_t i = 0; i < spikes; i++)
        group->planned[i] = (struct planned_spike){
            network_rounded_steps(network, spike[i].time_ms) - 1, spike[i].neuron
        };
    qsort(group->planned, spikes, sizeof *group->planned, compare_plans);
    group->plans = spikes;
    *population = network->groups - 1;
    return OK;
}

static enum error_code check_target(const struct network *network, const char *what,
                                    struct neuron_range *range, unsigned port,
                                    struct error *err)
{
    if (check_growable(network, what, err) != OK)
        return err->code;
    if (range->population >= network->groups)
        return error_set(err, ERR_ARGUMENT, "%s: population %u: there are %u", what,
                         range->population, network->groups);
    const struct group *group = &network->group[range->population];
    if (port >= group->ports)
        return error_set(err, ERR_ARGUMENT, "%s: port %u of %s: it has %u", what, port,
                         group->name, group->ports);
    if (range->first > group->count || range->count > group->count - range->first)
        return error_set(err, ERR_ARGUMENT,
                         "%s: %zu neurons from %zu on of %s: there are %zu", what,
                         range->count, range->first, group->name, group->count);
    if (range->count == 0)
        range->count = group->count - range->first;
    return OK;
}

static enum error_code check_times(const char *what, double start_ms, double stop_ms,
                                   struct error *err)
{
    if (!(isfinite(start_ms) && isfinite(stop_ms) && start_ms >= 0 &&
          (stop_ms == 0 || stop_ms >= start_ms)))
        return error_set(err, ERR_ARGUMENT,
                         "%s: from %g to %g ms: expected rising times from 0 on", what,
                         start_ms, stop_ms);
    return OK;
}

static uint64_t stop_step(const struct network *network, double stop_ms)
{
    return stop_ms == 0 ? UINT64_MAX : network_rounded_steps(network, stop_ms);
}

enum error_code network_add_poisson(struct network *network,
                                    const struct poisson_source *source,
                                    struct error *err)
{
    struct poisson_source spec = *source;
    double mean = spec.rate_hz * network->settings.dt_ms / 1000;
    if (check_target(network, "poisson source", &spec.target, spec.port, err) != OK ||
        check_times("poisson source", spec.start_ms, spec.stop_ms, err) != OK)
        return err->code;
    if (!(mean >= 0 && mean <= NETWORK_MAX_POISSON))
        return error_set(err, ERR_ARGUMENT,
                         "poisson source: %g spikes a step at %g Hz: expected 0 to %d",
                         mean, spec.rate_hz, NETWORK_MAX_POISSON);
    if (!isfinite(spec.weight))
        return error_set(err, ERR_ARGUMENT, "poisson source: its weight is %g",
                         spec.weight);
    struct poisson_train *added =
        add_element(&network->poisson, &network->poissons, sizeof *added);
    if (!added)
        return error_memory(err, "a poisson source", (double)sizeof *added);
    added->spec = spec;
    added->start = network_rounded_steps(network, spec.start_ms);
    added->stop = stop_step(network, spec.stop_ms);
    return OK;
}

enum error_code network_add_current(struct network *network,
                                    const struct current_source *source,
                                    struct error *err)
{
    struct current_source spec = *source;
    if (check_target(network, "current", &spec.target, spec.port, err) != OK ||
        check_times("current", spec.start_ms, spec.stop_ms, err) != OK)
        return err->code;
    if (!(isfinite(spec.mean) && isfinite(spec.deviation) && spec.deviation >= 0))
        return error_set(err, ERR_ARGUMENT,
                         "current: mean %g and deviation %g: expected numbers, the "
                         "deviation not below 0",
                         spec.mean, spec.deviation);
    struct current_train *added =
        add_element(&network->current, &network->currents, sizeof *added);
    if (!added)
        return error_memory(err, "a current", (double)sizeof *added);
    added->spec = spec;
    added->start = network_rounded_steps(network, spec.start_ms);
    added->stop = stop_step(network, spec.stop_ms);
    return OK;
}

static enum error_code own_copies(struct network *network, struct link *link,
                                  struct error *err)
{
    if (link->spec.stdp) {
        struct stdp_rule *rule = arena_array(&network->description, 1, sizeof *rule);
        if (!rule)
            return error_memory(err, "a projection", (double)sizeof *rule);
        *rule = *link->spec.stdp;
        link->spec.stdp = rule;
    }
    if (link->spec.rule == CONNECT_EXPLICIT)
        return network_sort_synapses(network, link, err);
    link->spec.synapse = NULL;
    return OK;
}

enum error_code network_connect(struct network *network,
                                const struct projection *projection, struct error *err)
{
    struct link link = { .spec = *projection };
    if (check_growable(network, "projection", err) != OK ||
        network_check_projection(network, projection, err) != OK ||
        own_copies(network, &link, err) != OK)
        return err->code;
    struct link *added = add_element(&network->link, &network->links, sizeof *added);
    if (!added) {
        free(link.synapse);
        free(link.first_of_target);
        return error_memory(err, "a projection", (double)sizeof *added);
    }
    network_size_link(network, &link);
    *added = link;
    return OK;
}
