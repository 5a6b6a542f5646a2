/* See kernel_rows.h. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

bool onednn_multiply(int32_t *sum, size_t sum_stride, const int8_t *factor,
                     size_t factor_stride, size_t rows, size_t inputs,
                     const int8_t *weight, size_t stride, size_t width)
{
    /* oneDNN would start a team of its own. The setting belongs to the calling thread's
     * task, so nobody else sees it. */
    int team = omp_get_max_threads();
    omp_set_num_threads(1);
    const int32_t offset = 0;
    dnnl_status_t status =
        dnnl_gemm_s8s8s32('N', 'N', 'F', (dnnl_dim_t)rows, (dnnl_dim_t)width,
                          (dnnl_dim_t)inputs, 1.0f, factor, (dnnl_dim_t)factor_stride,
                          0, weight, (dnnl_dim_t)stride, 0, 0.0f, sum,
                          (dnnl_dim_t)sum_stride, &offset);
    omp_set_num_threads(team);
    return status == dnnl_success;
}
#endif
