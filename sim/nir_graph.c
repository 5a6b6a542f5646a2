/* See nir_graph.h. Everything lies in the root's arena and is freed with it. */
#include "sim/nir_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nir_graph *nir_graph_create(void)
{
    struct nir_graph *graph = calloc(1, sizeof *graph);
    if (graph) {
        graph->root = graph;
        graph->version = "";
    }
    return graph;
}

void nir_graph_free(struct nir_graph *graph)
{
    if (graph)
        arena_free(&graph->arena);
    free(graph);
}

/* An array of the arena with room for one more; NULL: no memory. */
static void *grown(struct nir_graph *graph, void *array, size_t used, size_t *room,
                   size_t size)
{
    if (used < *room)
        return array;
    size_t larger = *room ? 2 * *room : 8;
    void *moved = arena_array(&graph->root->arena, larger, size);
    if (!moved)
        return NULL;
    if (used)
        memcpy(moved, array, used * size);
    *room = larger;
    return moved;
}

static enum error_code check_name(const struct nir_graph *graph, const char *name,
                                  struct error *err)
{
    size_t length = strlen(name);
    if (length == 0 || length > NIR_MOST_NAME || strchr(name, '/') ||
        strcmp(name, ".") == 0)
        return error_set(err, ERR_FORMAT,
                         "node name '%.40s': expected 1 to %d characters without '/'",
                         name, NIR_MOST_NAME);
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ')
            return error_set(err, ERR_FORMAT, "a node name holds a control character");
    if (nir_graph_find(graph, name))
        return error_set(err, ERR_FORMAT, "node '%s' is there twice", name);
    if (graph->root->all_nodes >= NIR_MOST_NODES)
        return error_set(err, ERR_FORMAT, "more than %d nodes", NIR_MOST_NODES);
    return OK;
}

struct nir_node *nir_graph_add(struct nir_graph *graph, const char *name,
                               enum nir_type_id type, struct error *err)
{
    struct arena *arena = &graph->root->arena;
    if (check_name(graph, name, err) != OK)
        return NULL;
    if (type == NIR_GRAPH && graph->depth + 1 > NIR_MOST_NESTED) {
        error_set(err, ERR_FORMAT, "node '%s': graphs nested more than %d deep", name,
                  NIR_MOST_NESTED);
        return NULL;
    }
    struct nir_node **list =
        grown(graph, graph->node, graph->nodes, &graph->node_room, sizeof *list);
    struct nir_node *node = arena_array(arena, 1, sizeof *node);
    char *copy = arena_text(arena, name, strlen(name));
    if (list && node && copy && type == NIR_GRAPH)
        node->inner = arena_array(arena, 1, sizeof *node->inner);
    if (!list || !node || !copy || (type == NIR_GRAPH && !node->inner)) {
        error_memory(err, name, sizeof *node);
        return NULL;
    }
    node->name = copy;
    node->type = &nir_types[type];
    if (node->inner) {
        node->inner->version = "";
        node->inner->root = graph->root;
        node->inner->depth = graph->depth + 1;
    }
    graph->node = list;
    graph->node[graph->nodes++] = node;
    graph->root->all_nodes++;
    return node;
}

static bool find_index(const struct nir_graph *graph, const char *name, uint32_t *index)
{
    for (size_t i = 0; i < graph->nodes; i++)
        if (strcmp(graph->node[i]->name, name) == 0) {
            *index = (uint32_t)i;
            return true;
        }
    return false;
}

struct nir_node *nir_graph_find(const struct nir_graph *graph, const char *name)
{
    uint32_t index;
    return find_index(graph, name, &index) ? graph->node[index] : NULL;
}

enum error_code nir_graph_connect(struct nir_graph *graph, const char *from,
                                  const char *to, struct error *err)
{
    struct nir_edge edge;
    bool has_from = find_index(graph, from, &edge.from);
    if (!has_from || !find_index(graph, to, &edge.to))
        return error_set(err, ERR_FORMAT,
                         "edge from '%.60s' to '%.60s': no node '%.60s'", from, to,
                         has_from ? to : from);
    if (graph->edges >= NIR_MOST_EDGES)
        return error_set(err, ERR_FORMAT, "more than %d edges", NIR_MOST_EDGES);
    struct nir_edge *list =
        grown(graph, graph->edge, graph->edges, &graph->edge_room, sizeof *list);
    if (!list)
        return error_memory(err, "edges", (double)graph->edges * sizeof *list);
    graph->edge = list;
    graph->edge[graph->edges++] = edge;
    return OK;
}

/* Elements of a shape, and whether they are few enough to be allocated. */
static bool count_fits(const struct nir_shape *shape, size_t most, size_t *count)
{
    *count = 1;
    if (shape->rank > NIR_MOST_RANK)
        return false;
    for (unsigned i = 0; i < shape->rank; i++) {
        if (shape->size[i] != 0 && *count > most / shape->size[i])
            return false;
        *count *= shape->size[i];
    }
    return *count <= most;
}

double *nir_param_room(struct nir_graph *graph, struct nir_node *node,
                       enum nir_param_id param, enum nir_kind kind,
                       const struct nir_shape *shape, struct error *err)
{
    struct nir_graph *root = graph->root;
    const char *name = nir_param_names[param];
    size_t count;
    if (!count_fits(shape, NIR_MOST_VALUES - root->all_values, &count)) {
        error_set(err, ERR_FORMAT,
                  "node '%s': %s of shape %s: the graph would hold more than %d values",
                  node->name, name, nir_shape_text(shape).text, NIR_MOST_VALUES);
        return NULL;
    }
    double *value = arena_array(&root->arena, count, sizeof *value);
    if (!value) {
        error_memory(err, name, (double)count * sizeof *value);
        return NULL;
    }
    root->all_values += count;
    node->param[param] = (struct nir_array){
        .kind = kind, .shape = *shape, .count = count, .value = value
    };
    return value;
}

enum error_code nir_param_set(struct nir_graph *graph, struct nir_node *node,
                              enum nir_param_id param, enum nir_kind kind,
                              const struct nir_shape *shape, const double *value,
                              struct error *err)
{
    double *room = nir_param_room(graph, node, param, kind, shape, err);
    if (!room)
        return err->code;
    memcpy(room, value, node->param[param].count * sizeof *value);
    return OK;
}

enum error_code nir_param_text(struct nir_graph *graph, struct nir_node *node,
                               enum nir_param_id param, const char *text,
                               struct error *err)
{
    char *copy = arena_text(&graph->root->arena, text, strlen(text));
    if (!copy)
        return error_memory(err, nir_param_names[param], (double)strlen(text));
    node->param[param] = (struct nir_array){ .kind = NIR_TEXT, .text = copy };
    return OK;
}

size_t nir_shape_count(const struct nir_shape *shape)
{
    size_t count = 1;
    for (unsigned i = 0; i < shape->rank; i++)
        count *= shape->size[i];
    return count;
}

bool nir_shape_equal(const struct nir_shape *a, const struct nir_shape *b)
{
    return a->rank == b->rank &&
           memcmp(a->size, b->size, a->rank * sizeof a->size[0]) == 0;
}

struct nir_shape_text nir_shape_text(const struct nir_shape *shape)
{
    struct nir_shape_text out;
    size_t used = (size_t)snprintf(out.text, sizeof out.text, "[");
    for (unsigned i = 0; i < shape->rank && i < NIR_MOST_RANK; i++)
        used += (size_t)snprintf(out.text + used, sizeof out.text - used, "%s%llu",
                                 i ? ", " : "", (unsigned long long)shape->size[i]);
    snprintf(out.text + used, sizeof out.text - used, "]");
    return out;
}

int64_t nir_param_dimension(const struct nir_node *node, enum nir_param_id param,
                            unsigned i, int64_t otherwise)
{
    const struct nir_array *array = nir_param(node, param);
    if (!array || !array->value || array->count == 0)
        return otherwise;
    return (int64_t)array->value[array->count == 1 || i >= array->count ? 0 : i];
}
