/* The inner loops, behind a table chosen once by what the CPU has. Integer kernels give
 * the same integers in every row of the table; float kernels sum in one stated order
 * (sixteen lanes, lane l takes elements l, l + 16, ...; lanes are added pairwise 8
 * apart, 4 apart, 2, 1; products are rounded before they are added), so they agree bit
 * for bit too. Tests hold every row against the reference. */
#ifndef LM_KERNEL_H
#define LM_KERNEL_H

#include "base/channel_counts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Products of a call below which a second thread costs more than it brings. */
enum { KERNEL_SHARED_WORK = 1 << 16 };

/* Whole weights held in 4 bits: row r weighs scale * (q - 8) + centre at an output, with
 * the scale and centre that the output has in group r / group. Byte b of a row holds q of
 * output o = b / 16 * 32 + b % 16 in its low half and of output o + 16 in its high one. */
struct kernel_nibbles {
    const uint8_t *nibble; /* rows of whole multiples of 32 outputs ... */
    size_t stride;         /* ... so many bytes apart */
    const int8_t *scale;   /* (groups, scale_stride), in [-127, 127] */
    const int16_t *centre; /* the same; NULL: 0 */
    size_t scale_stride;   /* whole multiples of 32 too */
    uint32_t group;        /* rows that share them */
};

struct kernel {
    const char *name;           /* "reference", "avx2", "avx512", ... */
    bool (*is_supported)(void); /* by the CPU this runs on */

    /* Lists the products count[i] * gain that are not 0 as rows first + i and factors, i
     * rising; returns how many. A product outside [-127, 127] has COUNT_BEYOND for its
     * factor, which its caller replaces before rows are added. Both have room for
     * `channels` entries, and those behind the list may be overwritten. Products wrap
     * mod 2^32. */
    size_t (*list_rows)(uint32_t *row, int8_t *factor, const int32_t *count,
                        size_t channels, int32_t gain, uint32_t first);
    /* sum[o] += sum over e < count of factor[e] * weight[row[e] * stride + o], for
     * o < width. |factor| <= 127 and weights are in [-127, 127]. Sums wrap mod 2^32. */
    void (*add_rows)(int32_t *sum, const int8_t *weight, size_t stride, size_t width,
                     const uint32_t *row, const int8_t *factor, size_t count);
    /* The same with any factor: for the few counts beyond 8 bits and for events of
     * large worth. Sums wrap mod 2^32. */
    void (*add_rows_wide)(int32_t *sum, const int8_t *weight, size_t stride,
                          size_t width, const uint32_t *row, const int32_t *factor,
                          size_t count);
    /* add_rows on weights of 4 bits. Rows come in any order; those of a group that
     * stand together share one multiplication by its scales. */
    void (*add_nibbles)(int32_t *sum, const struct kernel_nibbles *nibbles,
                        size_t width, const uint32_t *row, const int8_t *factor,
                        size_t count);
    /* y[o] = (accumulate ? y[o] : 0) + (float)sum[o] * (unit * scale[o]). */
    void (*decode)(float *y, const int32_t *sum, const float *scale, float unit,
                   bool accumulate, size_t width);
    /* Sum of x[i] * (float)half[i]. */
    float (*dot_half)(const float *x, const uint16_t *half, size_t count);
    /* y[i] += a * (float)half[i]. */
    void (*add_half)(float *y, float a, const uint16_t *half, size_t count);
    /* See kernel_score and kernel_mix. NULL: this row has nothing better than dot_half
     * and add_half. */
    void (*score)(float *score, size_t stride, const float *query, size_t heads,
                  const uint16_t *key, size_t size, size_t count);
    void (*mix)(float *y, size_t heads, const float *weight, size_t stride,
                const uint16_t *value, size_t size, size_t count);
    /* Sum of x[i] * y[i]. */
    float (*dot)(const float *x, const float *y, size_t count);
    /* Sum of |x[i]|. */
    float (*sum_abs)(const float *x, size_t count);
    /* Largest |x[i]|; NaN is passed over. */
    float (*max_abs)(const float *x, size_t count);
    /* Largest x[i], -inf when there is none; NaN is passed over. */
    float (*largest)(const float *x, size_t count);
    /* x[i] = exp(x[i]) for x <= 88, one polynomial for all rows of the table; relative
     * error under 2e-7. Results below the smallest normal float, and of -inf, are 0. */
    void (*exp_array)(float *x, size_t count);
    void (*to_half)(uint16_t *half, const float *x, size_t count);
    void (*from_half)(float *x, const uint16_t *half, size_t count);
    /* count[i] = x[i] / unit, rounded half to even, then clipped to [-limit, limit];
     * x finite, unit > 0. Used for 8-bit dense activations. */
    void (*quantise)(int8_t *count, const float *x, float unit, int limit, size_t n);
    /* Of a spiking site; see base/channel_counts.h. */
    count_loop *count_channels;
    /* histogram[bin] += how many |count[i]| reach least[bin] and, but for the last bin,
     * not least[bin + 1]. least (bins) rises from 0, to 128 at most. */
    void (*add_histogram)(uint64_t *histogram, const uint8_t *least, size_t bins,
                          const int32_t *count, size_t channels);
    /* Counts as int8, COUNT_BEYOND for those beyond; returns how many those are. */
    size_t (*pack_counts)(const int32_t *count, size_t channels, int8_t *packed);
    /* sum (rows, width; row stride `sum_stride`) = factor (rows, inputs; row stride
     * `factor_stride`) times weight, on the calling thread. False: it could not, and
     * sum holds nothing of use. NULL: this row has nothing better than add_rows. */
    bool (*multiply)(int32_t *sum, size_t sum_stride, const int8_t *factor,
                     size_t factor_stride, size_t rows, size_t inputs,
                     const int8_t *weight, size_t stride, size_t width);
};

/* The fastest row this CPU supports, or the named one; NULL: no such row, or the CPU
 * lacks it. */
const struct kernel *kernel_find(const char *name);
/* NULL-terminated, slowest first; [0] is the reference. */
extern const struct kernel *const kernels[];

/* sum (rows, width) = factor (rows, inputs) times weight (inputs, width; row stride
 * `stride`): the batched form of add_rows, the same integers for any number of threads.
 * Through multiply() where the kernel has it and there are rows enough to pay for it,
 * else through add_rows. */
void kernel_multiply_batch(const struct kernel *kernel, int32_t *sum,
                           const int8_t *factor, size_t rows, size_t inputs,
                           const int8_t *weight, size_t stride, size_t width,
                           int threads);

/* The same on the calling thread, rows of sums and factors so far apart. */
void kernel_multiply_panel(const struct kernel *kernel, int32_t *sum, size_t sum_stride,
                           const int8_t *factor, size_t factor_stride, size_t rows,
                           size_t inputs, const int8_t *weight, size_t stride,
                           size_t width);

/* Attention of `heads` heads that share keys and values, over `count` positions, each
 * `size` numbers behind the one before:
 * score[h * stride + i] = dot_half(query + h * size, key + i * size). */
void kernel_score(const struct kernel *kernel, float *score, size_t stride,
                  const float *query, size_t heads, const uint16_t *key, size_t size,
                  size_t count);
/* y[h * size + j] = sum of weight[h * stride + i] * (float)value[i * size + j], i rising
 * from 0. */
void kernel_mix(const struct kernel *kernel, float *y, size_t heads,
                const float *weight, size_t stride, const uint16_t *value, size_t size,
                size_t count);

#endif
