/* A model with everything that runs it, for tests: one transformer, one projector of a
 * chosen kind, and a sequence of tokens that is always the same. */
#ifndef TESTS_MACHINE_H
#define TESTS_MACHINE_H

#include "lm/weight_matrix.h"
#include "lm/transformer.h"
#include "sim/spiking_projector.h"
#include "tests/model_builder.h"

enum { TOKENS = 64, SEQUENCES = 2, BATCH = 64 };
enum kind { DENSE_FLOAT, DENSE_INT8, SPIKING };

struct machine {
    struct model model;
    struct arena arena;
    struct weight_matrix *matrix; /* (sites) */
    struct projector dense_int8, projector;
    struct transformer *transformer;
    struct thread_team *team;
};

/* All of these fail the test that calls them when they fail. */
void machine_open(struct machine *m, const char *path);
void machine_open_plan(struct machine *m, const struct model_plan *plan);
void machine_close(struct machine *m);
/* Starts anew; `spiking` for that kind alone. */
void machine_start(struct machine *m, enum kind kind, int threads,
                   const struct spiking_settings *spiking);

/* Token i of the sequence. */
int32_t machine_token(const struct machine *m, size_t i);
/* Zeroed room for the logits of TOKENS tokens, malloc'ed, and its bytes. */
float *machine_logits(const struct machine *m);
size_t machine_logits_size(const struct machine *m);
/* Positions [first, end) of a sequence, `batch` at a time; position i holds token
 * i + shift. */
void machine_run(struct machine *m, uint32_t sequence, size_t first, size_t end,
                 size_t shift, size_t batch, float *logits);

#endif
