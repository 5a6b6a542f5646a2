/* A decoder-only transformer, run through a projector. One token's walk: embedding,
 * then per layer norm, mixer, add, norm, feed-forward, add; last norm and head. */
#ifndef LM_TRANSFORMER_H
#define LM_TRANSFORMER_H

#include "base/error.h"
#include "base/op_count.h"
#include "lm/kernel.h"
#include "lm/model.h"
#include "lm/projector.h"
#include "lm/thread_team.h"

/* What a row of a batch cost the host, spikes apart. */
enum host_part {
    HOST_ATTENTION,
    HOST_NORM,
    HOST_SOFTMAX,
    HOST_ROPE,
    HOST_ACTIVATION,
    HOST_PROJECTION, /* projections that do not spike, as 8-bit products */
    HOST_SAMPLING,   /* choosing the token, of generated ones */
    HOST_PARTS
};
extern const char *const host_part_name[HOST_PARTS];

struct host_cost {
    struct op_count ops[HOST_PARTS];
    uint64_t cache_bytes;  /* of the key-value cache, read and written */
    uint64_t weight_bytes; /* of the projections that do not spike */
};

struct transformer;

struct transformer_settings {
    uint32_t sequences;       /* how many at once */
    uint32_t context;         /* positions of each; at most the model's */
    uint32_t batch;           /* most rows of one call */
    struct thread_team *team; /* held while a single row runs; NULL: one thread. Must
                               * outlive the transformer */
};

enum error_code transformer_create(struct transformer **transformer,
                                   const struct model *model,
                                   const struct kernel *kernel,
                                   const struct transformer_settings *settings,
                                   struct error *err);
void transformer_free(struct transformer *transformer);

/* Runs rows tokens; ids name sequence and position, rising within a sequence.
 * logits (rows in `wanted`, vocabulary): only the rows whose wanted flag is set are put
 * through the head, in order. wanted NULL: none. The projector may differ from call to
 * call only between sequences. A call that fails leaves every sequence as it was. */
enum error_code transformer_run(struct transformer *transformer,
                                struct projector *projector, const int32_t *token,
                                const struct row_id *ids, size_t rows,
                                const unsigned char *wanted, float *logits,
                                struct error *err);
/* Sequence forgets position `length` and all behind it. */
void transformer_truncate(struct transformer *transformer, struct projector *projector,
                          uint32_t sequence, uint32_t length);
/* Exact counts for one row at a position; HOST_PROJECTION and HOST_SAMPLING are left
 * at 0, since the transformer does not know who multiplies or chooses. */
void transformer_host_cost(const struct model *model, uint32_t position,
                           struct host_cost *cost);
uint32_t transformer_context(const struct transformer *transformer);
uint64_t transformer_bytes(
    const struct transformer *transformer); /* cache and buffers */

#endif
