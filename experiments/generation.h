/* Running a prompt and continuing it, token by token; or following given tokens. */
#ifndef EXPERIMENTS_GENERATION_H
#define EXPERIMENTS_GENERATION_H

#include "experiments/session.h"
#include "lm/sampler.h"

struct generation_batch { /* rows that went through the model together */
    size_t rows;
    const int32_t *token;
    const struct row_id *ids;
    const unsigned char *is_generated;
    const unsigned char *wanted;   /* rows that go through the head */
    const double *log_probability; /* of each token given those before; NaN: unknown */
};

struct generation_listener { /* any may be NULL */
    void *context;
    enum error_code (*before)(void *context, const struct generation_batch *batch,
                              struct error *err);
    enum error_code (*after)(void *context, const struct generation_batch *batch,
                             struct error *err);
    /* A token was chosen; false stops. */
    bool (*chosen)(void *context, int32_t token, double log_probability);
};

struct generation_settings {
    uint32_t batch;     /* rows of a prompt at once */
    uint32_t most;      /* tokens to generate */
    bool scores_prompt; /* the head for every prompt token, not only the last */
    bool ignores_end;   /* goes on behind an end token */
    struct sampler_settings sampler;
};

struct generation_result {
    size_t prompt, generated;
    double surprisal_bits; /* sum over generated tokens of -log2 p */
    double prompt_seconds, generate_seconds;
};

/* Sequence 0 from its beginning. `forced` (or NULL) holds the tokens to take instead of
 * choosing, forced_count of them. The last generated token is run too, so that every
 * token of the text has passed through the network. */
enum error_code generate(struct session *session, struct projector *projector,
                         const struct token_list *prompt, const int32_t *forced,
                         size_t forced_count,
                         const struct generation_settings *settings,
                         const struct generation_listener *listener,
                         struct generation_result *result, struct error *err);

#endif
