/* See naive_model.h. Vaswani et al. 2017 (attention), Zhang and Sennrich 2019 (RMS
 * norm), Su et al. 2021 (RoPE), Shazeer 2020 (gated feed-forward), Hendrycks and Gimpel
 * 2016 (GELU). */
#include "tests/naive_model.h"

#include "lm/block_format.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>

struct naive {
    const struct model_plan *plan;
    const struct model_file *file;
    struct arena arena; /* of weights and values alike */
    size_t tokens;
    uint32_t layer;
};

static double *array(struct naive *n, size_t count)
{
    double *values = arena_array(&n->arena, count, sizeof *values);
    CU_ASSERT_PTR_NOT_NULL_FATAL(values);
    return values;
}

/* A tensor as doubles, layer < 0: of the whole model. */
static double *weights(struct naive *n, int layer, const char *name)
{
    char full[96];
    struct error err = { 0 };
    if (layer < 0)
        snprintf(full, sizeof full, "%s", name);
    else
        snprintf(full, sizeof full, "blk.%d.%s", layer, name);
    const struct tensor *tensor = model_file_find_tensor(n->file, full);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tensor);
    size_t count = (size_t)(tensor->extent[0] * tensor->extent[1]);
    float *read = arena_array(&n->arena, count, sizeof *read);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    CU_ASSERT_EQUAL_FATAL(model_file_decode_rows(n->file, tensor, 0, tensor->extent[1],
                                                 read, &err),
                          OK);
    double *values = array(n, count);
    for (size_t i = 0; i < count; i++)
        values[i] = (double)read[i];
    return values;
}

/* y (tokens, outputs) = x (tokens, inputs) times w (outputs, inputs) transposed. */
static double *product(struct naive *n, const double *x, const double *w, size_t inputs,
                       size_t outputs)
{
    double *y = array(n, n->tokens * outputs);
    for (size_t t = 0; t < n->tokens; t++)
        for (size_t o = 0; o < outputs; o++)
            for (size_t i = 0; i < inputs; i++)
                y[t * outputs + o] += x[t * inputs + i] * w[o * inputs + i];
    return y;
}

static double *site(struct naive *n, const double *x, const char *name, size_t inputs,
                    size_t outputs)
{
    return product(n, x, weights(n, (int)n->layer, name), inputs, outputs);
}

/* Every run of `width` numbers becomes x / sqrt(mean of squares + epsilon) * weight. */
static double *normed(struct naive *n, const double *x, const double *weight,
                      size_t width, size_t runs)
{
    double *y = array(n, runs * width);
    for (size_t run = 0; run < runs; run++) {
        double sum = 0;
        for (size_t i = 0; i < width; i++)
            sum += pow(x[run * width + i], 2);
        double root = sqrt(sum / (double)width + (double)n->plan->epsilon);
        for (size_t i = 0; i < width; i++)
            y[run * width + i] = x[run * width + i] / root * weight[i];
    }
    return y;
}

static bool sees_everything(const struct naive *n)
{
    const struct model_plan *plan = n->plan;
    bool is_global = plan->period && n->layer % plan->period == plan->period - 1;
    return !plan->window || is_global;
}

/* Turns the pair (a, b) by an angle, as e^(i angle) (a + i b). */
static void turn(double *a, double *b, double angle)
{
    double radius = hypot(*a, *b), direction = atan2(*b, *a) + angle;
    *a = radius * cos(direction);
    *b = radius * sin(direction);
}

static void turn_heads(struct naive *n, double *x, uint32_t heads)
{
    const struct model_plan *plan = n->plan;
    bool is_local = plan->period && !sees_everything(n);
    double base = (double)(is_local ? plan->rope_base_local : plan->rope_base);
    double factor = is_local ? 1 : (double)plan->rope_factor;
    const double *divisor =
        plan->has_rope_factors ? weights(n, -1, "rope_freqs.weight") : NULL;
    for (size_t t = 0; t < n->tokens; t++)
        for (uint32_t h = 0; h < heads; h++)
            for (uint32_t i = 0; i < plan->rope_size / 2; i++) {
                double *head = x + (t * heads + h) * plan->head_size;
                double speed = pow(base, -(double)i / (plan->rope_size / 2.0)) /
                               (divisor ? divisor[i] * factor : factor);
                if (plan->rope_halves)
                    turn(head + i, head + plan->rope_size / 2 + i, (double)t * speed);
                else
                    turn(head + 2 * i, head + 2 * i + 1, (double)t * speed);
            }
}

/* q, k or v of all tokens: (tokens, heads, head_size). */
static double *projected(struct naive *n, const double *x, char which, uint32_t heads)
{
    const struct model_plan *plan = n->plan;
    char name[32];
    size_t size = plan->head_size, wide = heads * size;
    snprintf(name, sizeof name, "attn_%c.weight", which);
    double *y = site(n, x, name, plan->width, wide);
    if (plan->has_bias) {
        snprintf(name, sizeof name, "attn_%c.bias", which);
        const double *bias = weights(n, (int)n->layer, name);
        for (size_t i = 0; i < n->tokens * wide; i++)
            y[i] += bias[i % wide];
    }
    if (plan->has_head_norms && which != 'v') {
        snprintf(name, sizeof name, "attn_%c_norm.weight", which);
        y = normed(n, y, weights(n, (int)n->layer, name), size, n->tokens * heads);
    }
    if (which != 'v')
        turn_heads(n, y, heads);
    if (which != 'q') /* the cache holds 16 bits */
        for (size_t i = 0; i < n->tokens * wide; i++)
            y[i] = (double)half_to_float(float_to_half((float)y[i]));
    return y;
}

static double *attention(struct naive *n, const double *x)
{
    const struct model_plan *plan = n->plan;
    size_t size = plan->head_size, inner = plan->heads * size;
    size_t cached = plan->kv_heads * size;
    const double *q = projected(n, x, 'q', plan->heads);
    const double *k = projected(n, x, 'k', plan->kv_heads);
    const double *v = projected(n, x, 'v', plan->kv_heads);
    double *mixed = array(n, n->tokens * inner), *weight = array(n, n->tokens);
    for (size_t t = 0; t < n->tokens; t++)
        for (size_t h = 0; h < plan->heads; h++) {
            size_t shared = h * plan->kv_heads / plan->heads;
            double sum = 0;
            for (size_t p = 0; p <= t; p++) {
                double score = 0;
                for (size_t i = 0; i < size; i++)
                    score +=
                        q[t * inner + h * size + i] * k[p * cached + shared * size + i];
                bool is_seen = sees_everything(n) || t - p < plan->window;
                weight[p] = is_seen ? exp(score / sqrt((double)plan->query_scale)) : 0;
                sum += weight[p];
            }
            for (size_t p = 0; p <= t; p++)
                for (size_t i = 0; i < size; i++)
                    mixed[t * inner + h * size + i] +=
                        weight[p] / sum * v[p * cached + shared * size + i];
        }
    return site(n, mixed, "attn_output.weight", inner, plan->width);
}

static double *feed_forward(struct naive *n, const double *x)
{
    size_t width = n->plan->width, wide = n->plan->feed_forward;
    const double *gate = site(n, x, "ffn_gate.weight", width, wide);
    const double *up = site(n, x, "ffn_up.weight", width, wide);
    double *h = array(n, n->tokens * wide);
    for (size_t i = 0; i < n->tokens * wide; i++) {
        double v = gate[i];
        double gelu =
            0.5 * v * (1 + tanh(sqrt(2 / acos(-1)) * (v + 0.044715 * pow(v, 3))));
        h[i] = up[i] * (n->plan->gelu ? gelu : v / (1 + exp(-v)));
    }
    return site(n, h, "ffn_down.weight", wide, width);
}

/* x += part, which is normed before where the plan says so. */
static void add(struct naive *n, double *x, const double *part, const char *norm)
{
    size_t width = n->plan->width;
    if (n->plan->has_post_norms)
        part = normed(n, part, weights(n, (int)n->layer, norm), width, n->tokens);
    for (size_t i = 0; i < n->tokens * width; i++)
        x[i] += part[i];
}

double *naive_logits(const struct model_plan *plan, const struct model_file *file,
                     uint32_t vocabulary, const int32_t *token, size_t tokens)
{
    struct naive n = { .plan = plan, .file = file, .tokens = tokens };
    size_t width = plan->width;
    const double *embedding = weights(&n, -1, "token_embd.weight");
    double *x = array(&n, tokens * width);
    for (size_t i = 0; i < tokens * width; i++)
        x[i] = embedding[(size_t)token[i / width] * width + i % width] *
               (plan->scales_embedding ? sqrt((double)width) : 1);
    for (n.layer = 0; n.layer < plan->layers; n.layer++) {
        const double *norm = weights(&n, (int)n.layer, "attn_norm.weight");
        add(&n, x, attention(&n, normed(&n, x, norm, width, tokens)),
            "post_attention_norm.weight");
        norm = weights(&n, (int)n.layer, "ffn_norm.weight");
        add(&n, x, feed_forward(&n, normed(&n, x, norm, width, tokens)),
            "post_ffw_norm.weight");
    }
    x = normed(&n, x, weights(&n, -1, "output_norm.weight"), width, tokens);
    const double *head =
        plan->has_output ? weights(&n, -1, "output.weight") : embedding;
    const double *result = product(&n, x, head, width, vocabulary);
    double *logits = malloc(tokens * vocabulary * sizeof *logits);
    CU_ASSERT_PTR_NOT_NULL_FATAL(logits);
    memcpy(logits, result, tokens * vocabulary * sizeof *logits);
    arena_free(&n.arena);
    return logits;
}
