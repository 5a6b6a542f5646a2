/* See nir_order.h. */
#include "sim/nir_order.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double nir_delay_steps(double delay, double dt)
{
    return dt > 0 ? rint(delay / dt) : delay > 0;
}

static bool is_early(const struct nir_node *node, double dt)
{
    const struct nir_array *delay = nir_param(node, NIR_DELAY_TIME);
    if (!delay)
        return false;
    for (size_t i = 0; i < delay->count; i++)
        if (nir_delay_steps(delay->value[i], dt) < 1)
            return false;
    return true;
}

/* ---- laying flat ---- */

struct ends {
    uint32_t in, out; /* places where edges to and from a nested graph go */
};

static enum error_code place_node(struct nir_order *order, const struct nir_node *node,
                                  const char *prefix, unsigned depth, double dt,
                                  struct error *err)
{
    struct nir_place *place = &order->place[order->places++];
    size_t length = strlen(prefix) + strlen(node->name) + 2;
    *place = (struct nir_place){ .node = node, .depth = depth };
    place->is_early = is_early(node, dt);
    place->name = arena_array(&order->arena, length, 1);
    if (!place->name)
        return error_memory(err, node->name, (double)length);
    snprintf(place->name, length, "%s%s%s", prefix, prefix[0] ? "/" : "", node->name);
    return OK;
}

/* Depth is bounded by NIR_MOST_NESTED. */
static enum error_code lay_flat(struct nir_order *order, const struct nir_graph *graph,
                                const char *prefix, double dt, struct ends *own,
                                struct error *err)
{
    struct ends *ends = arena_array(&order->arena, graph->nodes, sizeof *ends);
    if (!ends)
        return error_memory(err, "nodes", (double)graph->nodes * sizeof *ends);
    for (size_t i = 0; i < graph->nodes; i++) {
        const struct nir_node *node = graph->node[i];
        if (node->inner) {
            size_t length = strlen(prefix) + strlen(node->name) + 2;
            char *inside = arena_array(&order->arena, length, 1);
            if (!inside)
                return error_memory(err, node->name, (double)length);
            snprintf(inside, length, "%s%s%s", prefix, prefix[0] ? "/" : "",
                     node->name);
            if (lay_flat(order, node->inner, inside, dt, &ends[i], err) != OK)
                return err->code;
            continue;
        }
        ends[i].in = ends[i].out = (uint32_t)order->places;
        if (node->type == &nir_types[NIR_INPUT])
            own->in = ends[i].in;
        if (node->type == &nir_types[NIR_OUTPUT])
            own->out = ends[i].out;
        if (place_node(order, node, prefix, graph->depth, dt, err) != OK)
            return err->code;
    }
    for (size_t i = 0; i < graph->edges; i++)
        order->link[order->links++] =
            (struct nir_link){ .from = ends[graph->edge[i].from].out,
                               .to = ends[graph->edge[i].to].in };
    return OK;
}

static size_t count_edges(const struct nir_graph *graph)
{
    size_t edges = graph->edges;
    for (size_t i = 0; i < graph->nodes; i++)
        if (graph->node[i]->inner)
            edges += count_edges(graph->node[i]->inner);
    return edges;
}

/* The links that lead to each place, in the order of the file. */
static enum error_code index_links(struct nir_order *order, struct error *err)
{
    uint32_t *list = arena_array(&order->arena, order->links, sizeof *list);
    if (!list)
        return error_memory(err, "edges", (double)order->links * sizeof *list);
    for (size_t i = 0; i < order->links; i++)
        order->place[order->link[i].to].in_edges++;
    for (size_t place = 0; place < order->places; place++) {
        order->place[place].in_edge = list;
        list += order->place[place].in_edges;
        order->place[place].in_edges = 0;
    }
    for (size_t i = 0; i < order->links; i++) {
        struct nir_place *to = &order->place[order->link[i].to];
        to->in_edge[to->in_edges++] = (uint32_t)i;
    }
    return OK;
}

/* ---- ordering ---- */

struct sorting {
    struct nir_order *order;
    uint32_t *distance; /* from the inputs, in edges */
    uint32_t *part;     /* of what is left: strongly connected parts, from 1 */
    uint32_t *low, *number, *stack;
    uint32_t numbered, stacked, parts;
    bool *is_placed, *is_reached;
    size_t placed;
};

/* Whether a place must come after the source of the link. */
static bool must_wait(const struct nir_order *order, const struct nir_link *link)
{
    return !link->is_late && !order->place[link->from].is_early;
}

static void place_ready(struct sorting *sorting)
{
    struct nir_order *order = sorting->order;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < order->places; i++) {
            const struct nir_place *place = &order->place[i];
            bool is_ready = !sorting->is_placed[i];
            for (size_t k = 0; k < place->in_edges && is_ready; k++) {
                const struct nir_link *link = &order->link[place->in_edge[k]];
                is_ready = !must_wait(order, link) || sorting->is_placed[link->from];
            }
            if (!is_ready)
                continue;
            sorting->is_placed[i] = changed = true;
            order->sequence[sorting->placed++] = (uint32_t)i;
        }
    }
}

static void measure_distances(struct sorting *sorting)
{
    struct nir_order *order = sorting->order;
    for (size_t i = 0; i < order->places; i++)
        sorting->distance[i] =
            order->place[i].node->type == &nir_types[NIR_INPUT] ? 0 : UINT32_MAX - 1;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < order->links; i++) {
            const struct nir_link *link = &order->link[i];
            if (sorting->distance[link->from] + 1 >= sorting->distance[link->to])
                continue;
            sorting->distance[link->to] = sorting->distance[link->from] + 1;
            changed = true;
        }
    }
}

/* Strongly connected parts of what is not placed, walking edges backwards (Tarjan, SIAM
 * J. Comput. 1, 1972): the first part to be complete has no edge from another. Recursion
 * is as deep as there are nodes, NIR_MOST_NODES. */
static void find_parts(struct sorting *sorting, uint32_t i)
{
    const struct nir_place *place = &sorting->order->place[i];
    sorting->low[i] = sorting->number[i] = ++sorting->numbered;
    sorting->stack[sorting->stacked++] = i;
    for (size_t k = 0; k < place->in_edges; k++) {
        const struct nir_link *link = &sorting->order->link[place->in_edge[k]];
        uint32_t from = link->from;
        if (!must_wait(sorting->order, link) || sorting->is_placed[from])
            continue;
        if (sorting->number[from] == 0)
            find_parts(sorting, from);
        if (sorting->part[from] == 0 && sorting->low[from] < sorting->low[i])
            sorting->low[i] = sorting->low[from];
    }
    if (sorting->low[i] != sorting->number[i])
        return;
    sorting->parts++;
    uint32_t member;
    do {
        member = sorting->stack[--sorting->stacked];
        sorting->part[member] = sorting->parts;
    } while (member != i);
}

/* The node with state, of part 1, that is nearest to the inputs; -1: it has none. */
static int64_t find_head(const struct sorting *sorting)
{
    int64_t head = -1;
    for (size_t i = 0; i < sorting->order->places; i++) {
        const struct nir_place *place = &sorting->order->place[i];
        if (sorting->is_placed[i] || sorting->part[i] != 1 ||
            !place->node->type->has_state)
            continue;
        if (head < 0 || sorting->distance[i] < sorting->distance[head] ||
            (sorting->distance[i] == sorting->distance[head] &&
             strcmp(place->name, sorting->order->place[head].name) < 0))
            head = (int64_t)i;
    }
    return head;
}

/* Goes back from the head through nodes without state; links that leave a node with
 * state on the way become late. False: a loop without state was met. */
static void delay_links(struct sorting *sorting, uint32_t head)
{
    struct nir_order *order = sorting->order;
    memset(sorting->is_reached, 0, order->places);
    sorting->stacked = 0;
    sorting->stack[sorting->stacked++] = head;
    while (sorting->stacked > 0) {
        const struct nir_place *place =
            &order->place[sorting->stack[--sorting->stacked]];
        for (size_t k = 0; k < place->in_edges; k++) {
            struct nir_link *link = &order->link[place->in_edge[k]];
            uint32_t from = link->from;
            if (!must_wait(order, link) || sorting->is_placed[from] ||
                sorting->part[from] != 1)
                continue;
            if (order->place[from].node->type->has_state) {
                link->is_late = true;
            } else if (!sorting->is_reached[from]) {
                sorting->is_reached[from] = true;
                sorting->stack[sorting->stacked++] = from;
            }
        }
    }
}

/* Names a node of the first part: all of them are in loops. */
static enum error_code refuse_loop(const struct sorting *sorting, struct error *err)
{
    for (size_t i = 0; i < sorting->order->places; i++)
        if (!sorting->is_placed[i] && sorting->part[i] == 1)
            return error_set(
                err, ERR_FORMAT,
                "node '%s' (%s) is in a loop without a node that has state "
                "and without a delay of a step or more",
                sorting->order->place[i].name,
                sorting->order->place[i].node->type->name);
    return error_set(err, ERR_FORMAT, "the graph has a loop without delay");
}

static enum error_code sort(struct sorting *sorting, struct error *err)
{
    struct nir_order *order = sorting->order;
    measure_distances(sorting);
    place_ready(sorting);
    while (sorting->placed < order->places) {
        memset(sorting->part, 0, order->places * sizeof *sorting->part);
        memset(sorting->number, 0, order->places * sizeof *sorting->number);
        sorting->numbered = sorting->stacked = sorting->parts = 0;
        uint32_t first = 0;
        while (sorting->is_placed[first])
            first++;
        find_parts(sorting, first);
        int64_t head = find_head(sorting);
        if (head < 0)
            return refuse_loop(sorting, err);
        size_t before = sorting->placed;
        delay_links(sorting, (uint32_t)head);
        place_ready(sorting);
        if (sorting->placed == before)
            return refuse_loop(sorting, err);
    }
    return OK;
}

static enum error_code sort_places(struct nir_order *order, struct error *err)
{
    struct sorting sorting = { .order = order };
    size_t places = order->places;
    uint32_t **const lists[] = { &sorting.distance, &sorting.part, &sorting.low,
                                 &sorting.number, &sorting.stack };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (!(*lists[i] = arena_array(&order->arena, places, sizeof(uint32_t))))
            return error_memory(err, "nodes", (double)places * sizeof(uint32_t));
    sorting.is_placed = arena_array(&order->arena, places, sizeof(bool));
    sorting.is_reached = arena_array(&order->arena, places, sizeof(bool));
    order->sequence = arena_array(&order->arena, places, sizeof *order->sequence);
    if (!sorting.is_placed || !sorting.is_reached || !order->sequence)
        return error_memory(err, "nodes", (double)places);
    return sort(&sorting, err);
}

enum error_code nir_order_init(struct nir_order *order, const struct nir_graph *graph,
                               double dt, struct error *err)
{
    struct ends ends;
    size_t edges = count_edges(graph), nodes = graph->root->all_nodes;
    *order = (struct nir_order){ 0 };
    err->code = OK;
    order->place = arena_array(&order->arena, nodes, sizeof *order->place);
    order->link = arena_array(&order->arena, edges, sizeof *order->link);
    if (!order->place || !order->link)
        return error_memory(err, "nodes", (double)nodes * sizeof *order->place);
    if (lay_flat(order, graph, "", dt, &ends, err) != OK ||
        index_links(order, err) != OK)
        return err->code;
    return sort_places(order, err);
}

void nir_order_release(struct nir_order *order)
{
    arena_free(&order->arena);
    *order = (struct nir_order){ 0 };
}
