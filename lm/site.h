/* A site is one input vector and the matrices that read it: q, k, v; gate, up; down;
 * the head. The unit in which a model multiplies, and the place where spikes live. */
#ifndef LM_SITE_H
#define LM_SITE_H

#include "lm/model_file.h"

#include <stdint.h>

enum site_role {
    ROLE_ATTN_IN,
    ROLE_ATTN_OUT,
    ROLE_FFN_IN,
    ROLE_FFN_DOWN,
    ROLE_HEAD,
    ROLE_COUNT
};
extern const char *const site_role_name[ROLE_COUNT]; /* "attn_in", ... */

enum { SITE_MAX_MATRICES = 3 };

struct site {
    char name[24]; /* "L07.ffn_down", "head" */
    int layer;     /* -1: none */
    enum site_role role;
    uint32_t inputs;  /* channels */
    uint32_t outputs; /* fan-out: rows of all matrices together */
    unsigned matrix_count;
    const struct tensor *matrix[SITE_MAX_MATRICES]; /* in order of outputs */
    const float *bias;                              /* (outputs), or NULL */
};

#endif
