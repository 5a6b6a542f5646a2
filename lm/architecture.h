/* What distinguishes one family of decoder-only transformers from another, as data.
 * model.c reads files by this table; transformer.c runs layers by the descriptors. */
#ifndef LM_ARCHITECTURE_H
#define LM_ARCHITECTURE_H

#include <stdbool.h>
#include <stdint.h>

struct mixer;
struct feed_forward;

struct architecture {
    const char *name; /* general.architecture of GGUF */
    const struct mixer *mixer;
    const struct feed_forward *feed_forward;
    bool rope_halves;           /* RoPE turns (i, i + half), not (2i, 2i + 1) */
    bool projection_bias;       /* on q, k and v */
    bool head_norms;            /* RMS norm of each head of q and k */
    bool post_norms;            /* behind mixer and feed-forward, before the add */
    bool gelu_gate;             /* GELU (tanh form), else SiLU */
    bool scaled_embedding;      /* times sqrt(width) */
    uint32_t window_period;     /* every n-th layer global, the others windowed;
                                     * 0: all alike */
    double rope_base_local;     /* of windowed layers; 0: as the others */
    uint32_t wide_scale_layers; /* with this many layers q is scaled by
                                     * 1 / sqrt(width / heads), not by head size */
};

/* Ends with a NULL name. */
extern const struct architecture architectures[];
const struct architecture *architecture_find(const char *name);

#endif
