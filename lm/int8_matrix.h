/* The weights of a site in 8 bits, input-major: weight[input][output], so that what one
 * channel touches is one row. Symmetric: weight = round(w / scale) in [-127, 127], one
 * scale per output and group of inputs, scale = largest |w| of the group / 127. The
 * matrices of the site stand side by side in the outputs. */
#ifndef LM_INT8_MATRIX_H
#define LM_INT8_MATRIX_H

#include "base/arena.h"
#include "base/error.h"
#include "lm/site.h"

struct int8_matrix {
    uint32_t inputs, outputs;
    size_t stride;   /* bytes from row to row: outputs rounded up to 64 */
    uint32_t group;  /* inputs sharing a scale; = inputs: one scale per output */
    uint32_t groups; /* the last may be short */
    int8_t *weight;  /* (inputs, stride), padding 0 */
    float *scale;    /* (groups, outputs) */
};

/* Reads, decodes and quantises the site's tensors. group 0: one scale per output.
 * Memory comes from the arena; scratch is the call's own. */
enum error_code int8_matrix_load(struct int8_matrix *matrix, struct arena *arena,
                                 const struct model_file *file, const struct site *site,
                                 uint32_t group, int threads, struct error *err);

#endif
