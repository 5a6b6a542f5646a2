/* See network.h. Poisson numbers by inversion: the number of spikes is the least k with
 * word < 2^64 P(at most k). The leading 32 bits nearly always decide, and a table over
 * the leading ten bits says where to begin. */
#include "sim/network_layout.h"

#include "base/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

enum { GUIDE_BITS = 10, GUIDES = 1 << GUIDE_BITS };

static double mean_spikes(const struct network *network,
                          const struct poisson_train *train)
{
    return train->spec.rate_hz * network->settings.dt_ms / 1000;
}

/* More than the 64-bit tail: beyond it P is 1. */
static size_t level_room(double mean)
{
    return (size_t)(mean + 12 * sqrt(mean)) + 60;
}

double network_source_bytes(const struct network *network)
{
    double bytes = 0;
    for (uint32_t i = 0; i < network->poissons; i++)
        bytes += (double)level_room(mean_spikes(network, &network->poisson[i])) * 8 +
                 GUIDES * 2;
    return bytes;
}

static uint64_t level(unsigned spikes, double mean)
{
    static const double whole = 18446744073709551616.0; /* 2^64 */
    double above = mean > 0 ? gsl_cdf_poisson_Q(spikes, mean) : 0;
    if (above * whole < 1)
        return UINT64_MAX;
    if (above < 0.5)
        return UINT64_MAX - (uint64_t)(above * whole) + 1;
    return (uint64_t)(gsl_cdf_poisson_P(spikes, mean) * whole);
}

bool network_build_sources(struct network *network)
{
    for (uint32_t i = 0; i < network->poissons; i++) {
        struct poisson_train *train = &network->poisson[i];
        double mean = mean_spikes(network, train);
        size_t room = level_room(mean);
        train->level = arena_array(&network->built, room, sizeof *train->level);
        train->guide = arena_array(&network->built, GUIDES, sizeof *train->guide);
        if (!train->level || !train->guide)
            return false;
        for (size_t k = 0; k + 1 < room; k++)
            train->level[k] = level((unsigned)k, mean);
        train->level[room - 1] = UINT64_MAX;
        uint16_t least = 0;
        for (uint64_t cell = 0; cell < GUIDES; cell++) {
            while (train->level[least] <= cell << (64 - GUIDE_BITS))
                least++;
            train->guide[cell] = least;
        }
    }
    return true;
}

/* The trailing 32 bits of a word whose leading ones equal a level's. */
static uint32_t draw_tie(const struct network *network, uint32_t source,
                         uint32_t neuron)
{
    uint32_t word;
    random_words(network->settings.seed,
                 &(struct random_place){ PLACE_POISSON_TIE,
                                         (uint32_t)(network->step >> 32), source,
                                         neuron, (uint32_t)network->step },
                 1, &word);
    return word;
}

static bool is_beyond(const struct network *network, uint32_t source, uint32_t neuron,
                      uint64_t bound)
{
    return bound != UINT64_MAX && draw_tie(network, source, neuron) >= (uint32_t)bound;
}

/* [*from, *to) of a source's targets within a part's slice; false: none. */
static bool cut(const struct network *network, const struct network_part *part,
                const struct neuron_range *range, size_t *from, size_t *to)
{
    size_t first = part->first[range->population];
    size_t end = first + part->view[range->population].count;
    *from = range->first > first ? range->first : first;
    *to = range->first + range->count < end ? range->first + range->count : end;
    return network->group[range->population].model && *from < *to;
}

static void add_poisson(const struct network *network, struct network_part *part,
                        uint32_t source)
{
    const struct poisson_train *train = &network->poisson[source];
    const struct group *group = &network->group[train->spec.target.population];
    size_t from, to;
    if (network->step < train->start || network->step >= train->stop ||
        !cut(network, part, &train->spec.target, &from, &to))
        return;
    random_words(network->settings.seed,
                 &(struct random_place){ PLACE_POISSON, (uint32_t)(network->step >> 32),
                                         source, (uint32_t)from,
                                         (uint32_t)network->step },
                 to - from, part->word);
    double *input =
        network->input + group->first_input + train->spec.port * group->count;
    double weight = train->spec.weight;
    for (size_t neuron = from; neuron < to; neuron++) {
        uint32_t word = part->word[neuron - from];
        uint32_t spikes = train->guide[word >> (32 - GUIDE_BITS)];
        for (;;) {
            uint64_t bound = train->level[spikes];
            uint32_t leading = (uint32_t)(bound >> 32);
            if (word < leading ||
                (word == leading &&
                 !is_beyond(network, source, (uint32_t)neuron, bound)))
                break;
            spikes++;
        }
        input[neuron] += weight * spikes;
    }
}

static void add_current(const struct network *network, struct network_part *part,
                        uint32_t source)
{
    const struct current_train *train = &network->current[source];
    const struct current_source *spec = &train->spec;
    const struct group *group = &network->group[spec->target.population];
    size_t from, to;
    if (network->step < train->start || network->step >= train->stop ||
        !cut(network, part, &spec->target, &from, &to))
        return;
    double *input = network->input + group->first_input + spec->port * group->count;
    double time_ms = (double)network->step * network->settings.dt_ms;
    double mean = spec->value ? spec->value(spec->context, time_ms) : spec->mean;
    if (spec->deviation == 0) {
        for (size_t neuron = from; neuron < to; neuron++)
            input[neuron] += mean;
        return;
    }
    for (size_t neuron = from; neuron < to; neuron++) {
        random_set(part->generator, network->settings.seed,
                   &(struct random_place){ PLACE_CURRENT,
                                           (uint32_t)(network->step >> 32), source,
                                           (uint32_t)neuron, (uint32_t)network->step });
        input[neuron] +=
            mean + gsl_ran_gaussian_ziggurat(part->generator, spec->deviation);
    }
}

void network_add_sources(struct network *network, struct network_part *part)
{
    for (uint32_t source = 0; source < network->poissons; source++)
        add_poisson(network, part, source);
    for (uint32_t source = 0; source < network->currents; source++)
        add_current(network, part, source);
}

void network_generate(struct network *network, struct group *group)
{
    group->spikes = 0;
    while (group->next_plan < group->plans &&
           group->planned[group->next_plan].step == network->step)
        group->fired[group->spikes++] =
            (struct spike){ group->planned[group->next_plan++].neuron, 1 };
}
