/* Grouped-query attention over a key-value cache in 16-bit floats.
 *
 *     score(i) = q . k_i / sqrt(d),   y = sum_i softmax(score)(i) v_i
 *
 * Vaswani et al. 2017; groups: Ainslie et al. 2023; RoPE: Su et al. 2021. Sums run over
 * positions in rising order for every row alone, so a row's result depends neither on
 * the batch it came in nor on the number of threads. */
#include "lm/layer.h"

#include "lm/architecture.h"

#include <math.h>
#include <omp.h>
#include <stdatomic.h>

/* Products of queries with keys below which one thread attends faster. */
enum { SHARED_WORK = 1 << 14 };

/* The cache of one sequence at one layer: keys, then values, each
 * (kv_heads, context, head_size). */
struct cache_view {
    uint16_t *key, *value;
};

static size_t cache_elements(const struct model *model, uint32_t context)
{
    return (size_t)model->shape.kv_heads * model->shape.head_size * context;
}

static size_t memory_bytes(const struct model *model, uint32_t context)
{
    return 2 * sizeof(uint16_t) * cache_elements(model, context);
}

static struct cache_view view(const struct layer_run *run, uint32_t sequence,
                              uint32_t kv_head)
{
    const struct model_shape *shape = &run->model->shape;
    uint16_t *base = run->memory[sequence];
    size_t head = (size_t)kv_head * run->context * shape->head_size;
    return (struct cache_view){
        base + head, base + cache_elements(run->model, run->context) + head
    };
}

/* Turns pairs (a[i * apart], b[i * apart]) by the angle of the position. Called with a
 * constant for `apart`, so that compilers vectorise it. */
static inline void turn(float *restrict a, float *restrict b,
                        const float *restrict rope, uint32_t pairs, uint32_t apart)
{
    for (uint32_t i = 0; i < pairs; i++) {
        float cosine = rope[2 * i], sine = rope[2 * i + 1];
        float first = a[i * apart], second = b[i * apart];
        a[i * apart] = first * cosine - second * sine;
        b[i * apart] = first * sine + second * cosine;
    }
}

/* The leading components of one head. */
static void rotate(float *head, const float *rope, uint32_t rope_size, bool halves)
{
    const uint32_t half = rope_size / 2;
    if (halves)
        turn(head, head + half, rope, half, 1);
    else
        turn(head, head + 1, rope, half, 2);
}

/* Norms and turns q and k of one row, and stores k and v. */
static void place(const struct layer_run *run, size_t row, float *projected)
{
    const struct model_shape *shape = &run->model->shape;
    const struct model_layer *layer = &run->model->layer[run->layer];
    struct row_id id = run->ids[row];
    uint32_t size = shape->head_size, turned = shape->heads + shape->kv_heads;
    const float *rope = run->rope + (size_t)id.position * shape->rope_size;

    for (uint32_t h = 0; h < turned; h++) {
        float *head = projected + (size_t)h * size;
        const float *norm = h < shape->heads ? layer->query_norm : layer->key_norm;
        if (norm)
            rms_norm(run->kernel, head, head, norm, size, shape->norm_epsilon);
        rotate(head, rope, shape->rope_size, shape->rope_halves);
    }
    const float *key = projected + (size_t)shape->heads * size;
    const float *value = key + (size_t)shape->kv_heads * size;
    for (uint32_t h = 0; h < shape->kv_heads; h++) {
        struct cache_view cache = view(run, id.sequence, h);
        size_t at = (size_t)id.position * size;
        run->kernel->to_half(cache.key + at, key + (size_t)h * size, size);
        run->kernel->to_half(cache.value + at, value + (size_t)h * size, size);
    }
}

static uint32_t first_visible(const struct model *model, uint32_t layer,
                              uint32_t position)
{
    uint32_t window = model->shape.window;
    bool cuts = model->layer[layer].is_windowed && position + 1 > window;
    return cuts ? position + 1 - window : 0;
}

static float query_scale(const struct model *model)
{
    const struct model_shape *shape = &model->shape;
    bool wide = shape->layers == model->architecture->wide_scale_layers;
    uint32_t size = wide ? shape->width / shape->heads : shape->head_size;
    return 1.0f / sqrtf((float)size);
}

/* score = exp(score - largest); returns the sum, taken in rising order. An addition
 * waits for the one before: blocks let a processor work at the next ones meanwhile. */
static float exponentiate(const struct kernel *kernel, float *score, uint32_t count)
{
    enum { BLOCK = 64 };
    const float largest = kernel->largest(score, count);
    float sum = 0;
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const uint32_t end = count - first < BLOCK ? count : first + BLOCK;
        for (uint32_t i = first; i < end; i++)
            score[i] -= largest;
        kernel->exp_array(score + first, end - first);
        for (uint32_t i = first; i < end; i++)
            sum += score[i];
    }
    return sum;
}

/* Scores of one head to weights that add up to 1. */
static void weigh(const struct kernel *kernel, float *score, float scale,
                  uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        score[i] *= scale;
    const float inverse = 1.0f / exponentiate(kernel, score, count);
    for (uint32_t i = 0; i < count; i++)
        score[i] *= inverse;
}

/* Heads of one row that share keys and values: y (heads, head_size). */
static void attend(const struct layer_run *run, size_t row, uint32_t head,
                   uint32_t heads, const float *q, float *scores, float *y)
{
    const struct model_shape *shape = &run->model->shape;
    struct row_id id = run->ids[row];
    uint32_t size = shape->head_size;
    struct cache_view cache =
        view(run, id.sequence, head / (shape->heads / shape->kv_heads));
    uint32_t first = first_visible(run->model, run->layer, id.position);
    uint32_t count = id.position + 1 - first;
    const float scale = query_scale(run->model);

    const uint16_t *key = cache.key + (size_t)first * size;
    const uint16_t *value = cache.value + (size_t)first * size;
    kernel_score(run->kernel, scores, run->context, q, heads, key, size, count);
    for (uint32_t h = 0; h < heads; h++)
        weigh(run->kernel, scores + (size_t)h * run->context, scale, count);
    kernel_mix(run->kernel, y, heads, scores, run->context, value, size, count);
}

/* Heads [head, head + heads) of a row, with the scratch of one thread. */
static void attend_heads(const struct layer_run *run, size_t row, uint32_t head,
                         uint32_t heads, int thread)
{
    const struct model_shape *shape = &run->model->shape;
    const struct model_layer *layer = &run->model->layer[run->layer];
    const struct site *in = &run->model->site[layer->site[ROLE_ATTN_IN]];
    const size_t sharing = shape->heads / shape->kv_heads;
    const size_t inner = (size_t)shape->heads * shape->head_size;
    const size_t at = (size_t)head * shape->head_size;
    attend(run, row, head, heads, run->projected + row * in->outputs + at,
           run->scores + (size_t)thread * sharing * run->context,
           run->inner + row * inner + at);
}

struct row_job {
    const struct layer_run *run;
    atomic_uint next; /* part */
};

/* Heads that share keys and values go to one thread, as long as there are such parts for
 * all threads; what is left of them goes head by head. */
static void attend_row(void *context, int me, int threads)
{
    struct row_job *job = context;
    const struct model_shape *shape = &job->run->model->shape;
    const uint32_t sharing = shape->heads / shape->kv_heads;
    const uint32_t whole = shape->kv_heads / (uint32_t)threads * (uint32_t)threads;
    for (;;) {
        const uint32_t part =
            atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        const uint32_t head =
            part < whole ? part * sharing : whole * sharing + (part - whole);
        if (head >= shape->heads)
            return;
        attend_heads(job->run, 0, head, part < whole ? sharing : 1, me);
    }
}

static void attend_rows(const struct layer_run *run, size_t work)
{
    const struct model_shape *shape = &run->model->shape;
    const uint32_t sharing = shape->heads / shape->kv_heads;
#pragma omp parallel for num_threads(thread_team_threads(run->team)) schedule(dynamic) \
    collapse(2) if (work > KERNEL_SHARED_WORK)
    for (size_t row = 0; row < run->rows; row++)
        for (uint32_t head = 0; head < shape->heads; head += sharing)
            attend_heads(run, row, head, sharing, omp_get_thread_num());
}

static void place_rows(const struct layer_run *run, size_t outputs)
{
#pragma omp parallel for num_threads(thread_team_threads(run->team))                   \
    schedule(static) if (run->rows * outputs > KERNEL_SHARED_WORK)
    for (size_t row = 0; row < run->rows; row++)
        place(run, row, run->projected + row * outputs);
}

static enum error_code run_attention(struct layer_run *run, const float *x, float *y,
                                     struct error *err)
{
    const struct model_shape *shape = &run->model->shape;
    const struct model_layer *layer = &run->model->layer[run->layer];
    const struct site *in = &run->model->site[layer->site[ROLE_ATTN_IN]];
    struct projector *projector = run->projector;

    if (projector->apply(projector->self, layer->site[ROLE_ATTN_IN], x, run->rows,
                         run->ids, run->projected, err) != OK)
        return err->code;
    const size_t work = run->rows * run->ids[run->rows - 1].position *
                        (size_t)shape->heads * shape->head_size;
    if (run->rows > 1) {
        place_rows(run, in->outputs);
        attend_rows(run, work);
    } else {
        struct row_job job = { run, 0 };
        place(run, 0, run->projected);
        thread_team_run(work > SHARED_WORK ? run->team : NULL, attend_row, &job);
    }
    return projector->apply(projector->self, layer->site[ROLE_ATTN_OUT], run->inner,
                            run->rows, run->ids, y, err);
}

static void cost(const struct model *model, uint32_t layer, uint32_t position,
                 struct host_cost *total)
{
    const struct model_shape *shape = &model->shape;
    uint64_t visible = position + 1 - first_visible(model, layer, position);
    uint64_t products = visible * shape->heads * shape->head_size;
    uint64_t turned = (uint64_t)(shape->heads + shape->kv_heads) * shape->rope_size / 2;
    uint64_t entries = (uint64_t)shape->kv_heads * shape->head_size * 2;

    total->ops[HOST_ATTENTION].n[OP_MAC_F16] += 2 * products;
    total->ops[HOST_SOFTMAX].n[OP_MULTIPLY_F32] += 2 * visible * shape->heads;
    total->ops[HOST_SOFTMAX].n[OP_COMPARE_F32] += visible * shape->heads;
    total->ops[HOST_SOFTMAX].n[OP_ADD_F32] += 2 * visible * shape->heads;
    total->ops[HOST_SOFTMAX].n[OP_EXP_F32] += visible * shape->heads;
    total->ops[HOST_SOFTMAX].n[OP_DIVIDE_F32] += shape->heads;
    total->ops[HOST_ROPE].n[OP_MULTIPLY_F32] += 4 * turned;
    total->ops[HOST_ROPE].n[OP_ADD_F32] += 2 * turned;
    total->cache_bytes += sizeof(uint16_t) * entries * (visible + 1);
    if (model->layer[layer].query_norm)
        for (uint32_t h = 0; h < shape->heads + shape->kv_heads; h++)
            rms_norm_cost(shape->head_size, total);
}

const struct mixer attention_mixer = {
    .name = "attention",
    .memory_bytes = memory_bytes,
    .run = run_attention,
    .cost = cost,
};
