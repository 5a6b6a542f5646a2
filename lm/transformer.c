/* See transformer.h. */
#include "lm/transformer.h"

#include "lm/architecture.h"
#include "lm/block_format.h"
#include "lm/layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const host_part_name[HOST_PARTS] = {
    [HOST_ATTENTION] = "attention",   [HOST_NORM] = "norm",
    [HOST_SOFTMAX] = "softmax",       [HOST_ROPE] = "rope",
    [HOST_ACTIVATION] = "activation", [HOST_PROJECTION] = "projection",
    [HOST_SAMPLING] = "sampling",
};

struct transformer {
    struct arena arena;
    const struct model *model;
    const struct kernel *kernel;
    struct transformer_settings settings;
    bool is_shared;            /* some product is worth a second thread */
    uint32_t *length;          /* (sequences): positions filled */
    void **memory;             /* (layers, sequences) */
    float *rope[2];            /* global and windowed layers; may be the same */
    uint8_t *embedding;        /* the whole tensor as stored */
    size_t embedding_row;      /* bytes */
    float *x, *normed, *mixed; /* (batch, width) */
    float *projected, *inner, *scores;
    struct row_id *head_ids; /* (batch) */
};

/* cos and sin of position * base^(-2i/d) / factor, (context, rope_size / 2, 2). */
static float *rope_table(struct arena *arena, const struct model *model,
                         uint32_t context, double base, double factor)
{
    uint32_t half = model->shape.rope_size / 2;
    float *table = arena_array(arena, (size_t)context * half * 2, sizeof *table);
    for (uint32_t position = 0; table && position < context; position++)
        for (uint32_t i = 0; i < half; i++) {
            double angle =
                position / factor * pow(base, -2.0 * i / model->shape.rope_size);
            if (model->rope_factors)
                angle /= (double)model->rope_factors[i];
            table[((size_t)position * half + i) * 2] = (float)cos(angle);
            table[((size_t)position * half + i) * 2 + 1] = (float)sin(angle);
        }
    return table;
}

static bool make_ropes(struct transformer *t)
{
    const struct model_shape *shape = &t->model->shape;
    uint32_t context = t->settings.context;
    t->rope[0] =
        rope_table(&t->arena, t->model, context, shape->rope_base, shape->rope_factor);
    bool same = shape->rope_base_local == shape->rope_base && shape->rope_factor == 1;
    t->rope[1] =
        same ? t->rope[0]
             : rope_table(&t->arena, t->model, context, shape->rope_base_local, 1.0);
    return t->rope[0] && t->rope[1];
}

static enum error_code make_buffers(struct transformer *t, struct error *err)
{
    const struct model *model = t->model;
    const struct transformer_settings *s = &t->settings;
    uint32_t layers = model->shape.layers, width = model->shape.width;
    uint32_t widest_in = 0, widest_out = 0;
    for (uint32_t i = 0; i + 1 < model->sites; i++) { /* the head writes logits */
        const struct site *site = &model->site[i];
        widest_in = site->inputs > widest_in ? site->inputs : widest_in;
        widest_out = site->outputs > widest_out ? site->outputs : widest_out;
        if ((size_t)site->inputs * site->outputs > KERNEL_SHARED_WORK)
            t->is_shared = true;
    }
    size_t memory = model->architecture->mixer->memory_bytes(model, s->context);
    size_t cells = (size_t)layers * s->sequences;
    uint32_t sharing = model->shape.heads / model->shape.kv_heads;
    size_t scores = (size_t)thread_team_threads(s->team) * sharing * s->context;
    t->length = arena_array(&t->arena, s->sequences, sizeof *t->length);
    t->memory = arena_array(&t->arena, cells, sizeof *t->memory);
    for (size_t cell = 0; t->memory && cell < cells; cell++)
        if (!(t->memory[cell] = arena_array(&t->arena, memory, 1)))
            return error_memory(err, "the key-value cache", (double)memory * cells);
    t->x = arena_array(&t->arena, (size_t)s->batch * width, sizeof *t->x);
    t->normed = arena_array(&t->arena, (size_t)s->batch * width, sizeof *t->x);
    t->mixed = arena_array(&t->arena, (size_t)s->batch * width, sizeof *t->x);
    t->projected = arena_array(&t->arena, (size_t)s->batch * widest_out, sizeof *t->x);
    t->inner = arena_array(&t->arena, (size_t)s->batch * widest_in, sizeof *t->x);
    t->scores = arena_array(&t->arena, scores, sizeof *t->x);
    t->head_ids = arena_array(&t->arena, s->batch, sizeof *t->head_ids);
    t->embedding = arena_array(&t->arena, model->embedding->bytes, 1);
    if (!t->length || !t->memory || !t->x || !t->normed || !t->mixed || !t->projected ||
        !t->inner || !t->scores || !t->head_ids || !t->embedding || !make_ropes(t))
        return error_memory(err, "buffers", (double)t->arena.bytes);
    t->embedding_row = model->embedding->bytes / model->shape.vocabulary;
    return model_file_read_rows(&model->file, model->embedding, 0,
                                model->shape.vocabulary, t->embedding, err);
}

enum error_code transformer_create(struct transformer **transformer,
                                   const struct model *model,
                                   const struct kernel *kernel,
                                   const struct transformer_settings *settings,
                                   struct error *err)
{
    *transformer = NULL;
    err->code = OK;
    if (settings->context < 1 || settings->context > model->shape.context)
        return error_set(err, ERR_ARGUMENT,
                         "context: expected 1 to %u, which the model was made for, "
                         "found %u",
                         model->shape.context, settings->context);
    struct transformer *t = calloc(1, sizeof *t);
    if (!t)
        return error_memory(err, "a transformer", sizeof *t);
    t->model = model;
    t->kernel = kernel;
    t->settings = *settings;
    if (make_buffers(t, err) != OK) {
        transformer_free(t);
        return err->code;
    }
    *transformer = t;
    return OK;
}

void transformer_free(struct transformer *t)
{
    if (!t)
        return;
    arena_free(&t->arena);
    free(t);
}

void rms_norm(const struct kernel *kernel, float *y, const float *x,
              const float *weight, uint32_t width, double epsilon)
{
    float mean = kernel->dot(x, x, width) / (float)width;
    float scale = 1.0f / sqrtf(mean + (float)epsilon);
    for (uint32_t i = 0; i < width; i++)
        y[i] = x[i] * scale * weight[i];
}

void rms_norm_cost(uint32_t width, struct host_cost *cost)
{
    struct op_count *ops = &cost->ops[HOST_NORM];
    ops->n[OP_MAC_F32] += width;
    ops->n[OP_MULTIPLY_F32] += 2 * (uint64_t)width;
    ops->n[OP_DIVIDE_F32] += 2;
    ops->n[OP_ADD_F32] += 1;
    ops->n[OP_EXP_F32] += 1;
}

/* y = norm(x) for every row. */
static void norm_rows(const struct transformer *t, float *y, const float *x,
                      const float *weight, size_t rows)
{
    uint32_t width = t->model->shape.width;
    double epsilon = t->model->shape.norm_epsilon;
    if (rows == 1) { /* a region of one thread is not free */
        rms_norm(t->kernel, y, x, weight, width, epsilon);
        return;
    }
#pragma omp parallel for num_threads(                                                  \
    thread_team_threads(t->settings.team)) if (rows * width > KERNEL_SHARED_WORK)
    for (size_t row = 0; row < rows; row++)
        rms_norm(t->kernel, y + row * width, x + row * width, weight, width, epsilon);
}

/* x = x + y, with y normed first where the architecture says so. */
static void add_rows(struct transformer *t, const float *norm, size_t rows)
{
    if (norm)
        norm_rows(t, t->mixed, t->mixed, norm, rows);
    size_t count = rows * t->model->shape.width;
    for (size_t i = 0; i < count; i++)
        t->x[i] += t->mixed[i];
}

static enum error_code embed(struct transformer *t, const int32_t *token, size_t rows,
                             struct error *err)
{
    const struct model_shape *shape = &t->model->shape;
    const struct block_format *format = t->model->embedding->format;
    for (size_t row = 0; row < rows; row++) {
        float *x = t->x + row * shape->width;
        if (token[row] < 0 || (uint32_t)token[row] >= shape->vocabulary)
            return error_set(err, ERR_ARGUMENT,
                             "token %d is outside the vocabulary of %u", token[row],
                             shape->vocabulary);
        const uint8_t *blocks = t->embedding + (size_t)token[row] * t->embedding_row;
        if (!format->decode(blocks, shape->width / format->elements, x))
            return error_set(err, ERR_FORMAT, "token_embd.weight: scale is not finite");
        if (shape->embedding_scale != 1)
            for (uint32_t i = 0; i < shape->width; i++)
                x[i] *= (float)shape->embedding_scale;
    }
    return OK;
}

static void forget_rows(struct transformer *t, const struct row_id *ids, size_t rows)
{
    for (size_t row = 0; row < rows; row++)
        t->length[ids[row].sequence]--;
}

/* A row must continue its sequence. */
static enum error_code add_row(struct transformer *t, struct row_id id,
                               struct error *err)
{
    if (id.sequence >= t->settings.sequences)
        return error_set(err, ERR_ARGUMENT, "sequence %u of %u", id.sequence,
                         t->settings.sequences);
    if (id.position >= t->settings.context)
        return error_set(err, ERR_ARGUMENT,
                         "position %u is beyond the context of %u tokens", id.position,
                         t->settings.context);
    uint32_t *length = &t->length[id.sequence];
    if (id.position != *length)
        return error_set(err, ERR_ARGUMENT, "position %u after %u positions",
                         id.position, *length);
    ++*length;
    return OK;
}

/* All rows, or none. */
static enum error_code add_row_ids(struct transformer *t, const struct row_id *ids,
                                   size_t rows, struct error *err)
{
    if (rows > t->settings.batch)
        return error_set(err, ERR_ARGUMENT, "%zu rows in a batch of at most %u", rows,
                         t->settings.batch);
    for (size_t row = 0; row < rows; row++)
        if (add_row(t, ids[row], err) != OK) {
            forget_rows(t, ids, row);
            return err->code;
        }
    return OK;
}

static enum error_code run_layer(struct transformer *t, struct layer_run *run,
                                 uint32_t l, struct error *err)
{
    const struct model *model = t->model;
    const struct model_layer *layer = &model->layer[l];
    run->layer = l;
    run->memory = t->memory + (size_t)l * t->settings.sequences;
    run->rope = t->rope[layer->is_windowed && model->shape.window_period != 0];

    norm_rows(t, t->normed, t->x, layer->attention_norm, run->rows);
    if (model->architecture->mixer->run(run, t->normed, t->mixed, err) != OK)
        return error_wrap(err, "layer %u", l);
    add_rows(t, layer->post_attention_norm, run->rows);

    norm_rows(t, t->normed, t->x, layer->feed_forward_norm, run->rows);
    if (model->architecture->feed_forward->run(run, t->normed, t->mixed, err) != OK)
        return error_wrap(err, "layer %u", l);
    add_rows(t, layer->post_feed_forward_norm, run->rows);
    return OK;
}

static enum error_code run_head(struct transformer *t, struct projector *projector,
                                const struct row_id *ids, size_t rows,
                                const unsigned char *wanted, float *logits,
                                struct error *err)
{
    uint32_t width = t->model->shape.width;
    size_t kept = 0;
    for (size_t row = 0; row < rows; row++)
        if (wanted[row]) {
            memmove(t->x + kept * width, t->x + row * width, width * sizeof *t->x);
            t->head_ids[kept++] = ids[row];
        }
    if (kept == 0)
        return OK;
    norm_rows(t, t->normed, t->x, t->model->output_norm, kept);
    return projector->apply(projector->self, t->model->sites - 1, t->normed, kept,
                            t->head_ids, logits, err);
}

static enum error_code run_rows(struct transformer *t, struct projector *projector,
                                const int32_t *token, const struct row_id *ids,
                                size_t rows, struct error *err)
{
    if (embed(t, token, rows, err) != OK)
        return err->code;
    for (size_t row = 0; row < rows; row++)
        if (ids[row].position == 0 && projector->begin_sequence)
            projector->begin_sequence(projector->self, ids[row].sequence);

    struct layer_run run = {
        .model = t->model,
        .kernel = t->kernel,
        .projector = projector,
        .ids = ids,
        .rows = rows,
        .team = t->settings.team,
        .context = t->settings.context,
        .projected = t->projected,
        .inner = t->inner,
        .scores = t->scores,
    };
    for (uint32_t l = 0; l < t->model->shape.layers; l++)
        if (run_layer(t, &run, l, err) != OK)
            return err->code;
    return OK;
}

struct call {
    struct transformer *t;
    struct projector *projector;
    const int32_t *token;
    const struct row_id *ids;
    size_t rows;
    const unsigned char *wanted;
    float *logits;
    struct error *err;
    enum error_code code;
};

static void run_call(void *context)
{
    struct call *c = context;
    c->code = run_rows(c->t, c->projector, c->token, c->ids, c->rows, c->err);
    if (c->code == OK && c->wanted)
        c->code =
            run_head(c->t, c->projector, c->ids, c->rows, c->wanted, c->logits, c->err);
}

enum error_code transformer_run(struct transformer *t, struct projector *projector,
                                const int32_t *token, const struct row_id *ids,
                                size_t rows, const unsigned char *wanted, float *logits,
                                struct error *err)
{
    struct call call = { t, projector, token, ids, rows, wanted, logits, err, OK };
    err->code = OK;
    if (add_row_ids(t, ids, rows, err) != OK)
        return err->code;
    thread_team_hold(rows == 1 && t->is_shared ? t->settings.team : NULL, run_call,
                     &call);
    if (call.code != OK)
        forget_rows(t, ids, rows);
    return call.code;
}

void transformer_truncate(struct transformer *t, struct projector *projector,
                          uint32_t sequence, uint32_t length)
{
    if (length < t->length[sequence])
        t->length[sequence] = length;
    if (projector->truncate)
        projector->truncate(projector->self, sequence, length);
}

void transformer_host_cost(const struct model *model, uint32_t position,
                           struct host_cost *cost)
{
    uint32_t width = model->shape.width;
    *cost = (struct host_cost){ 0 };
    if (model->shape.embedding_scale != 1)
        cost->ops[HOST_NORM].n[OP_MULTIPLY_F32] += width;
    for (uint32_t l = 0; l < model->shape.layers; l++) {
        const struct model_layer *layer = &model->layer[l];
        model->architecture->mixer->cost(model, l, position, cost);
        model->architecture->feed_forward->cost(model, l, cost);
        rms_norm_cost(width, cost);
        rms_norm_cost(width, cost);
        if (layer->post_attention_norm)
            rms_norm_cost(width, cost);
        if (layer->post_feed_forward_norm)
            rms_norm_cost(width, cost);
        cost->ops[HOST_NORM].n[OP_ADD_F32] += 2 * (uint64_t)width; /* residual adds */
    }
    rms_norm_cost(width, cost);
}

uint32_t transformer_context(const struct transformer *t)
{
    return t->settings.context;
}

uint64_t transformer_bytes(const struct transformer *t)
{
    return t->arena.bytes;
}
