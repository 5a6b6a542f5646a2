/* See network_nir.h. */
#include "sim/network_nir.h"

#include "sim/network_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 2 * NIR_MOST_NAME + 40 };

static const double *column(const struct group *group, const char *name)
{
    return group->population.param[field_find(group->model->params, name)];
}

static enum error_code check_group(const struct group *group, struct error *err)
{
    if (!group->model)
        return OK;
    if (strcmp(group->model->name, "lif") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "population '%s': NIR has no neuron like %s", group->name,
                         group->model->name);
    const double *t_ref = column(group, "t_ref"), *hard = column(group, "hard_reset");
    for (size_t i = 0; i < group->count; i++) {
        if (hard[i] < 0.5)
            return error_set(err, ERR_ARGUMENT,
                             "population '%s': neuron %zu resets by subtraction, NIR's "
                             "go to v_reset",
                             group->name, i);
        if (t_ref[i] > 0)
            return error_set(err, ERR_ARGUMENT,
                             "population '%s': neuron %zu has a refractory time of %g "
                             "ms, NIR's have none",
                             group->name, i, t_ref[i]);
    }
    return OK;
}

static enum error_code check_network(const struct network *network, struct error *err)
{
    bool has_generator = false;
    if (!network->is_built)
        return error_set(err, ERR_ARGUMENT, "the network is to be built before");
    if (network->poissons > 0 || network->currents > 0)
        return error_set(err, ERR_ARGUMENT,
                         "the network has %u Poisson and %u current sources: NIR has "
                         "none",
                         network->poissons, network->currents);
    for (uint32_t i = 0; i < network->groups; i++) {
        has_generator |= !network->group[i].model;
        if (check_group(&network->group[i], err) != OK)
            return err->code;
    }
    if (!has_generator)
        return error_set(err, ERR_ARGUMENT,
                         "the network has no generator: a NIR graph needs an input");
    return OK;
}

static enum error_code add_column(struct nir_graph *graph, struct nir_node *node,
                                  enum nir_param_id param, const struct group *group,
                                  const double *value, struct error *err)
{
    const struct nir_shape shape = { 1, { group->count } };
    return nir_param_set(graph, node, param, NIR_F64, &shape, value, err);
}

static enum error_code add_end(struct nir_graph *graph, const char *name,
                               enum nir_type_id type, size_t count, struct error *err)
{
    const struct nir_shape one = { 1, { 1 } };
    struct nir_node *node = nir_graph_add(graph, name, type, err);
    if (!node)
        return err->code;
    return nir_param_set(graph, node, NIR_SHAPE, NIR_INTEGER, &one,
                         &(double){ (double)count }, err);
}

static enum error_code add_group(struct nir_graph *graph, const struct group *group,
                                 struct error *err)
{
    const struct nir_shape shape = { 1, { group->count } };
    char name[NAME_ROOM];
    if (!group->model)
        return add_end(graph, group->name, NIR_INPUT, group->count, err);
    struct nir_node *node = nir_graph_add(graph, group->name, NIR_LIF, err);
    if (!node ||
        add_column(graph, node, NIR_V_LEAK, group, column(group, "v_rest"), err) !=
            OK ||
        add_column(graph, node, NIR_V_RESET, group, column(group, "v_reset"), err) !=
            OK)
        return err->code;
    double *tau = nir_param_room(graph, node, NIR_TAU, NIR_F64, &shape, err);
    double *r = tau ? nir_param_room(graph, node, NIR_R, NIR_F64, &shape, err) : NULL;
    double *level =
        r ? nir_param_room(graph, node, NIR_V_THRESHOLD, NIR_F64, &shape, err) : NULL;
    if (!level)
        return err->code;
    for (size_t i = 0; i < group->count; i++) {
        tau[i] = column(group, "tau_m")[i] / 1000;
        r[i] = 1;
        level[i] = nextafter(column(group, "v_threshold")[i], -(double)INFINITY);
    }
    snprintf(name, sizeof name, "%s.output", group->name);
    if (add_end(graph, name, NIR_OUTPUT, group->count, err) != OK)
        return err->code;
    return nir_graph_connect(graph, group->name, name, err);
}

/* What a weight of 1 is as a current at r = 1; see network_nir.h. */
static double current_of(const struct network *network, const struct group *target,
                         unsigned port, size_t neuron)
{
    if (strcmp(target->model->inputs[port].name, "jump") == 0)
        return -1 / expm1(-network->settings.dt_ms / column(target, "tau_m")[neuron]);
    return column(target, "resistance")[neuron];
}

static enum error_code add_weights(struct nir_graph *graph, struct nir_node *node,
                                   const struct network *network,
                                   const struct projection *projection,
                                   const struct synapse *synapse, size_t synapses,
                                   struct error *err)
{
    const struct group *source = &network->group[projection->source];
    const struct group *target = &network->group[projection->target];
    const struct nir_shape shape = { 2, { target->count, source->count } };
    double *weight = nir_param_room(graph, node, NIR_WEIGHT, NIR_F64, &shape, err);
    if (!weight)
        return err->code;
    for (size_t i = 0; i < synapses; i++)
        weight[synapse[i].target * source->count + synapse[i].source] +=
            synapse[i].weight *
            current_of(network, target, projection->port, synapse[i].target);
    return OK;
}

static enum error_code add_delay(struct nir_graph *graph, const char *name,
                                 const struct network *network,
                                 const struct group *source,
                                 const struct synapse *synapse, size_t synapses,
                                 struct error *err)
{
    const struct nir_shape shape = { 1, { source->count } };
    const uint64_t steps =
        synapses ? network_rounded_steps(network, synapse[0].delay_ms) : 1;
    for (size_t i = 1; i < synapses; i++)
        if (network_rounded_steps(network, synapse[i].delay_ms) != steps)
            return error_set(err, ERR_ARGUMENT,
                             "projection '%s': delays of %g and %g ms: NIR's are those "
                             "of the source neuron",
                             name, synapse[0].delay_ms, synapse[i].delay_ms);
    struct nir_node *node = nir_graph_add(graph, name, NIR_DELAY, err);
    double *delay = NULL;
    if (node)
        delay = nir_param_room(graph, node, NIR_DELAY_TIME, NIR_F64, &shape, err);
    for (size_t i = 0; delay && i < source->count; i++)
        delay[i] = (double)steps * network->settings.dt_ms / 1000;
    return err->code;
}

static enum error_code add_link(struct nir_graph *graph, const struct network *network,
                                uint32_t index, struct error *err)
{
    const struct projection *projection = &network->link[index].spec;
    const struct group *source = &network->group[projection->source];
    const struct group *target = &network->group[projection->target];
    char weights[NAME_ROOM], delays[NAME_ROOM + sizeof ".delay"];
    snprintf(weights, sizeof weights, "%s.to.%s.%u", source->name, target->name, index);
    snprintf(delays, sizeof delays, "%s.delay", weights);
    if (projection->stdp)
        return error_set(err, ERR_ARGUMENT, "projection '%s' is plastic: NIR's are not",
                         weights);
    const size_t synapses = network_synapses(network, index, NULL, 0);
    struct synapse *synapse = calloc(synapses + 1, sizeof *synapse);
    struct nir_node *node = NULL;
    if (!synapse)
        return error_memory(err, weights, (double)synapses * sizeof *synapse);
    network_synapses(network, index, synapse, synapses);
    if (add_delay(graph, delays, network, source, synapse, synapses, err) == OK)
        node = nir_graph_add(graph, weights, NIR_LINEAR, err);
    if (node &&
        add_weights(graph, node, network, projection, synapse, synapses, err) == OK &&
        nir_graph_connect(graph, source->name, delays, err) == OK &&
        nir_graph_connect(graph, delays, weights, err) == OK)
        nir_graph_connect(graph, weights, target->name, err);
    free(synapse);
    return err->code;
}

enum error_code nir_graph_of_network(struct nir_graph **graph,
                                     const struct network *network, struct error *err)
{
    struct nir_graph *made = NULL;
    *graph = NULL;
    err->code = OK;
    if (check_network(network, err) != OK)
        return err->code;
    if (!(made = nir_graph_create()))
        return error_memory(err, "a graph", sizeof *made);
    for (uint32_t i = 0; i < network->groups && err->code == OK; i++)
        add_group(made, &network->group[i], err);
    for (uint32_t i = 0; i < network->links && err->code == OK; i++)
        add_link(made, network, i, err);
    if (err->code == OK)
        nir_graph_check(made, err);
    if (err->code == OK)
        *graph = made;
    else
        nir_graph_free(made);
    return err->code;
}
