/* Many rows at once. Threads own columns, so that a sum has one writer. */
#include "lm/kernel.h"

#include <string.h>

enum {
    COLUMNS = 64,  /* threads share the width in multiples of this */
    INPUTS = 1024, /* with PANEL columns: weights stay in the cache ... */
    PANEL = 2048,  /* ... while all rows walk them */
    FEW_ROWS = 8,  /* up to here packing for multiply() does not pay */
};

/* Operands of a part of the columns. */
struct part {
    int32_t *sum;
    size_t sum_stride;
    const int8_t *factor;
    size_t factor_stride, rows, inputs;
    const int8_t *weight;
    size_t stride, width;
};

static void add_all_rows(const struct kernel *kernel, const struct part *part)
{
    uint32_t every[INPUTS];
    for (uint32_t i = 0; i < INPUTS && i < part->inputs; i++)
        every[i] = i;
    for (size_t r = 0; r < part->rows; r++)
        memset(part->sum + r * part->sum_stride, 0, part->width * sizeof *part->sum);
    size_t panel = part->rows > 1 ? PANEL : part->width;
    for (size_t o = 0; o < part->width; o += panel) {
        size_t width = part->width - o < panel ? part->width - o : panel;
        for (size_t i = 0; i < part->inputs; i += INPUTS) {
            size_t count = part->inputs - i < INPUTS ? part->inputs - i : INPUTS;
            for (size_t r = 0; r < part->rows; r++)
                kernel->add_rows(part->sum + r * part->sum_stride + o,
                                 part->weight + i * part->stride + o, part->stride,
                                 width, every,
                                 part->factor + r * part->factor_stride + i, count);
        }
    }
}

static void multiply_part(const struct kernel *kernel, const struct part *part)
{
    if (part->rows <= FEW_ROWS || !kernel->multiply ||
        !kernel->multiply(part->sum, part->sum_stride, part->factor,
                          part->factor_stride, part->rows, part->inputs, part->weight,
                          part->stride, part->width))
        add_all_rows(kernel, part);
}

void kernel_multiply_panel(const struct kernel *kernel, int32_t *sum, size_t sum_stride,
                           const int8_t *factor, size_t factor_stride, size_t rows,
                           size_t inputs, const int8_t *weight, size_t stride,
                           size_t width)
{
    const struct part part = { sum,    sum_stride, factor, factor_stride, rows,
                               inputs, weight,     stride, width };
    multiply_part(kernel, &part);
}

void kernel_multiply_batch(const struct kernel *kernel, int32_t *sum,
                           const int8_t *factor, size_t rows, size_t inputs,
                           const int8_t *weight, size_t stride, size_t width,
                           int threads)
{
    const struct part whole = { sum,    width,  factor, inputs, rows,
                                inputs, weight, stride, width };
    if (threads <= 1) {
        multiply_part(kernel, &whole);
        return;
    }
    size_t unit = (size_t)threads * COLUMNS;
    size_t share = (width + unit - 1) / unit * COLUMNS;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (size_t o = 0; o < width; o += share) {
        struct part part = whole;
        part.sum += o;
        part.weight += o;
        part.width = width - o < share ? width - o : share;
        multiply_part(kernel, &part);
    }
}
