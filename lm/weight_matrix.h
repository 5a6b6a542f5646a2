/* The weights of a site as whole numbers, input-major: what one channel touches is one
 * row. Outputs have a scale for every group of inputs, so that a sum over a group is
 * one integer per output:
 *
 *     y = sum over groups g, ascending, of unit scale_g sum_g
 *
 * where sum_g = sum of count * weight over the group's inputs. How the whole weights are
 * packed is the format's affair. The matrices of the site stand side by side in the
 * outputs. */
#ifndef LM_WEIGHT_MATRIX_H
#define LM_WEIGHT_MATRIX_H

#include "base/arena.h"
#include "base/error.h"
#include "lm/kernel.h"
#include "lm/site.h"
#include "lm/weight_setting.h"

struct weight_matrix {
    struct weight_setting setting;
    uint32_t inputs, outputs;
    uint32_t group;  /* inputs sharing a scale; = inputs: one scale per output */
    uint32_t groups; /* the last may be short */
    int32_t largest; /* no whole weight is larger, whatever its sign */
    size_t stride;   /* bytes from row to row */
    void *memory;    /* all that follows, side by side: see weight_format.lay_out */
    size_t bytes;
    float *scale; /* (groups, outputs) */
    /* 8 bits, symmetric: weight = round(w / scale) in [-127, 127], scale = largest |w|
     * of the group / 127. */
    int8_t *weight; /* (inputs, stride), padding 0 */
    /* 4 bits, in groups of setting.group inputs: see kernel_nibbles. */
    uint8_t *nibble;     /* (inputs, stride), padding 0 */
    int8_t *whole_scale; /* (groups of inputs, scale_stride) */
    int16_t *centre;     /* the same; NULL: 0 */
    size_t scale_stride;
};

enum { WEIGHT_TILE = 64 }; /* outputs; threads cut outputs at multiples of it */

/* Outputs [first, first + width) of a matrix; first is a multiple of WEIGHT_TILE. */
struct weight_panel {
    const struct weight_matrix *matrix;
    const struct kernel *kernel;
    size_t first, width;
};

struct weight_format {
    const char *name; /* "8-bit" */
    unsigned bits;    /* of a weight */
    /* Bytes of the whole numbers that make whole weights of q, for an output and group,
     * and how many they are. 0: what is held is the whole weight, and groups have
     * floats. */
    unsigned group_bytes, group_numbers;
    /* Of |whole weight| at so many inputs. Counts of 8 bits at all of them, none of
     * them 0, make no sum beyond 32 bits. */
    int32_t (*largest)(uint32_t inputs);
    /* Fills strides and points the parts into `memory`, each at a multiple of 64 bytes,
     * the rows first; NULL: at nothing. Returns the bytes of all of it; SIZE_MAX: more
     * than there can be. */
    size_t (*lay_out)(struct weight_matrix *matrix, void *memory);
    /* One output: what is held for its inputs (inputs), and scales. False: a scale has
     * no room in a float. */
    bool (*quantise)(struct weight_matrix *matrix, const struct kernel *kernel,
                     size_t output, const float *values, int8_t *whole);
    /* Packs outputs [first, first + count) of whole (count, inputs). */
    void (*pack)(struct weight_matrix *matrix, size_t first, size_t count,
                 const int8_t *whole);
    /* sum (width) += rows times factors. Sums wrap mod 2^32. Of the second kind there
     * are few. */
    void (*add_rows)(const struct weight_panel *panel, int32_t *sum,
                     const uint32_t *row, const int8_t *factor, size_t count);
    void (*add_rows_wide)(const struct weight_panel *panel, int32_t *sum,
                          const uint32_t *row, const int32_t *factor, size_t count);
    /* sum (rows, width) = factor (rows, inputs) times rows [input, input + inputs) of
     * the matrix: the same integers. */
    void (*multiply)(const struct weight_panel *panel, int32_t *sum,
                     const int8_t *factor, size_t rows, size_t input, size_t inputs);
};

/* The last two: whole weight = scale * (q - 8), and scale * (q - 8) + centre, where
 * 0 <= q <= 15, and scale and centre are whole numbers of a group of inputs. */
extern const struct weight_format weights_int8, weights_int4, weights_int4_minimum;

/* y (width) = (accumulate ? y : 0) + what the sums of a group are worth. */
void weight_panel_decode(const struct weight_panel *panel, float *y, const int32_t *sum,
                         size_t group, float unit, bool accumulate);
/* y (width) += bias (all outputs of the matrix); NULL: none. */
void weight_panel_add_bias(const struct weight_panel *panel, float *y,
                           const float *bias);

/* A group of 4-bit weights is no larger. */
enum { INT4_MOST_INPUTS = 256 };

/* For lay_out: a part of `count` things of `size` bytes at `*bytes` behind `memory`, or
 * NULL if that is; *bytes moves behind it, or becomes SIZE_MAX. */
void *weight_part(void *memory, size_t *bytes, size_t count, size_t size);

/* Shapes alone, and the bytes of all: what counting needs. */
struct weight_matrix weight_matrix_shape(const struct weight_setting *setting,
                                         uint32_t inputs, uint32_t outputs);
/* The same with memory out of the arena, which nobody has written to. */
enum error_code weight_matrix_allocate(struct weight_matrix *matrix,
                                       struct arena *arena,
                                       const struct weight_setting *setting,
                                       uint32_t inputs, uint32_t outputs,
                                       struct error *err);
/* Reads, decodes and quantises the site's tensors into a matrix of its shape; padding
 * becomes 0. Scratch is the call's own. On failure the matrix holds anything. */
enum error_code weight_matrix_make(struct weight_matrix *matrix,
                                   const struct model_file *file,
                                   const struct site *site, int threads,
                                   struct error *err);

#endif
