/* See network.h. Numbers the neurons, their inputs and rows, draws the synapses, and
 * foretells the memory of all that. */
#include "sim/network_draw.h"
#include "sim/network_rows.h"

#include "base/random.h"
#include "neurons/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double listed_delays(const struct network *network, const struct link *link,
                            double *longest)
{
    double delays = 0;
    unsigned char *mark = calloc(NETWORK_MAX_DELAY + 1, 1);
    if (!mark)
        return 0;
    for (size_t i = 0; i < link->spec.synapses; i++)
        mark[(size_t)rint(link->synapse[i].delay_ms / network->settings.dt_ms)] = 1;
    for (size_t delay = 1; delay <= NETWORK_MAX_DELAY; delay++)
        if (mark[delay]) {
            delays++;
            *longest = (double)delay;
        }
    free(mark);
    return delays;
}

double network_link_delays(const struct network *network, const struct link *link,
                           double *longest)
{
    double unused;
    longest = longest ? longest : &unused;
    *longest = link->fixed_delay;
    if (link->expected == 0 || link->fixed_delay)
        return link->expected > 0;
    if (link->spec.rule == CONNECT_EXPLICIT)
        return listed_delays(network, link, longest);
    return synapse_value_delays(&link->spec.delay_ms, network->settings.dt_ms,
                                link->expected, longest);
}

/* Rows of a projection, none for what an earlier projection of the source has. */
static double link_rows(const struct network *network, uint32_t projection)
{
    const struct link *link = &network->link[projection];
    double delays = network_link_delays(network, link, NULL), known = 0;
    for (uint32_t i = 0; i < projection; i++) {
        const struct link *other = &network->link[i];
        bool shares = other->spec.source == link->spec.source && !other->spec.stdp &&
                      !link->spec.stdp &&
                      network_link_is_stored(other) == network_link_is_stored(link) &&
                      (network_link_is_stored(link) ||
                       other->spec.weight.a == link->spec.weight.a);
        bool same_delay = other->fixed_delay == link->fixed_delay;
        if (shares && same_delay)
            known = fmax(known, network_link_delays(network, other, NULL));
    }
    return fmax(delays - known, 0) * (double)network->group[link->spec.source].count;
}

double network_bytes(const struct network *network)
{
    double bytes = network_source_bytes(network), inputs = 0, largest = 0;
    for (uint32_t i = 0; i < network->groups; i++) {
        const struct group *group = &network->group[i];
        double columns = 0;
        if (group->model)
            columns =
                (double)(field_count(group->model->params) +
                         field_count(group->model->state_vars) + group->model->derived);
        bytes +=
            columns * sizeof(double) * (double)group->count +
            sizeof(struct spike) * (double)(group->model ? group->count : group->plans);
        inputs += (double)group->count * group->ports;
        largest = fmax(largest, (double)group->count);
    }
    bytes += inputs * sizeof(double) + largest * sizeof(uint32_t);
    for (uint32_t i = 0; i < network->links; i++) {
        const struct link *link = &network->link[i];
        double synapse =
            sizeof(uint32_t) + (network_link_is_stored(link) ? sizeof(double) : 0);
        double row = sizeof(struct row) * network->parts + sizeof(uint32_t);
        bytes += synapse * link->expected + row * link_rows(network, i);
        if (link->spec.stdp)
            bytes += network_stdp_bytes(network, link);
    }
    return bytes;
}

static enum error_code check_size(const struct network *network, double limit_bytes,
                                  struct error *err)
{
    double bytes = network_bytes(network);
    if (limit_bytes == 0)
        limit_bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (bytes > limit_bytes)
        return error_set(err, ERR_MEMORY,
                         "the network needs %.3g GB of memory, and %.3g GB may be "
                         "taken: a smaller one fits",
                         bytes / 1e9, limit_bytes / 1e9);
    return OK;
}

static enum error_code build_population(struct network *network, struct group *group,
                                        struct error *err)
{
    size_t count = group->model ? group->count : group->plans;
    group->fired = arena_array(&network->built, count, sizeof *group->fired);
    if (group->fired && !group->model)
        return OK;
    if (!group->fired ||
        !population_init(&group->population, &network->built, group->model, count,
                         network->settings.dt_ms, group->param))
        return error_memory(err, "neurons", (double)count * sizeof(double));
    for (unsigned i = 0; i < NEURON_MAX_PARAMS; i++)
        if (group->column[i])
            memcpy(population_param(&group->population, i), group->column[i],
                   count * sizeof(double));
    if (population_check(&group->population, group->model, err) != OK)
        return error_wrap(err, "population %s", group->name);
    population_prepare(&group->population, group->model);
    return OK;
}

static enum error_code build_populations(struct network *network, struct error *err)
{
    network->nodes = 0;
    network->inputs = 0;
    for (uint32_t i = 0; i < network->groups; i++) {
        struct group *group = &network->group[i];
        group->first_node = network->nodes;
        group->first_input = network->inputs;
        group->synapses_out = 0;
        network->nodes += group->count;
        network->inputs += group->count * group->ports;
        if (build_population(network, group, err) != OK)
            return err->code;
    }
    if (network->inputs >= no_index)
        return error_set(err, ERR_ARGUMENT,
                         "network: %zu inputs of neurons: expected at most %u",
                         network->inputs, no_index - 1);
    network->input =
        arena_array(&network->built, network->inputs, sizeof *network->input);
    if (!network->input)
        return error_memory(err, "inputs", (double)network->inputs * sizeof(double));
    return OK;
}

static void find_hearing_ports(struct network *network)
{
    struct group *group = network->group;
    for (uint32_t i = 0; i < network->links; i++)
        group[network->link[i].spec.target].hears[network->link[i].spec.port] = true;
    for (uint32_t i = 0; i < network->poissons; i++) {
        const struct poisson_source *source = &network->poisson[i].spec;
        group[source->target.population].hears[source->port] = true;
    }
    for (uint32_t i = 0; i < network->currents; i++) {
        const struct current_source *source = &network->current[i].spec;
        group[source->target.population].hears[source->port] = true;
    }
}

static bool build_quotas(struct network *network)
{
    gsl_rng *generator = gsl_rng_alloc(random_gsl_type);
    bool good = generator != NULL;
    for (uint32_t i = 0; i < network->links && good; i++) {
        struct link *link = &network->link[i];
        if (link->spec.rule != CONNECT_TOTAL_NUMBER)
            continue;
        size_t targets = network->group[link->spec.target].count;
        link->quota = malloc(targets * sizeof *link->quota);
        good = link->quota != NULL;
        if (good)
            link->most = draw_quotas(network, i, link->quota, generator);
    }
    if (generator)
        gsl_rng_free(generator);
    return good;
}

static void release_quotas(struct network *network)
{
    for (uint32_t i = 0; i < network->links; i++) {
        free(network->link[i].quota);
        network->link[i].quota = NULL;
    }
}

/* A population of a part: the same columns from its first neuron on. */
static void make_view(const struct network *network, struct network_part *part,
                      unsigned index, uint32_t population)
{
    const struct group *group = &network->group[population];
    struct population *view = &part->view[population];
    size_t first = network_slice(group, index, network->parts);
    part->first[population] = first;
    *view = group->population;
    view->count = network_slice(group, index + 1, network->parts) - first;
    for (size_t i = 0; i < NEURON_MAX_PARAMS; i++)
        if (view->param[i])
            view->param[i] += first;
    for (size_t i = 0; i < NEURON_MAX_STATE; i++)
        if (view->state[i])
            view->state[i] += first;
    for (size_t i = 0; i < NEURON_MAX_DERIVED; i++)
        if (view->derived[i])
            view->derived[i] += first;
}

static bool build_part(struct network *network, unsigned index)
{
    struct network_part *part = &network->part[index];
    struct arena *arena = &network->built;
    size_t largest = 0;
    part->view = arena_array(arena, network->groups, sizeof *part->view);
    part->first = arena_array(arena, network->groups, sizeof *part->first);
    part->fired = arena_array(arena, network->groups, sizeof *part->fired);
    part->generator = gsl_rng_alloc(random_gsl_type);
    if (!part->view || !part->first || !part->fired || !part->generator)
        return false;
    for (uint32_t i = 0; i < network->groups; i++) {
        make_view(network, part, index, i);
        size_t count = network_slice(&network->group[i], index + 1, network->parts) -
                       part->first[i];
        largest = count > largest ? count : largest;
    }
    part->word = arena_array(arena, largest + 8, sizeof *part->word);
    return part->word != NULL;
}

static bool build_parts(struct network *network)
{
    network->part = arena_array(&network->built, network->parts, sizeof *network->part);
    bool good = network->part != NULL;
    for (unsigned i = 0; i < network->parts && good; i++)
        good = build_part(network, i);
    return good;
}

static enum error_code build(struct network *network, struct error *err)
{
    double bytes = network_bytes(network);
    if (build_populations(network, err) != OK)
        return err->code;
    find_hearing_ports(network);
    if (!build_parts(network) || !rows_classify(network) || !build_quotas(network))
        return error_memory(err, "a network", bytes);
    if (rows_find(network, err) != OK)
        return err->code;
    if (!rows_count(network))
        return error_memory(err, "a network", bytes);
    for (unsigned part = 0; part < network->parts; part++)
        if (network->plastics > 0 && network->part[part].stored > UINT32_MAX)
            return error_set(err, ERR_ARGUMENT,
                             "network: %llu weights in one part beside plastic ones: "
                             "expected at most %u; more parts make them less",
                             (unsigned long long)network->part[part].stored,
                             UINT32_MAX);
    if (!rows_fill(network) || !network_build_sources(network) ||
        !network_build_stdp(network))
        return error_memory(err, "a network", bytes);
    network->queue = event_queue_create(network->longest_delay);
    network->post_queue = event_queue_create(2 * network->longest_delay);
    if (!network->queue || !network->post_queue)
        return error_memory(err, "events", (double)network->longest_delay);
    return OK;
}

enum error_code network_build(struct network *network, double limit_bytes,
                              struct error *err)
{
    err->code = OK;
    if (network->is_built)
        return error_set(err, ERR_ARGUMENT, "network: it is built already");
    if (network->groups == 0)
        return error_set(err, ERR_ARGUMENT, "network: it has no population");
    if (check_size(network, limit_bytes, err) != OK)
        return err->code;
    build(network, err);
    release_quotas(network);
    if (err->code == OK)
        network->is_built = true;
    else
        network_release_built(network);
    return err->code;
}

void network_release_built(struct network *network)
{
    for (unsigned i = 0; network->part && i < network->parts; i++)
        if (network->part[i].generator)
            gsl_rng_free(network->part[i].generator);
    event_queue_free(network->queue);
    event_queue_free(network->post_queue);
    free(network->arrival);
    free(network->spare);
    arena_free(&network->built);
    network->part = NULL;
    network->queue = network->post_queue = NULL;
    network->arrival = network->spare = NULL;
    network->is_built = false;
}
