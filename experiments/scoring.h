/* How well a model predicts a text: windows of `window` tokens, each scored on its
 * second half, as llama.cpp's perplexity tool does. */
#ifndef EXPERIMENTS_SCORING_H
#define EXPERIMENTS_SCORING_H

#include "experiments/session.h"

struct score {
    size_t tokens;      /* scored */
    double mean, error; /* nats per token, and the standard error of the mean */
};

/* What the reference of a text said, kept from run to run: the first windows of it, as
 * many as there is room for. */
struct scoring_memory {
    float *logits; /* (room, per chunk, vocabulary) */
    size_t room, heard;
};

struct scoring_text {
    struct token_list tokens;
    uint32_t window; /* tokens of a chunk */
    size_t chunks;
    double bytes;                  /* of text behind the scored tokens */
    struct scoring_memory *memory; /* NULL: the reference is run each time */
};

/* Tokenises; refuses a text shorter than one window. chunks 0: all. */
enum error_code scoring_prepare(struct scoring_text *text,
                                const struct session *session, const char *bytes,
                                size_t length, uint32_t window, size_t chunks,
                                struct error *err);
void scoring_release(struct scoring_text *text);
size_t scoring_per_chunk(
    const struct scoring_text *text); /* scored tokens of a chunk */

/* `count` windows at even distances among [first, first + available) of a text, copied;
 * all of them where count is 0 or too many. Release it. */
enum error_code scoring_spread(struct scoring_text *part, const struct session *session,
                               const struct scoring_text *text, size_t first,
                               size_t available, size_t count, struct error *err);
/* Every run of the text then has to compare with the same reference. `bytes` is the most
 * it may take; released with the text. */
enum error_code scoring_remember(struct scoring_text *text,
                                 struct scoring_memory *memory,
                                 const struct session *session, double bytes,
                                 struct error *err);
/* KL(p || q) of rows of logits (rows, vocabulary), in nats, summed over rows in their
 * order. */
double scoring_divergence(const float *p, const float *q, size_t rows,
                          uint32_t vocabulary, int threads);

/* Called behind each chunk's run, before the next: tokens of the chunk and what is
 * scored. NULL: not wanted. */
struct chunk_watcher {
    void *context;
    enum error_code (*before)(void *context, size_t chunk, const unsigned char *wanted,
                              struct error *err);
    enum error_code (*after)(void *context, size_t chunk, const int32_t *token,
                             const double *loss, struct error *err);
};

/* loss[chunks * per_chunk]: -ln p of each scored token, in order. `reference` (or NULL)
 * is run on the same chunks, and divergence[...] gets KL(reference || projector) of
 * each scored position; reference_loss likewise. */
struct scoring_result {
    double *loss, *reference_loss, *divergence;
};
enum error_code scoring_run(const struct scoring_text *text, struct session *session,
                            struct projector *projector, struct projector *reference,
                            const struct chunk_watcher *watcher,
                            struct scoring_result *result, struct error *err);
void scoring_result_release(struct scoring_result *result);

struct score score_of(const double *value, size_t count);
/* Of value[i] - base[i]: what pairing leaves of the noise. */
struct score score_of_difference(const double *value, const double *base, size_t count);

#endif
