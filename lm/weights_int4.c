/* Weights of 4 bits: two outputs to a byte as kernel.add_nibbles wants them, a whole
 * number of 8 bits to multiply with for every output and group of inputs, one of 16 bits
 * to add or none, and one float for an output. Products of many rows are made of whole
 * weights cut in two signed bytes, weight = 128 high + low, some inputs and columns at a
 * time. */
#include "lm/weight_fit.h"
#include "lm/weight_matrix.h"

#include <math.h>
#include <string.h>

enum {
    TILE = 32,     /* outputs of HALF bytes */
    HALF = 16,     /* outputs in their low halves, and in their high ones */
    COLUMNS = 64,  /* unpacked at a time ... */
    INPUTS = 1024, /* ... of so many inputs */
    BLOCK = 256,   /* rows multiplied at a time */
    FEW_ROWS = 8,  /* up to here unpacking does not pay */
    LINE = 64,     /* rows a multiple of SETS bytes apart would drive ... */
    SETS = 512,    /* ... each other out of the first cache */
    BYTE = 128,    /* low is in [-64, 63] */
    FACTOR = 127,  /* the largest count of 8 bits */
    SYMMETRIC = 8, /* |whole weight| / scale at most */
    ANYWHERE = 15, /* the same with a centre */
};
_Static_assert((int)INT4_MOST_INPUTS == (int)FIT_MOST, "a group is fitted at once");

static size_t groups_of(const struct weight_matrix *matrix)
{
    const uint32_t group = matrix->setting.group;
    return ((size_t)matrix->inputs + group - 1) / group;
}

/* The largest scale, where whole weights reach so many times further: counts of 8 bits at
 * all inputs make no sum beyond 32 bits. */
static int32_t most_of(uint32_t inputs, int32_t reach)
{
    int64_t most = INT32_MAX / ((int64_t)FACTOR * reach) / (inputs > 0 ? inputs : 1);
    most = most < INT8_MAX ? most : INT8_MAX;
    return most > 1 ? (int32_t)most : 1;
}

static int32_t largest_symmetric(uint32_t inputs)
{
    return SYMMETRIC * most_of(inputs, SYMMETRIC);
}

static int32_t largest_anywhere(uint32_t inputs)
{
    return ANYWHERE * most_of(inputs, ANYWHERE);
}

static size_t lay_out_symmetric(struct weight_matrix *matrix, void *memory)
{
    const size_t tiles = ((size_t)matrix->outputs + TILE - 1) / TILE;
    size_t bytes = 0;
    matrix->stride = tiles * HALF + (tiles * HALF % SETS == 0 ? LINE : 0);
    matrix->scale_stride = tiles * TILE;
    matrix->nibble = weight_part(memory, &bytes, matrix->inputs, matrix->stride);
    matrix->whole_scale =
        weight_part(memory, &bytes, groups_of(matrix), matrix->scale_stride);
    matrix->scale = weight_part(memory, &bytes, matrix->outputs, sizeof *matrix->scale);
    return bytes;
}

static size_t lay_out_anywhere(struct weight_matrix *matrix, void *memory)
{
    size_t bytes = lay_out_symmetric(matrix, memory);
    matrix->centre =
        weight_part(memory, &bytes, groups_of(matrix) * matrix->scale_stride,
                    sizeof *matrix->centre);
    return bytes;
}

static bool quantise(struct weight_matrix *matrix, const struct kernel *kernel,
                     size_t output, const float *values, int8_t *whole)
{
    const int32_t reach = matrix->centre ? ANYWHERE : SYMMETRIC;
    const struct fit_limits limits = { matrix->largest / reach, matrix->centre };
    const size_t group = matrix->setting.group;
    const float unit = weight_fit_unit(values, matrix->inputs, group, &limits);
    if (!isfinite(unit))
        return false;
    matrix->scale[output] = unit;
    for (size_t first = 0, g = 0; first < matrix->inputs; first += group, g++) {
        struct weight_fit fit;
        size_t left = matrix->inputs - first, count = left < group ? left : group;
        size_t place = g * matrix->scale_stride + output;
        weight_fit(&fit, kernel, values + first, count, unit, &limits);
        matrix->whole_scale[place] = fit.scale;
        if (matrix->centre)
            matrix->centre[place] = fit.centre;
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

/* Outputs from `first` on. */
static struct kernel_nibbles nibbles_at(const struct weight_matrix *matrix,
                                        size_t first)
{
    return (struct kernel_nibbles){
        .nibble = matrix->nibble + first / TILE * HALF,
        .stride = matrix->stride,
        .scale = matrix->whole_scale + first,
        .centre = matrix->centre ? matrix->centre + first : NULL,
        .scale_stride = matrix->scale_stride,
        .group = matrix->setting.group,
    };
}

static void add_rows(const struct weight_panel *panel, int32_t *sum,
                     const uint32_t *row, const int8_t *factor, size_t count)
{
    const struct kernel_nibbles nibbles = nibbles_at(panel->matrix, panel->first);
    panel->kernel->add_nibbles(sum, &nibbles, panel->width, row, factor, count);
}

/* Whole weights of input `input` at outputs [first, first + width); room for a multiple
 * of TILE. */
static void unpack(int16_t *weight, const struct weight_matrix *matrix, size_t input,
                   size_t first, size_t width)
{
    const struct kernel_nibbles n = nibbles_at(matrix, first);
    const uint8_t *nibble = n.nibble + input * n.stride;
    const size_t scales = input / n.group * n.scale_stride;
    for (size_t o = 0; o < width; o += TILE, nibble += HALF) {
        const int8_t *scale = n.scale + scales + o;
        for (size_t j = 0; j < HALF; j++)
            weight[o + j] = (int16_t)(scale[j] * ((nibble[j] & 0x0f) - 8));
        for (size_t j = 0; j < HALF; j++)
            weight[o + HALF + j] = (int16_t)(scale[HALF + j] * ((nibble[j] >> 4) - 8));
    }
    for (size_t o = 0; n.centre && o < width; o++)
        weight[o] = (int16_t)(weight[o] + n.centre[scales + o]);
}

/* sum += factor * weight, mod 2^32. */
static void add_times(int32_t *sum, const int16_t *weight, int32_t factor, size_t width)
{
    for (size_t o = 0; o < width; o++)
        sum[o] = (int32_t)((uint32_t)sum[o] + (uint32_t)factor * (uint32_t)weight[o]);
}

static void add_rows_wide(const struct weight_panel *panel, int32_t *sum,
                          const uint32_t *row, const int32_t *factor, size_t count)
{
    int16_t weight[COLUMNS];
    for (size_t e = 0; e < count; e++)
        for (size_t o = 0; o < panel->width; o += COLUMNS) {
            size_t left = panel->width - o, width = left < COLUMNS ? left : COLUMNS;
            unpack(weight, panel->matrix, row[e], panel->first + o, width);
            add_times(sum + o, weight, factor[e], width);
        }
}

static void add_few(const struct weight_panel *panel, int32_t *sum,
                    const int8_t *factor, size_t rows, size_t input, size_t inputs)
{
    uint32_t every[INPUTS];
    for (size_t first = 0; first < inputs; first += INPUTS) {
        size_t left = inputs - first, count = left < INPUTS ? left : INPUTS;
        for (size_t i = 0; i < count; i++)
            every[i] = (uint32_t)(input + first + i);
        for (size_t r = 0; r < rows; r++)
            add_rows(panel, sum + r * panel->width, every, factor + r * inputs + first,
                     count);
    }
}

/* Whole weights of a part of the inputs and columns. */
struct planes {
    int8_t high[INPUTS * COLUMNS], low[INPUTS * COLUMNS];
};

static void cut_weights(struct planes *planes, const struct weight_matrix *matrix,
                        size_t input, size_t inputs, size_t first, size_t width)
{
    int16_t weight[COLUMNS] = { 0 };
    for (size_t i = 0; i < inputs; i++) {
        int8_t *high = planes->high + i * COLUMNS, *low = planes->low + i * COLUMNS;
        unpack(weight, matrix, input + i, first, width);
        for (size_t o = 0; o < COLUMNS; o++) {
            uint16_t shifted = (uint16_t)(weight[o] + BYTE / 2 + BYTE * BYTE);
            high[o] = (int8_t)(shifted / BYTE - BYTE);
            low[o] = (int8_t)(shifted % BYTE - BYTE / 2);
        }
    }
}

/* A block of rows by some columns. */
struct tile {
    int32_t *sum;
    size_t sum_stride;
    const int8_t *factor; /* (rows, inputs; row stride `stride`) */
    size_t rows, inputs, stride, width;
};

/* sum += `worth` times the product with one plane, mod 2^32. */
static void add_plane(const struct kernel *kernel, const struct tile *tile,
                      const int8_t *plane, uint32_t worth)
{
    int32_t part[BLOCK * COLUMNS];
    kernel_multiply_panel(kernel, part, COLUMNS, tile->factor, tile->stride, tile->rows,
                          tile->inputs, plane, COLUMNS, tile->width);
    for (size_t r = 0; r < tile->rows; r++) {
        int32_t *sum = tile->sum + r * tile->sum_stride;
        for (size_t o = 0; o < tile->width; o++)
            sum[o] =
                (int32_t)((uint32_t)sum[o] + worth * (uint32_t)part[r * COLUMNS + o]);
    }
}

static void multiply_columns(const struct weight_panel *panel, int32_t *sum,
                             const int8_t *factor, size_t rows, size_t input,
                             size_t inputs, size_t first)
{
    struct planes planes;
    size_t right = panel->width - first, width = right < COLUMNS ? right : COLUMNS;
    for (size_t i = 0; i < inputs; i += INPUTS) {
        size_t left = inputs - i, count = left < INPUTS ? left : INPUTS;
        cut_weights(&planes, panel->matrix, input + i, count, panel->first + first,
                    width);
        for (size_t r = 0; r < rows; r += BLOCK) {
            const struct tile tile = {
                .sum = sum + r * panel->width + first,
                .sum_stride = panel->width,
                .factor = factor + r * inputs + i,
                .rows = rows - r < BLOCK ? rows - r : BLOCK,
                .inputs = count,
                .stride = inputs,
                .width = width,
            };
            add_plane(panel->kernel, &tile, planes.low, 1);
            add_plane(panel->kernel, &tile, planes.high, BYTE);
        }
    }
}

static void multiply(const struct weight_panel *panel, int32_t *sum,
                     const int8_t *factor, size_t rows, size_t input, size_t inputs)
{
    memset(sum, 0, rows * panel->width * sizeof *sum);
    if (rows <= FEW_ROWS) {
        add_few(panel, sum, factor, rows, input, inputs);
        return;
    }
    for (size_t first = 0; first < panel->width; first += COLUMNS)
        multiply_columns(panel, sum, factor, rows, input, inputs, first);
}

const struct weight_format weights_int4 = {
    .name = "4-bit",
    .bits = 4,
    .group_bytes = sizeof(int8_t),
    .group_numbers = 1,
    .largest = largest_symmetric,
    .lay_out = lay_out_symmetric,
    .quantise = quantise,
    .pack = pack,
    .add_rows = add_rows,
    .add_rows_wide = add_rows_wide,
    .multiply = multiply,
};

const struct weight_format weights_int4_minimum = {
    .name = "4-bit",
    .bits = 4,
    .group_bytes = sizeof(int8_t) + sizeof(int16_t),
    .group_numbers = 2,
    .largest = largest_anywhere,
    .lay_out = lay_out_anywhere,
    .quantise = quantise,
    .pack = pack,
    .add_rows = add_rows,
    .add_rows_wide = add_rows_wide,
    .multiply = multiply,
};
