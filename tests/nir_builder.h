/* Small NIR graphs for tests. */
#ifndef TESTS_NIR_BUILDER_H
#define TESTS_NIR_BUILDER_H

#include "sim/nir_graph.h"

struct nir_value {
    enum nir_param_id param;
    double value;
};

/* A node whose parameters are arrays of one value. */
void nir_build_node(struct nir_graph *graph, const char *name, enum nir_type_id type,
                    const struct nir_value *params, size_t count);
void nir_build_edge(struct nir_graph *graph, const char *from, const char *to);

#endif
