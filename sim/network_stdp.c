/* Pair-based plasticity of network.h; see there for its sources. With a dendritic delay
 * d a synapse sees a presynaptic spike when it is fired, t_pre, and a postsynaptic one
 * at t_post + d. For D = t_post + d - t_pre
 *
 *     D > 0:  w += a_plus highest ((highest - w) / span)^mu_plus exp(-D / tau_plus)
 *     D < 0:  w -= a_minus highest ((w - lowest) / span)^mu_minus exp(D / tau_minus)
 *
 * cut to the bounds, span being highest - lowest; D = 0 changes nothing. A spike is
 * worth the weight as it is at t_pre, this spike's depression included (as in NEST).
 * All of that happens d later here: a row is read, and its weights fall, when it is
 * delivered, at t_pre + d; so potentiation is due at t_post + 2d. That keeps the order,
 * and no weight is touched but when it is read or raised. Where both fall on one step a
 * weight first rises, then falls.
 *
 * What spikes of the past leave is a trace, trace <- (trace + fired) exp(-dt / tau),
 * remembered for as many steps as the delays look back. */
#include "sim/network_layout.h"

#include <math.h>

/* ---- building ---- */

double network_stdp_bytes(const struct network *network, const struct link *link)
{
    const struct group *source = &network->group[link->spec.source];
    const struct group *target = &network->group[link->spec.target];
    double longest, delays = network_link_delays(network, link, &longest);
    return (longest + 1) * (double)source->count * sizeof(double) +
           (2 * longest + 1) * (double)target->count * sizeof(double) +
           delays * (double)target->count * sizeof(uint64_t) +
           link->expected * sizeof(struct incoming);
}

static bool find_delays(struct network *network, struct plastic *plastic)
{
    const struct link *link = &network->link[plastic->link];
    plastic->delay = arena_array(&network->built, link->delays, sizeof *plastic->delay);
    plastic->key = arena_array(&network->built, link->delays, sizeof *plastic->key);
    if (!plastic->delay || !plastic->key)
        return false;
    for (uint32_t i = 0; i < link->delays; i++)
        if (link->key[i] != no_index) {
            plastic->delay[plastic->delays] = link->lowest_delay + i;
            plastic->key[plastic->delays++] = link->key[i];
            plastic->longest = link->lowest_delay + i;
        }
    return true;
}

static bool build_traces(struct network *network, struct plastic *plastic)
{
    const struct link *link = &network->link[plastic->link];
    size_t sources = network->group[link->spec.source].count;
    size_t targets = network->group[link->spec.target].count;
    double dt_ms = network->settings.dt_ms;
    plastic->decay_plus = exp(-dt_ms / link->spec.stdp->tau_plus_ms);
    plastic->decay_minus = exp(-dt_ms / link->spec.stdp->tau_minus_ms);
    plastic->pre_length = plastic->longest + 1;
    plastic->post_length = 2 * plastic->longest + 1;
    plastic->pre = arena_array(&network->built, plastic->pre_length * sources,
                               sizeof *plastic->pre);
    plastic->post = arena_array(&network->built, plastic->post_length * targets,
                                sizeof *plastic->post);
    return plastic->pre && plastic->post;
}

/* The incoming list that a synapse of a part belongs to. */
static size_t list_of(const struct plastic *plastic, const struct plastic_part *lists,
                      size_t first_input, uint32_t target, uint32_t delay)
{
    return (target - first_input - lists->first_target) * plastic->delays + delay;
}

enum pass { COUNT, FILL };

static void walk_part(const struct network *network, const struct plastic *plastic,
                      const struct network_part *part, struct plastic_part *lists,
                      enum pass pass)
{
    const struct link *link = &network->link[plastic->link];
    const struct group *source = &network->group[link->spec.source];
    const struct group *target = &network->group[link->spec.target];
    size_t first_input = target->first_input + link->spec.port * target->count;
    for (uint32_t neuron = 0; neuron < source->count; neuron++)
        for (uint32_t delay = 0; delay < plastic->delays; delay++) {
            const struct row *row =
                &part->row[source->first_row + (uint64_t)neuron * source->keys +
                           plastic->key[delay]];
            for (uint64_t i = row->first; i < row->first + row->count; i++) {
                size_t list =
                    list_of(plastic, lists, first_input, part->target[i], delay);
                if (pass == COUNT)
                    lists->first[list + 2]++;
                else
                    lists->incoming[lists->first[list + 1]++] =
                        (struct incoming){ (uint32_t)i, neuron };
            }
        }
}

static bool build_lists(struct network *network, uint32_t index, unsigned part_index)
{
    struct plastic *plastic = &network->plastic[index];
    const struct projection *spec = &network->link[plastic->link].spec;
    struct network_part *part = &network->part[part_index];
    struct plastic_part *lists = &part->plastic[index];
    lists->first_target = part->first[spec->target];
    lists->targets = part->view[spec->target].count;
    size_t count = lists->targets * plastic->delays;
    lists->first = arena_array(&network->built, count + 2, sizeof *lists->first);
    if (!lists->first)
        return false;
    walk_part(network, plastic, part, lists, COUNT);
    for (size_t list = 0; list < count; list++)
        lists->first[list + 2] += lists->first[list + 1];
    lists->incoming = arena_array(&network->built, (size_t)lists->first[count + 1],
                                  sizeof *lists->incoming);
    if (!lists->incoming)
        return false;
    walk_part(network, plastic, part, lists, FILL);
    return true;
}

bool network_build_stdp(struct network *network)
{
    uint32_t lists = 0, built = 0;
    network->plastic =
        arena_array(&network->built, network->plastics, sizeof *network->plastic);
    bool good = network->plastic != NULL;
    for (unsigned part = 0; part < network->parts && good; part++) {
        network->part[part].plastic = arena_array(&network->built, network->plastics,
                                                  sizeof *network->part[part].plastic);
        good = network->part[part].plastic != NULL;
    }
    for (uint32_t i = 0; i < network->links && good; i++) {
        const struct projection *spec = &network->link[i].spec;
        if (!spec->stdp)
            continue;
        struct plastic *plastic = &network->plastic[built];
        plastic->link = i;
        plastic->first_incoming = lists;
        good = find_delays(network, plastic) && build_traces(network, plastic);
        for (unsigned part = 0; part < network->parts && good; part++)
            good = build_lists(network, built, part);
        lists += (uint32_t)network->group[spec->target].count * plastic->delays;
        built++;
    }
    return good;
}

/* ---- running ---- */

static double eased(double distance, double exponent)
{
    return exponent == 0 ? 1 : (exponent == 1 ? distance : pow(distance, exponent));
}

static double bounded(double weight, const struct stdp_rule *rule)
{
    return weight > rule->highest ? rule->highest
                                  : (weight < rule->lowest ? rule->lowest : weight);
}

static double raised(double weight, double trace, const struct stdp_rule *rule)
{
    double distance = (rule->highest - weight) / (rule->highest - rule->lowest);
    double step = rule->a_plus * rule->highest * eased(distance, rule->mu_plus);
    return bounded(weight + step * trace, rule);
}

static double lowered(double weight, double trace, const struct stdp_rule *rule)
{
    double distance = (weight - rule->lowest) / (rule->highest - rule->lowest);
    double step = rule->a_minus * rule->highest * eased(distance, rule->mu_minus);
    return bounded(weight - step * trace, rule);
}

void network_potentiate(struct network *network, struct network_part *part)
{
    size_t count;
    const struct event *event = event_queue_arrivals(network->post_queue, &count);
    for (size_t i = 0; i < count; i++) {
        const struct plastic *plastic = &network->plastic[event[i].worth];
        const struct plastic_part *lists = &part->plastic[event[i].worth];
        const struct projection *spec = &network->link[plastic->link].spec;
        uint32_t list = event[i].source - plastic->first_incoming;
        size_t target = list / plastic->delays;
        if (target < lists->first_target ||
            target >= lists->first_target + lists->targets)
            continue;
        uint64_t seen = network->step - plastic->delay[list % plastic->delays];
        const double *trace = plastic->pre + seen % plastic->pre_length *
                                                 network->group[spec->source].count;
        size_t own = list - lists->first_target * plastic->delays;
        for (uint64_t k = lists->first[own]; k < lists->first[own + 1]; k++) {
            double *weight = &part->weight[lists->incoming[k].synapse];
            *weight = raised(*weight, trace[lists->incoming[k].source], spec->stdp);
        }
    }
}

void network_deliver_plastic(struct network *network, struct network_part *part,
                             struct event event)
{
    const struct row *row = &part->row[event.source];
    const struct plastic *plastic =
        &network->plastic[network->class[row->class].plastic];
    const struct projection *spec = &network->link[plastic->link].spec;
    const struct group *source = &network->group[spec->source];
    const struct group *target = &network->group[spec->target];
    size_t first_input = target->first_input + spec->port * target->count;
    uint32_t delay =
        source->key[(event.source - source->first_row) % source->keys].delay;
    const double *trace = NULL;
    if (network->step >= 2 * (uint64_t)delay)
        trace = plastic->post + (network->step - 2 * (uint64_t)delay) %
                                    plastic->post_length * target->count;
    for (uint64_t i = row->first; i < row->first + row->count; i++) {
        uint32_t input = part->target[i];
        if (trace)
            part->weight[i] =
                lowered(part->weight[i], trace[input - first_input], spec->stdp);
        network->input[input] += part->weight[i] * event.worth;
    }
}

/* The trace before step + 1 from that before step. */
static void move_on(double *ring, uint32_t length, const struct group *group,
                    uint64_t step, double decay)
{
    const double *now = ring + step % length * group->count;
    double *next = ring + (step + 1) % length * group->count;
    for (size_t neuron = 0; neuron < group->count; neuron++)
        next[neuron] = now[neuron] * decay;
    for (size_t i = 0; i < group->spikes; i++)
        next[group->fired[i].neuron] += decay;
}

bool network_trace(struct network *network)
{
    bool good = true;
    for (uint32_t index = 0; index < network->plastics; index++) {
        const struct plastic *plastic = &network->plastic[index];
        const struct projection *spec = &network->link[plastic->link].spec;
        const struct group *target = &network->group[spec->target];
        move_on(plastic->pre, plastic->pre_length, &network->group[spec->source],
                network->step, plastic->decay_plus);
        move_on(plastic->post, plastic->post_length, target, network->step,
                plastic->decay_minus);
        for (size_t i = 0; i < target->spikes; i++)
            for (uint32_t delay = 0; delay < plastic->delays && good; delay++)
                good = event_queue_send(network->post_queue, 2 * plastic->delay[delay],
                                        (struct event){ plastic->first_incoming +
                                                            target->fired[i].neuron *
                                                                plastic->delays +
                                                            delay,
                                                        (int32_t)index });
    }
    return good;
}
