/* The event-driven product by shape and silence: rows of 8-bit weights added for the
 * channels that fired. Dense-equivalent: all weights of the matrix over the time, fetched
 * or not. */
#include "experiments/bench.h"

#include "base/progress.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHAPES_MAX = 8,
    COLUMNS = 64,
    COPIES_BYTES = 64 << 20, /* matrices walked in turn: a model does not reread one */
    LEAST_PRODUCTS = 1 << 28,
};

static const double active_share[] = { 1, 0.95, 0.9, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2 };
enum { SHARES = sizeof active_share / sizeof active_share[0] };

struct shape {
    uint32_t inputs, outputs;
};

struct product {
    const struct kernel *kernel;
    struct shape shape;
    size_t stride, copies;
    const int8_t *weight; /* (copies, inputs, stride) */
    uint32_t *row;        /* (inputs): those that fired, rising */
    int8_t *factor;
    size_t active;
    int32_t *sum; /* (outputs) */
    int threads;
};

static void walk(const struct product *p, size_t times)
{
    const size_t matrix = p->shape.inputs * p->stride;
    size_t share = (p->shape.outputs + (size_t)p->threads - 1) / (size_t)p->threads;
    share = (share + COLUMNS - 1) / COLUMNS * COLUMNS;
#pragma omp parallel num_threads(p->threads)
    for (size_t n = 0; n < times; n++) {
        const int8_t *weight = p->weight + n % p->copies * matrix;
#pragma omp for schedule(static)
        for (size_t first = 0; first < p->shape.outputs; first += share) {
            size_t left = p->shape.outputs - first;
            p->kernel->add_rows(p->sum + first, weight + first, p->stride,
                                left < share ? left : share, p->row, p->factor,
                                p->active);
        }
    }
}

/* Once over all copies first: what was timed before has left its own in the caches. */
static enum error_code multiply(const struct entrant *entrant,
                                double figure[BENCH_FIGURES], struct error *err)
{
    (void)err;
    const struct product *p = entrant->context;
    const size_t times =
        1 + LEAST_PRODUCTS / ((size_t)p->shape.inputs * p->shape.outputs);
    walk(p, p->copies);
    double started = clock_seconds();
    walk(p, times);
    double seconds = clock_seconds() - started;
    figure[0] = (double)times * p->shape.inputs * p->shape.outputs / seconds / 1e9;
    return OK;
}

static size_t model_shapes(const struct model *model, struct shape shape[SHAPES_MAX])
{
    size_t count = 0;
    for (uint32_t s = 0; s < model->sites && count < SHAPES_MAX - 1; s++) {
        struct shape one = { model->site[s].inputs, model->site[s].outputs };
        size_t i = 0;
        while (i < count && memcmp(&shape[i], &one, sizeof one) != 0)
            i++;
        if (i == count)
            shape[count++] = one;
    }
    return count;
}

/* Each channel fires with the same probability, drawn once. */
static void choose_rows(struct product *p, double share, uint32_t *word)
{
    const struct random_place place = { 0 };
    random_words(1, &place, p->shape.inputs, word);
    p->active = 0;
    for (uint32_t i = 0; i < p->shape.inputs; i++)
        if (word[i] < share * 4294967296.0) {
            p->row[p->active] = i;
            p->factor[p->active++] = (int8_t)(1 + i % 5);
        }
}

static enum error_code time_shape(struct bench *bench, struct shape shape, json_t *rows,
                                  struct error *err)
{
    struct product product[SHARES];
    struct entrant entrant[SHARES];
    struct arena arena = { 0 };
    size_t stride = ((size_t)shape.outputs + COLUMNS - 1) / COLUMNS * COLUMNS;
    size_t copies = 1 + COPIES_BYTES / (shape.inputs * stride);
    int8_t *weight = arena_array(&arena, copies * shape.inputs, stride);
    uint32_t *word = arena_array(&arena, shape.inputs, sizeof *word);
    bool is_complete = weight && word;
    for (size_t i = 0; is_complete && i < copies * shape.inputs * stride; i++)
        weight[i] = (int8_t)(i * 37 % 251 - 125);
    for (size_t i = 0; is_complete && i < SHARES; i++) {
        product[i] = (struct product){ .kernel = bench->session.kernel,
                                       .shape = shape,
                                       .stride = stride,
                                       .copies = copies,
                                       .weight = weight,
                                       .threads = bench->session.threads };
        product[i].row = arena_array(&arena, shape.inputs, sizeof(uint32_t));
        product[i].factor = arena_array(&arena, shape.inputs, 1);
        product[i].sum = arena_array(&arena, stride, sizeof(int32_t));
        is_complete = product[i].row && product[i].factor && product[i].sum;
        if (!is_complete)
            break;
        choose_rows(&product[i], active_share[i], word);
        entrant[i] = (struct entrant){ .context = &product[i], .time = multiply };
        snprintf(entrant[i].name, sizeof entrant[i].name, "%u x %u", shape.inputs,
                 shape.outputs);
    }
    if (!is_complete)
        error_memory(err, "matrices to time",
                     (double)copies * shape.inputs * (double)stride);
    else
        bench_turns(entrant, SHARES, bench->rounds, err);
    for (size_t i = 0; i < SHARES && is_complete && err->code == OK; i++) {
        double active = (double)product[i].active / shape.inputs;
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "active", json_number(active));
        json_object_set_new(row, "gsop_per_second",
                            json_number(entrant[i].figure[0].median * active));
        json_object_set_new(row, "gain",
                            json_number(entrant[i].figure[0].median /
                                        entrant[0].figure[0].median));
        json_object_set_new(row, "of_silence",
                            json_number(entrant[i].figure[0].median /
                                        entrant[0].figure[0].median * active));
        json_array_append_new(rows, row);
    }
    arena_free(&arena);
    return err->code;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct shape shape[SHAPES_MAX];
    size_t shapes = model_shapes(&bench->session.model, shape);
    shape[shapes++] = (struct shape){ 2048, 8192 };
    for (size_t i = 0; i < shapes; i++)
        if (time_shape(bench, shape[i], rows, err) != OK)
            return err->code;
    return OK;
}

static const struct column columns[] = {
    { "name", "in x out", -14, -1, false },
    { "active", "active", 8, 1, true },
    { "median", "GB/s", 8, 1, false },
    { "lowest", "lowest", 8, 1, false },
    { "gsop_per_second", "GSOP/s", 8, 2, false },
    { "gain", "to all", 8, 2, false },
    { "of_silence", "x active", 9, 3, false },
    { 0 },
};

const struct bench_section bench_kernels = {
    .name = "kernels",
    .summary = "adding the rows of channels that fired, by shape and silence",
    .needs_model = true,
    .columns = columns,
    .note =
        "GB/s: all weights of the matrix over the time, fetched or not; to all: speed "
        "over that with every channel active; x active: of what silence could bring, "
        "1 / active, the share that is reached",
    .run = run,
};
