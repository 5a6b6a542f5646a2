/* See int8_matrix.h. The file has outputs as rows; the matrix has inputs as rows. Tiles
 * of 64 outputs are decoded, quantised and turned by one thread each: a tile's part of
 * a row of the result is one cache line. */
#include "lm/int8_matrix.h"

#include "lm/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 64, LIMIT = 127 };

/* What the threads share while a site is loaded. */
struct loader {
    struct int8_matrix *matrix;
    const struct model_file *file;
    const struct site *site;
    const struct kernel *kernel;
};

/* A thread's own. */
struct scratch {
    float *values;  /* (TILE, inputs) */
    int8_t *weight; /* (TILE, inputs) */
};

/* Outputs [first, first + count) of one tensor, which land at column `column`. */
struct tile {
    const struct tensor *tensor;
    size_t first, count, column;
};

static size_t tiles_of(const struct tensor *tensor)
{
    return (size_t)((tensor->extent[1] + TILE - 1) / TILE);
}

static struct tile find_tile(const struct site *site, size_t index)
{
    size_t column = 0;
    unsigned m = 0;
    for (; index >= tiles_of(site->matrix[m]); m++) {
        index -= tiles_of(site->matrix[m]);
        column += (size_t)site->matrix[m]->extent[1];
    }
    size_t first = index * TILE;
    size_t left = (size_t)site->matrix[m]->extent[1] - first;
    return (struct tile){ site->matrix[m], first, left < TILE ? left : TILE,
                          column + first };
}

/* One output: a scale for every group of inputs. */
static void quantise_output(const struct loader *loader, size_t column,
                            const float *values, int8_t *weight)
{
    struct int8_matrix *matrix = loader->matrix;
    for (size_t g = 0; g < matrix->groups; g++) {
        size_t first = g * matrix->group;
        size_t left = matrix->inputs - first;
        size_t count = left < matrix->group ? left : matrix->group;
        float scale = loader->kernel->max_abs(values + first, count) / LIMIT;
        matrix->scale[g * matrix->outputs + column] = scale;
        if (scale > 0)
            loader->kernel->quantise(weight + first, values + first, scale, LIMIT,
                                     count);
        else
            memset(weight + first, 0, count);
    }
}

/* Squares of 64 by 64 stay in the first cache on both sides. */
static void turn_tile(const struct int8_matrix *matrix, const struct tile *tile,
                      const int8_t *weight)
{
    for (size_t corner = 0; corner < matrix->inputs; corner += TILE) {
        size_t end = corner + TILE < matrix->inputs ? corner + TILE : matrix->inputs;
        for (size_t i = corner; i < end; i++) {
            int8_t *to = matrix->weight + i * matrix->stride + tile->column;
            for (size_t o = 0; o < tile->count; o++)
                to[o] = weight[o * matrix->inputs + i];
        }
    }
}

static enum error_code load_tile(const struct loader *loader, size_t index,
                                 struct scratch *scratch, struct error *err)
{
    struct tile tile = find_tile(loader->site, index);
    size_t inputs = loader->matrix->inputs;
    if (!scratch->values || !scratch->weight)
        return error_memory(err, "weights being quantised",
                            (double)TILE * (double)inputs * 5);
    if (model_file_decode_rows(loader->file, tile.tensor, tile.first, tile.count,
                               scratch->values, err) != OK)
        return err->code;
    for (size_t o = 0; o < tile.count; o++) {
        const float *values = scratch->values + o * inputs;
        if (!isfinite(loader->kernel->sum_abs(values, inputs)))
            return error_set(err, ERR_FORMAT, "tensor %s: row %zu is not finite",
                             tile.tensor->name.bytes, tile.first + o);
        quantise_output(loader, tile.column + o, values, scratch->weight + o * inputs);
    }
    turn_tile(loader->matrix, &tile, scratch->weight);
    return OK;
}

static enum error_code load_tiles(const struct loader *loader, size_t tiles,
                                  int threads, struct error *err)
{
    size_t inputs = loader->matrix->inputs;
    enum error_code code = OK;
#pragma omp parallel num_threads(threads > 1 ? threads : 1)
    {
        struct scratch scratch = { malloc(TILE * inputs * sizeof *scratch.values),
                                   malloc(TILE * inputs) };
#pragma omp for schedule(dynamic)
        for (size_t index = 0; index < tiles; index++) {
            struct error mine = { 0 };
            if (load_tile(loader, index, &scratch, &mine) == OK)
                continue;
#pragma omp critical(int8_matrix_error)
            if (code == OK) {
                *err = mine;
                code = mine.code;
            }
        }
        free(scratch.values);
        free(scratch.weight);
    }
    return code;
}

enum error_code int8_matrix_load(struct int8_matrix *matrix, struct arena *arena,
                                 const struct model_file *file, const struct site *site,
                                 uint32_t group, int threads, struct error *err)
{
    struct int8_matrix loaded = { .inputs = site->inputs, .outputs = site->outputs };
    loaded.stride = ((size_t)site->outputs + TILE - 1) / TILE * TILE;
    loaded.group = group > 0 && group < site->inputs ? group : site->inputs;
    loaded.groups = (site->inputs - 1) / loaded.group + 1;
    loaded.weight = arena_array(arena, loaded.inputs, loaded.stride);
    loaded.scale = arena_array(arena, (size_t)loaded.groups * loaded.outputs,
                               sizeof *loaded.scale);
    *matrix = (struct int8_matrix){ 0 };
    if (!loaded.weight || !loaded.scale)
        return error_memory(err, "8-bit weights",
                            (double)loaded.inputs * (double)loaded.stride);

    struct loader loader = { &loaded, file, site, kernel_find(NULL) };
    size_t tiles = 0;
    for (unsigned m = 0; m < site->matrix_count; m++)
        tiles += tiles_of(site->matrix[m]);
    if (load_tiles(&loader, tiles, threads, err) != OK)
        return error_wrap(err, "site %s", site->name);
    *matrix = loaded;
    return OK;
}
