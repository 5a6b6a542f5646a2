/* The transformer: against a naive forward pass in double precision, and against itself
 * in batches, threads, sequences and engines. */
#include "lm/transformer.h"

#include "lm/architecture.h"
#include "lm/dense_projector.h"
#include "lm/tokenizer.h"
#include "sim/spiking_projector.h"
#include "tests/naive_model.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 64, MAX_SITES = 512, SEQUENCES = 2, BATCH = 64 };

/* A model with everything that runs it. */
struct machine {
    struct model model;
    struct arena arena;
    struct int8_matrix *matrix;         /* (sites) */
    struct projector dense_int8, projector;
    struct transformer *transformer;
};

enum kind { DENSE_FLOAT, DENSE_INT8, SPIKING };

static void machine_open(struct machine *m, const char *path)
{
    struct error err = { 0 };
    *m = (struct machine){ .matrix = NULL };
    enum error_code code = model_open(&m->model, path, &err);
    if (code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_EQUAL_FATAL(code, OK);
    m->matrix = arena_array(&m->arena, m->model.sites, sizeof *m->matrix);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m->matrix);
    for (uint32_t s = 0; s < m->model.sites; s++)
        CU_ASSERT_EQUAL_FATAL(int8_matrix_load(&m->matrix[s], &m->arena, &m->model.file,
                                               &m->model.site[s], 0, 1, &err), OK);
}

static void machine_open_plan(struct machine *m, const struct model_plan *plan)
{
    const char *path = temporary_path("transformer.gguf");
    CU_ASSERT_FATAL(model_builder_write(plan, NULL, path));
    machine_open(m, path);
}

static void machine_stop(struct machine *m)
{
    projector_release(&m->projector);
    projector_release(&m->dense_int8);
    transformer_free(m->transformer);
    m->transformer = NULL;
}

static void machine_close(struct machine *m)
{
    machine_stop(m);
    model_close(&m->model);
    arena_free(&m->arena);
}

/* Starts anew; `spiking` for that kind alone. */
static void machine_start(struct machine *m, enum kind kind, int threads,
                          const struct spiking_settings *spiking)
{
    struct error err = { 0 };
    const struct kernel *kernel = kernel_find(NULL);
    struct transformer_settings settings = {
        .sequences = SEQUENCES, .context = m->model.shape.context < 96
                                               ? m->model.shape.context : 96,
        .batch = BATCH, .threads = threads,
    };
    machine_stop(m);
    CU_ASSERT_EQUAL_FATAL(transformer_create(&m->transformer, &m->model, kernel, &settings,
                                             &err), OK);
    if (kind == DENSE_FLOAT)
        dense_float_create(&m->projector, &m->model, kernel, threads, &err);
    else
        dense_int8_create(kind == SPIKING ? &m->dense_int8 : &m->projector, &m->model,
                          m->matrix, kernel, threads, &err);
    if (kind == SPIKING)
        spiking_create(&m->projector, &m->model, m->matrix, &m->dense_int8, kernel,
                       spiking, &err);
    if (err.code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_EQUAL_FATAL(err.code, OK);
}

static int32_t token_at(const struct machine *m, size_t i)
{
    return (int32_t)((i * i * 31 + i * 7 + 5) % m->model.shape.vocabulary);
}

/* Room for the logits of TOKENS tokens. */
static float *logits_for(const struct machine *m)
{
    float *logits = calloc((size_t)TOKENS * m->model.shape.vocabulary, sizeof *logits);
    CU_ASSERT_PTR_NOT_NULL_FATAL(logits);
    return logits;
}

static size_t logits_size(const struct machine *m)
{
    return (size_t)TOKENS * m->model.shape.vocabulary * sizeof(float);
}

/* Tokens [first, end) of a sequence, `batch` at a time; token i is token_at(i + shift). */
static void run_part(struct machine *m, uint32_t sequence, size_t first, size_t end,
                     size_t shift, size_t batch, float *logits)
{
    unsigned char wanted[BATCH];
    int32_t token[BATCH];
    struct row_id id[BATCH];
    struct error err = { 0 };
    memset(wanted, 1, sizeof wanted);
    while (first < end) {
        size_t rows = end - first < batch ? end - first : batch;
        for (size_t row = 0; row < rows; row++) {
            token[row] = token_at(m, first + row + shift);
            id[row] = (struct row_id){ sequence, (uint32_t)(first + row) };
        }
        CU_ASSERT_EQUAL(transformer_run(m->transformer, &m->projector, token, id, rows,
                                        wanted,
                                        logits + first * m->model.shape.vocabulary,
                                        &err), OK);
        first += rows;
    }
}

/* Float32 sums of up to 172 products in up to 62 layers; a key or value may round to the
 * other of two 16-bit neighbours. Measured: 1.2e-4 of the largest logit, and 2.9e-4 in the
 * deepest. */
static const double tolerance = 5e-4;

static void a_naive_pass_agrees(void)
{
    enum { FEW = 33 };
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        int32_t token[FEW];
        machine_open_plan(&m, plan);
        uint32_t vocabulary = m.model.shape.vocabulary;
        float *logits = logits_for(&m);
        for (size_t i = 0; i < FEW; i++)
            token[i] = token_at(&m, i);
        double *expected = naive_logits(plan, &m.model.file, vocabulary, token, FEW);
        for (size_t batch = 1; batch <= FEW; batch += FEW - 1) {
            double largest = 0, error = 0;
            machine_start(&m, DENSE_FLOAT, 2, NULL);
            run_part(&m, 0, 0, FEW, 0, batch, logits);
            for (size_t i = 0; i < (size_t)FEW * vocabulary; i++) {
                largest = fmax(largest, fabs(expected[i]));
                error = fmax(error, fabs((double)logits[i] - expected[i]));
            }
            CU_ASSERT(largest > 0.1 && error <= tolerance * largest);
        }
        free(expected);
        free(logits);
        machine_close(&m);
    }
}

/* The float baseline sums one row and many in different orders, so batches are left out
 * there. */
static void neither_batches_nor_threads_change_a_bit(void)
{
    static const struct { enum kind kind; int threads; size_t batch; } variant[] = {
        { DENSE_INT8, 1, 1 },  { DENSE_INT8, 2, 1 },  { DENSE_INT8, 1, BATCH },
        { DENSE_INT8, 2, 7 },  { DENSE_FLOAT, 1, 1 }, { DENSE_FLOAT, 2, 1 },
        { DENSE_FLOAT, 3, 1 },
    };
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        machine_open_plan(&m, plan);
        float *first = logits_for(&m), *other = logits_for(&m);
        for (size_t v = 0; v < sizeof variant / sizeof variant[0]; v++) {
            bool is_first = v == 0 || variant[v].kind != variant[v - 1].kind;
            machine_start(&m, variant[v].kind, variant[v].threads, NULL);
            run_part(&m, 0, 0, TOKENS, 0, variant[v].batch, is_first ? first : other);
            CU_ASSERT(is_first || memcmp(first, other, logits_size(&m)) == 0);
        }
        free(first);
        free(other);
        machine_close(&m);
    }
}

static void what_is_truncated_is_forgotten(void)
{
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        machine_open_plan(&m, plan);
        float *first = logits_for(&m), *other = logits_for(&m);
        machine_start(&m, DENSE_INT8, 1, NULL);
        run_part(&m, 0, 0, TOKENS, 0, BATCH, first);
        transformer_truncate(m.transformer, &m.projector, 0, 17);
        run_part(&m, 0, 17, TOKENS, 99, BATCH, other);
        CU_ASSERT(memcmp(first, other, logits_size(&m)) != 0);
        transformer_truncate(m.transformer, &m.projector, 0, TOKENS + 5);
        transformer_truncate(m.transformer, &m.projector, 0, 17);
        run_part(&m, 0, 17, TOKENS, 0, 5, other);
        transformer_truncate(m.transformer, &m.projector, 0, 0);
        run_part(&m, 0, 0, 17, 0, BATCH, other);
        CU_ASSERT_EQUAL(memcmp(first, other, logits_size(&m)), 0);
        free(first);
        free(other);
        machine_close(&m);
    }
}

/* Two sequences in the same batches, rows of one between rows of the other. */
static void run_interleaved(struct machine *m, size_t shift, float *const logits[2])
{
    enum { PAIRS = BATCH / 2 };
    size_t width = m->model.shape.vocabulary;
    float *both = calloc((size_t)BATCH * width, sizeof *both);
    CU_ASSERT_PTR_NOT_NULL_FATAL(both);
    for (size_t from = 0; from < TOKENS; from += PAIRS) {
        unsigned char wanted[BATCH];
        int32_t token[BATCH];
        struct row_id id[BATCH];
        struct error err = { 0 };
        memset(wanted, 1, sizeof wanted);
        for (size_t row = 0; row < BATCH; row++) {
            size_t at = from + row / 2;
            token[row] = token_at(m, at + row % 2 * shift);
            id[row] = (struct row_id){ row % 2, (uint32_t)at };
        }
        CU_ASSERT_EQUAL(transformer_run(m->transformer, &m->projector, token, id, BATCH,
                                        wanted, both, &err), OK);
        for (size_t row = 0; row < BATCH; row++)
            memcpy(logits[row % 2] + (from + row / 2) * width, both + row * width,
                   width * sizeof *both);
    }
    free(both);
}

static void sequences_do_not_see_one_another(void)
{
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        float *alone[2], *together[2];
        machine_open_plan(&m, plan);
        for (uint32_t s = 0; s < 2; s++) {
            alone[s] = logits_for(&m);
            together[s] = logits_for(&m);
            machine_start(&m, DENSE_INT8, 1, NULL);
            run_part(&m, 1 - s, 0, TOKENS, 11 * s, BATCH, alone[s]);
        }
        machine_start(&m, DENSE_INT8, 2, NULL);
        run_interleaved(&m, 11, together);
        for (int s = 0; s < 2; s++) {
            CU_ASSERT_EQUAL(memcmp(alone[s], together[s], logits_size(&m)), 0);
            free(alone[s]);
            free(together[s]);
        }
        machine_close(&m);
    }
}

static void only_wanted_rows_reach_the_head(void)
{
    struct machine m;
    machine_open_plan(&m, model_plan_find("qwen2"));
    size_t width = m.model.shape.vocabulary;
    float *all = logits_for(&m), *some = logits_for(&m);
    unsigned char wanted[BATCH] = { [3] = 1, [4] = 1, [60] = 1 };
    int32_t token[BATCH];
    struct row_id id[BATCH];
    struct error err = { 0 };
    for (size_t row = 0; row < BATCH; row++) {
        token[row] = token_at(&m, row);
        id[row] = (struct row_id){ 0, (uint32_t)row };
    }
    machine_start(&m, DENSE_INT8, 1, NULL);
    run_part(&m, 0, 0, TOKENS, 0, BATCH, all);
    transformer_truncate(m.transformer, &m.projector, 0, 0);
    CU_ASSERT_EQUAL(transformer_run(m.transformer, &m.projector, token, id, BATCH, NULL,
                                    NULL, &err), OK);
    transformer_truncate(m.transformer, &m.projector, 0, 0);
    CU_ASSERT_EQUAL(transformer_run(m.transformer, &m.projector, token, id, BATCH, wanted,
                                    some, &err), OK);
    CU_ASSERT_EQUAL(memcmp(some, all + 3 * width, 2 * width * sizeof *all), 0);
    CU_ASSERT_EQUAL(memcmp(some + 2 * width, all + 60 * width, width * sizeof *all), 0);
    CU_ASSERT_EQUAL(some[3 * width], 0);
    free(all);
    free(some);
    machine_close(&m);
}

/* Refused, with the sequences as they were. */
static void refuse(struct machine *m, size_t rows, const struct row_id *id,
                   const int32_t *token, const char *expected)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL(transformer_run(m->transformer, &m->projector, token, id, rows, NULL,
                                    NULL, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, expected));
}

static void rows_that_cannot_be_run_are_refused(void)
{
    struct machine m;
    struct row_id id[BATCH + 1];
    int32_t token[BATCH + 1] = { 0 };
    machine_open_plan(&m, model_plan_find("llama"));
    float *logits = logits_for(&m), *again = logits_for(&m);
    machine_start(&m, DENSE_INT8, 1, NULL);
    run_part(&m, 0, 0, TOKENS, 0, BATCH, logits);
    transformer_truncate(m.transformer, &m.projector, 0, 5);
    run_part(&m, 0, 0, 0, 0, BATCH, again);
    for (uint32_t i = 0; i <= BATCH; i++)
        id[i] = (struct row_id){ 0, 5 + i };

    refuse(&m, BATCH + 1, id, token, "65 rows in a batch of at most 64");
    id[3].position = 7;
    refuse(&m, 6, id, token, "position 7 after 8");
    id[3].position = 9;
    refuse(&m, 6, id, token, "position 9 after 8");
    id[3] = (struct row_id){ SEQUENCES, 0 };
    refuse(&m, 6, id, token, "sequence 2 of 2");
    id[3] = (struct row_id){ 1, 1 };
    refuse(&m, 6, id, token, "position 1 after 0");
    id[3] = (struct row_id){ 0, 8 };
    token[4] = -1;
    refuse(&m, 6, id, token, "token -1 is outside the vocabulary of 270");
    token[4] = 270;
    refuse(&m, 6, id, token, "token 270 is outside the vocabulary of 270");

    run_part(&m, 0, 5, TOKENS, 0, 20, again);
    size_t kept = 5 * m.model.shape.vocabulary;
    CU_ASSERT_EQUAL(memcmp(logits + kept, again + kept,
                           logits_size(&m) - kept * sizeof *logits), 0);
    for (uint32_t i = 0; i <= BATCH; i++)
        id[i] = (struct row_id){ 0, TOKENS + i };
    token[4] = 0;
    refuse(&m, 33, id, token, "position 96 is beyond the context of 96 tokens");
    free(logits);
    free(again);
    machine_close(&m);
}

static void contexts_beyond_the_model_are_refused(void)
{
    static const uint32_t context[] = { 0, 97, UINT32_MAX };
    struct machine m;
    machine_open_plan(&m, model_plan_find("qwen3"));
    for (size_t i = 0; i < sizeof context / sizeof context[0]; i++) {
        struct transformer_settings settings = { 1, context[i], 1, 1 };
        struct error err = { 0 };
        CU_ASSERT_EQUAL(transformer_create(&m.transformer, &m.model, kernels[0], &settings,
                                           &err), ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(m.transformer);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "expected 1 to 96"));
    }
    machine_close(&m);
}

CU_TestInfo transformer_tests[] = {
    { "a naive pass agrees", a_naive_pass_agrees },
    { "neither batches nor threads change a bit",
      neither_batches_nor_threads_change_a_bit },
    { "what is truncated is forgotten", what_is_truncated_is_forgotten },
    { "sequences do not see one another", sequences_do_not_see_one_another },
    { "only wanted rows reach the head", only_wanted_rows_reach_the_head },
    { "rows that cannot be run are refused", rows_that_cannot_be_run_are_refused },
    { "contexts beyond the model are refused", contexts_beyond_the_model_are_refused },
    CU_TEST_INFO_NULL,
};
