/* See machine.h. */
#include "tests/machine.h"

#include "lm/dense_projector.h"
#include "tests/temporary_path.h"
#include "tests/weight_builder.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>

enum { CONTEXT = 96 };

void machine_open(struct machine *m, const char *path)
{
    struct error err = { 0 };
    *m = (struct machine){ .matrix = NULL };
    enum error_code code = model_open(&m->model, path, &err);
    if (code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_EQUAL_FATAL(code, OK);
    m->matrix = arena_array(&m->arena, m->model.sites, sizeof *m->matrix);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m->matrix);
    const struct weight_setting setting = { &weights_int8, 0 };
    for (uint32_t s = 0; s < m->model.sites; s++)
        CU_ASSERT_EQUAL_FATAL(weight_builder_load(&m->matrix[s], &m->arena,
                                                  &m->model.file, &m->model.site[s],
                                                  &setting, 1, &err),
                              OK);
}

void machine_open_plan(struct machine *m, const struct model_plan *plan)
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
    thread_team_free(m->team);
    m->transformer = NULL;
    m->team = NULL;
}

void machine_close(struct machine *m)
{
    machine_stop(m);
    model_close(&m->model);
    arena_free(&m->arena);
}

void machine_start(struct machine *m, enum kind kind, int threads,
                   const struct spiking_settings *spiking)
{
    struct error err = { 0 };
    const struct kernel *kernel = kernel_find(NULL);
    struct transformer_settings settings = {
        .sequences = SEQUENCES,
        .context = CONTEXT,
        .batch = BATCH,
    };
    machine_stop(m);
    CU_ASSERT_EQUAL_FATAL(thread_team_create(&m->team, threads, &err), OK);
    settings.team = m->team;
    transformer_create(&m->transformer, &m->model, kernel, &settings, &err);
    CU_ASSERT_EQUAL_FATAL(err.code, OK);
    if (kind == DENSE_FLOAT)
        dense_float_create(&m->projector, &m->model, kernel, m->team, &err);
    else
        dense_int8_create(kind == SPIKING ? &m->dense_int8 : &m->projector, &m->model,
                          m->matrix, kernel, m->team, &err);
    if (kind == SPIKING) {
        struct spiking_settings shared = *spiking;
        shared.team = m->team;
        spiking_create(&m->projector, &m->model, m->matrix, &m->dense_int8, kernel,
                       &shared, &err);
    }
    if (err.code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_EQUAL_FATAL(err.code, OK);
}

int32_t machine_token(const struct machine *m, size_t i)
{
    return (int32_t)((i * i * 31 + i * 7 + 5) % m->model.shape.vocabulary);
}

float *machine_logits(const struct machine *m)
{
    float *logits = calloc((size_t)TOKENS * m->model.shape.vocabulary, sizeof *logits);
    CU_ASSERT_PTR_NOT_NULL_FATAL(logits);
    return logits;
}

size_t machine_logits_size(const struct machine *m)
{
    return (size_t)TOKENS * m->model.shape.vocabulary * sizeof(float);
}

void machine_run(struct machine *m, uint32_t sequence, size_t first, size_t end,
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
            token[row] = machine_token(m, first + row + shift);
            id[row] = (struct row_id){ sequence, (uint32_t)(first + row) };
        }
        CU_ASSERT_EQUAL(transformer_run(m->transformer, &m->projector, token, id, rows,
                                        wanted,
                                        logits + first * m->model.shape.vocabulary,
                                        &err),
                        OK);
        first += rows;
    }
}
