/* Matrices, convolutions and pooling of NIR graphs against their definitions, bit for
 * bit: both add the products to the bias in rising order of the input. Large enough that
 * threads take part. */
#include "sim/nir_run.h"
#include "tests/nir_builder.h"
#include "tests/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fractions of small integers, a third of them 0. */
static double draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (double)((int)(*state >> 16) % 3000 - 1500) / 1024.0 * (*state >> 8 & 1);
}

static void add_random(struct nir_graph *graph, struct nir_node *node,
                       enum nir_param_id param, const struct nir_shape *shape)
{
    struct error err = { 0 };
    uint32_t state = (uint32_t)param + 1;
    double *value = nir_param_room(graph, node, param, NIR_F64, shape, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    for (size_t i = 0; i < node->param[param].count; i++)
        value[i] = draw(&state) + 0.001;
}

static void add_whole(struct nir_graph *graph, struct nir_node *node,
                      enum nir_param_id param, size_t count, const int *size)
{
    struct error err = { 0 };
    double value[NIR_MOST_RANK];
    for (size_t i = 0; i < count; i++)
        value[i] = size[i];
    CU_ASSERT_EQUAL(nir_param_set(graph, node, param, NIR_INTEGER,
                                  &(struct nir_shape){ 1, { count } }, value, &err),
                    OK);
}

/* in of a shape -> node; the Output takes what the node gives. */
static struct nir_run *run_node(struct nir_graph *graph, struct nir_node *node,
                                size_t rank, const int *shape, int threads)
{
    struct error err = { 0 };
    struct nir_run *run = NULL;
    if (!nir_graph_find(graph, "in")) {
        struct nir_node *in = nir_graph_add(graph, "in", NIR_INPUT, &err);
        struct nir_node *out = nir_graph_add(graph, "end", NIR_OUTPUT, &err);
        add_whole(graph, in, NIR_SHAPE, rank, shape);
        add_whole(graph, out, NIR_SHAPE, 1, (const int[]){ 1 });
        nir_build_edge(graph, "in", node->name);
    }
    CU_ASSERT_EQUAL(nir_graph_check(graph, &err), OK);
    CU_ASSERT_EQUAL(
        nir_run_create(&run, graph,
                       &(struct nir_settings){ .dt = 1, .threads = threads }, &err),
        OK);
    if (err.code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(run);
    uint32_t state = 7;
    for (size_t i = 0; i < nir_run_units(run); i++) {
        double *value = nir_run_input(run, i);
        for (size_t k = 0; value && k < nir_run_unit(run, i).size; k++)
            value[k] = draw(&state);
    }
    CU_ASSERT_EQUAL(nir_run_step(run, &err), OK);
    return run;
}

static struct nir_unit_info unit_named(const struct nir_run *run, const char *name)
{
    for (size_t i = 0; i < nir_run_units(run); i++)
        if (strcmp(nir_run_unit(run, i).name, name) == 0)
            return nir_run_unit(run, i);
    CU_FAIL_FATAL("no such unit");
    return (struct nir_unit_info){ 0 };
}

struct convolution {
    int in[3], out, kernel[2], stride[2], padding[2], dilation[2], groups;
    const char *named; /* padding as a word */
};

/* y[o, i, j] = b[o] + sum over c, k, l of w[o, c, k, l] x[c, i s + k d - p, ...] */
static size_t convolution_errors(const struct convolution *c, const double *x,
                                 const double *weight, const double *bias,
                                 const struct nir_unit_info *y)
{
    const int rows = (int)y->shape.size[1], columns = (int)y->shape.size[2];
    const int inputs = c->in[0] / c->groups, outputs = c->out / c->groups;
    size_t wrong = 0;
    for (int o = 0; o < c->out; o++)
        for (int i = 0; i < rows * columns; i++) {
            double sum = bias[o];
            for (int k = 0; k < inputs * c->kernel[0] * c->kernel[1]; k++) {
                int channel = k / (c->kernel[0] * c->kernel[1]);
                int row = i / columns * c->stride[0] - c->padding[0] +
                          k / c->kernel[1] % c->kernel[0] * c->dilation[0];
                int column = i % columns * c->stride[1] - c->padding[1] +
                             k % c->kernel[1] * c->dilation[1];
                if (row < 0 || row >= c->in[1] || column < 0 || column >= c->in[2])
                    continue;
                channel += o / outputs * inputs;
                sum += x[(channel * c->in[1] + row) * c->in[2] + column] *
                       weight[o * inputs * c->kernel[0] * c->kernel[1] + k];
            }
            wrong += sum != y->out[o * rows * columns + i];
        }
    return wrong;
}

static void convolution_is_its_definition(void)
{
    static const struct convolution cases[] = {
        { { 2, 9, 7 }, 3, { 3, 2 }, { 1, 1 }, { 0, 0 }, { 1, 1 }, 1, NULL },
        { { 4, 12, 11 }, 6, { 3, 3 }, { 2, 3 }, { 1, 2 }, { 1, 1 }, 2, NULL },
        { { 4, 12, 11 }, 4, { 2, 4 }, { 1, 2 }, { 3, 1 }, { 3, 2 }, 4, NULL },
        { { 3, 8, 9 }, 5, { 3, 4 }, { 1, 1 }, { 2, 1 }, { 2, 1 }, 1, "same" },
        { { 3, 8, 9 }, 5, { 3, 4 }, { 1, 2 }, { 0, 0 }, { 1, 1 }, 1, "valid" },
        { { 8, 40, 40 }, 16, { 5, 5 }, { 1, 1 }, { 2, 2 }, { 1, 1 }, 1, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct convolution *c = &cases[i];
        struct error err = { 0 };
        struct nir_graph *graph = nir_graph_create();
        struct nir_node *node = nir_graph_add(graph, "conv", NIR_CONV_2D, &err);
        struct nir_shape weight = {
            4,
            { (uint64_t)c->out, (uint64_t)(c->in[0] / c->groups),
              (uint64_t)c->kernel[0], (uint64_t)c->kernel[1] }
        };
        add_random(graph, node, NIR_WEIGHT, &weight);
        add_random(graph, node, NIR_BIAS,
                   &(struct nir_shape){ 1, { (uint64_t)c->out } });
        add_whole(graph, node, NIR_STRIDE, 2, c->stride);
        add_whole(graph, node, NIR_DILATION, 2, c->dilation);
        add_whole(graph, node, NIR_GROUPS, 1, &c->groups);
        if (c->named)
            nir_param_text(graph, node, NIR_PADDING, c->named, &err);
        else
            add_whole(graph, node, NIR_PADDING, 2, c->padding);
        for (int threads = 1; threads <= 2; threads++) {
            struct nir_run *run = run_node(graph, node, 3, c->in, threads);
            struct nir_unit_info in = unit_named(run, "in"),
                                 y = unit_named(run, "conv");
            CU_ASSERT_EQUAL(convolution_errors(c, in.out, node->param[NIR_WEIGHT].value,
                                               node->param[NIR_BIAS].value, &y),
                            0);
            nir_run_free(run);
        }
        nir_graph_free(graph);
    }
}

/* The same as a Conv2d of height 1. */
static void convolution_in_one_dimension_is_its_definition(void)
{
    const struct convolution c = { { 4, 1, 23 }, 6,        { 1, 3 }, { 1, 2 },
                                   { 0, 2 },     { 1, 2 }, 2,        NULL };
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    struct nir_node *node = nir_graph_add(graph, "conv", NIR_CONV_1D, &err);
    add_random(graph, node, NIR_WEIGHT, &(struct nir_shape){ 3, { 6, 2, 3 } });
    add_random(graph, node, NIR_BIAS, &(struct nir_shape){ 1, { 6 } });
    add_whole(graph, node, NIR_STRIDE, 1, &c.stride[1]);
    add_whole(graph, node, NIR_DILATION, 1, &c.dilation[1]);
    add_whole(graph, node, NIR_PADDING, 1, &c.padding[1]);
    add_whole(graph, node, NIR_GROUPS, 1, &c.groups);
    struct nir_run *run = run_node(graph, node, 2, (const int[]){ 4, 23 }, 1);
    struct nir_unit_info in = unit_named(run, "in"), y = unit_named(run, "conv");
    CU_ASSERT_EQUAL(y.shape.size[1], 12);
    y.shape = (struct nir_shape){ 3, { 6, 1, 12 } };
    CU_ASSERT_EQUAL(convolution_errors(&c, in.out, node->param[NIR_WEIGHT].value,
                                       node->param[NIR_BIAS].value, &y),
                    0);
    nir_run_free(run);
    nir_graph_free(graph);
}

/* Windows of 3 x 2, one element of padding: zeros, which the average counts. */
static void pooling_is_its_definition(void)
{
    const int in[3] = { 2, 7, 8 }, kernel[2] = { 3, 2 }, stride[2] = { 2, 2 },
              padding[2] = { 1, 0 };
    for (int average = 0; average < 2; average++) {
        struct error err = { 0 };
        struct nir_graph *graph = nir_graph_create();
        struct nir_node *node =
            nir_graph_add(graph, "pool", average ? NIR_AVG_POOL_2D : NIR_SUM_POOL_2D,
                          &err);
        add_whole(graph, node, NIR_KERNEL_SIZE, 2, kernel);
        add_whole(graph, node, NIR_STRIDE, 2, stride);
        add_whole(graph, node, NIR_PADDING, 2, padding);
        struct nir_run *run = run_node(graph, node, 3, in, 1);
        const double *x = unit_named(run, "in").out;
        struct nir_unit_info y = unit_named(run, "pool");
        CU_ASSERT_STRING_EQUAL(nir_shape_text(&y.shape).text, "[2, 4, 4]");
        size_t wrong = 0;
        for (int i = 0; i < 32; i++) {
            double sum = 0;
            for (int k = 0; k < 6; k++) {
                int row = i / 4 % 4 * 2 - 1 + k / 2, column = i % 4 * 2 + k % 2;
                if (row >= 0 && row < 7)
                    sum += x[(i / 16 * 7 + row) * 8 + column];
            }
            wrong += y.out[i] != (average ? sum * (1.0 / 6) : sum);
        }
        CU_ASSERT_EQUAL(wrong, 0);
        nir_run_free(run);
        nir_graph_free(graph);
    }
}

static void a_matrix_is_its_definition(void)
{
    enum { INPUTS = 700, OUTPUTS = 600 };
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    struct nir_node *node = nir_graph_add(graph, "affine", NIR_AFFINE, &err);
    add_random(graph, node, NIR_WEIGHT, &(struct nir_shape){ 2, { OUTPUTS, INPUTS } });
    add_random(graph, node, NIR_BIAS, &(struct nir_shape){ 1, { OUTPUTS } });
    for (int threads = 1; threads <= 2; threads++) {
        struct nir_run *run =
            run_node(graph, node, 1, (const int[]){ INPUTS }, threads);
        const double *x = unit_named(run, "in").out;
        struct nir_unit_info y = unit_named(run, "affine");
        size_t wrong = 0, active = 0;
        for (size_t i = 0; i < OUTPUTS; i++) {
            double sum = node->param[NIR_BIAS].value[i];
            for (size_t k = 0; k < INPUTS; k++)
                sum += x[k] * node->param[NIR_WEIGHT].value[i * INPUTS + k];
            wrong += sum != y.out[i];
        }
        for (size_t k = 0; k < INPUTS; k++)
            active += x[k] != 0;
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT(active < 2 * INPUTS / 3);
        CU_ASSERT_EQUAL(y.additions, active * OUTPUTS);
        nir_run_free(run);
    }
    nir_graph_free(graph);
}

CU_TestInfo nir_linear_tests[] = {
    { "convolution is its definition", convolution_is_its_definition },
    { "convolution in one dimension is its definition",
      convolution_in_one_dimension_is_its_definition },
    { "pooling is its definition", pooling_is_its_definition },
    { "a matrix is its definition", a_matrix_is_its_definition },
    CU_TEST_INFO_NULL,
};
