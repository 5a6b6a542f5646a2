/* Gated feed-forward: y = down(act(gate x) * (up x)), with act SiLU (Shazeer 2020,
 * SwiGLU) or the tanh form of GELU. Both are v / (1 + exp(-s)): s = v for SiLU,
 * s = 2 sqrt(2/pi) (v + 0.044715 v^3) for GELU. */
#include "lm/layer.h"

/* Threads own multiples of PART of a row, if it is long. */
enum { PART = 64, SHARED_WIDTH = 1024 };

/* h[i] = act(gate[i]) * up[i]. */
static void activate(const struct kernel *kernel, float *h, const float *gate,
                     const float *up, uint32_t width, bool gelu)
{
    for (uint32_t i = 0; i < width; i++) {
        float v = gate[i];
        float s = gelu ? 1.5957691216f * (v + 0.044715f * v * v * v) : v;
        h[i] = s < -88.0f ? 88.0f : -s; /* exp_array's range; the factor is 0 there */
    }
    kernel->exp_array(h, width);
    for (uint32_t i = 0; i < width; i++)
        h[i] = gate[i] / (1.0f + h[i]) * up[i];
}

static void activate_part(void *context, int me, int threads)
{
    const struct layer_run *run = context;
    const size_t wide = run->model->shape.feed_forward;
    const size_t parts = (wide + PART - 1) / PART;
    const size_t first = parts * (size_t)me / (size_t)threads * PART;
    const size_t next = parts * ((size_t)me + 1) / (size_t)threads * PART;
    const size_t end = next < wide ? next : wide;
    activate(run->kernel, run->inner + first, run->projected + first,
             run->projected + wide + first, (uint32_t)(end - first),
             run->model->shape.gelu_gate);
}

static void activate_rows(const struct layer_run *run)
{
    const size_t wide = run->model->shape.feed_forward;
#pragma omp parallel for num_threads(                                                  \
    thread_team_threads(run->team)) if (run->rows * wide > KERNEL_SHARED_WORK)
    for (size_t row = 0; row < run->rows; row++) {
        const float *gate = run->projected + row * 2 * wide;
        activate(run->kernel, run->inner + row * wide, gate, gate + wide,
                 (uint32_t)wide, run->model->shape.gelu_gate);
    }
}

static enum error_code run_gated(struct layer_run *run, const float *x, float *y,
                                 struct error *err)
{
    const struct model_layer *layer = &run->model->layer[run->layer];
    struct projector *projector = run->projector;

    if (projector->apply(projector->self, layer->site[ROLE_FFN_IN], x, run->rows,
                         run->ids, run->projected, err) != OK)
        return err->code;
    if (run->rows > 1)
        activate_rows(run);
    else
        thread_team_run(run->model->shape.feed_forward >= SHARED_WIDTH ? run->team
                                                                       : NULL,
                        activate_part, run);
    return projector->apply(projector->self, layer->site[ROLE_FFN_DOWN], run->inner,
                            run->rows, run->ids, y, err);
}

static void cost(const struct model *model, uint32_t layer, struct host_cost *total)
{
    (void)layer;
    uint64_t wide = model->shape.feed_forward;
    total->ops[HOST_ACTIVATION].n[OP_EXP_F32] += wide;
    total->ops[HOST_ACTIVATION].n[OP_ADD_F32] += wide;
    total->ops[HOST_ACTIVATION].n[OP_DIVIDE_F32] += wide;
    total->ops[HOST_ACTIVATION].n[OP_MULTIPLY_F32] +=
        model->shape.gelu_gate ? 5 * wide : wide;
    if (model->shape.gelu_gate)
        total->ops[HOST_ACTIVATION].n[OP_ADD_F32] += wide;
}

const struct feed_forward gated_feed_forward = {
    .name = "gated",
    .run = run_gated,
    .cost = cost,
};
