/* NIR graphs of any structure: the bytes say which nodes, datasets, shapes, values and
 * edges there are. A graph is refused with one sentence or runs three steps, in which
 * every value is finite or the run says which is not. The graph is made in memory: HDF5
 * 1.10 leaks on spoilt bytes, and on good ones takes 10 ms a file; tests/test_nir_file.c
 * spoils files one way at a time. */
#include "sim/nir_run.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST_NODES = 10, MOST_VALUES = 4096, MOST_RUN = 1 << 24 };

struct script {
    const uint8_t *at, *end;
};

static unsigned next(struct script *script)
{
    return script->at < script->end ? *script->at++ : 0;
}

/* Mostly small whole numbers and fractions, now and then anything. */
static double next_value(struct script *script)
{
    static const double odd[] = { 0,      -1,        1e300,        -1e300,
                                  1e-300, 134217728, 4294967296.0, 9e18,
                                  0.5,    1e-3,      1e9,          (double)NAN };
    unsigned code = next(script);
    if (code < 200)
        return 1 + code % 5;
    if (code < 240)
        return (code - 220) / 8.0;
    return odd[code % (sizeof odd / sizeof odd[0])];
}

/* The shape that fits a parameter where all layers are `width` wide, or any. */
static void next_shape(struct script *script, enum nir_type_id type,
                       enum nir_param_id param, struct nir_shape *shape)
{
    static const unsigned single = 1u << NIR_GROUPS | 1u << NIR_START_DIM |
                                   1u << NIR_END_DIM | 1u << NIR_STRIDE |
                                   1u << NIR_PADDING | 1u << NIR_DILATION |
                                   1u << NIR_KERNEL_SIZE | 1u << NIR_SHAPE;
    const unsigned code = next(script), width = 2;
    *shape = (struct nir_shape){ .rank = 1, .size = { width } };
    if (code < 200) {
        if (single >> param & 1)
            shape->rank = 0;
        if (param == NIR_SHAPE)
            *shape = (struct nir_shape){ .rank = 1, .size = { 1 + code % 3 } };
        if (param == NIR_WEIGHT)
            shape->rank = type == NIR_CONV_2D ? 4 : type == NIR_CONV_1D ? 3 : 2;
        for (unsigned i = 0; param == NIR_WEIGHT && i < shape->rank; i++)
            shape->size[i] = 1 + (code >> i & 1);
        return;
    }
    shape->rank = code % (NIR_MOST_RANK + 1);
    for (unsigned i = 0; i < shape->rank; i++)
        shape->size[i] = next(script) % 4;
}

static void add_param(struct script *script, struct nir_graph *graph,
                      struct nir_node *node, enum nir_param_id param)
{
    static const char *const words[] = { "same", "valid", "", "Input" };
    struct error err = { 0 };
    struct nir_shape shape;
    const unsigned code = next(script);
    if (code >= 240) {
        nir_param_text(graph, node, param, words[code % 4], &err);
        return;
    }
    next_shape(script, (enum nir_type_id)(node->type - nir_types), param, &shape);
    if (nir_shape_count(&shape) > MOST_VALUES)
        return;
    const bool is_whole =
        ((1u << NIR_SHAPE | 1u << NIR_GROUPS | 1u << NIR_STRIDE | 1u << NIR_PADDING |
          1u << NIR_DILATION | 1u << NIR_END_DIM | 1u << NIR_START_DIM |
          1u << NIR_KERNEL_SIZE | 1u << NIR_INPUT_SHAPE | 1u << NIR_INPUT_TYPE) >>
             param &
         1) != (code % 32 == 1);
    double *value = nir_param_room(graph, node, param, is_whole ? NIR_INTEGER : NIR_F64,
                                   &shape, &err);
    assert(value);
    const double fill = next_value(script);
    const unsigned varied = next(script) % 4;
    for (size_t i = 0; i < node->param[param].count; i++) {
        value[i] = i < varied ? next_value(script) : fill;
        if (is_whole)
            value[i] = rint(value[i]);
    }
}

static void node_name(unsigned i, char name[8])
{
    snprintf(name, 8, "n.%u", i % 100);
}

static void add_graph(struct script *script, struct nir_graph *graph)
{
    char name[8], other[8];
    struct error err = { 0 };
    const unsigned count = next(script) % MOST_NODES + 2;
    for (unsigned i = 0; i < count; i++) {
        enum nir_type_id type = (enum nir_type_id)(next(script) % NIR_TYPES);
        if (i == 0)
            type = NIR_INPUT;
        if (i == count - 1)
            type = NIR_OUTPUT;
        node_name(i, name);
        struct nir_node *node = nir_graph_add(graph, name, type, &err);
        if (!node)
            return;
        if (node->inner)
            add_graph(script, node->inner);
        for (unsigned param = 0; param < NIR_PARAMS; param++)
            if ((node->type->required | node->type->optional) >> param & 1 &&
                next(script) < 250)
                add_param(script, graph, node, param);
    }
    for (unsigned i = 1; i < count; i++) {
        node_name(i - 1, name);
        node_name(i, other);
        if (next(script) < 250)
            nir_graph_connect(graph, name, other, &err);
    }
    for (unsigned i = next(script) % 4; i > 0; i--) {
        node_name(next(script) % (count + 1), name);
        node_name(next(script) % count, other);
        nir_graph_connect(graph, name, other, &err);
    }
}

static void run(const struct nir_graph *graph)
{
    const struct nir_settings settings = { .dt = 1e-3, .threads = 1 };
    struct nir_run *made = NULL;
    struct error err = { 0 };
    if (nir_run_bytes(graph) > MOST_RUN)
        return;
    if (nir_run_create(&made, graph, &settings, &err) != OK) {
        assert(err.text[0] && !strchr(err.text, '\n') && !made);
        return;
    }
    for (size_t i = 0; i < nir_run_units(made); i++) {
        double *in = nir_run_input(made, i);
        for (size_t k = 0; in && k < nir_run_unit(made, i).size; k++)
            in[k] = (double)(k % 3);
    }
    for (int step = 0; step < 3 && err.code == OK; step++)
        nir_run_step(made, &err);
    for (size_t i = 0; i < nir_run_units(made) && err.code == OK; i++)
        for (size_t k = 0; k < nir_run_unit(made, i).size; k++)
            assert(isfinite(nir_run_unit(made, i).out[k]));
    nir_run_free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct script script = { bytes, bytes + size };
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    add_graph(&script, graph);
    if (nir_graph_check(graph, &err) == OK) {
        assert(nir_graph_check(graph, &err) == OK);
        run(graph);
    } else {
        assert(err.text[0] && !strchr(err.text, '\n'));
    }
    nir_graph_free(graph);
    return 0;
}
