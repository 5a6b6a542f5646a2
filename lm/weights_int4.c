/* Weights of 4 bits: two outputs to a byte as kernel.add_nibbles wants them, a 16-bit
 * scale for every output and group of inputs, and a 16-bit minimum or none. Products of
 * many rows are made of weights unpacked to 8 bits, a few columns at a time. */
#include "lm/weight_fit.h"
#include "lm/weight_matrix.h"

#include <string.h>

enum {
    TILE = 32,    /* outputs of HALF bytes */
    HALF = 16,    /* outputs in their low halves, and in their high ones */
    COLUMNS = 64, /* unpacked at a time */
    FEW_ROWS = 8, /* up to here unpacking does not pay */
};
_Static_assert((int)INT4_MOST_INPUTS == (int)FIT_MOST, "a group is fitted at once");

static bool allocate_packed(struct weight_matrix *matrix, struct arena *arena)
{
    size_t scales = (size_t)matrix->groups * matrix->outputs;
    matrix->stride = ((size_t)matrix->outputs + TILE - 1) / TILE * HALF;
    matrix->nibble = arena_array(arena, matrix->inputs, matrix->stride);
    matrix->half_scale = arena_array(arena, scales, sizeof *matrix->half_scale);
    return matrix->nibble && matrix->half_scale;
}

static bool allocate_minimum(struct weight_matrix *matrix, struct arena *arena)
{
    size_t scales = (size_t)matrix->groups * matrix->outputs;
    matrix->half_minimum = arena_array(arena, scales, sizeof *matrix->half_minimum);
    return matrix->half_minimum && allocate_packed(matrix, arena);
}

static bool quantise(struct weight_matrix *matrix, const struct kernel *kernel,
                     size_t output, const float *values, int8_t *whole)
{
    for (size_t g = 0; g < matrix->groups; g++) {
        struct weight_fit fit;
        size_t first = g * matrix->group;
        size_t left = matrix->inputs - first;
        size_t count = left < matrix->group ? left : matrix->group;
        size_t place = g * matrix->outputs + output;
        if (!weight_fit(&fit, kernel, values + first, count,
                        matrix->half_minimum != NULL))
            return false;
        matrix->half_scale[place] = fit.scale;
        if (matrix->half_minimum)
            matrix->half_minimum[place] = fit.minimum;
        memcpy(whole + first, fit.whole, count);
    }
    return true;
}

/* `first` begins a tile, so no byte is shared with another call. */
static void pack(struct weight_matrix *matrix, size_t first, size_t count,
                 const int8_t *whole)
{
    for (size_t i = 0; i < matrix->inputs; i++) {
        uint8_t *to = matrix->nibble + i * matrix->stride + first / TILE * HALF;
        for (size_t o = 0; o < count; o++) {
            uint8_t value = (uint8_t)whole[o * matrix->inputs + i];
            uint8_t shifted = (uint8_t)(o % TILE < HALF ? value : value << 4);
            to[o / TILE * HALF + o % HALF] |= shifted;
        }
    }
}

static const uint8_t *row_at(const struct weight_panel *panel, size_t input)
{
    const struct weight_matrix *matrix = panel->matrix;
    return matrix->nibble + input * matrix->stride + panel->first / TILE * HALF;
}

/* `width` rounded up to tiles. */
static void unpack(int8_t *weight, const uint8_t *nibble, size_t width)
{
    for (size_t o = 0; o < width; o += TILE, nibble += HALF)
        for (size_t j = 0; j < HALF; j++) {
            weight[o + j] = (int8_t)(nibble[j] & 0x0f);
            weight[o + HALF + j] = (int8_t)(nibble[j] >> 4);
        }
}

static void add_rows(const struct weight_panel *panel, int32_t *sum,
                     const uint32_t *row, const int8_t *factor, size_t count)
{
    panel->kernel->add_nibbles(sum, row_at(panel, 0), panel->matrix->stride,
                               panel->width, row, factor, count);
}

static void add_rows_wide(const struct weight_panel *panel, int32_t *sum,
                          const uint32_t *row, const int32_t *factor, size_t count)
{
    static const uint32_t only = 0;
    int8_t weight[COLUMNS];
    for (size_t e = 0; e < count; e++)
        for (size_t o = 0; o < panel->width; o += COLUMNS) {
            size_t left = panel->width - o;
            size_t width = left < COLUMNS ? left : COLUMNS;
            unpack(weight, row_at(panel, row[e]) + o / TILE * HALF, width);
            panel->kernel->add_rows_wide(sum + o, weight, COLUMNS, width, &only,
                                         &factor[e], 1);
        }
}

static bool project(const struct weight_panel *panel, float *y,
                    const struct kernel_list *list)
{
    const struct weight_matrix *matrix = panel->matrix;
    const struct kernel_nibbles nibbles = {
        .nibble = row_at(panel, 0),
        .stride = matrix->stride,
        .scale = matrix->half_scale + panel->first,
        .minimum = matrix->half_minimum ? matrix->half_minimum + panel->first : NULL,
        .scale_stride = matrix->outputs,
    };
    if (!panel->kernel->project_nibbles)
        return false;
    panel->kernel->project_nibbles(y, &nibbles, panel->width, list);
    return true;
}

static void multiply_few(const struct weight_panel *panel, int32_t *sum,
                         const int8_t *factor, size_t rows, size_t input, size_t inputs)
{
    uint32_t every[INT4_MOST_INPUTS];
    for (uint32_t i = 0; i < inputs; i++)
        every[i] = i;
    memset(sum, 0, rows * panel->width * sizeof *sum);
    for (size_t r = 0; r < rows; r++)
        panel->kernel->add_nibbles(sum + r * panel->width, row_at(panel, input),
                                   panel->matrix->stride, panel->width, every,
                                   factor + r * inputs, inputs);
}

static void multiply(const struct weight_panel *panel, int32_t *sum,
                     const int8_t *factor, size_t rows, size_t input, size_t inputs)
{
    int8_t weight[INT4_MOST_INPUTS * COLUMNS];
    if (rows <= FEW_ROWS) {
        multiply_few(panel, sum, factor, rows, input, inputs);
        return;
    }
    for (size_t o = 0; o < panel->width; o += COLUMNS) {
        size_t left = panel->width - o;
        size_t width = left < COLUMNS ? left : COLUMNS;
        for (size_t i = 0; i < inputs; i++)
            unpack(weight + i * COLUMNS, row_at(panel, input + i) + o / TILE * HALF,
                   width);
        kernel_multiply_panel(panel->kernel, sum + o, panel->width, factor, rows,
                              inputs, weight, COLUMNS, width);
    }
}

static void decode(const struct weight_panel *panel, float *y, const int32_t *sum,
                   int32_t total, size_t group, float unit, bool accumulate)
{
    const struct weight_matrix *matrix = panel->matrix;
    size_t place = group * matrix->outputs + panel->first;
    const uint16_t *minimum = matrix->half_minimum;
    panel->kernel->decode_half(y, sum, total, matrix->half_scale + place,
                               minimum ? minimum + place : NULL, unit, accumulate,
                               panel->width);
}

const struct weight_format weights_int4 = {
    .name = "4-bit",
    .bits = 4,
    .scale_bytes = sizeof(uint16_t),
    .largest = 15,
    .allocate = allocate_packed,
    .quantise = quantise,
    .pack = pack,
    .add_rows = add_rows,
    .add_rows_wide = add_rows_wide,
    .multiply = multiply,
    .project = project,
    .decode = decode,
};

const struct weight_format weights_int4_minimum = {
    .name = "4-bit",
    .bits = 4,
    .scale_bytes = 2 * sizeof(uint16_t),
    .largest = 15,
    .allocate = allocate_minimum,
    .quantise = quantise,
    .pack = pack,
    .add_rows = add_rows,
    .add_rows_wide = add_rows_wide,
    .multiply = multiply,
    .project = project,
    .decode = decode,
};
