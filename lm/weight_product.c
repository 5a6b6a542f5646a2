/* See weight_product.h. A list of one segment is cut by rows: every thread adds its part
 * of them at all outputs, and threads then add up and decode their shares of the
 * outputs. Whole rows are longer streams than parts of rows, and nothing is fetched
 * twice. Several segments are decoded one after another in floats, in one order, so
 * there outputs are cut. */
#include "lm/weight_product.h"

#include <omp.h>
#include <string.h>

enum { ABREAST = 8 }; /* rows that the fastest kernels walk side by side */

/* [begin, end) of `count` things, cut at multiples of `unit`: thread `me` of a team. */
struct share {
    size_t begin, end;
};

static struct share share_of(size_t count, size_t unit, int me, int team)
{
    size_t units = (count + unit - 1) / unit;
    size_t begin = units * (size_t)me / (size_t)team * unit;
    size_t end = units * ((size_t)me + 1) / (size_t)team * unit;
    return (struct share){ begin < count ? begin : count, end < count ? end : count };
}

static struct share wide_of(const struct weight_product *product, size_t k)
{
    if (!product->wide_row)
        return (struct share){ 0, 0 };
    return (struct share){ product->wide_begin[k], product->wide_begin[k + 1] };
}

static void add_rows(const struct weight_product *product,
                     const struct weight_panel *panel, int32_t *sum, struct share rows,
                     struct share wide)
{
    const struct weight_format *format = product->matrix->setting.format;
    if (rows.begin < rows.end)
        format->add_rows(panel, sum, product->row + rows.begin,
                         product->factor + rows.begin, rows.end - rows.begin);
    if (wide.begin < wide.end)
        format->add_rows_wide(panel, sum, product->wide_row + wide.begin,
                              product->wide_factor + wide.begin, wide.end - wide.begin);
}

static void decode(const struct weight_product *product,
                   const struct weight_panel *panel, const int32_t *sum, size_t k,
                   float *y)
{
    const struct weight_segment *segment = &product->segment[k];
    weight_panel_decode(panel, y + panel->first, sum, segment->group, segment->unit,
                        k > 0);
}

/* Outputs of the panel, all segments. */
static void project_panel(const struct weight_product *product,
                          const struct weight_panel *panel, int32_t *sum, float *y)
{
    for (size_t k = 0; k < product->segments; k++) {
        const struct share rows = { product->segment[k].begin,
                                    product->segment[k].end };
        memset(sum, 0, panel->width * sizeof *sum);
        add_rows(product, panel, sum, rows, wide_of(product, k));
        decode(product, panel, sum, k, y);
    }
    weight_panel_add_bias(panel, y + panel->first, product->bias);
}

static void cut_outputs(const struct weight_product *product, int32_t *sum, int threads,
                        float *y)
{
    const struct weight_matrix *matrix = product->matrix;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        int me = omp_get_thread_num();
        struct share mine =
            share_of(matrix->outputs, WEIGHT_TILE, me, omp_get_num_threads());
        for (size_t first = mine.begin; first < mine.end; first += PRODUCT_SUMS) {
            size_t left = mine.end - first;
            const struct weight_panel panel = { matrix, product->kernel, first,
                                                left < PRODUCT_SUMS ? left
                                                                    : PRODUCT_SUMS };
            project_panel(product, &panel, sum + (size_t)me * PRODUCT_SUMS, y);
        }
    }
}

/* The first thread's sums take those of the others, which wrap as one thread's would. */
static void gather(int32_t *sum, struct share outputs, int team)
{
    for (size_t other = 1; other < (size_t)team; other++)
        for (size_t o = outputs.begin; o < outputs.end; o++)
            sum[o] =
                (int32_t)((uint32_t)sum[o] + (uint32_t)sum[other * PRODUCT_SUMS + o]);
}

static void cut_rows(const struct weight_product *product, int32_t *sum, int threads,
                     float *y)
{
    const struct weight_matrix *matrix = product->matrix;
    const struct weight_segment *segment = product->segment;
    const struct share wide = wide_of(product, 0);
#pragma omp parallel num_threads(threads)
    {
        int me = omp_get_thread_num(), team = omp_get_num_threads();
        const struct weight_panel all = { matrix, product->kernel, 0, matrix->outputs };
        int32_t *mine = sum + (size_t)me * PRODUCT_SUMS;
        struct share rows = share_of(segment->end - segment->begin, ABREAST, me, team);
        struct share more = share_of(wide.end - wide.begin, 1, me, team);
        memset(mine, 0, matrix->outputs * sizeof *mine);
        add_rows(product, &all, mine,
                 (struct share){ segment->begin + rows.begin,
                                 segment->begin + rows.end },
                 (struct share){ wide.begin + more.begin, wide.begin + more.end });
#pragma omp barrier
        struct share outputs = share_of(matrix->outputs, WEIGHT_TILE, me, team);
        const struct weight_panel panel = { matrix, product->kernel, outputs.begin,
                                            outputs.end - outputs.begin };
        gather(sum, outputs, team);
        decode(product, &panel, sum + outputs.begin, 0, y);
        weight_panel_add_bias(&panel, y + panel.first, product->bias);
    }
}

void weight_product_run(const struct weight_product *product, int32_t *sum, int threads,
                        float *y)
{
    const struct weight_matrix *matrix = product->matrix;
    bool is_shared =
        threads > 1 && (size_t)matrix->inputs * matrix->outputs > KERNEL_SHARED_WORK;
    if (is_shared && product->segments == 1 && matrix->outputs <= PRODUCT_SUMS)
        cut_rows(product, sum, threads, y);
    else
        cut_outputs(product, sum, is_shared ? threads : 1, y);
}
