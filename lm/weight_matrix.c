/* See weight_matrix.h. The file has outputs as rows; the matrix has inputs as rows.
 * Tiles of 64 outputs are decoded, quantised and turned by one thread each. */
#include "lm/weight_matrix.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PART_ALIGNMENT = 64 }; /* a cache line, and the widest vector */

/* What the threads share while a site is loaded. */
struct loader {
    struct weight_matrix *matrix;
    const struct model_file *file;
    const struct site *site;
    const struct kernel *kernel;
};

/* A thread's own. */
struct scratch {
    float *values; /* (WEIGHT_TILE, inputs) */
    int8_t *whole; /* (WEIGHT_TILE, inputs) */
};

void *weight_part(void *memory, size_t *bytes, size_t count, size_t size)
{
    const size_t most = SIZE_MAX - PART_ALIGNMENT, at = *bytes;
    if (at > most || (size > 0 && count > (most - at) / size)) {
        *bytes = SIZE_MAX;
        return NULL;
    }
    *bytes += (count * size + PART_ALIGNMENT - 1) / PART_ALIGNMENT * PART_ALIGNMENT;
    return memory ? (char *)memory + at : NULL;
}

struct weight_matrix weight_matrix_shape(const struct weight_setting *setting,
                                         uint32_t inputs, uint32_t outputs)
{
    struct weight_matrix shape = { .setting = *setting,
                                   .inputs = inputs,
                                   .outputs = outputs,
                                   .group = weight_group(setting, inputs),
                                   .groups = weight_groups(setting, inputs),
                                   .largest = setting->format->largest(inputs) };
    shape.bytes = setting->format->lay_out(&shape, NULL);
    return shape;
}

void weight_panel_decode(const struct weight_panel *panel, float *y, const int32_t *sum,
                         size_t group, float unit, bool accumulate)
{
    const struct weight_matrix *matrix = panel->matrix;
    const float *scale = matrix->scale + group * matrix->outputs + panel->first;
    panel->kernel->decode(y, sum, scale, unit, accumulate, panel->width);
}

void weight_panel_add_bias(const struct weight_panel *panel, float *y,
                           const float *bias)
{
    for (size_t o = 0; bias && o < panel->width; o++)
        y[o] += bias[panel->first + o];
}

/* Columns [first, first + count) of the site, out of as many tensors as they are in. */
static enum error_code read_tile(const struct loader *loader, size_t first,
                                 size_t count, float *values, struct error *err)
{
    const struct site *site = loader->site;
    size_t column = 0;
    for (unsigned m = 0; m < site->matrix_count; m++) {
        const struct tensor *tensor = site->matrix[m];
        size_t end = column + (size_t)tensor->extent[1];
        size_t from = first > column ? first : column;
        size_t to = first + count < end ? first + count : end;
        float *at = values + (from - first) * site->inputs;
        if (from < to && model_file_decode_rows(loader->file, tensor, from - column,
                                                to - from, at, err) != OK)
            return err->code;
        for (size_t o = from; o < to; o++, at += site->inputs)
            if (!isfinite(loader->kernel->sum_abs(at, site->inputs)))
                return error_set(err, ERR_FORMAT, "tensor %s: row %zu is not finite",
                                 tensor->name.bytes, o - column);
        column = end;
    }
    return OK;
}

static enum error_code load_tile(const struct loader *loader, size_t first,
                                 struct scratch *scratch, struct error *err)
{
    struct weight_matrix *matrix = loader->matrix;
    const struct weight_format *format = matrix->setting.format;
    size_t inputs = matrix->inputs, left = matrix->outputs - first;
    size_t count = left < WEIGHT_TILE ? left : WEIGHT_TILE;
    if (!scratch->values || !scratch->whole)
        return error_memory(err, "weights being quantised",
                            (double)WEIGHT_TILE * (double)inputs * 5);
    if (read_tile(loader, first, count, scratch->values, err) != OK)
        return err->code;
    for (size_t o = 0; o < count; o++)
        if (!format->quantise(matrix, loader->kernel, first + o,
                              scratch->values + o * inputs,
                              scratch->whole + o * inputs))
            return error_set(err, ERR_FORMAT,
                             "output %zu: its weights are too large for %s scales",
                             first + o, format->name);
    format->pack(matrix, first, count, scratch->whole);
    return OK;
}

static enum error_code load_tiles(const struct loader *loader, int threads,
                                  struct error *err)
{
    size_t inputs = loader->matrix->inputs, outputs = loader->matrix->outputs;
    enum error_code code = OK;
#pragma omp parallel num_threads(threads > 1 ? threads : 1)
    {
        struct scratch scratch = { malloc(WEIGHT_TILE * inputs *
                                          sizeof *scratch.values),
                                   malloc(WEIGHT_TILE * inputs) };
#pragma omp for schedule(dynamic)
        for (size_t first = 0; first < outputs; first += WEIGHT_TILE) {
            struct error mine = { 0 };
            if (load_tile(loader, first, &scratch, &mine) == OK)
                continue;
#pragma omp critical(weight_matrix_error)
            if (code == OK) {
                *err = mine;
                code = mine.code;
            }
        }
        free(scratch.values);
        free(scratch.whole);
    }
    return code;
}

enum error_code weight_matrix_allocate(struct weight_matrix *matrix,
                                       struct arena *arena,
                                       const struct weight_setting *setting,
                                       uint32_t inputs, uint32_t outputs,
                                       struct error *err)
{
    struct weight_matrix allocated = weight_matrix_shape(setting, inputs, outputs);
    *matrix = (struct weight_matrix){ 0 };
    allocated.memory = arena_room(arena, allocated.bytes, 1);
    if (!allocated.memory)
        return error_memory(err, "weights", (double)allocated.bytes);
    setting->format->lay_out(&allocated, allocated.memory);
    *matrix = allocated;
    return OK;
}

enum error_code weight_matrix_make(struct weight_matrix *matrix,
                                   const struct model_file *file,
                                   const struct site *site, int threads,
                                   struct error *err)
{
    struct loader loader = { matrix, file, site, kernel_find(NULL) };
    memset(matrix->memory, 0, matrix->bytes);
    if (load_tiles(&loader, threads, err) != OK)
        return error_wrap(err, "site %s", site->name);
    return OK;
}
