/* See weight_product.h. A list of one segment is cut by rows: every thread adds its part
 * of them at all outputs, and threads then add up and decode their shares of the
 * outputs. Whole rows are longer streams than parts of rows, and nothing is fetched
 * twice. Several segments are decoded one after another in floats, in one order, so
 * there outputs are cut. A thread that fetched some of its rows while it waited takes
 * more of them. */
#include "lm/weight_product.h"

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

/* What the threads of a team share. */
struct shared_product {
    const struct weight_product *product;
    struct thread_team *team; /* NULL: one thread does it */
    int32_t *sum;
    float *y;
    int threads;                 /* that the list is cut for */
    size_t begin[TEAM_MOST + 1]; /* (threads + 1): places in the list */
};

static void cut_outputs(void *context, int me, int team)
{
    const struct shared_product *shared = context;
    const struct weight_product *product = shared->product;
    const struct weight_matrix *matrix = product->matrix;
    const struct share mine = share_of(matrix->outputs, WEIGHT_TILE, me, team);
    for (size_t first = mine.begin; first < mine.end; first += PRODUCT_SUMS) {
        size_t left = mine.end - first;
        const struct weight_panel panel = { matrix, product->kernel, first,
                                            left < PRODUCT_SUMS ? left : PRODUCT_SUMS };
        project_panel(product, &panel, shared->sum + (size_t)me * PRODUCT_SUMS,
                      shared->y);
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

static struct share share_of_list(const struct weight_product *product, int me,
                                  int team)
{
    const struct weight_segment *list = product->segment;
    struct share rows = share_of(list->end - list->begin, ABREAST, me, team);
    return (struct share){ list->begin + rows.begin, list->begin + rows.end };
}

static void cut_rows(void *context, int me, int team)
{
    const struct shared_product *shared = context;
    const struct weight_product *product = shared->product;
    const struct weight_matrix *matrix = product->matrix;
    const struct weight_panel all = { matrix, product->kernel, 0, matrix->outputs };
    const struct share wide = wide_of(product, 0);
    const struct share more = share_of(wide.end - wide.begin, 1, me, team);
    struct share rows = { shared->begin[me], shared->begin[me + 1] };
    int32_t *mine = shared->sum + (size_t)me * PRODUCT_SUMS;
    if (team != shared->threads)
        rows = share_of_list(product, me, team);
    memset(mine, 0, matrix->outputs * sizeof *mine);
    add_rows(product, &all, mine, rows,
             (struct share){ wide.begin + more.begin, wide.begin + more.end });
    thread_team_barrier(shared->team, me);

    const struct share outputs = share_of(matrix->outputs, WEIGHT_TILE, me, team);
    const struct weight_panel panel = { matrix, product->kernel, outputs.begin,
                                        outputs.end - outputs.begin };
    gather(shared->sum, outputs, team);
    decode(product, &panel, shared->sum + outputs.begin, 0, shared->y);
    weight_panel_add_bias(&panel, shared->y + panel.first, product->bias);
}

static const void *first_row(const struct weight_matrix *matrix)
{
    return matrix->weight ? (const void *)matrix->weight : (const void *)matrix->nibble;
}

/* Listed rows among those that a thread has fetched already. */
static double rows_fetched(const struct shared_product *shared, int thread)
{
    const struct weight_product *product = shared->product;
    const struct weight_matrix *matrix = product->matrix;
    const size_t listed = product->segment->end - product->segment->begin;
    const size_t bytes = thread_team_fetched(shared->team, first_row(matrix), thread);
    return (double)bytes / (double)matrix->stride * (double)listed / matrix->inputs;
}

/* Shares that take the same time, if a row that has been fetched takes half. */
static void cut_list(struct shared_product *shared, int threads)
{
    const struct weight_segment *segment = shared->product->segment;
    const size_t listed = segment->end - segment->begin;
    double saved = 0, rows = 0;
    for (int thread = 0; thread < threads; thread++)
        saved += 0.5 * rows_fetched(shared, thread);
    const double share = ((double)listed - saved) / threads;
    shared->threads = threads;
    shared->begin[0] = segment->begin;
    for (int thread = 0; thread < threads; thread++) {
        rows += share + 0.5 * rows_fetched(shared, thread);
        size_t cut = (size_t)(rows / ABREAST + 0.5) * ABREAST;
        shared->begin[thread + 1] = segment->begin + (cut < listed ? cut : listed);
    }
    shared->begin[threads] = segment->end;
}

void weight_product_run(const struct weight_product *product, int32_t *sum,
                        struct thread_team *team, float *y)
{
    const struct weight_matrix *matrix = product->matrix, *next = product->next;
    const int threads = thread_team_threads(team);
    const bool is_shared =
        threads > 1 && (size_t)matrix->inputs * matrix->outputs > KERNEL_SHARED_WORK;
    struct shared_product shared;
    shared.product = product;
    shared.team = is_shared ? team : NULL;
    shared.sum = sum;
    shared.y = y;
    const bool by_rows =
        is_shared && product->segments == 1 && matrix->outputs <= PRODUCT_SUMS;
    if (by_rows)
        cut_list(&shared, threads);
    if (next)
        thread_team_expect(shared.team, first_row(next), next->stride * next->inputs);
    thread_team_run(shared.team, by_rows ? cut_rows : cut_outputs, &shared);
}
