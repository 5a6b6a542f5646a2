/* See site_nir.h. */
#include "sim/site_nir.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME_ROOM = 40, ROWS = 64 }; /* rows decoded at a time */

/* weight (outputs, inputs), all matrices of the site one behind another. */
static enum error_code decode_weights(const struct model_file *file,
                                      const struct site *site, double *weight,
                                      struct error *err)
{
    const size_t inputs = site->inputs;
    float *rows = calloc(inputs, ROWS * sizeof *rows);
    if (!rows)
        return error_memory(err, site->name, (double)inputs * ROWS * sizeof *rows);
    for (unsigned i = 0; i < site->matrix_count && err->code == OK; i++) {
        const uint64_t outputs = site->matrix[i]->extent[1];
        for (uint64_t row = 0; row < outputs && err->code == OK; row += ROWS) {
            const uint64_t count = outputs - row < ROWS ? outputs - row : ROWS;
            if (model_file_decode_rows(file, site->matrix[i], row, count, rows, err) !=
                OK)
                break;
            for (size_t k = 0; k < count * inputs; k++)
                *weight++ = (double)rows[k];
        }
    }
    free(rows);
    return err->code;
}

static enum error_code add_end(struct nir_graph *graph, const char *name,
                               enum nir_type_id type, uint32_t size, struct error *err)
{
    const struct nir_shape one = { 1, { 1 } };
    struct nir_node *node = nir_graph_add(graph, name, type, err);
    if (!node)
        return err->code;
    return nir_param_set(graph, node, NIR_SHAPE, NIR_INTEGER, &one,
                         &(double){ (double)size }, err);
}

static enum error_code add_bias(struct nir_graph *graph, struct nir_node *node,
                                const struct site *site, struct error *err)
{
    const struct nir_shape shape = { 1, { site->outputs } };
    double *bias = nir_param_room(graph, node, NIR_BIAS, NIR_F32, &shape, err);
    for (uint32_t i = 0; bias && i < site->outputs; i++)
        bias[i] = (double)site->bias[i];
    return err->code;
}

enum error_code nir_graph_add_site(struct nir_graph *graph,
                                   const struct model_file *file,
                                   const struct site *site, struct error *err)
{
    const struct nir_shape shape = { 2, { site->outputs, site->inputs } };
    char in[NAME_ROOM], out[NAME_ROOM];
    err->code = OK;
    snprintf(in, sizeof in, "%s.input", site->name);
    snprintf(out, sizeof out, "%s.output", site->name);
    struct nir_node *node =
        nir_graph_add(graph, site->name, site->bias ? NIR_AFFINE : NIR_LINEAR, err);
    double *weight =
        node ? nir_param_room(graph, node, NIR_WEIGHT, NIR_F32, &shape, err) : NULL;
    if (!weight || decode_weights(file, site, weight, err) != OK ||
        (site->bias && add_bias(graph, node, site, err) != OK) ||
        add_end(graph, in, NIR_INPUT, site->inputs, err) != OK ||
        add_end(graph, out, NIR_OUTPUT, site->outputs, err) != OK ||
        nir_graph_connect(graph, in, site->name, err) != OK)
        return err->code;
    return nir_graph_connect(graph, site->name, out, err);
}
