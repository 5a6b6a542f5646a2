/* See generation.h. */
#include "experiments/generation.h"

#include "base/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct generator {
    struct session *session;
    struct projector *projector;
    const struct generation_settings *settings;
    const struct generation_listener *listener;
    struct generation_result *result;
    struct sampler *sampler;
    struct row_id *ids;                /* (batch) */
    unsigned char *wanted, *generated; /* (batch) */
    double *log_probability;           /* (batch) */
    float *logits;                     /* (batch or 1, vocabulary) */
    const float *last; /* of them: of the position before `position`; NULL: not known */
    uint32_t position;
};

static bool generator_init(struct generator *g)
{
    size_t batch = g->settings->batch;
    size_t rows = g->settings->scores_prompt ? batch : 1;
    g->ids = calloc(batch, sizeof *g->ids);
    g->wanted = calloc(batch, 1);
    g->generated = calloc(batch, 1);
    g->log_probability = calloc(batch, sizeof *g->log_probability);
    uint32_t vocabulary = g->session->model.shape.vocabulary;
    g->logits = malloc(rows * vocabulary * sizeof *g->logits);
    return g->ids && g->wanted && g->generated && g->log_probability && g->logits;
}

static void generator_release(struct generator *g)
{
    sampler_free(g->sampler);
    free(g->ids);
    free(g->wanted);
    free(g->generated);
    free(g->log_probability);
    free(g->logits);
}

/* log p of the token of row `row`, from the logits of the row before it. */
static void score(struct generator *g, size_t row, int32_t token, const float *before)
{
    uint32_t vocabulary = g->session->model.shape.vocabulary;
    g->log_probability[row] =
        before ? log_probability(g->session->kernel, before, vocabulary, token)
               : (double)NAN;
}

/* Rows through the model; the logits of the last are those at g->last. The first token is
 * scored before it runs: the logits it was chosen from are still in a cache, and their
 * room is needed. */
static enum error_code run_rows(struct generator *g, const int32_t *token, size_t rows,
                                bool is_generated, bool is_end_of_prompt,
                                struct error *err)
{
    const struct generation_listener *listener = g->listener;
    uint32_t vocabulary = g->session->model.shape.vocabulary;
    bool all = g->settings->scores_prompt;
    for (size_t row = 0; row < rows; row++) {
        g->ids[row] = (struct row_id){ 0, g->position + (uint32_t)row };
        g->wanted[row] = all || (row + 1 == rows && is_end_of_prompt);
        g->generated[row] = is_generated;
    }
    struct generation_batch batch = {
        .rows = rows,
        .token = token,
        .ids = g->ids,
        .is_generated = g->generated,
        .wanted = g->wanted,
        .log_probability = g->log_probability,
    };
    if (listener->before && listener->before(listener->context, &batch, err) != OK)
        return err->code;
    score(g, 0, token[0], g->last);
    if (transformer_run(g->session->transformer, g->projector, token, g->ids, rows,
                        g->wanted, g->logits, err) != OK)
        return err->code;
    for (size_t row = 1; row < rows; row++)
        score(g, row, token[row], all ? g->logits + (row - 1) * vocabulary : NULL);
    g->position += (uint32_t)rows;
    g->last = all                ? g->logits + (rows - 1) * vocabulary
              : is_end_of_prompt ? g->logits
                                 : NULL;
    if (listener->after)
        return listener->after(listener->context, &batch, err);
    return OK;
}

static enum error_code run_prompt(struct generator *g, const struct token_list *prompt,
                                  struct error *err)
{
    struct progress progress;
    progress_begin(&progress, "prompt");
    for (size_t from = 0; from < prompt->count;) {
        size_t rows = prompt->count - from;
        if (rows > g->settings->batch)
            rows = g->settings->batch;
        if (run_rows(g, prompt->id + from, rows, false, from + rows == prompt->count,
                     err) != OK)
            break;
        from += rows;
        progress_update(&progress, (double)from, (double)prompt->count, NULL);
    }
    progress_end(&progress);
    return err->code;
}

static enum error_code run_generated(struct generator *g, const int32_t *forced,
                                     size_t forced_count, struct error *err)
{
    const struct generation_listener *listener = g->listener;
    size_t most = forced ? forced_count : g->settings->most;
    for (size_t n = 0; n < most; n++) {
        int32_t token =
            forced ? forced[n] : sampler_choose(g->sampler, g->last, 0, g->position);
        bool is_end = !forced && !g->settings->ignores_end &&
                      tokenizer_is_end(g->session->tokenizer, token);
        g->result->generated++;
        if (run_rows(g, &token, 1, true, true, err) != OK)
            return err->code;
        double log_p = g->log_probability[0];
        g->result->surprisal_bits -= log_p / log(2.0);
        bool goes_on =
            !listener->chosen || listener->chosen(listener->context, token, log_p);
        if (is_end || !goes_on)
            break;
    }
    return OK;
}

enum error_code generate(struct session *session, struct projector *projector,
                         const struct token_list *prompt, const int32_t *forced,
                         size_t forced_count,
                         const struct generation_settings *settings,
                         const struct generation_listener *listener,
                         struct generation_result *result, struct error *err)
{
    static const struct generation_listener nobody = { 0 };
    struct generator g = {
        .session = session,
        .projector = projector,
        .settings = settings,
        .listener = listener ? listener : &nobody,
        .result = result,
    };
    double started = clock_seconds();
    *result = (struct generation_result){ .prompt = prompt->count };
    err->code = OK;
    if (prompt->count == 0)
        error_set(err, ERR_ARGUMENT, "the prompt has no token");
    else if (!generator_init(&g))
        error_memory(err, "logits", 4e-6 * session->model.shape.vocabulary);
    else
        sampler_create(&g.sampler, session->kernel, session->model.shape.vocabulary,
                       &settings->sampler, err);
    if (err->code == OK) {
        transformer_truncate(session->transformer, projector, 0, 0);
        run_prompt(&g, prompt, err);
        result->prompt_seconds = clock_seconds() - started;
    }
    if (err->code == OK) {
        run_generated(&g, forced, forced_count, err);
        result->generate_seconds = clock_seconds() - started - result->prompt_seconds;
    }
    generator_release(&g);
    return err->code;
}
