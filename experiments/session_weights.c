/* See session_weights.h. */
#include "experiments/session_weights.h"

#include "base/progress.h"
#include "lm/packed_weights.h"

#include <stdio.h>

static const struct weight_setting *setting_of(const struct weight_plan *plan,
                                               const struct site *site)
{
    return weight_plan_get(plan, site->role == ROLE_HEAD);
}

/* Huge pages hold them all: a site's weights are smaller than one. */
enum error_code weights_allocate(struct weight_matrix **matrix, struct arena *arena,
                                 const struct model *model,
                                 const struct weight_plan *plan, struct error *err)
{
    size_t bytes = 0;
    *matrix = arena_array(arena, model->sites, sizeof **matrix);
    if (!*matrix)
        return error_memory(err, "matrices", model->sites * sizeof **matrix);
    for (uint32_t s = 0; s < model->sites; s++) {
        const struct site *site = &model->site[s];
        bytes +=
            weight_matrix_shape(setting_of(plan, site), site->inputs, site->outputs)
                .bytes;
    }
    arena_reserve(arena, bytes);
    for (uint32_t s = 0; s < model->sites; s++) {
        const struct site *site = &model->site[s];
        if (weight_matrix_allocate(&(*matrix)[s], arena, setting_of(plan, site),
                                   site->inputs, site->outputs, err) != OK)
            return error_wrap(err, "site %s", site->name);
    }
    return OK;
}

enum error_code weights_make(struct weight_matrix *matrix, const struct model *model,
                             int threads, struct error *err)
{
    struct progress progress;
    progress_begin(&progress, "loading weights");
    err->code = OK;
    for (uint32_t s = 0; s < model->sites && err->code == OK; s++)
        if (weight_matrix_make(&matrix[s], &model->file, &model->site[s], threads,
                               err) == OK)
            progress_update(&progress, s + 1, model->sites, NULL);
    progress_end(&progress);
    return err->code;
}

/* False: there is nothing packed, or nothing of use. */
static bool read_packed(struct weight_matrix *matrix, const struct model *model,
                        const struct weight_plan *plan, int threads)
{
    struct packed_weights packed;
    struct error err = { OK, "" };
    if (packed_weights_open(&packed, model, plan, &err) == OK && packed.descriptor < 0)
        return false;
    if (err.code == OK) {
        struct progress progress;
        progress_begin(&progress, "reading packed weights");
        packed_weights_read(&packed, model, matrix, threads, &progress, &err);
        progress_end(&progress);
        packed_weights_close(&packed);
    }
    if (err.code != OK)
        fprintf(stderr, "%s; the model's own weights are used\n", err.text);
    return err.code == OK;
}

enum error_code weights_load(struct weight_matrix *matrix, const struct model *model,
                             const struct weight_plan *plan, int threads,
                             struct error *err)
{
    return read_packed(matrix, model, plan, threads)
               ? OK
               : weights_make(matrix, model, threads, err);
}
