/* Attention's loops over positions, through the kernel's own where it has them. */
#include "lm/kernel.h"

#include <string.h>

void kernel_score(const struct kernel *kernel, float *score, size_t stride,
                  const float *query, size_t heads, const uint16_t *key, size_t size,
                  size_t count)
{
    if (kernel->score) {
        kernel->score(score, stride, query, heads, key, size, count);
        return;
    }
    for (size_t h = 0; h < heads; h++)
        for (size_t i = 0; i < count; i++)
            score[h * stride + i] =
                kernel->dot_half(query + h * size, key + i * size, size);
}

void kernel_mix(const struct kernel *kernel, float *y, size_t heads,
                const float *weight, size_t stride, const uint16_t *value, size_t size,
                size_t count)
{
    if (kernel->mix) {
        kernel->mix(y, heads, weight, stride, value, size, count);
        return;
    }
    memset(y, 0, heads * size * sizeof *y);
    for (size_t h = 0; h < heads; h++)
        for (size_t i = 0; i < count; i++)
            kernel->add_half(y + h * size, weight[h * stride + i], value + i * size,
                             size);
}
