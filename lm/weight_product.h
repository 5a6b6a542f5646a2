/* The product of one row of whole numbers with a matrix of weights, shared out among
 * threads. Sums are exact, so y is the same for any number of them. */
#ifndef LM_WEIGHT_PRODUCT_H
#define LM_WEIGHT_PRODUCT_H

#include "lm/weight_matrix.h"

enum { PRODUCT_SUMS = 1 << 16 }; /* a thread's room: a quarter of a megabyte */

struct weight_product {
    const struct weight_matrix *matrix;
    const struct kernel *kernel;
    struct kernel_list list; /* one segment at least, in the order of the groups */
    /* Rows whose factors do not fit 8 bits; NULL: none. */
    const uint32_t *wide_row;
    const int32_t *wide_factor;
    const size_t *wide_begin; /* (segments + 1) */
    const float *bias;        /* (outputs) to be added; NULL: none */
};

/* y (outputs). sum (threads, PRODUCT_SUMS): scratch. */
void weight_product_run(const struct weight_product *product, int32_t *sum, int threads,
                        float *y);

#endif
