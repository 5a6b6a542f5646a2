/* A graph of the Neuromorphic Intermediate Representation (Pedersen et al., Nature
 * Communications 15, 8122, 2024; neuromorphs/NIR 1.0): nodes with parameters, edges
 * between them, and graphs as nodes. In memory only; nir_file.h reads and writes it,
 * nir_run.h runs it.
 *
 * Numbers are kept as double whatever the file had (f32, f64 or integers below 2^53),
 * with their kind beside them, so that nothing is lost on the way back. */
#ifndef SIM_NIR_GRAPH_H
#define SIM_NIR_GRAPH_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NIR_MOST_RANK = 8,
    NIR_MOST_NODES = 4096, /* of one graph, and of all nested ones together */
    NIR_MOST_EDGES = 65536,
    NIR_MOST_NESTED = 16,
    NIR_MOST_NAME = 255,
    NIR_MOST_VALUES = 1 << 27 /* of all arrays together: 1 GiB */
};

enum nir_type_id {
    NIR_AFFINE,
    NIR_AVG_POOL_2D,
    NIR_CONV_1D,
    NIR_CONV_2D,
    NIR_CUBA_LI,
    NIR_CUBA_LIF,
    NIR_DELAY,
    NIR_FLATTEN,
    NIR_I,
    NIR_IF,
    NIR_INPUT,
    NIR_LI,
    NIR_LIF,
    NIR_LINEAR,
    NIR_GRAPH,
    NIR_OUTPUT,
    NIR_SCALE,
    NIR_SUM_POOL_2D,
    NIR_THRESHOLD,
    NIR_TYPES
};

/* Every dataset that some type of node has. */
enum nir_param_id {
    NIR_BIAS,
    NIR_DELAY_TIME,
    NIR_DILATION,
    NIR_END_DIM,
    NIR_GROUPS,
    NIR_INPUT_SHAPE,
    NIR_INPUT_TYPE,
    NIR_KERNEL_SIZE,
    NIR_PADDING,
    NIR_R,
    NIR_SCALE_FACTOR,
    NIR_SHAPE,
    NIR_START_DIM,
    NIR_STRIDE,
    NIR_TAU,
    NIR_TAU_MEM,
    NIR_TAU_SYN,
    NIR_THRESHOLD_LEVEL,
    NIR_V_LEAK,
    NIR_V_RESET,
    NIR_V_THRESHOLD,
    NIR_W_IN,
    NIR_WEIGHT,
    NIR_PARAMS
};

struct nir_type {
    const char *name;
    uint32_t required, optional; /* bits 1 << enum nir_param_id */
    bool has_state;              /* what leaves at a step may depend on steps before */
    bool is_spiking;             /* what leaves is 0 or a spike */
    bool is_elementwise;         /* parameters have the node's shape, or are scalars */
};
extern const struct nir_type nir_types[NIR_TYPES];
extern const char *const nir_param_names[NIR_PARAMS];
/* NULL: no such type. */
const struct nir_type *nir_type_find(const char *name);

enum nir_kind { NIR_ABSENT, NIR_F32, NIR_F64, NIR_INTEGER, NIR_TEXT };

struct nir_shape {
    unsigned rank; /* 0: a scalar */
    uint64_t size[NIR_MOST_RANK];
};

struct nir_array {
    enum nir_kind kind;
    struct nir_shape shape;
    size_t count;
    double *value;
    const char *text; /* of NIR_TEXT: "same" or "valid" */
};

struct nir_node {
    const char *name;
    const struct nir_type *type;
    struct nir_array param[NIR_PARAMS];
    struct nir_graph *inner; /* of NIR_GRAPH */
    /* Set by nir_graph_check(). */
    bool has_in, has_out;
    struct nir_shape in, out;
};

struct nir_edge {
    uint32_t from, to; /* indices of nodes */
};

struct nir_graph {
    struct nir_node **node;
    size_t nodes, node_room;
    struct nir_edge *edge;
    size_t edges, edge_room;
    const char *version;          /* of the format, as the file has it; "" unknown */
    size_t dropped_metadata;      /* groups that were in the file and are not here */
    struct nir_graph *root;       /* itself, or what it is nested in */
    unsigned depth;               /* 0: the root */
    size_t all_nodes, all_values; /* of the root: nested ones included */
    struct arena arena;           /* of the root */
};

struct nir_graph *nir_graph_create(void); /* NULL: no memory */
void nir_graph_free(struct nir_graph *graph);

/* A node without parameters; one of type NIR_GRAPH gets an empty inner graph. */
struct nir_node *nir_graph_add(struct nir_graph *graph, const char *name,
                               enum nir_type_id type, struct error *err);
struct nir_node *nir_graph_find(const struct nir_graph *graph, const char *name);
enum error_code nir_graph_connect(struct nir_graph *graph, const char *from,
                                  const char *to, struct error *err);
/* Room for the values of a parameter, to be filled by the caller; NULL with err set.
 * The size is checked before anything is allocated. */
double *nir_param_room(struct nir_graph *graph, struct nir_node *node,
                       enum nir_param_id param, enum nir_kind kind,
                       const struct nir_shape *shape, struct error *err);
/* The same with the values, of which there are as many as the shape has. */
enum error_code nir_param_set(struct nir_graph *graph, struct nir_node *node,
                              enum nir_param_id param, enum nir_kind kind,
                              const struct nir_shape *shape, const double *value,
                              struct error *err);
enum error_code nir_param_text(struct nir_graph *graph, struct nir_node *node,
                               enum nir_param_id param, const char *text,
                               struct error *err);
static inline const struct nir_array *nir_param(const struct nir_node *node,
                                                enum nir_param_id param)
{
    return node->param[param].kind == NIR_ABSENT ? NULL : &node->param[param];
}

/* Checks everything that can be checked without a time step, and fills in the shapes of
 * all nodes: parameters present, of their shapes, finite, in range; shapes of the two
 * ends of every edge equal; no edge twice; no loop without state or delay. */
enum error_code nir_graph_check(struct nir_graph *graph, struct error *err);

size_t nir_shape_count(const struct nir_shape *shape);
bool nir_shape_equal(const struct nir_shape *a, const struct nir_shape *b);
/* "[2, 34, 34]". */
struct nir_shape_text {
    char text[NIR_MOST_RANK * 22 + 4];
};
struct nir_shape_text nir_shape_text(const struct nir_shape *shape);

/* Size number i of a parameter of convolution and pooling: one value serves all
 * dimensions. `otherwise` when it is absent. */
int64_t nir_param_dimension(const struct nir_node *node, enum nir_param_id param,
                            unsigned i, int64_t otherwise);

#endif
