/* See model.h. Every number of the file is held against the others and against the
 * tensors before anything is built on it; a tensor nobody would read is refused, since
 * leaving it out would compute something else than the model. */
#include "lm/model.h"

#include "lm/architecture.h"
#include "lm/block_format.h"
#include "lm/model_format.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LAYERS = 4096, MAX_WIDTH = 1 << 20, MAX_CONTEXT = 1 << 24 };

const char *const site_role_name[ROLE_COUNT] = {
    [ROLE_ATTN_IN] = "attn_in", [ROLE_ATTN_OUT] = "attn_out",
    [ROLE_FFN_IN] = "ffn_in",   [ROLE_FFN_DOWN] = "ffn_down",
    [ROLE_HEAD] = "head",
};

/* Reading a file into a model: which tensors have been asked for. */
struct reader {
    struct model *model;
    bool *taken; /* (tensors of the file) */
    struct error *err;
};

static const char *key_of(const struct reader *reader, char room[96], const char *name)
{
    snprintf(room, 96, "%s.%s", reader->model->architecture->name, name);
    return room;
}

static void read_count(struct reader *reader, const char *name, uint32_t lowest,
                       uint32_t highest, uint32_t *value)
{
    char key[96];
    if (reader->err->code != OK)
        return;
    if (model_file_u32(&reader->model->file, key_of(reader, key, name), value,
                       reader->err) != OK)
        return;
    if (*value >= lowest && *value <= highest)
        return;
    if (!model_file_find(&reader->model->file, key))
        error_set(reader->err, ERR_FORMAT, "%s is missing", key);
    else
        error_set(reader->err, ERR_FORMAT, "%s: expected %u to %u, found %u", key,
                  lowest, highest, *value);
}

static void read_real(struct reader *reader, const char *name, double lowest,
                      double highest, double *value)
{
    char key[96];
    if (reader->err->code != OK)
        return;
    if (model_file_float(&reader->model->file, key_of(reader, key, name), value,
                         reader->err) != OK)
        return;
    if (!(*value >= lowest && *value <= highest))
        error_set(reader->err, ERR_FORMAT, "%s: expected %g to %g, found %g", key,
                  lowest, highest, *value);
}

static void read_rope_scaling(struct reader *reader, struct model_shape *shape)
{
    struct text type = { "none", 4 };
    char key[96];
    if (reader->err->code != OK ||
        model_file_text(&reader->model->file, key_of(reader, key, "rope.scaling.type"),
                        &type, reader->err) != OK)
        return;
    bool is_linear = strcmp(type.bytes, "linear") == 0;
    if (!is_linear && strcmp(type.bytes, "none") != 0) {
        error_set(reader->err, ERR_FORMAT, "%s: expected none or linear, found '%s'",
                  key, printable(type).text);
        return;
    }
    if (is_linear)
        read_real(reader, "rope.scaling.factor", 1e-3, 1e6, &shape->rope_factor);
}

static void check_shape(struct reader *reader, struct model_shape *shape)
{
    uint32_t value_size = shape->head_size;
    read_count(reader, "attention.value_length", 1, MAX_WIDTH, &value_size);
    if (reader->err->code != OK)
        return;
    if (shape->heads % shape->kv_heads != 0)
        error_set(reader->err, ERR_FORMAT, "%u heads are no multiple of %u key heads",
                  shape->heads, shape->kv_heads);
    else if (value_size != shape->head_size)
        error_set(reader->err, ERR_FORMAT, "value length %u differs from key length %u",
                  value_size, shape->head_size);
    else if (shape->rope_size > shape->head_size || shape->rope_size % 2 != 0)
        error_set(reader->err, ERR_FORMAT,
                  "rope dimension %u: expected an even number up to the head size %u",
                  shape->rope_size, shape->head_size);
    else if ((uint64_t)shape->heads * shape->head_size > MAX_WIDTH)
        error_set(reader->err, ERR_FORMAT, "%u heads of %u are wider than %d",
                  shape->heads, shape->head_size, MAX_WIDTH);
}

static void read_shape(struct reader *reader)
{
    struct model *model = reader->model;
    const struct architecture *architecture = model->architecture;
    struct model_shape *shape = &model->shape;
    *shape = (struct model_shape){
        .rope_base = 10000,
        .rope_factor = 1,
        .norm_epsilon = 1e-5,
        .rope_halves = architecture->rope_halves,
        .gelu_gate = architecture->gelu_gate,
        .window_period = architecture->window_period,
        .embedding_scale = 1,
    };
    read_count(reader, "block_count", 1, MAX_LAYERS, &shape->layers);
    read_count(reader, "embedding_length", 1, MAX_WIDTH, &shape->width);
    read_count(reader, "feed_forward_length", 1, MAX_WIDTH, &shape->feed_forward);
    read_count(reader, "context_length", 1, MAX_CONTEXT, &shape->context);
    read_count(reader, "attention.head_count", 1, MAX_WIDTH, &shape->heads);
    if (reader->err->code != OK)
        return;
    shape->kv_heads = shape->heads;
    shape->head_size = shape->width / shape->heads;
    read_count(reader, "attention.head_count_kv", 1, shape->heads, &shape->kv_heads);
    read_count(reader, "attention.key_length", 1, MAX_WIDTH, &shape->head_size);
    shape->rope_size = shape->head_size;
    read_count(reader, "rope.dimension_count", 2, MAX_WIDTH, &shape->rope_size);
    read_count(reader, "attention.sliding_window", 0, MAX_CONTEXT, &shape->window);
    read_real(reader, "attention.layer_norm_rms_epsilon", 0, 1, &shape->norm_epsilon);
    read_real(reader, "rope.freq_base", 1, 1e12, &shape->rope_base);
    read_rope_scaling(reader, shape);
    check_shape(reader, shape);
    shape->rope_base_local = architecture->rope_base_local > 0
                                 ? architecture->rope_base_local
                                 : shape->rope_base;
    if (architecture->scaled_embedding)
        shape->embedding_scale = (double)sqrtf((float)shape->width);
}

/* A tensor of exactly this shape; outputs 0: a vector. Missing: NULL and, when needed,
 * an error. */
static const struct tensor *take(struct reader *reader, bool is_needed, uint64_t inputs,
                                 uint64_t outputs, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static const struct tensor *take(struct reader *reader, bool is_needed, uint64_t inputs,
                                 uint64_t outputs, const char *format, ...)
{
    char name[96];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (reader->err->code != OK)
        return NULL;

    const struct tensor *tensor = model_file_find_tensor(&reader->model->file, name);
    if (!tensor) {
        if (is_needed)
            error_set(reader->err, ERR_FORMAT, "no tensor %s", name);
        return NULL;
    }
    unsigned dims = outputs ? 2 : 1;
    if (tensor->dims != dims || tensor->extent[0] != inputs ||
        tensor->extent[1] != (outputs ? outputs : 1)) {
        error_set(reader->err, ERR_FORMAT,
                  "tensor %s: expected %llu x %llu, found %llu x %llu (%u dimensions)",
                  name, (unsigned long long)inputs,
                  (unsigned long long)(outputs ? outputs : 1),
                  (unsigned long long)tensor->extent[0],
                  (unsigned long long)tensor->extent[1], tensor->dims);
        return NULL;
    }
    if (!tensor->format->decode) {
        error_set(reader->err, ERR_FORMAT, "tensor %s is %s, which is not supported",
                  name, tensor->format->name);
        return NULL;
    }
    reader->taken[tensor - reader->model->file.tensors] = true;
    return tensor;
}

/* Decodes a vector into `to`, or into the arena when `to` is NULL. */
static const float *load(struct reader *reader, const struct tensor *tensor, float *to)
{
    if (!tensor || reader->err->code != OK)
        return NULL;
    float *values =
        to ? to : arena_array(&reader->model->arena, tensor->extent[0], sizeof *values);
    if (!values) {
        error_memory(reader->err, tensor->name.bytes,
                     (double)tensor->extent[0] * sizeof *values);
        return NULL;
    }
    model_file_decode_rows(&reader->model->file, tensor, 0, 1, values, reader->err);
    return values;
}

static struct site *add_site(struct reader *reader, int layer, enum site_role role,
                             uint32_t inputs)
{
    struct model *model = reader->model;
    struct site *site = &model->site[model->sites];
    *site = (struct site){ .layer = layer, .role = role, .inputs = inputs };
    if (layer < 0)
        snprintf(site->name, sizeof site->name, "%s", site_role_name[role]);
    else
        snprintf(site->name, sizeof site->name, "L%02d.%s", layer,
                 site_role_name[role]);
    if (layer >= 0)
        model->layer[layer].site[role] = model->sites;
    model->sites++;
    return site;
}

static void add_matrix(struct site *site, const struct tensor *tensor, uint32_t outputs)
{
    site->matrix[site->matrix_count++] = tensor;
    site->outputs += outputs;
}

static void read_attention(struct reader *reader, uint32_t l)
{
    struct model *model = reader->model;
    const struct model_shape *shape = &model->shape;
    static const char *const name[] = { "q", "k", "v" };
    uint32_t inner = shape->heads * shape->head_size;
    uint32_t cached = shape->kv_heads * shape->head_size;
    const uint32_t outputs[] = { inner, cached, cached };

    struct site *in = add_site(reader, (int)l, ROLE_ATTN_IN, shape->width);
    float *bias = NULL;
    if (model->architecture->projection_bias) {
        bias = arena_array(&model->arena, inner + 2 * cached, sizeof *bias);
        if (!bias)
            error_memory(reader->err, "biases", 4.0 * (inner + 2 * cached));
    }
    for (int i = 0; i < 3; i++) {
        if (bias)
            load(reader,
                 take(reader, true, outputs[i], 0, "blk.%u.attn_%s.bias", l, name[i]),
                 bias + in->outputs);
        add_matrix(in,
                   take(reader, true, shape->width, outputs[i], "blk.%u.attn_%s.weight",
                        l, name[i]),
                   outputs[i]);
    }
    in->bias = bias;
    struct site *out = add_site(reader, (int)l, ROLE_ATTN_OUT, inner);
    add_matrix(out,
               take(reader, true, inner, shape->width, "blk.%u.attn_output.weight", l),
               shape->width);
}

static void read_layer(struct reader *reader, uint32_t l)
{
    struct model *model = reader->model;
    const struct model_shape *shape = &model->shape;
    const struct architecture *architecture = model->architecture;
    struct model_layer *layer = &model->layer[l];
    uint32_t width = shape->width, wide = shape->feed_forward;

    layer->is_windowed = shape->window > 0 &&
                         (!shape->window_period || (l + 1) % shape->window_period != 0);
    layer->attention_norm =
        load(reader, take(reader, true, width, 0, "blk.%u.attn_norm.weight", l), NULL);
    layer->feed_forward_norm =
        load(reader, take(reader, true, width, 0, "blk.%u.ffn_norm.weight", l), NULL);
    if (architecture->head_norms) {
        uint32_t size = shape->head_size;
        layer->query_norm =
            load(reader, take(reader, true, size, 0, "blk.%u.attn_q_norm.weight", l),
                 NULL);
        layer->key_norm =
            load(reader, take(reader, true, size, 0, "blk.%u.attn_k_norm.weight", l),
                 NULL);
    }
    if (architecture->post_norms) {
        layer->post_attention_norm =
            load(reader,
                 take(reader, true, width, 0, "blk.%u.post_attention_norm.weight", l),
                 NULL);
        layer->post_feed_forward_norm =
            load(reader, take(reader, true, width, 0, "blk.%u.post_ffw_norm.weight", l),
                 NULL);
    }
    read_attention(reader, l);
    struct site *in = add_site(reader, (int)l, ROLE_FFN_IN, width);
    add_matrix(in, take(reader, true, width, wide, "blk.%u.ffn_gate.weight", l), wide);
    add_matrix(in, take(reader, true, width, wide, "blk.%u.ffn_up.weight", l), wide);
    struct site *down = add_site(reader, (int)l, ROLE_FFN_DOWN, wide);
    add_matrix(down, take(reader, true, wide, width, "blk.%u.ffn_down.weight", l),
               width);
}

static void read_rope_factors(struct reader *reader)
{
    uint32_t pairs = reader->model->shape.rope_size / 2;
    const float *factor =
        load(reader, take(reader, false, pairs, 0, "rope_freqs.weight"), NULL);
    for (uint32_t i = 0; factor && reader->err->code == OK && i < pairs; i++)
        if (!(factor[i] > 0))
            error_set(reader->err, ERR_FORMAT,
                      "rope_freqs.weight: expected divisors above 0, found %g",
                      (double)factor[i]);
    reader->model->rope_factors = factor;
}

static void read_ends(struct reader *reader)
{
    struct model *model = reader->model;
    struct model_shape *shape = &model->shape;
    const struct tensor *embedding =
        model_file_find_tensor(&model->file, "token_embd.weight");
    const struct metadata *tokens =
        model_file_find(&model->file, "tokenizer.ggml.tokens");
    uint64_t vocabulary = embedding ? embedding->extent[1] : 0;

    if (embedding && (vocabulary < 1 || vocabulary > INT32_MAX))
        error_set(reader->err, ERR_FORMAT, "token_embd.weight: %llu tokens",
                  (unsigned long long)vocabulary);
    else if (embedding && tokens && tokens->count != vocabulary)
        error_set(reader->err, ERR_FORMAT,
                  "%zu tokens in the vocabulary, %llu embedded", tokens->count,
                  (unsigned long long)vocabulary);
    shape->vocabulary = (uint32_t)vocabulary;
    model->embedding = take(reader, true, shape->width, vocabulary ? vocabulary : 1,
                            "token_embd.weight");
    model->output_norm =
        load(reader, take(reader, true, shape->width, 0, "output_norm.weight"), NULL);
    read_rope_factors(reader);
    const struct tensor *output =
        take(reader, false, shape->width, vocabulary, "output.weight");
    model->is_tied = output == NULL;
    struct site *head = add_site(reader, -1, ROLE_HEAD, shape->width);
    add_matrix(head, output ? output : model->embedding, shape->vocabulary);
}

/* A tensor that no step takes would silently change what the model computes. */
static void refuse_unread(struct reader *reader)
{
    const struct model_file *file = &reader->model->file;
    for (size_t t = 0; t < file->tensor_count && reader->err->code == OK; t++)
        if (!reader->taken[t])
            error_set(reader->err, ERR_FORMAT,
                      "tensor %s has no place in architecture %s",
                      printable(file->tensors[t].name).text,
                      reader->model->architecture->name);
}

static enum error_code read_model(struct model *model, struct error *err)
{
    struct text name = { "", 0 };
    if (model_file_text(&model->file, "general.architecture", &name, err) != OK)
        return err->code;
    model->architecture = architecture_find(name.bytes);
    if (!model->architecture)
        return error_set(err, ERR_FORMAT, "architecture '%s' is not supported",
                         printable(name).text);
    if (model->file.tensor_count == 0)
        return error_set(err, ERR_FORMAT, "holds a vocabulary but no tensors");

    struct reader reader = { .model = model, .err = err };
    read_shape(&reader);
    if (err->code != OK)
        return err->code;
    /* Ten tensors a layer at least: a block count beyond the file's tensors is a
     * lie. */
    if (model->shape.layers > model->file.tensor_count)
        return error_set(err, ERR_FORMAT, "%u layers, but only %zu tensors",
                         model->shape.layers, model->file.tensor_count);
    uint32_t layers = model->shape.layers;
    model->layer = arena_array(&model->arena, layers, sizeof *model->layer);
    model->site = arena_array(&model->arena, layers * 4 + 1, sizeof *model->site);
    reader.taken = arena_array(&model->arena, model->file.tensor_count, sizeof(bool));
    if (!model->layer || !model->site || !reader.taken)
        return error_memory(err, "layers", layers * 1e3);
    for (uint32_t l = 0; l < layers && err->code == OK; l++)
        read_layer(&reader, l);
    read_ends(&reader);
    refuse_unread(&reader);
    return err->code;
}

enum error_code model_open(struct model *model, const char *path, struct error *err)
{
    *model = (struct model){ 0 };
    err->code = OK;
    if (model_file_open(&model->file, path, err) != OK)
        return err->code;
    if (read_model(model, err) != OK) {
        error_wrap(err, "%s", path);
        model_close(model);
    }
    return err->code;
}

void model_close(struct model *model)
{
    model_file_close(&model->file);
    arena_free(&model->arena);
    *model = (struct model){ 0 };
}
