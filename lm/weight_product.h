/* The product of one row of whole numbers with a matrix of weights, shared out among
 * threads. Sums are exact, so y is the same for any number of them. */
#ifndef LM_WEIGHT_PRODUCT_H
#define LM_WEIGHT_PRODUCT_H

#include "lm/thread_team.h"
#include "lm/weight_matrix.h"

enum { PRODUCT_SUMS = 1 << 16 }; /* a thread's room: a quarter of a megabyte */

/* A run of listed rows whose sums are decoded together. */
struct weight_segment {
    size_t begin, end; /* places in the list */
    size_t group;      /* of scales */
    float unit;
};

struct weight_product {
    const struct weight_matrix *matrix;
    const struct kernel *kernel;
    const uint32_t *row;
    const int8_t *factor;
    const struct weight_segment *segment; /* (segments), in the order of the groups */
    size_t segments;                      /* one at least */
    /* Rows whose factors do not fit 8 bits; NULL: none. */
    const uint32_t *wide_row;
    const int32_t *wide_factor;
    const size_t *wide_begin; /* (segments + 1) */
    const float *bias;        /* (outputs) to be added; NULL: none */
    /* Whose rows are likely to be read next, so that threads can fetch them while they
     * wait; NULL: unknown. */
    const struct weight_matrix *next;
};

/* y (outputs). sum (threads of the team, PRODUCT_SUMS): scratch. */
void weight_product_run(const struct weight_product *product, int32_t *sum,
                        struct thread_team *team, float *y);

#endif
