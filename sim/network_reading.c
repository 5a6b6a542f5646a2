/* See network.h: what a network tells about itself. */
#include "sim/network_layout.h"

uint32_t network_populations(const struct network *network)
{
    return network->groups;
}

struct network_population_info network_population(const struct network *network,
                                                  uint32_t population)
{
    const struct group *group = &network->group[population];
    return (struct network_population_info){
        .name = group->name,
        .model = group->model,
        .count = group->count,
        .first_node = group->first_node,
        .synapses_out = group->synapses_out,
    };
}

uint32_t network_projections(const struct network *network)
{
    return network->links;
}

const struct projection *network_projection(const struct network *network,
                                            uint32_t projection)
{
    return &network->link[projection].spec;
}

double *network_state(struct network *network, uint32_t population, unsigned variable)
{
    return network->group[population].population.state[variable];
}

uint64_t network_fan_out(const struct network *network, uint32_t population,
                         uint32_t neuron)
{
    const struct group *group = &network->group[population];
    const uint32_t *synapses =
        network->row_synapses + group->first_row + (uint64_t)neuron * group->keys;
    uint64_t sum = 0;
    for (uint32_t key = 0; key < group->keys; key++)
        sum += synapses[key];
    return sum;
}

struct synapse_list {
    struct synapse *synapse;
    size_t count, room;
};

/* A row's synapses onto the inputs from first_input on. */
static void list_row(const struct network *network, const struct network_part *part,
                     uint64_t index, struct synapse synapse, size_t first_input,
                     size_t targets, struct synapse_list *list)
{
    const struct row *row = &part->row[index];
    const struct synapse_class *class = &network->class[row->class];
    for (uint64_t i = row->first; i < row->first + row->count; i++) {
        if (part->target[i] < first_input || part->target[i] - first_input >= targets)
            continue;
        synapse.target = (uint32_t)(part->target[i] - first_input);
        synapse.weight = class->stored ? part->weight[i] : class->weight;
        if (list->count < list->room)
            list->synapse[list->count] = synapse;
        list->count++;
    }
}

size_t network_synapses(const struct network *network, uint32_t projection,
                        struct synapse *synapse, size_t room)
{
    const struct link *link = &network->link[projection];
    const struct group *source = &network->group[link->spec.source];
    const struct group *target = &network->group[link->spec.target];
    size_t first_input = target->first_input + link->spec.port * target->count;
    struct synapse_list list = { synapse, 0, room };
    for (uint32_t neuron = 0; neuron < source->count; neuron++)
        for (uint32_t key = 0; key < source->keys; key++) {
            if (source->key[key].class != link->class)
                continue;
            struct synapse of = { .source = neuron,
                                  .delay_ms = source->key[key].delay *
                                              network->settings.dt_ms };
            uint64_t row = source->first_row + (uint64_t)neuron * source->keys + key;
            for (unsigned part = 0; part < network->parts; part++)
                list_row(network, &network->part[part], row, of, first_input,
                         target->count, &list);
        }
    return list.count;
}

void network_totals(const struct network *network, struct network_totals *totals)
{
    *totals = (struct network_totals){
        .steps = network->step,
        .spikes = network->spikes,
        .updates = network->updates,
        .events = network->events,
        .arrived = network->arrived,
        .bytes =
            network->is_built ? (double)network->built.bytes : network_bytes(network),
    };
    if (!network->is_built)
        return;
    totals->in_flight = event_queue_in_flight(network->queue);
    for (unsigned part = 0; part < network->parts; part++) {
        totals->synaptic_events += network->part[part].synaptic_events;
        totals->synapses += network->part[part].synapses;
    }
}
