/* See nir_shape.h. */
#include "sim/nir_shape.h"

#include <stdio.h>
#include <string.h>

/* Bounds that keep every product of them within 63 bits. */
enum { MOST_SPATIAL = 1 << 20 };

static enum error_code refuse_in(const struct nir_node *node, const char *expected,
                                 struct error *err)
{
    return error_set(err, ERR_FORMAT,
                     "node '%s' (%s): expected an input of %s, found %s", node->name,
                     node->type->name, expected, nir_shape_text(&node->in).text);
}

/* The shape that follows from parameters, which must agree with one that came along
 * an edge. */
static enum error_code set_in(struct nir_node *node, const struct nir_shape *shape,
                              struct error *err)
{
    if (!node->has_in)
        node->in = *shape;
    node->has_in = true;
    if (nir_shape_equal(&node->in, shape))
        return OK;
    return refuse_in(node, nir_shape_text(shape).text, err);
}

static void set_out(struct nir_node *node, const struct nir_shape *shape)
{
    node->has_out = true;
    node->out = *shape;
}

static enum error_code shape_from(const struct nir_node *node, enum nir_param_id param,
                                  struct nir_shape *shape, struct error *err)
{
    const struct nir_array *array = nir_param(node, param);
    *shape = (struct nir_shape){ .rank = (unsigned)array->count };
    if (array->count > NIR_MOST_RANK || array->count == 0)
        return error_set(err, ERR_FORMAT,
                         "node '%s': %s: expected 1 to %d dimensions, found %zu",
                         node->name, nir_param_names[param], NIR_MOST_RANK,
                         array->count);
    double product = 1;
    for (size_t i = 0; i < array->count; i++) {
        double size = array->value[i];
        product *= size;
        if (!(size >= 1 && product <= NIR_MOST_VALUES))
            return error_set(err, ERR_FORMAT,
                             "node '%s': %s: expected 1 to %d values, dimension %zu is "
                             "%g",
                             node->name, nir_param_names[param], NIR_MOST_VALUES, i,
                             size);
        shape->size[i] = (uint64_t)size;
    }
    return OK;
}

static enum error_code infer_end(struct nir_node *node, struct error *err)
{
    struct nir_shape shape;
    if (shape_from(node, NIR_SHAPE, &shape, err) != OK ||
        set_in(node, &shape, err) != OK)
        return err->code;
    set_out(node, &shape);
    return OK;
}

static enum error_code infer_matrix(struct nir_node *node, struct error *err)
{
    const struct nir_array *weight = nir_param(node, NIR_WEIGHT);
    const struct nir_array *bias = nir_param(node, NIR_BIAS);
    if (weight->shape.rank != 2)
        return error_set(err, ERR_FORMAT,
                         "node '%s': weight: expected (out, in), found %s", node->name,
                         nir_shape_text(&weight->shape).text);
    struct nir_shape in = { 1, { weight->shape.size[1] } };
    struct nir_shape out = { 1, { weight->shape.size[0] } };
    if (bias && bias->shape.rank != 0 && !nir_shape_equal(&bias->shape, &out))
        return error_set(err, ERR_FORMAT, "node '%s': bias: expected %s, found %s",
                         node->name, nir_shape_text(&out).text,
                         nir_shape_text(&bias->shape).text);
    if (set_in(node, &in, err) != OK)
        return err->code;
    set_out(node, &out);
    return OK;
}

/* Parameters of one shape, some of them perhaps single values. If all are scalars the
 * shape is that of what arrives. */
static enum error_code infer_elementwise(struct nir_node *node, struct error *err)
{
    const struct nir_array *largest = NULL;
    for (unsigned i = 0; i < NIR_PARAMS; i++) {
        const struct nir_array *array = nir_param(node, i);
        if (array && array->shape.rank != 0 &&
            (!largest || array->count > largest->count))
            largest = array;
    }
    for (unsigned i = 0; largest && i < NIR_PARAMS; i++) {
        const struct nir_array *array = nir_param(node, i);
        if (array && array->count != 1 &&
            !nir_shape_equal(&array->shape, &largest->shape))
            return error_set(err, ERR_FORMAT, "node '%s': %s: expected %s, found %s",
                             node->name, nir_param_names[i],
                             nir_shape_text(&largest->shape).text,
                             nir_shape_text(&array->shape).text);
    }
    if (largest && set_in(node, &largest->shape, err) != OK)
        return err->code;
    if (node->has_in)
        set_out(node, &node->in);
    return OK;
}

static enum error_code window_sizes(const struct nir_node *node, unsigned i,
                                    unsigned spatial, struct nir_window *window,
                                    struct error *err)
{
    const struct nir_array *padding = nir_param(node, NIR_PADDING);
    const struct nir_array *weight = nir_param(node, NIR_WEIGHT);
    int64_t before = 0;
    if (weight)
        window->kernel = weight->shape.size[2 + i];
    else
        window->kernel = (uint64_t)nir_param_dimension(node, NIR_KERNEL_SIZE, i, 1);
    window->stride = (uint64_t)nir_param_dimension(node, NIR_STRIDE, i, 1);
    window->dilation = (uint64_t)nir_param_dimension(node, NIR_DILATION, i, 1);
    window->in = node->in.size[node->in.rank - spatial + i];
    bool is_same = padding->kind == NIR_TEXT && strcmp(padding->text, "same") == 0;
    if (padding->kind != NIR_TEXT)
        before = nir_param_dimension(node, NIR_PADDING, i, 0);
    if (window->kernel > MOST_SPATIAL || window->stride > MOST_SPATIAL ||
        window->dilation > MOST_SPATIAL || before > MOST_SPATIAL)
        return error_set(err, ERR_FORMAT,
                         "node '%s': kernel, stride, dilation or padding beyond %d",
                         node->name, MOST_SPATIAL);
    if (is_same && window->stride != 1)
        return error_set(err, ERR_FORMAT,
                         "node '%s': padding 'same' needs stride 1, found %llu",
                         node->name, (unsigned long long)window->stride);
    uint64_t reach = window->dilation * (window->kernel - 1);
    /* Where the padding of 'same' is odd, the extra element is behind. */
    window->before = is_same ? reach / 2 : (uint64_t)before;
    uint64_t padded = window->in + (is_same ? reach : 2 * window->before);
    if (padded < reach + 1)
        return error_set(err, ERR_FORMAT,
                         "node '%s': a window of %llu on an input of %llu with padding",
                         node->name, (unsigned long long)reach + 1,
                         (unsigned long long)padded);
    window->out = (padded - reach - 1) / window->stride + 1;
    return OK;
}

enum error_code nir_windows(const struct nir_node *node,
                            struct nir_window window[NIR_SPATIAL], struct error *err)
{
    unsigned spatial = node->type == &nir_types[NIR_CONV_1D] ? 1 : 2;
    window[0] = (struct nir_window){ 1, 1, 1, 1, 1, 0 };
    for (unsigned i = 0; i < spatial; i++)
        if (window_sizes(node, i, spatial, &window[NIR_SPATIAL - spatial + i], err) !=
            OK)
            return err->code;
    return OK;
}

static enum error_code check_weight(const struct nir_node *node, unsigned spatial,
                                    uint64_t groups, struct error *err)
{
    const struct nir_array *weight = nir_param(node, NIR_WEIGHT);
    const struct nir_array *bias = nir_param(node, NIR_BIAS);
    if (weight->shape.rank != 2 + spatial)
        return error_set(err, ERR_FORMAT,
                         "node '%s': weight: expected %u dimensions, found %s",
                         node->name, 2 + spatial, nir_shape_text(&weight->shape).text);
    if (groups > NIR_MOST_VALUES || weight->shape.size[0] % groups != 0)
        return error_set(err, ERR_FORMAT,
                         "node '%s': %llu outputs do not divide into %llu groups",
                         node->name, (unsigned long long)weight->shape.size[0],
                         (unsigned long long)groups);
    if (bias->shape.rank != 0 &&
        (bias->shape.rank != 1 || bias->count != weight->shape.size[0]))
        return error_set(err, ERR_FORMAT, "node '%s': bias: expected [%llu], found %s",
                         node->name, (unsigned long long)weight->shape.size[0],
                         nir_shape_text(&bias->shape).text);
    return OK;
}

static enum error_code finish_windows(struct nir_node *node, uint64_t channels,
                                      unsigned spatial, struct error *err)
{
    struct nir_window window[NIR_SPATIAL];
    if (nir_windows(node, window, err) != OK)
        return err->code;
    struct nir_shape out = { .rank = 1 + spatial, .size = { channels } };
    double product = (double)channels;
    for (unsigned i = 0; i < spatial; i++) {
        out.size[1 + i] = window[NIR_SPATIAL - spatial + i].out;
        product *= (double)out.size[1 + i];
    }
    if (product > NIR_MOST_VALUES)
        return error_set(err, ERR_FORMAT, "node '%s': an output of %.0f values",
                         node->name, product);
    set_out(node, &out);
    return OK;
}

static enum error_code infer_convolution(struct nir_node *node, struct error *err)
{
    const unsigned spatial = node->type == &nir_types[NIR_CONV_1D] ? 1 : 2;
    const uint64_t groups = (uint64_t)nir_param_dimension(node, NIR_GROUPS, 0, 1);
    const struct nir_array *weight = nir_param(node, NIR_WEIGHT);
    if (check_weight(node, spatial, groups, err) != OK)
        return err->code;
    const uint64_t channels = weight->shape.size[1] * groups;
    if (nir_param(node, NIR_INPUT_SHAPE)) {
        struct nir_shape given, in = { .rank = 1 + spatial, .size = { channels } };
        if (shape_from(node, NIR_INPUT_SHAPE, &given, err) != OK)
            return err->code;
        if (given.rank != spatial)
            return error_set(err, ERR_FORMAT,
                             "node '%s': input_shape: expected %u dimensions, found %u",
                             node->name, spatial, given.rank);
        memcpy(in.size + 1, given.size, spatial * sizeof in.size[0]);
        if (set_in(node, &in, err) != OK)
            return err->code;
    }
    if (!node->has_in)
        return OK;
    if (node->in.rank != 1 + spatial || node->in.size[0] != channels) {
        char expected[60];
        snprintf(expected, sizeof expected, "[%llu, %s]", (unsigned long long)channels,
                 spatial == 1 ? "length" : "height, width");
        return refuse_in(node, expected, err);
    }
    return finish_windows(node, weight->shape.size[0], spatial, err);
}

static enum error_code infer_pool(struct nir_node *node, struct error *err)
{
    if (!node->has_in)
        return OK;
    if (node->in.rank != 3)
        return refuse_in(node, "[channels, height, width]", err);
    return finish_windows(node, node->in.size[0], 2, err);
}

/* Dimensions start .. end become one; negative ones count from the end. */
static enum error_code infer_flatten(struct nir_node *node, struct error *err)
{
    struct nir_shape shape;
    const struct nir_array *given = nir_param(node, NIR_INPUT_TYPE);
    if (given && (shape_from(node, NIR_INPUT_TYPE, &shape, err) != OK ||
                  set_in(node, &shape, err) != OK))
        return err->code;
    if (!node->has_in)
        return OK;
    int64_t rank = node->in.rank;
    int64_t start = nir_param_dimension(node, NIR_START_DIM, 0, 0);
    int64_t end = nir_param_dimension(node, NIR_END_DIM, 0, -1);
    start += start < 0 ? rank : 0;
    end += end < 0 ? rank : 0;
    if (start < 0 || end < start || end >= rank)
        return error_set(err, ERR_FORMAT,
                         "node '%s': dimensions %lld to %lld of an input of %s",
                         node->name, (long long)start, (long long)end,
                         nir_shape_text(&node->in).text);
    struct nir_shape out = { 0 };
    for (int64_t i = 0; i < rank; i++) {
        if (i <= start || i > end)
            out.size[out.rank++] = node->in.size[i];
        else
            out.size[out.rank - 1] *= node->in.size[i];
    }
    set_out(node, &out);
    return OK;
}

/* What enters and leaves a nested graph is that of its only Input and Output. */
static void infer_graph(struct nir_node *node)
{
    for (size_t i = 0; i < node->inner->nodes; i++) {
        const struct nir_node *inner = node->inner->node[i];
        if (inner->type == &nir_types[NIR_INPUT] && !node->has_in) {
            node->has_in = true;
            node->in = inner->in;
        }
        if (inner->type == &nir_types[NIR_OUTPUT])
            set_out(node, &inner->out);
    }
}

enum error_code nir_infer_shape(struct nir_node *node, struct error *err)
{
    err->code = OK;
    switch ((enum nir_type_id)(node->type - nir_types)) {
    case NIR_INPUT:
    case NIR_OUTPUT: return infer_end(node, err);
    case NIR_AFFINE:
    case NIR_LINEAR: return infer_matrix(node, err);
    case NIR_CONV_1D:
    case NIR_CONV_2D: return infer_convolution(node, err);
    case NIR_AVG_POOL_2D:
    case NIR_SUM_POOL_2D: return infer_pool(node, err);
    case NIR_FLATTEN: return infer_flatten(node, err);
    case NIR_GRAPH: infer_graph(node); return OK;
    default: return infer_elementwise(node, err);
    }
}
