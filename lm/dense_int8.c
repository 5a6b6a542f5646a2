/* The INT8 baseline: x becomes whole numbers of its own unit max|x| / 127, every
 * channel is multiplied, whether it is zero or not, and whole sums are decoded:
 *
 *     y = sum over weight groups, ascending, of what sum_g is worth, plus bias
 *
 * Sums are exact, so one row and many rows give the same y bit for bit. The work is cut
 * into panels of outputs, whose sums stay in the cache until they are decoded. */
#include "lm/dense_projector.h"
#include "lm/model.h"
#include "lm/weight_product.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIMIT = 127,
    COLUMNS = 64,     /* a panel is a multiple of this */
    BLOCK_ROWS = 256, /* rows multiplied at a time */
};

struct dense_int8 {
    const struct model *model;
    const struct weight_matrix *matrix;
    const struct kernel *kernel;
    struct thread_team *team;
    int8_t *count;                  /* by group: (BLOCK_ROWS, inputs of the group) */
    uint32_t *every;                /* (inputs): 0, 1, ... */
    struct weight_segment *segment; /* (groups) */
    float unit[BLOCK_ROWS];
    int32_t *sum; /* (threads, PRODUCT_SUMS) */
};

/* One row of x to counts. False: x is not finite. */
static bool quantise_row(struct dense_int8 *self, const struct weight_matrix *matrix,
                         const float *x, size_t row, size_t rows)
{
    const struct kernel *kernel = self->kernel;
    float unit = kernel->max_abs(x, matrix->inputs) / LIMIT;
    self->unit[row] = unit;
    for (size_t first = 0; first < matrix->inputs; first += matrix->group) {
        size_t left = matrix->inputs - first;
        size_t length = left < matrix->group ? left : matrix->group;
        int8_t *count = self->count + first * rows + row * length;
        if (unit > 0)
            kernel->quantise(count, x + first, unit, LIMIT, length);
        else
            memset(count, 0, length);
    }
    return isfinite(kernel->sum_abs(x, matrix->inputs));
}

static bool quantise_rows(struct dense_int8 *self, const struct weight_matrix *matrix,
                          const float *x, size_t rows)
{
    bool is_finite = true;
    if (rows == 1) /* a region of one thread is not free */
        return quantise_row(self, matrix, x, 0, 1);
#pragma omp parallel for num_threads(thread_team_threads(self->team)) \
    reduction(&& : is_finite) if (rows * matrix->inputs > KERNEL_SHARED_WORK / 8)
    for (size_t row = 0; row < rows; row++)
        is_finite = quantise_row(self, matrix, x + row * matrix->inputs, row, rows) &&
                    is_finite;
    return is_finite;
}

/* A single row as a list of all its inputs. */
static void list_row(struct dense_int8 *self, const struct weight_matrix *matrix)
{
    for (size_t g = 0; g < matrix->groups; g++) {
        size_t end = (g + 1) * matrix->group;
        self->segment[g] = (struct weight_segment){
            .begin = g * matrix->group,
            .end = end < matrix->inputs ? end : matrix->inputs,
            .group = g,
            .unit = self->unit[0],
        };
    }
}

static void multiply_panel(const struct dense_int8 *self,
                           const struct weight_panel *panel, size_t rows, int32_t *sum,
                           float *y)
{
    const struct weight_matrix *matrix = panel->matrix;
    const struct weight_format *format = matrix->setting.format;
    for (size_t g = 0; g < matrix->groups; g++) {
        size_t input = g * matrix->group;
        size_t left = matrix->inputs - input;
        size_t length = left < matrix->group ? left : matrix->group;
        format->multiply(panel, sum, self->count + input * rows, rows, input, length);
        for (size_t row = 0; row < rows; row++)
            weight_panel_decode(panel, y + row * matrix->outputs + panel->first,
                                sum + row * panel->width, g, self->unit[row], g > 0);
    }
}

/* Outputs [first, first + width) of all rows. */
static void project_panel(struct dense_int8 *self, uint32_t site, size_t first,
                          size_t width, size_t rows, int32_t *sum, float *y)
{
    const struct weight_matrix *matrix = &self->matrix[site];
    const struct weight_panel panel = { matrix, self->kernel, first, width };
    multiply_panel(self, &panel, rows, sum, y);
    for (size_t row = 0; row < rows; row++)
        weight_panel_add_bias(&panel, y + row * matrix->outputs + first,
                              self->model->site[site].bias);
}

static size_t panel_width(const struct dense_int8 *self, size_t outputs, size_t rows)
{
    size_t unit = (size_t)thread_team_threads(self->team) * COLUMNS;
    size_t share = (outputs + unit - 1) / unit * COLUMNS;
    size_t room = PRODUCT_SUMS / rows / COLUMNS * COLUMNS;
    return share < room ? share : room;
}

static void project_row(struct dense_int8 *self, uint32_t site, float *y)
{
    const struct weight_matrix *matrix = &self->matrix[site];
    list_row(self, matrix);
    const struct weight_product product = {
        .matrix = matrix,
        .kernel = self->kernel,
        .row = self->every,
        .factor = self->count,
        .segment = self->segment,
        .segments = matrix->groups,
        .bias = self->model->site[site].bias,
        .next = site + 1 < self->model->sites ? matrix + 1 : NULL,
    };
    weight_product_run(&product, self->sum, self->team, y);
}

static void project_rows(struct dense_int8 *self, uint32_t site, size_t rows, float *y)
{
    size_t outputs = self->matrix[site].outputs;
    size_t panel = panel_width(self, outputs, rows);
#pragma omp parallel num_threads(thread_team_threads(                                  \
    self->team)) if (rows * outputs * self->matrix[site].inputs > KERNEL_SHARED_WORK)
    {
        int32_t *sum = self->sum + (size_t)omp_get_thread_num() * PRODUCT_SUMS;
#pragma omp for schedule(dynamic)
        for (size_t first = 0; first < outputs; first += panel) {
            size_t left = outputs - first;
            project_panel(self, site, first, left < panel ? left : panel, rows, sum, y);
        }
    }
}

static enum error_code apply(void *state, uint32_t site, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err)
{
    struct dense_int8 *self = state;
    const struct weight_matrix *matrix = &self->matrix[site];
    (void)ids;
    for (size_t row = 0; row < rows; row += BLOCK_ROWS) {
        size_t block = rows - row < BLOCK_ROWS ? rows - row : BLOCK_ROWS;
        if (!quantise_rows(self, matrix, x + row * matrix->inputs, block))
            return error_set(err, ERR_ARGUMENT, "site %s: an activation is not finite",
                             self->model->site[site].name);
        if (block == 1)
            project_row(self, site, y + row * matrix->outputs);
        else
            project_rows(self, site, block, y + row * matrix->outputs);
    }
    return OK;
}

static void release(void *state)
{
    struct dense_int8 *self = state;
    free(self->count);
    free(self->every);
    free(self->segment);
    free(self->sum);
    free(self);
}

enum error_code dense_int8_create(struct projector *projector,
                                  const struct model *model,
                                  const struct weight_matrix *matrix,
                                  const struct kernel *kernel, struct thread_team *team,
                                  struct error *err)
{
    *projector = (struct projector){ 0 };
    const size_t threads = (size_t)thread_team_threads(team);
    size_t inputs = 0, groups = 0;
    for (uint32_t site = 0; site < model->sites; site++) {
        inputs = matrix[site].inputs > inputs ? matrix[site].inputs : inputs;
        groups = matrix[site].groups > groups ? matrix[site].groups : groups;
    }

    struct dense_int8 *self = calloc(1, sizeof *self);
    if (!self)
        return error_memory(err, "INT8 projector", sizeof *self);
    self->model = model;
    self->matrix = matrix;
    self->kernel = kernel;
    self->team = team;
    self->count = malloc(BLOCK_ROWS * inputs);
    self->sum = malloc(threads * PRODUCT_SUMS * sizeof *self->sum);
    self->every = malloc(inputs * sizeof *self->every);
    self->segment = malloc(groups * sizeof *self->segment);
    if (!self->count || !self->sum || !self->every || !self->segment) {
        release(self);
        return error_memory(err, "INT8 projector",
                            (double)threads * PRODUCT_SUMS * sizeof *self->sum);
    }
    for (uint32_t input = 0; input < inputs; input++)
        self->every[input] = input;
    *projector = (struct projector){
        .name = "dense INT8", .self = self, .apply = apply, .release = release
    };
    return OK;
}

void dense_int8_cost(const struct site *site, const struct weight_setting *weights,
                     struct dense_cost *cost)
{
    uint64_t inputs = site->inputs, outputs = site->outputs;
    uint64_t sums = outputs * weight_groups(weights, site->inputs);
    uint64_t products = outputs * weight_group_products(weights, site->inputs);
    *cost = (struct dense_cost){ 0 };
    cost->ops.n[OP_MAC_I8_I32] = inputs * outputs;
    cost->ops.n[OP_MULTIPLY_I32] = cost->ops.n[OP_ADD_I32] = products;
    cost->ops.n[OP_COMPARE_F32] = inputs;
    cost->ops.n[OP_DIVIDE_F32] = inputs + 1;
    cost->ops.n[OP_ROUND_F32] = inputs;
    cost->ops.n[OP_MULTIPLY_F32] = 2 * sums;
    cost->ops.n[OP_ADD_F32] = sums - outputs;
    cost->weight_bytes = inputs * weight_row_bytes(weights, outputs) +
                         weight_scale_bytes(weights, site->inputs, outputs);
}
