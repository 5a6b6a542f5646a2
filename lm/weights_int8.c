/* Weights of 8 bits: see weight_matrix.h. */
#include "lm/weight_matrix.h"

#include <string.h>

enum { TILE = 64, LIMIT = 127, EIGHT = 8 };

static int32_t largest(uint32_t inputs)
{
    (void)inputs;
    return LIMIT;
}

static size_t lay_out(struct weight_matrix *matrix, void *memory)
{
    size_t bytes = 0;
    matrix->stride = ((size_t)matrix->outputs + TILE - 1) / TILE * TILE;
    matrix->weight = weight_part(memory, &bytes, matrix->inputs, matrix->stride);
    matrix->scale =
        weight_part(memory, &bytes, (size_t)matrix->groups * matrix->outputs,
                    sizeof *matrix->scale);
    return bytes;
}

static bool quantise(struct weight_matrix *matrix, const struct kernel *kernel,
                     size_t output, const float *values, int8_t *whole)
{
    for (size_t g = 0; g < matrix->groups; g++) {
        size_t first = g * matrix->group;
        size_t left = matrix->inputs - first;
        size_t count = left < matrix->group ? left : matrix->group;
        float scale = kernel->max_abs(values + first, count) / LIMIT;
        matrix->scale[g * matrix->outputs + output] = scale;
        if (scale > 0)
            kernel->quantise(whole + first, values + first, scale, LIMIT, count);
        else
            memset(whole + first, 0, count);
    }
    return true;
}

/* Rows of eight bytes become columns: bytes change places in pairs of rows, then pairs of
 * bytes, then of four. */
static void turn(uint64_t row[EIGHT])
{
    static const uint64_t lower[] = { 0x00ff00ff00ff00ff, 0x0000ffff0000ffff,
                                      0x00000000ffffffff };
    for (unsigned step = 0; step < 3; step++) {
        const unsigned apart = 1u << step, bits = 8 * apart;
        for (unsigned r = 0; r < EIGHT; r++) {
            if (r & apart)
                continue;
            uint64_t swap = ((row[r] >> bits) ^ row[r + apart]) & lower[step];
            row[r + apart] ^= swap;
            row[r] ^= swap << bits;
        }
    }
}

/* Inputs [i, i + EIGHT) of outputs [o, o + EIGHT) of `whole`. */
static void pack_square(const struct weight_matrix *matrix, int8_t *to, size_t i,
                        size_t o, const int8_t *whole)
{
    uint64_t row[EIGHT];
    for (size_t r = 0; r < EIGHT; r++)
        memcpy(&row[r], whole + (o + r) * matrix->inputs + i, EIGHT);
    turn(row);
    for (size_t r = 0; r < EIGHT; r++)
        memcpy(to + (i + r) * matrix->stride + o, &row[r], EIGHT);
}

/* Strips of 64 inputs stay in the first cache on both sides, and a tile's part of a row
 * is one cache line. */
static void pack(struct weight_matrix *matrix, size_t first, size_t count,
                 const int8_t *whole)
{
    int8_t *to = matrix->weight + first;
    const size_t whole_count = count / EIGHT * EIGHT;
    const size_t whole_inputs = matrix->inputs / EIGHT * EIGHT;
    for (size_t corner = 0; corner < whole_inputs; corner += TILE)
        for (size_t o = 0; o < whole_count; o += EIGHT)
            for (size_t i = corner; i < corner + TILE && i < whole_inputs; i += EIGHT)
                pack_square(matrix, to, i, o, whole);
    for (size_t i = 0; i < matrix->inputs; i++)
        for (size_t o = i < whole_inputs ? whole_count : 0; o < count; o++)
            to[i * matrix->stride + o] = whole[o * matrix->inputs + i];
}

static void add_rows(const struct weight_panel *panel, int32_t *sum,
                     const uint32_t *row, const int8_t *factor, size_t count)
{
    const struct weight_matrix *matrix = panel->matrix;
    panel->kernel->add_rows(sum, matrix->weight + panel->first, matrix->stride,
                            panel->width, row, factor, count);
}

static void add_rows_wide(const struct weight_panel *panel, int32_t *sum,
                          const uint32_t *row, const int32_t *factor, size_t count)
{
    const struct weight_matrix *matrix = panel->matrix;
    panel->kernel->add_rows_wide(sum, matrix->weight + panel->first, matrix->stride,
                                 panel->width, row, factor, count);
}

static void multiply(const struct weight_panel *panel, int32_t *sum,
                     const int8_t *factor, size_t rows, size_t input, size_t inputs)
{
    const struct weight_matrix *matrix = panel->matrix;
    kernel_multiply_batch(panel->kernel, sum, factor, rows, inputs,
                          matrix->weight + input * matrix->stride + panel->first,
                          matrix->stride, panel->width, 1);
}

const struct weight_format weights_int8 = {
    .name = "8-bit",
    .bits = 8,
    .largest = largest,
    .lay_out = lay_out,
    .quantise = quantise,
    .pack = pack,
    .add_rows = add_rows,
    .add_rows_wide = add_rows_wide,
    .multiply = multiply,
};
