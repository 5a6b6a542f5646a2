/* The float baseline: weights stay packed as the file stores them and are decoded a
 * panel of outputs at a time, while they are used. Panels do not depend on the number
 * of threads, so neither does y; one row and many rows sum in different orders. */
#include "lm/block_format.h"
#include "lm/dense_projector.h"
#include "lm/model.h"

#include <oneapi/dnnl/dnnl.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    PANEL = 256,            /* outputs decoded at a time, at most */
    PANEL_VALUES = 1 << 18, /* a megabyte per thread ... */
    FEWEST = 16,            /* ... or this many outputs, when inputs are many */
};

struct dense_float {
    const struct model *model;
    const struct kernel *kernel;
    struct thread_team *team;
    struct arena arena;
    uint8_t *(*blocks)[SITE_MAX_MATRICES]; /* (sites) as stored */
    float *scratch;                        /* (threads, panel_values) */
    size_t panel_values;
};

/* One matrix of a site; y and bias begin at its outputs. */
struct product {
    const struct tensor *tensor;
    const uint8_t *blocks;
    size_t inputs, outputs;
    const float *x; /* (rows, inputs) */
    float *y;       /* (rows, y_stride) */
    size_t rows, y_stride;
};

static size_t row_bytes(const struct tensor *tensor)
{
    return (size_t)(tensor->extent[0] / tensor->format->elements *
                    tensor->format->bytes);
}

/* Panels in fours share out well among 1, 2 and 4 threads. */
static size_t panel_outputs(size_t inputs, size_t outputs)
{
    size_t most = PANEL_VALUES / inputs;
    most = most > PANEL ? PANEL : most < FEWEST ? FEWEST : most;
    size_t panels = ((outputs + most - 1) / most + 3) / 4 * 4;
    return (outputs + panels - 1) / panels;
}

static bool multiply_panel(const struct kernel *kernel, const struct product *product,
                           size_t first, size_t count, float *weight)
{
    const struct tensor *tensor = product->tensor;
    size_t inputs = product->inputs;
    size_t blocks = count * (inputs / tensor->format->elements);
    float *y = product->y + first;
    if (!tensor->format->decode(product->blocks + first * row_bytes(tensor), blocks,
                                weight))
        return false;
    if (product->rows == 1) {
        for (size_t o = 0; o < count; o++)
            y[o] = kernel->dot(product->x, weight + o * inputs, inputs);
        return true;
    }
    return dnnl_sgemm('N', 'T', (dnnl_dim_t)product->rows, (dnnl_dim_t)count,
                      (dnnl_dim_t)inputs, 1.0f, product->x, (dnnl_dim_t)inputs, weight,
                      (dnnl_dim_t)inputs, 0.0f, y,
                      (dnnl_dim_t)product->y_stride) == dnnl_success;
}

/* What the threads of a team share. */
struct shared_product {
    const struct dense_float *self;
    const struct product *product;
    atomic_size_t next; /* panel */
    atomic_bool is_bad;
};

static void multiply_panels(void *context, int me, int threads)
{
    struct shared_product *shared = context;
    const struct product *product = shared->product;
    const size_t panel = panel_outputs(product->inputs, product->outputs);
    float *weight = shared->self->scratch + (size_t)me * shared->self->panel_values;
    const int team = omp_get_max_threads();
    (void)threads;
    /* oneDNN would start a team of its own. */
    omp_set_num_threads(1);
    for (;;) {
        const size_t first = panel * atomic_fetch_add(&shared->next, 1);
        if (first >= product->outputs)
            break;
        const size_t left = product->outputs - first;
        if (!multiply_panel(shared->self->kernel, product, first,
                            left < panel ? left : panel, weight))
            atomic_store(&shared->is_bad, true);
    }
    omp_set_num_threads(team);
}

static bool multiply(const struct dense_float *self, const struct product *product)
{
    struct shared_product shared = { self, product, 0, false };
    thread_team_run(self->team, multiply_panels, &shared);
    return !shared.is_bad;
}

static void add_bias(const struct site *site, size_t rows, float *y)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t o = 0; o < site->outputs; o++)
            y[row * site->outputs + o] += site->bias[o];
}

static enum error_code apply(void *state, uint32_t index, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err)
{
    const struct dense_float *self = state;
    const struct site *site = &self->model->site[index];
    (void)ids;
    size_t first = 0;
    for (unsigned m = 0; m < site->matrix_count; m++) {
        const struct tensor *tensor = site->matrix[m];
        struct product product = { .tensor = tensor,
                                   .blocks = self->blocks[index][m],
                                   .inputs = site->inputs,
                                   .outputs = (size_t)tensor->extent[1],
                                   .x = x,
                                   .y = y + first,
                                   .rows = rows,
                                   .y_stride = site->outputs };
        if (!multiply(self, &product))
            return error_set(err, ERR_FORMAT,
                             "site %s: tensor %s cannot be multiplied: "
                             "weights that are not finite, or no memory",
                             site->name, tensor->name.bytes);
        first += product.outputs;
    }
    if (site->bias)
        add_bias(site, rows, y);
    return OK;
}

static void release(void *state)
{
    struct dense_float *self = state;
    arena_free(&self->arena);
    free(self);
}

static enum error_code read_site(struct dense_float *self, uint32_t index,
                                 struct error *err)
{
    const struct site *site = &self->model->site[index];
    for (unsigned m = 0; m < site->matrix_count; m++) {
        const struct tensor *tensor = site->matrix[m];
        size_t rows = (size_t)tensor->extent[1];
        if (!tensor->format->decode)
            return error_set(err, ERR_FORMAT,
                             "site %s: tensor %s is %s, which is not "
                             "supported",
                             site->name, tensor->name.bytes, tensor->format->name);
        uint8_t *blocks = arena_array(&self->arena, rows, row_bytes(tensor));
        if (!blocks)
            return error_memory(err, "weights",
                                (double)rows * (double)row_bytes(tensor));
        const struct model_file *file = &self->model->file;
        if (model_file_read_rows(file, tensor, 0, rows, blocks, err) != OK)
            return error_wrap(err, "site %s", site->name);
        self->blocks[index][m] = blocks;

        size_t values = panel_outputs(site->inputs, rows) * site->inputs;
        if (values > self->panel_values)
            self->panel_values = values;
    }
    return OK;
}

enum error_code dense_float_create(struct projector *projector,
                                   const struct model *model,
                                   const struct kernel *kernel,
                                   struct thread_team *team, struct error *err)
{
    *projector = (struct projector){ 0 };
    struct dense_float *self = calloc(1, sizeof *self);
    if (!self)
        return error_memory(err, "float projector", sizeof *self);
    self->model = model;
    self->kernel = kernel;
    self->team = team;
    self->blocks = arena_array(&self->arena, model->sites, sizeof *self->blocks);
    if (!self->blocks) {
        error_memory(err, "float projector", (double)model->sites);
        goto fail;
    }
    for (uint32_t site = 0; site < model->sites; site++)
        if (read_site(self, site, err) != OK)
            goto fail;
    self->scratch = arena_array(&self->arena,
                                (size_t)thread_team_threads(team) * self->panel_values,
                                sizeof *self->scratch);
    if (!self->scratch) {
        error_memory(err, "float projector", (double)self->panel_values);
        goto fail;
    }
    *projector = (struct projector){
        .name = "dense float", .self = self, .apply = apply, .release = release
    };
    return OK;
fail:
    release(self);
    return err->code;
}
