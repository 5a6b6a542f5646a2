/* The transformer: against a naive forward pass in double precision, and against itself
 * in batches, threads and sequences. */
#include "tests/machine.h"
#include "tests/naive_cost.h"
#include "tests/naive_model.h"
#include "tests/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Float32 sums of up to 172 products in up to 62 layers; a key or value may round to
 * the other of two 16-bit neighbours. Measured: 1.2e-4 of the largest logit, and 2.9e-4
 * in the deepest. */
static const double tolerance = 5e-4;

static void a_naive_pass_agrees(void)
{
    enum { FEW = 33 };
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        int32_t token[FEW];
        machine_open_plan(&m, plan);
        uint32_t vocabulary = m.model.shape.vocabulary;
        float *logits = machine_logits(&m);
        for (size_t i = 0; i < FEW; i++)
            token[i] = machine_token(&m, i);
        double *expected = naive_logits(plan, &m.model.file, vocabulary, token, FEW);
        for (size_t batch = 1; batch <= FEW; batch += FEW - 1) {
            double largest = 0, error = 0;
            machine_start(&m, DENSE_FLOAT, 2, NULL);
            machine_run(&m, 0, 0, FEW, 0, batch, logits);
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
    static const struct {
        enum kind kind;
        int threads;
        size_t batch;
    } variant[] = {
        { DENSE_INT8, 1, 1 },  { DENSE_INT8, 2, 1 },  { DENSE_INT8, 1, BATCH },
        { DENSE_INT8, 2, 7 },  { DENSE_FLOAT, 1, 1 }, { DENSE_FLOAT, 2, 1 },
        { DENSE_FLOAT, 3, 1 },
    };
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        machine_open_plan(&m, plan);
        float *first = machine_logits(&m), *other = machine_logits(&m);
        for (size_t v = 0; v < sizeof variant / sizeof variant[0]; v++) {
            bool is_first = v == 0 || variant[v].kind != variant[v - 1].kind;
            machine_start(&m, variant[v].kind, variant[v].threads, NULL);
            machine_run(&m, 0, 0, TOKENS, 0, variant[v].batch,
                        is_first ? first : other);
            CU_ASSERT(is_first || memcmp(first, other, machine_logits_size(&m)) == 0);
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
        float *first = machine_logits(&m), *other = machine_logits(&m);
        machine_start(&m, DENSE_INT8, 1, NULL);
        machine_run(&m, 0, 0, TOKENS, 0, BATCH, first);
        transformer_truncate(m.transformer, &m.projector, 0, 17);
        machine_run(&m, 0, 17, TOKENS, 99, BATCH, other);
        CU_ASSERT(memcmp(first, other, machine_logits_size(&m)) != 0);
        transformer_truncate(m.transformer, &m.projector, 0, TOKENS + 5);
        transformer_truncate(m.transformer, &m.projector, 0, 17);
        machine_run(&m, 0, 17, TOKENS, 0, 5, other);
        transformer_truncate(m.transformer, &m.projector, 0, 0);
        machine_run(&m, 0, 0, 17, 0, BATCH, other);
        CU_ASSERT_EQUAL(memcmp(first, other, machine_logits_size(&m)), 0);
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
            token[row] = machine_token(m, at + row % 2 * shift);
            id[row] = (struct row_id){ row % 2, (uint32_t)at };
        }
        CU_ASSERT_EQUAL(transformer_run(m->transformer, &m->projector, token, id, BATCH,
                                        wanted, both, &err),
                        OK);
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
            alone[s] = machine_logits(&m);
            together[s] = machine_logits(&m);
            machine_start(&m, DENSE_INT8, 1, NULL);
            machine_run(&m, 1 - s, 0, TOKENS, 11 * s, BATCH, alone[s]);
        }
        machine_start(&m, DENSE_INT8, 2, NULL);
        run_interleaved(&m, 11, together);
        for (int s = 0; s < 2; s++) {
            CU_ASSERT_EQUAL(memcmp(alone[s], together[s], machine_logits_size(&m)), 0);
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
    float *all = machine_logits(&m), *some = machine_logits(&m);
    unsigned char wanted[BATCH] = { [3] = 1, [4] = 1, [60] = 1 };
    int32_t token[BATCH];
    struct row_id id[BATCH];
    struct error err = { 0 };
    for (size_t row = 0; row < BATCH; row++) {
        token[row] = machine_token(&m, row);
        id[row] = (struct row_id){ 0, (uint32_t)row };
    }
    machine_start(&m, DENSE_INT8, 1, NULL);
    machine_run(&m, 0, 0, TOKENS, 0, BATCH, all);
    transformer_truncate(m.transformer, &m.projector, 0, 0);
    CU_ASSERT_EQUAL(transformer_run(m.transformer, &m.projector, token, id, BATCH, NULL,
                                    NULL, &err),
                    OK);
    transformer_truncate(m.transformer, &m.projector, 0, 0);
    CU_ASSERT_EQUAL(transformer_run(m.transformer, &m.projector, token, id, BATCH,
                                    wanted, some, &err),
                    OK);
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
    CU_ASSERT_EQUAL(transformer_run(m->transformer, &m->projector, token, id, rows,
                                    NULL, NULL, &err),
                    ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, expected));
}

static void rows_that_cannot_be_run_are_refused(void)
{
    struct machine m;
    struct row_id id[BATCH + 1];
    int32_t token[BATCH + 1] = { 0 };
    machine_open_plan(&m, model_plan_find("llama"));
    float *logits = machine_logits(&m), *again = machine_logits(&m);
    machine_start(&m, DENSE_INT8, 1, NULL);
    machine_run(&m, 0, 0, TOKENS, 0, BATCH, logits);
    transformer_truncate(m.transformer, &m.projector, 0, 5);
    machine_run(&m, 0, 0, 0, 0, BATCH, again);
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

    machine_run(&m, 0, 5, TOKENS, 0, 20, again);
    size_t kept = 5 * m.model.shape.vocabulary;
    CU_ASSERT_EQUAL(memcmp(logits + kept, again + kept,
                           machine_logits_size(&m) - kept * sizeof *logits),
                    0);
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
        struct transformer_settings settings = { 1, context[i], 1, NULL };
        struct error err = { 0 };
        CU_ASSERT_EQUAL(transformer_create(&m.transformer, &m.model, kernels[0],
                                           &settings, &err),
                        ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(m.transformer);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "expected 1 to 96"));
    }
    machine_close(&m);
}

static void costs_are_those_of_the_definition(void)
{
    static const uint32_t position[] = { 0, 1, 4, 6, 7, 63, 95 };
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct machine m;
        machine_open_plan(&m, plan);
        for (size_t i = 0; i < sizeof position / sizeof position[0]; i++) {
            struct host_cost cost, expected;
            transformer_host_cost(&m.model, position[i], &cost);
            naive_host_cost(plan, position[i], &expected);
            CU_ASSERT_EQUAL(cost.cache_bytes, expected.cache_bytes);
            CU_ASSERT_EQUAL(cost.weight_bytes, 0);
            for (int part = 0; part < HOST_PARTS; part++)
                for (int kind = 0; kind < OP_KINDS; kind++)
                    CU_ASSERT_EQUAL(cost.ops[part].n[kind], expected.ops[part].n[kind]);
        }
        machine_close(&m);
    }
}

CU_TestInfo transformer_tests[] = {
    { "a naive pass agrees", a_naive_pass_agrees },
    { "neither batches nor threads change a bit",
      neither_batches_nor_threads_change_a_bit },
    { "what is truncated is forgotten", what_is_truncated_is_forgotten },
    { "sequences do not see one another", sequences_do_not_see_one_another },
    { "only wanted rows reach the head", only_wanted_rows_reach_the_head },
    { "rows that cannot be run are refused", rows_that_cannot_be_run_are_refused },
    { "costs are those of the definition", costs_are_those_of_the_definition },
    { "contexts beyond the model are refused", contexts_beyond_the_model_are_refused },
    CU_TEST_INFO_NULL,
};
