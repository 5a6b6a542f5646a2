/* What makes a NIR graph one that can be run; see nir_graph_check(). */
#include "sim/nir_order.h"
#include "sim/nir_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Largest integer that double holds exactly with all below it. */
static const double most_integer = 9007199254740992.0;

enum {
    INTEGERS = 1 << NIR_DILATION | 1 << NIR_END_DIM | 1 << NIR_GROUPS |
               1 << NIR_INPUT_SHAPE | 1 << NIR_INPUT_TYPE | 1 << NIR_KERNEL_SIZE |
               1 << NIR_PADDING | 1 << NIR_SHAPE | 1 << NIR_START_DIM | 1 << NIR_STRIDE,
    AT_LEAST_ONE =
        1 << NIR_DILATION | 1 << NIR_GROUPS | 1 << NIR_KERNEL_SIZE | 1 << NIR_STRIDE,
    AT_LEAST_ZERO = 1 << NIR_DELAY_TIME | 1 << NIR_PADDING,
    ABOVE_ZERO = 1 << NIR_TAU | 1 << NIR_TAU_MEM | 1 << NIR_TAU_SYN,
    SINGLE = 1 << NIR_GROUPS | 1 << NIR_END_DIM | 1 << NIR_START_DIM,
    /* one value per dimension of space, or one for all */
    SPATIAL =
        1 << NIR_DILATION | 1 << NIR_KERNEL_SIZE | 1 << NIR_STRIDE | 1 << NIR_PADDING
};

static const char *expectation(unsigned bit)
{
    if (bit & AT_LEAST_ONE)
        return "1 or more";
    if (bit & AT_LEAST_ZERO)
        return "0 or more";
    if (bit & ABOVE_ZERO)
        return "more than 0";
    return "a finite number";
}

static bool is_good(double value, unsigned bit)
{
    return isfinite(value) && !((bit & AT_LEAST_ONE) && value < 1) &&
           !((bit & AT_LEAST_ZERO) && value < 0) &&
           !((bit & ABOVE_ZERO) && value <= 0) &&
           !((bit & INTEGERS) && fabs(value) > most_integer);
}

static enum error_code check_text(const struct nir_node *node, unsigned param,
                                  struct error *err)
{
    const char *text = node->param[param].text;
    bool is_convolution =
        node->type == &nir_types[NIR_CONV_1D] || node->type == &nir_types[NIR_CONV_2D];
    if (param != NIR_PADDING || !is_convolution)
        return error_set(err, ERR_FORMAT, "node '%s': %s: expected numbers, found text",
                         node->name, nir_param_names[param]);
    if (strcmp(text, "same") != 0 && strcmp(text, "valid") != 0)
        return error_set(err, ERR_FORMAT,
                         "node '%s': padding: expected numbers, 'same' or 'valid', "
                         "found '%.40s'",
                         node->name, text);
    return OK;
}

static enum error_code check_param(const struct nir_node *node, unsigned param,
                                   struct error *err)
{
    const struct nir_array *array = &node->param[param];
    const char *name = nir_param_names[param];
    const unsigned bit = 1u << param;
    if (array->kind == NIR_TEXT)
        return check_text(node, param, err);
    if ((bit & INTEGERS) && array->kind != NIR_INTEGER)
        return error_set(err, ERR_FORMAT, "node '%s': %s: expected integers",
                         node->name, name);
    if (array->count == 0)
        return error_set(err, ERR_FORMAT, "node '%s': %s has no values", node->name,
                         name);
    size_t most = node->type == &nir_types[NIR_CONV_1D] ? 1 : 2;
    if (((bit & SINGLE) && array->count != 1) ||
        ((bit & SPATIAL) && array->count != 1 && array->count != most))
        return error_set(err, ERR_FORMAT, "node '%s': %s: expected %s, found %s",
                         node->name, name,
                         (bit & SINGLE) || most == 1 ? "one value"
                                                     : "one or two values",
                         nir_shape_text(&array->shape).text);
    for (size_t i = 0; i < array->count; i++)
        if (!is_good(array->value[i], bit))
            return error_set(err, ERR_FORMAT,
                             "node '%s': %s: value %zu is %g: expected %s", node->name,
                             name, i, array->value[i], expectation(bit));
    return OK;
}

static enum error_code check_node(const struct nir_node *node, struct error *err)
{
    const struct nir_type *type = node->type;
    for (unsigned param = 0; param < NIR_PARAMS; param++) {
        const uint32_t bit = UINT32_C(1) << param;
        const char *name = nir_param_names[param];
        if (node->param[param].kind == NIR_ABSENT) {
            if (type->required & bit)
                return error_set(err, ERR_FORMAT,
                                 "node '%s' (%s): dataset %s is missing", node->name,
                                 type->name, name);
        } else if (!((type->required | type->optional) & bit)) {
            return error_set(err, ERR_FORMAT, "node '%s' (%s): unknown dataset %s",
                             node->name, type->name, name);
        } else if (check_param(node, param, err) != OK) {
            return err->code;
        }
    }
    return OK;
}

static int compare_edges(const void *a, const void *b)
{
    const struct nir_edge *left = a, *right = b;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return (left->to > right->to) - (left->to < right->to);
}

static enum error_code check_duplicates(const struct nir_graph *graph,
                                        struct error *err)
{
    struct nir_edge *sorted = malloc((graph->edges + 1) * sizeof *sorted);
    if (!sorted)
        return error_memory(err, "edges", (double)graph->edges * sizeof *sorted);
    if (graph->edges)
        memcpy(sorted, graph->edge, graph->edges * sizeof *sorted);
    qsort(sorted, graph->edges, sizeof *sorted, compare_edges);
    for (size_t i = 1; i < graph->edges && err->code == OK; i++)
        if (compare_edges(&sorted[i - 1], &sorted[i]) == 0)
            error_set(err, ERR_FORMAT,
                      "the edge from '%.60s' to '%.60s' is there twice",
                      graph->node[sorted[i].from]->name,
                      graph->node[sorted[i].to]->name);
    free(sorted);
    return err->code;
}

/* Inputs and outputs: at least one of each; in a nested graph exactly one, or it is
 * not said which an edge means. */
static enum error_code check_ends(const struct nir_graph *graph, struct error *err)
{
    size_t inputs = 0, outputs = 0;
    for (size_t i = 0; i < graph->nodes; i++) {
        inputs += graph->node[i]->type == &nir_types[NIR_INPUT];
        outputs += graph->node[i]->type == &nir_types[NIR_OUTPUT];
    }
    if (inputs == 0 || outputs == 0)
        return error_set(err, ERR_FORMAT, "the graph has no node of type %s",
                         inputs == 0 ? "Input" : "Output");
    if (graph->depth > 0 && (inputs > 1 || outputs > 1))
        return error_set(err, ERR_FORMAT,
                         "a nested graph: expected one Input and one Output, found %zu "
                         "and %zu",
                         inputs, outputs);
    for (size_t i = 0; i < graph->edges; i++) {
        const struct nir_node *from = graph->node[graph->edge[i].from];
        const struct nir_node *to = graph->node[graph->edge[i].to];
        if (from->type == &nir_types[NIR_OUTPUT] || to->type == &nir_types[NIR_INPUT])
            return error_set(err, ERR_FORMAT,
                             "the edge from '%.60s' (%s) to '%.60s' (%s) leads %s",
                             from->name, from->type->name, to->name, to->type->name,
                             to->type == &nir_types[NIR_INPUT] ? "into an Input"
                                                               : "out of an Output");
    }
    return OK;
}

/* Shapes spread along the edges until nothing changes. */
static enum error_code infer_shapes(struct nir_graph *graph, struct error *err)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < graph->nodes; i++)
            if (!graph->node[i]->has_out && nir_infer_shape(graph->node[i], err) != OK)
                return err->code;
        for (size_t i = 0; i < graph->edges; i++) {
            const struct nir_node *from = graph->node[graph->edge[i].from];
            struct nir_node *to = graph->node[graph->edge[i].to];
            if (!from->has_out || to->has_in)
                continue;
            to->in = from->out;
            to->has_in = changed = true;
        }
    }
    for (size_t i = 0; i < graph->nodes; i++)
        if (!graph->node[i]->has_in || !graph->node[i]->has_out)
            return error_set(err, ERR_FORMAT,
                             "node '%s' (%s): its shape follows from nothing",
                             graph->node[i]->name, graph->node[i]->type->name);
    return OK;
}

static enum error_code check_edges(const struct nir_graph *graph, struct error *err)
{
    for (size_t i = 0; i < graph->edges; i++) {
        const struct nir_node *from = graph->node[graph->edge[i].from];
        const struct nir_node *to = graph->node[graph->edge[i].to];
        if (!nir_shape_equal(&from->out, &to->in))
            return error_set(err, ERR_FORMAT,
                             "edge from '%.60s' to '%.60s': expected %s, found %s",
                             from->name, to->name, nir_shape_text(&to->in).text,
                             nir_shape_text(&from->out).text);
    }
    return OK;
}

static enum error_code check_level(struct nir_graph *graph, struct error *err)
{
    for (size_t i = 0; i < graph->nodes; i++) {
        struct nir_node *node = graph->node[i];
        node->has_in = node->has_out = false;
        if (check_node(node, err) != OK)
            return err->code;
        if (node->inner && check_level(node->inner, err) != OK)
            return error_wrap(err, "graph '%.60s'", node->name);
    }
    if (check_ends(graph, err) != OK || check_duplicates(graph, err) != OK ||
        infer_shapes(graph, err) != OK)
        return err->code;
    return check_edges(graph, err);
}

enum error_code nir_graph_check(struct nir_graph *graph, struct error *err)
{
    struct nir_order order;
    err->code = OK;
    if (check_level(graph, err) != OK)
        return err->code;
    nir_order_init(&order, graph, 0, err);
    nir_order_release(&order);
    return err->code;
}
