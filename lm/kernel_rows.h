/* What the rows of the kernel table share. Included by lm/kernel_*.c alone; everybody
 * else reaches the rows through kernel_find(). */
#ifndef LM_KERNEL_ROWS_H
#define LM_KERNEL_ROWS_H

#include "lm/kernel.h"

extern const struct kernel reference_kernel, avx2_kernel, avx512_kernel,
    avx512_vnni_kernel, amx_kernel, neon_kernel, neon_dot_kernel;

/* clang 14 takes no dot products on a function's word alone. */
#if defined(__aarch64__) && defined(__linux__) && !defined(__clang__)
#define NEON_DOT
#endif

/* exp(x) = 2^n (1 + r + r^2 p(r)) with n = rint(x log2(e)), r = x - n ln(2). Adding
 * `round` leaves n in the low bits of the float; ln(2) is split so that n * ln2_high is
 * exact. Coefficients: Cephes, expf. */
struct exp_constants {
    float log2_e, round, ln2_high, ln2_low;
    float lowest; /* below it the result is no normal number */
    float p[6];   /* highest power first */
};
extern const struct exp_constants exp_constants;

/* Two factors side by side, as vpmaddwd wants them. */
static inline int32_t factor_pair(int8_t first, int8_t second)
{
    return (int32_t)((uint32_t)(uint16_t)first | (uint32_t)(uint16_t)second << 16);
}

/* Listed rows of one group of nibbles, and what they have in common. */
struct nibble_batch {
    const uint32_t *row;
    const int8_t *factor;
    size_t count;
    int32_t total; /* of the factors */
    const int8_t *scale;
    const int16_t *centre; /* NULL: 0 */
};

/* The next `most` rows of the list at most, as long as they are of one group. */
static inline struct nibble_batch take_nibbles(const struct kernel_nibbles *nibbles,
                                               const uint32_t *row,
                                               const int8_t *factor, size_t count,
                                               size_t most)
{
    const uint32_t group = row[0] / nibbles->group;
    const size_t place = group * nibbles->scale_stride;
    struct nibble_batch batch = {
        .row = row,
        .factor = factor,
        .scale = nibbles->scale + place,
        .centre = nibbles->centre ? nibbles->centre + place : NULL,
    };
    for (; batch.count < most && batch.count < count &&
           row[batch.count] / nibbles->group == group;
         batch.count++)
        batch.total += factor[batch.count];
    return batch;
}

/* For rows that have nothing better: compilers use vectors in these by themselves. */
void reference_add_rows_wide(int32_t *sum, const int8_t *weight, size_t stride,
                             size_t width, const uint32_t *row, const int32_t *factor,
                             size_t count);
void reference_decode(float *y, const int32_t *sum, const float *scale, float unit,
                      bool accumulate, size_t width);
void reference_quantise(int8_t *count, const float *x, float unit, int limit, size_t n);
count_loop reference_count_channels;
void reference_add_histogram(uint64_t *histogram, const uint8_t *least, size_t bins,
                             const int32_t *count, size_t channels);
size_t reference_pack_counts(const int32_t *count, size_t channels, int8_t *packed);
size_t reference_list_rows(uint32_t *row, int8_t *factor, const int32_t *count,
                           size_t channels, int32_t gain, uint32_t first);

void avx2_add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles, size_t width,
                      const uint32_t *row, const int8_t *factor, size_t count);
void avx2_decode(float *y, const int32_t *sum, const float *scale, float unit,
                 bool accumulate, size_t width);

/* The 512-bit rows differ in add_rows and multiply alone. */
void avx512_vnni_add_rows(int32_t *sum, const int8_t *weight, size_t stride,
                          size_t width, const uint32_t *row, const int8_t *factor,
                          size_t count);
void avx512_vnni_add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles,
                             size_t width, const uint32_t *row, const int8_t *factor,
                             size_t count);
void avx512_add_rows_wide(int32_t *sum, const int8_t *weight, size_t stride,
                          size_t width, const uint32_t *row, const int32_t *factor,
                          size_t count);
size_t avx512_list_rows(uint32_t *row, int8_t *factor, const int32_t *count,
                        size_t channels, int32_t gain, uint32_t first);
void avx512_decode(float *y, const int32_t *sum, const float *scale, float unit,
                   bool accumulate, size_t width);
float avx512_dot_half(const float *x, const uint16_t *half, size_t count);
void avx512_add_half(float *y, float a, const uint16_t *half, size_t count);
void avx512_score(float *score, size_t stride, const float *query, size_t heads,
                  const uint16_t *key, size_t size, size_t count);
void avx512_mix(float *y, size_t heads, const float *weight, size_t stride,
                const uint16_t *value, size_t size, size_t count);
float avx512_dot(const float *x, const float *y, size_t count);
float avx512_sum_abs(const float *x, size_t count);
float avx512_max_abs(const float *x, size_t count);
float avx512_largest(const float *x, size_t count);
void avx512_exp_array(float *x, size_t count);
void avx512_to_half(uint16_t *half, const float *x, size_t count);
void avx512_from_half(float *x, const uint16_t *half, size_t count);
void avx512_quantise(int8_t *count, const float *x, float unit, int limit, size_t n);
count_loop avx512_count_channels;
void avx512_add_histogram(uint64_t *histogram, const uint8_t *least, size_t bins,
                          const int32_t *count, size_t channels);
size_t avx512_pack_counts(const int32_t *count, size_t channels, int8_t *packed);

/* The ARM rows differ in add_rows alone. */
void neon_add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles, size_t width,
                      const uint32_t *row, const int8_t *factor, size_t count);
float neon_dot_half(const float *x, const uint16_t *half, size_t count);
void neon_add_half(float *y, float a, const uint16_t *half, size_t count);
float neon_dot(const float *x, const float *y, size_t count);
float neon_sum_abs(const float *x, size_t count);
float neon_max_abs(const float *x, size_t count);
float neon_largest(const float *x, size_t count);
void neon_exp_array(float *x, size_t count);
void neon_to_half(uint16_t *half, const float *x, size_t count);
void neon_from_half(float *x, const uint16_t *half, size_t count);

/* kernel.multiply by oneDNN, whose 8-bit products are exact from VNNI on and saturate
 * below: for rows that need VNNI. */
bool onednn_multiply(int32_t *sum, size_t sum_stride, const int8_t *factor,
                     size_t factor_stride, size_t rows, size_t inputs,
                     const int8_t *weight, size_t stride, size_t width);

#endif
