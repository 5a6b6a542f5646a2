/* Attention's loops over positions, through the kernel's own where it has them. */
#include "lm/kernel.h"

#include <string.h>

void kernel_score(const struct kernel *kernel, float *score, const float *query,
                  const uint16_t *key, size_t size, size_t count)
{
    if (kernel->score) {
        kernel->score(score, query, key, size, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        score[i] = kernel->dot_half(query, key + i * size, size);
}

void kernel_mix(const struct kernel *kernel, float *y, const float *weight,
                const uint16_t *value, size_t size, size_t count)
{
    if (kernel->mix) {
        kernel->mix(y, weight, value, size, count);
        return;
    }
    memset(y, 0, size * sizeof *y);
    for (size_t i = 0; i < count; i++)
        kernel->add_half(y, weight[i], value + i * size, size);
}
