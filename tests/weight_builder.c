/* See weight_builder.h. */
#include "tests/weight_builder.h"

#include <CUnit/CUnit.h>
#include <gsl/gsl_randist.h>
#include <string.h>

struct weight_setting weight_setting_of(const char *form)
{
    struct weight_setting setting;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(weight_setting_read(&setting, form, &err), OK);
    return setting;
}

static void fill_scales(struct weight_matrix *m, gsl_rng *generator)
{
    const float most = m->whole_scale ? 1e-4f : 1e-2f;
    for (size_t i = 0; i < (size_t)m->groups * m->outputs; i++)
        m->scale[i] = (float)gsl_ran_flat(generator, 1e-2 * (double)most, (double)most);
    size_t group = m->setting.group;
    size_t groups = m->whole_scale ? (m->inputs + group - 1) / group : 0;
    for (size_t i = 0; i < groups * m->scale_stride; i++) {
        m->whole_scale[i] = (int8_t)((int)gsl_rng_uniform_int(generator, 255) - 127);
        if (m->centre)
            m->centre[i] = (int16_t)(7 * m->whole_scale[i] / (int)(1 + i % 5));
    }
}

void weight_builder_fill(struct weight_matrix *matrix, struct arena *arena,
                         const char *form, uint32_t inputs, uint32_t outputs,
                         gsl_rng *generator)
{
    const struct weight_setting setting = weight_setting_of(form);
    const struct weight_format *format = setting.format;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(weight_matrix_allocate(matrix, arena, &setting, inputs,
                                                 outputs, &err),
                          OK);
    memset(matrix->memory, 0, matrix->bytes);
    int8_t *whole = arena_array(arena, WEIGHT_TILE, inputs);
    CU_ASSERT_PTR_NOT_NULL_FATAL(whole);
    for (size_t first = 0; first < outputs; first += WEIGHT_TILE) {
        size_t left = outputs - first;
        for (size_t i = 0; i < (size_t)WEIGHT_TILE * inputs; i++)
            whole[i] = (int8_t)(format->bits == 4
                                    ? (int)gsl_rng_uniform_int(generator, 16)
                                    : (int)gsl_rng_uniform_int(generator, 255) - 127);
        format->pack(matrix, first, left < WEIGHT_TILE ? left : WEIGHT_TILE, whole);
    }
    fill_scales(matrix, generator);
}

enum error_code weight_builder_load(struct weight_matrix *matrix, struct arena *arena,
                                    const struct model_file *file,
                                    const struct site *site,
                                    const struct weight_setting *setting, int threads,
                                    struct error *err)
{
    return weight_matrix_allocate(matrix, arena, setting, site->inputs, site->outputs,
                                  err) != OK
               ? err->code
               : weight_matrix_make(matrix, file, site, threads, err);
}

double weight_value(const struct weight_matrix *m, size_t input, size_t output)
{
    size_t place = input / m->group * m->outputs + output;
    if (m->weight)
        return m->weight[input * m->stride + output] * (double)m->scale[place];
    place = input / m->setting.group * m->scale_stride + output;
    uint8_t byte = m->nibble[input * m->stride + output / 32 * 16 + output % 16];
    int q = output % 32 < 16 ? byte & 0x0f : byte >> 4;
    int whole = m->whole_scale[place] * (q - 8) + (m->centre ? m->centre[place] : 0);
    return whole * (double)m->scale[output];
}
