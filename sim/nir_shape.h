/* Shapes of one node of a NIR graph: what follows from its parameters and from what
 * reaches it. */
#ifndef SIM_NIR_SHAPE_H
#define SIM_NIR_SHAPE_H

#include "sim/nir_graph.h"

/* One dimension of a convolution or of pooling. */
struct nir_window {
    uint64_t in, out, kernel;
    uint64_t stride, dilation, before; /* before: elements of padding in front */
};
enum { NIR_SPATIAL = 2 }; /* Conv1d has a height of 1 */

/* The windows (height, width) of a convolution or pooling whose in-shape is known;
 * window[].out is filled in. */
enum error_code nir_windows(const struct nir_node *node,
                            struct nir_window window[NIR_SPATIAL], struct error *err);

/* Fills in has_in, in, has_out, out as far as they follow. Call again when more is
 * known. */
enum error_code nir_infer_shape(struct nir_node *node, struct error *err);

#endif
