/* See kernel.h. */
#include "lm/kernel_rows.h"

#include <string.h>

const struct kernel *const kernels[] = {
    &reference_kernel,
#if defined(__x86_64__)
    &avx2_kernel,
    &avx512_kernel,
    &avx512_vnni_kernel,
#endif
#if defined(__x86_64__) && defined(__linux__)
    &amx_kernel,
#endif
#if defined(__aarch64__)
    &neon_kernel,
#endif
#if defined(NEON_DOT)
    &neon_dot_kernel,
#endif
    NULL,
};

const struct kernel *kernel_find(const char *name)
{
    const struct kernel *found = NULL;
    for (size_t i = 0; kernels[i]; i++) {
        bool is_wanted = !name || strcmp(name, kernels[i]->name) == 0;
        if (is_wanted && kernels[i]->is_supported())
            found = kernels[i];
    }
    return found;
}
