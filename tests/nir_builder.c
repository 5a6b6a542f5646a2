/* See nir_builder.h. */
#include "tests/nir_builder.h"
#include "tests/suites.h"

void nir_build_node(struct nir_graph *graph, const char *name, enum nir_type_id type,
                    const struct nir_value *params, size_t count)
{
    const struct nir_shape one = { 1, { 1 } };
    struct error err = { 0 };
    struct nir_node *node = nir_graph_add(graph, name, type, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    for (size_t i = 0; i < count; i++) {
        enum nir_kind kind = params[i].param == NIR_SHAPE ? NIR_INTEGER : NIR_F64;
        CU_ASSERT_EQUAL(nir_param_set(graph, node, params[i].param, kind, &one,
                                      &params[i].value, &err),
                        OK);
    }
}

void nir_build_edge(struct nir_graph *graph, const char *from, const char *to)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL(nir_graph_connect(graph, from, to, &err), OK);
}
