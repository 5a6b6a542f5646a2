/* See scoring.h. */
#include "experiments/scoring.h"

#include "base/progress.h"
#include "lm/sampler.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of text behind the scored tokens. */
static double bytes_scored(const struct tokenizer *tokenizer,
                           const struct scoring_text *text)
{
    double bytes = 0;
    for (size_t c = 0; c < text->chunks; c++)
        for (uint32_t i = text->window / 2 + 1; i < text->window; i++) {
            int32_t id = text->tokens.id[c * text->window + i];
            bytes += (double)tokenizer_decode(tokenizer, id, true).length;
        }
    return bytes;
}

enum error_code scoring_prepare(struct scoring_text *text,
                                const struct session *session, const char *bytes,
                                size_t length, uint32_t window, size_t chunks,
                                struct error *err)
{
    *text = (struct scoring_text){ .window = window };
    const struct tokenizer *tokenizer = session->tokenizer;
    if (tokenizer_encode(tokenizer, bytes, length, true, false, &text->tokens, err) !=
        OK)
        goto failed;
    size_t all = text->tokens.count / window;
    if (all == 0) {
        error_set(err, ERR_ARGUMENT,
                  "a text of %zu tokens is shorter than a window of %u",
                  text->tokens.count, window);
        goto failed;
    }
    text->chunks = chunks && chunks < all ? chunks : all;
    text->bytes = bytes_scored(tokenizer, text);
    /* The model sees its beginning mark in front of every window, not only the
     * first. */
    if (tokenizer_adds_bos(tokenizer))
        for (size_t c = 0; c < text->chunks; c++)
            text->tokens.id[c * window] = tokenizer_bos(tokenizer);
    return OK;
failed:
    scoring_release(text);
    return err->code;
}

void scoring_release(struct scoring_text *text)
{
    token_list_release(&text->tokens);
    if (text->memory)
        free(text->memory->logits);
    *text = (struct scoring_text){ 0 };
}

enum error_code scoring_spread(struct scoring_text *part, const struct session *session,
                               const struct scoring_text *text, size_t first,
                               size_t available, size_t count, struct error *err)
{
    const uint32_t window = text->window;
    count = count && count < available ? count : available;
    *part = (struct scoring_text){ .window = window, .chunks = count };
    part->tokens.id = calloc(count * window + 1, sizeof *part->tokens.id);
    if (!part->tokens.id)
        return error_memory(err, "windows", 4.0 * (double)(count * window));
    part->tokens.count = count * window;
    for (size_t c = 0; c < count; c++)
        memcpy(part->tokens.id + c * window,
               text->tokens.id + (first + c * available / count) * window,
               window * sizeof *part->tokens.id);
    part->bytes = bytes_scored(session->tokenizer, part);
    return OK;
}

size_t scoring_per_chunk(const struct scoring_text *text)
{
    return text->window - text->window / 2 - 1;
}

enum error_code scoring_remember(struct scoring_text *text,
                                 struct scoring_memory *memory,
                                 const struct session *session, double bytes,
                                 struct error *err)
{
    const size_t chunk = scoring_per_chunk(text) * session->model.shape.vocabulary;
    const double fitting = bytes / ((double)chunk * sizeof(float));
    *memory = (struct scoring_memory){ 0 };
    memory->room = fitting < (double)text->chunks ? (size_t)fitting : text->chunks;
    memory->logits = malloc(memory->room * chunk * sizeof(float) + 1);
    if (!memory->logits)
        return error_memory(err, "logits", bytes);
    text->memory = memory;
    return OK;
}

/* KL(p || q) of two rows of logits, in nats. */
static double divergence_of(const float *p, const float *q, uint32_t count)
{
    float top_p = -INFINITY, top_q = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        top_p = p[i] > top_p ? p[i] : top_p;
        top_q = q[i] > top_q ? q[i] : top_q;
    }
    double sum_p = 0, sum_q = 0, cross = 0;
    for (uint32_t i = 0; i < count; i++) {
        double weight = (double)expf(p[i] - top_p);
        sum_p += weight;
        sum_q += (double)expf(q[i] - top_q);
        cross += weight * ((double)(p[i] - top_p) - (double)(q[i] - top_q));
    }
    double kl = cross / sum_p - log(sum_p) + log(sum_q);
    return kl > 0 ? kl : 0;
}

double scoring_divergence(const float *p, const float *q, size_t rows,
                          uint32_t vocabulary, int threads)
{
    double sum = 0;
#pragma omp parallel for ordered num_threads(threads)
    for (size_t row = 0; row < rows; row++) {
        double part =
            divergence_of(p + row * vocabulary, q + row * vocabulary, vocabulary);
#pragma omp ordered
        sum += part;
    }
    return sum;
}

struct scorer {
    struct session *session;
    const struct scoring_text *text;
    struct row_id *ids;        /* (window) */
    unsigned char *wanted;     /* (window) */
    float *logits, *reference; /* (per_chunk, vocabulary) */
};

static enum error_code run_chunk(struct scorer *scorer, struct projector *projector,
                                 const int32_t *token, float *logits, struct error *err)
{
    struct transformer *transformer = scorer->session->transformer;
    transformer_truncate(transformer, projector, 0, 0);
    return transformer_run(transformer, projector, token, scorer->ids,
                           scorer->text->window, scorer->wanted, logits, err);
}

/* Losses of one chunk's logits. */
static void score_chunk(const struct scorer *scorer, const int32_t *token,
                        const float *logits, double *loss)
{
    uint32_t vocabulary = scorer->session->model.shape.vocabulary;
    long count = (long)scoring_per_chunk(scorer->text);
    const int32_t *next = token + scorer->text->window / 2 + 1;
#pragma omp parallel for num_threads(scorer->session->threads)
    for (long i = 0; i < count; i++)
        loss[i] =
            -log_probability(scorer->session->kernel, logits + (size_t)i * vocabulary,
                             vocabulary, next[i]);
}

static void compare_chunk(const struct scorer *scorer, const float *reference,
                          double *divergence)
{
    uint32_t vocabulary = scorer->session->model.shape.vocabulary;
    long count = (long)scoring_per_chunk(scorer->text);
#pragma omp parallel for num_threads(scorer->session->threads)
    for (long i = 0; i < count; i++) {
        size_t at = (size_t)i * vocabulary;
        divergence[i] = divergence_of(reference + at, scorer->logits + at, vocabulary);
    }
}

static bool scorer_init(struct scorer *scorer, bool compares)
{
    uint32_t window = scorer->text->window;
    size_t kept = scoring_per_chunk(scorer->text);
    size_t row = scorer->session->model.shape.vocabulary * sizeof(float);
    scorer->ids = calloc(window, sizeof *scorer->ids);
    scorer->wanted = calloc(window, 1);
    scorer->logits = malloc(kept * row);
    scorer->reference = compares ? malloc(kept * row) : NULL;
    if (!scorer->ids || !scorer->wanted || !scorer->logits ||
        (compares && !scorer->reference))
        return false;
    for (uint32_t i = 0; i < window; i++) {
        scorer->ids[i].position = i;
        scorer->wanted[i] = i >= window / 2 && i + 1 < window;
    }
    return true;
}

static void scorer_release(struct scorer *scorer)
{
    free(scorer->ids);
    free(scorer->wanted);
    free(scorer->logits);
    free(scorer->reference);
}

/* The reference's logits of a chunk: as remembered, or by running it. */
static const float *reference_logits(struct scorer *scorer, struct projector *reference,
                                     size_t chunk, const int32_t *token,
                                     struct error *err)
{
    struct scoring_memory *memory = scorer->text->memory;
    const size_t size =
        scoring_per_chunk(scorer->text) * scorer->session->model.shape.vocabulary;
    if (memory && chunk < memory->heard)
        return memory->logits + chunk * size;
    if (run_chunk(scorer, reference, token, scorer->reference, err) != OK)
        return NULL;
    if (memory && chunk == memory->heard && chunk < memory->room) {
        memcpy(memory->logits + chunk * size, scorer->reference, size * sizeof(float));
        memory->heard++;
    }
    return scorer->reference;
}

static enum error_code one_chunk(struct scorer *scorer, struct projector *projector,
                                 struct projector *reference,
                                 const struct chunk_watcher *watcher, size_t chunk,
                                 struct scoring_result *result, struct error *err)
{
    const int32_t *token = scorer->text->tokens.id + chunk * scorer->text->window;
    size_t at = chunk * scoring_per_chunk(scorer->text);
    const float *said = NULL;
    if (reference) {
        said = reference_logits(scorer, reference, chunk, token, err);
        if (!said)
            return err->code;
        score_chunk(scorer, token, said, result->reference_loss + at);
    }
    if (watcher->before &&
        watcher->before(watcher->context, chunk, scorer->wanted, err) != OK)
        return err->code;
    if (run_chunk(scorer, projector, token, scorer->logits, err) != OK)
        return err->code;
    score_chunk(scorer, token, scorer->logits, result->loss + at);
    if (reference)
        compare_chunk(scorer, said, result->divergence + at);
    if (watcher->after &&
        watcher->after(watcher->context, chunk, token, result->loss + at, err) != OK)
        return err->code;
    return OK;
}

enum error_code scoring_run(const struct scoring_text *text, struct session *session,
                            struct projector *projector, struct projector *reference,
                            const struct chunk_watcher *watcher,
                            struct scoring_result *result, struct error *err)
{
    static const struct chunk_watcher nobody = { 0 };
    struct scorer scorer = { .session = session, .text = text };
    size_t kept = scoring_per_chunk(text), total = kept * text->chunks;
    *result = (struct scoring_result){
        .loss = malloc(total * sizeof(double)),
        .reference_loss = reference ? malloc(total * sizeof(double)) : NULL,
        .divergence = reference ? malloc(total * sizeof(double)) : NULL,
    };
    err->code = OK;
    if (!scorer_init(&scorer, reference != NULL) || !result->loss ||
        (reference && (!result->reference_loss || !result->divergence)))
        error_memory(err, "scores", 8.0 * (double)total);

    struct progress progress;
    double sum = 0;
    progress_begin(&progress, "scoring");
    for (size_t c = 0; c < text->chunks && err->code == OK; c++) {
        char detail[64];
        if (one_chunk(&scorer, projector, reference, watcher ? watcher : &nobody, c,
                      result, err) != OK)
            break;
        for (size_t i = c * kept; i < (c + 1) * kept; i++)
            sum += result->loss[i];
        snprintf(detail, sizeof detail, "perplexity %.3f",
                 exp(sum / (double)((c + 1) * kept)));
        progress_update(&progress, (double)(c + 1), (double)text->chunks, detail);
    }
    progress_end(&progress);
    scorer_release(&scorer);
    if (err->code != OK)
        scoring_result_release(result);
    return err->code;
}

void scoring_result_release(struct scoring_result *result)
{
    free(result->loss);
    free(result->reference_loss);
    free(result->divergence);
    *result = (struct scoring_result){ 0 };
}

struct score score_of(const double *value, size_t count)
{
    struct score score = { .tokens = count };
    if (count == 0)
        return score;
    score.mean = gsl_stats_mean(value, 1, count);
    if (count > 1)
        score.error = gsl_stats_sd_m(value, 1, count, score.mean) / sqrt((double)count);
    return score;
}

struct score score_of_difference(const double *value, const double *base, size_t count)
{
    struct score score = { .tokens = count };
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[i] - base[i];
    score.mean = count ? sum / (double)count : 0;
    for (size_t i = 0; i < count; i++) {
        double distance = value[i] - base[i] - score.mean;
        squares += distance * distance;
    }
    if (count > 1)
        score.error = sqrt(squares / (double)(count - 1) / (double)count);
    return score;
}
