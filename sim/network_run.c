/* See network.h. A step: every part delivers what arrives at its targets, adds what
 * sources give and steps its neurons; then, in one thread, spikes are sent and told.
 * Arrivals are sorted by row, which is by source: each target adds in that order. */
#include "sim/network_layout.h"

#include <stdlib.h>
#include <string.h>

/* Below, threads wait for each other longer than they work. */
static const uint64_t least_for_threads = 1000;

/* ---- arrivals ---- */

static bool reserve_arrivals(struct network *network, size_t count)
{
    if (count <= network->arrival_room)
        return true;
    size_t room = count + count / 2 + 64;
    struct event *arrival = realloc(network->arrival, room * sizeof *arrival);
    if (arrival)
        network->arrival = arrival;
    struct event *spare = realloc(network->spare, room * sizeof *spare);
    if (spare)
        network->spare = spare;
    if (!arrival || !spare)
        return false;
    network->arrival_room = room;
    return true;
}

static size_t run_end(const struct event *event, size_t first, size_t count)
{
    size_t end = first + 1;
    while (end < count && event[end - 1].source <= event[end].source)
        end++;
    return end;
}

static void merge(const struct event *from, size_t left, size_t middle, size_t right,
                  struct event *to)
{
    size_t a = left, b = middle;
    for (size_t i = left; i < right; i++)
        to[i] = b == right || (a < middle && from[a].source <= from[b].source)
                    ? from[a++]
                    : from[b++];
}

/* Events of one sending step are in order already: rising runs are merged. */
static void sort_arrivals(struct network *network)
{
    size_t count = network->arrivals;
    while (count > 0 && run_end(network->arrival, 0, count) < count) {
        const struct event *from = network->arrival;
        for (size_t left = 0; left < count;) {
            size_t middle = run_end(from, left, count);
            size_t right = middle < count ? run_end(from, middle, count) : middle;
            merge(from, left, middle, right, network->spare);
            left = right;
        }
        struct event *sorted = network->spare;
        network->spare = network->arrival;
        network->arrival = sorted;
    }
}

static bool collect_arrivals(struct network *network)
{
    size_t count;
    const struct event *event = event_queue_arrivals(network->queue, &count);
    if (!reserve_arrivals(network, count))
        return false;
    if (count > 0)
        memcpy(network->arrival, event, count * sizeof *event);
    network->arrivals = count;
    network->arrived += count;
    sort_arrivals(network);
    return true;
}

/* ---- parts ---- */

static void add_fixed(double *restrict input, const uint32_t *restrict target,
                      size_t count, double weight)
{
    for (size_t i = 0; i < count; i++)
        input[target[i]] += weight;
}

static void add_stored(double *restrict input, const uint32_t *restrict target,
                       const double *restrict weight, size_t count, int32_t worth)
{
    for (size_t i = 0; i < count; i++)
        input[target[i]] += weight[i] * worth;
}

/* Rows lie far apart; once one is begun, the machine itself reads on. */
static void fetch_row(const struct network_part *part, const struct row *row)
{
    enum { LINES = 16, PER_LINE = 16 };
    uint32_t lines = row->count / PER_LINE < LINES ? row->count / PER_LINE : LINES;
    for (uint32_t line = 0; line <= lines; line++)
        __builtin_prefetch(part->target + row->first + line * PER_LINE);
}

static void deliver(struct network *network, struct network_part *part)
{
    for (size_t i = 0; i < network->arrivals; i++) {
        struct event event = network->arrival[i];
        const struct row *row = &part->row[event.source];
        const struct synapse_class *class = &network->class[row->class];
        part->synaptic_events += row->count;
        if (i + 1 < network->arrivals)
            fetch_row(part, &part->row[network->arrival[i + 1].source]);
        if (class->plastic != no_index)
            network_deliver_plastic(network, part, event);
        else if (class->stored)
            add_stored(network->input, part->target + row->first,
                       part->weight + row->first, row->count, event.worth);
        else
            add_fixed(network->input, part->target + row->first, row->count,
                      class->weight * event.worth);
    }
}

static void clear_inputs(struct network *network, const struct network_part *part)
{
    for (uint32_t i = 0; i < network->groups; i++) {
        const struct group *group = &network->group[i];
        double *input = network->input + group->first_input + part->first[i];
        for (unsigned port = 0; port < group->ports; port++)
            if (group->hears[port])
                memset(input + port * group->count, 0,
                       part->view[i].count * sizeof *input);
    }
}

static void step_neurons(struct network *network, struct network_part *part)
{
    for (uint32_t i = 0; i < network->groups; i++) {
        const struct group *group = &network->group[i];
        struct population *view = &part->view[i];
        const double *input[NEURON_MAX_INPUTS] = { NULL };
        size_t first = part->first[i];
        part->fired[i] = 0;
        if (!group->model || view->count == 0)
            continue;
        for (unsigned port = 0; port < group->ports; port++)
            if (group->hears[port])
                input[port] =
                    network->input + group->first_input + port * group->count + first;
        struct spike *fired = group->fired + first;
        part->fired[i] = group->model->step(view, input, fired);
        for (size_t spike = 0; first > 0 && spike < part->fired[i]; spike++)
            fired[spike].neuron += (uint32_t)first;
    }
}

static void step_part(struct network *network, struct network_part *part)
{
    clear_inputs(network, part);
    if (network->plastics > 0)
        network_potentiate(network, part);
    deliver(network, part);
    network_add_sources(network, part);
    step_neurons(network, part);
}

/* ---- what fired ---- */

static void gather_spikes(struct network *network, uint32_t population)
{
    struct group *group = &network->group[population];
    if (!group->model) {
        network_generate(network, group);
        return;
    }
    group->spikes = network->part[0].fired[population];
    for (unsigned i = 1; i < network->parts; i++) {
        const struct network_part *part = &network->part[i];
        memmove(group->fired + group->spikes, group->fired + part->first[population],
                part->fired[population] * sizeof *group->fired);
        group->spikes += part->fired[population];
    }
    network->updates += group->count;
}

static bool send_spikes(struct network *network, const struct group *group)
{
    for (size_t i = 0; i < group->spikes; i++) {
        struct spike spike = group->fired[i];
        uint64_t row = group->first_row + (uint64_t)spike.neuron * group->keys;
        for (uint32_t key = 0; key < group->keys; key++, row++) {
            if (network->row_synapses[row] == 0)
                continue;
            struct event event = { (uint32_t)row, spike.payload };
            if (!event_queue_send(network->queue, group->key[key].delay, event))
                return false;
            network->events++;
        }
    }
    return true;
}

static enum error_code finish_step(struct network *network,
                                   const struct network_sink *sink, struct error *err)
{
    bool good = true;
    for (uint32_t i = 0; i < network->groups; i++) {
        gather_spikes(network, i);
        network->spikes += network->group[i].spikes;
        good = good && send_spikes(network, &network->group[i]);
    }
    good = good && network_trace(network);
    event_queue_advance(network->queue);
    event_queue_advance(network->post_queue);
    uint64_t step = network->step++;
    if (!good)
        return error_memory(err, "events", (double)network->events);
    if (!sink)
        return OK;
    for (uint32_t i = 0; i < network->groups && sink->spikes; i++) {
        const struct group *group = &network->group[i];
        if (group->spikes > 0 && sink->spikes(sink->context, step, i, group->fired,
                                              group->spikes, err) != OK)
            return err->code;
    }
    return sink->stepped ? sink->stepped(sink->context, step, err) : OK;
}

enum error_code network_run(struct network *network, uint64_t steps,
                            const struct network_sink *sink, struct error *err)
{
    int threads = network->nodes < least_for_threads ? 1 : network->settings.threads;
    err->code = OK;
    if (!network->is_built)
        return error_set(err, ERR_ARGUMENT,
                         "network: it is to be built before it runs");
    for (uint64_t i = 0; i < steps; i++) {
        if (!collect_arrivals(network))
            return error_memory(err, "events", (double)network->arrival_room);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
        for (unsigned part = 0; part < network->parts; part++)
            step_part(network, &network->part[part]);
        if (finish_step(network, sink, err) != OK)
            return err->code;
    }
    return OK;
}
