/* The llama2.c checkpoint: seven 32-bit numbers, then float32 tensors in a fixed order
 * with nothing between them; matrices of all layers stand together. It is turned into
 * what a GGUF file of the llama architecture would say. There is no magic: the file is
 * taken for a checkpoint when its numbers give exactly its size, with or without two
 * tables of rotations that older writers put behind the last norm. */
#include "lm/block_format.h"
#include "lm/model_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_BYTES = 7 * 4, FLOAT_BYTES = 4, F32_ID = 0 };

struct header {
    uint32_t width, feed_forward, layers, heads, kv_heads, vocabulary, context;
    bool is_tied; /* no classifier: the head reads the embedding */
};

/* What the tensors are made of. */
enum extent_kind { NONE, WIDTH, KV_WIDTH, FEED_FORWARD, VOCABULARY, EXTENT_KINDS };

struct part {
    const char *name; /* behind "blk.N." if there is one per layer */
    bool per_layer;
    enum extent_kind inputs, outputs;
};

/* In file order. The rotation tables, if any, stand between the last two. */
static const struct part parts[] = {
    { "token_embd.weight", false, WIDTH, VOCABULARY },
    { "attn_norm.weight", true, WIDTH, NONE },
    { "attn_q.weight", true, WIDTH, WIDTH },
    { "attn_k.weight", true, WIDTH, KV_WIDTH },
    { "attn_v.weight", true, WIDTH, KV_WIDTH },
    { "attn_output.weight", true, WIDTH, WIDTH },
    { "ffn_norm.weight", true, WIDTH, NONE },
    { "ffn_gate.weight", true, WIDTH, FEED_FORWARD },
    { "ffn_down.weight", true, FEED_FORWARD, WIDTH },
    { "ffn_up.weight", true, WIDTH, FEED_FORWARD },
    { "output_norm.weight", false, WIDTH, NONE },
    { "output.weight", false, WIDTH, VOCABULARY },
};
enum { PARTS = sizeof parts / sizeof parts[0], CLASSIFIER = PARTS - 1 };

static size_t part_count(const struct header *h)
{
    return h->is_tied ? CLASSIFIER : PARTS;
}

static uint64_t extent(const struct header *h, enum extent_kind kind)
{
    const uint64_t extents[EXTENT_KINDS] = {
        [NONE] = 1,
        [WIDTH] = h->width,
        [KV_WIDTH] = (uint64_t)h->width / h->heads * h->kv_heads,
        [FEED_FORWARD] = h->feed_forward,
        [VOCABULARY] = h->vocabulary,
    };
    return extents[kind];
}

/* Of one matrix; at most 2^64 - 2^33, since both extents are below 2^31. */
static uint64_t part_bytes(const struct header *h, const struct part *part)
{
    return extent(h, part->inputs) * extent(h, part->outputs) * FLOAT_BYTES;
}

/* Total of all parts; false when it passes `limit`. */
static bool add_parts(const struct header *h, uint64_t limit, uint64_t *total)
{
    *total = HEADER_BYTES;
    for (size_t i = 0; i < part_count(h); i++) {
        uint64_t copies = parts[i].per_layer ? h->layers : 1;
        uint64_t bytes = part_bytes(h, &parts[i]);
        if (bytes > (limit - *total) / copies)
            return false;
        *total += bytes * copies;
    }
    return true;
}

/* Two tables of (context, head size / 2). */
static uint64_t rotation_bytes(const struct header *h)
{
    return (uint64_t)h->context * (h->width / h->heads) * FLOAT_BYTES;
}

static bool read_header(struct byte_reader *in, struct header *h)
{
    uint32_t number[7];
    for (size_t i = 0; i < 7; i++)
        if (!byte_reader_u32(in, &number[i]))
            return false;
    /* A negative vocabulary says that a classifier of its own follows. */
    bool is_tied = number[5] <= INT32_MAX;
    if (!is_tied)
        number[5] = 0 - number[5];
    for (size_t i = 0; i < 7; i++)
        if (number[i] == 0 || number[i] > INT32_MAX)
            return false;
    *h = (struct header){ number[0], number[1], number[2], number[3],
                          number[4], number[5], number[6], is_tied };
    return h->width % h->heads == 0 && h->width / h->heads % 2 == 0 &&
           h->kv_heads <= h->heads && h->heads % h->kv_heads == 0;
}

static enum error_code refuse(const struct byte_reader *in, struct error *err)
{
    char bytes[4 * 3 + 1] = "";
    size_t shown = in->size < 4 ? in->size : 4;
    for (size_t i = 0; i < shown; i++)
        snprintf(bytes + 3 * i, 4, " %02x", (unsigned)in->bytes[i]);
    return error_set(err, ERR_FORMAT,
                     "unknown format of %" PRIu64 " bytes beginning%s, "
                     "expected GGUF (47 47 55 46) or the seven numbers of a llama2.c "
                     "checkpoint",
                     in->file_size, bytes);
}

static enum error_code check_size(const struct header *h, uint64_t file_size,
                                  bool *has_rotations, struct error *err)
{
    uint64_t total, rotations = rotation_bytes(h);
    bool is_known = add_parts(h, file_size, &total);
    *has_rotations = is_known && file_size - total == rotations;
    if (is_known && (file_size == total || *has_rotations))
        return OK;

    char expected[80] = "more";
    if (add_parts(h, INT64_MAX, &total))
        snprintf(expected, sizeof expected, "%" PRIu64 " or %" PRIu64, total,
                 total + rotations);
    return error_set(err, ERR_FORMAT,
                     "no GGUF magic, and as a llama2.c checkpoint (width "
                     "%" PRIu32 ", feed-forward %" PRIu32 ", layers %" PRIu32
                     ", heads %" PRIu32 ", KV heads %" PRIu32 ", vocabulary %" PRIu32
                     ", context %" PRIu32 ") %s bytes expected, found %" PRIu64,
                     h->width, h->feed_forward, h->layers, h->heads, h->kv_heads,
                     h->vocabulary, h->context, expected, file_size);
}

static bool add_tensor(struct model_file *file, const struct header *h,
                       const struct part *part, const char *name, uint64_t offset)
{
    struct tensor *tensor = &file->tensors[file->tensor_count++];
    size_t length = strlen(name);
    *tensor = (struct tensor){
        .name = { arena_text(&file->arena, name, length), length },
        .format = block_format_find(F32_ID),
        .dims = part->outputs == NONE ? 1 : 2,
        .extent = { extent(h, part->inputs), extent(h, part->outputs), 1, 1 },
        .offset = offset,
        .bytes = part_bytes(h, part),
    };
    return tensor->name.bytes != NULL;
}

static bool add_tensors(struct model_file *file, const struct header *h,
                        bool has_rotations)
{
    size_t most = (size_t)h->layers * PARTS + PARTS;
    file->tensors = arena_array(&file->arena, most, sizeof *file->tensors);
    bool is_good = file->tensors != NULL;
    uint64_t offset = HEADER_BYTES;
    for (size_t i = 0; i < part_count(h); i++) {
        uint32_t copies = parts[i].per_layer ? h->layers : 1;
        if (i == CLASSIFIER && has_rotations)
            offset += rotation_bytes(h);
        for (uint32_t layer = 0; layer < copies && is_good; layer++) {
            char name[64];
            if (parts[i].per_layer)
                snprintf(name, sizeof name, "blk.%" PRIu32 ".%s", layer, parts[i].name);
            else
                snprintf(name, sizeof name, "%s", parts[i].name);
            is_good = add_tensor(file, h, &parts[i], name, offset);
            offset += part_bytes(h, &parts[i]);
        }
    }
    return is_good;
}

static struct text literal(const char *text)
{
    return (struct text){ text, strlen(text) };
}

static struct metadata whole(const char *key, uint32_t n)
{
    return (struct metadata){ .key = literal(key), .type = VALUE_U32, .value.u = n };
}

static struct metadata real(const char *key, double x)
{
    return (struct metadata){ .key = literal(key), .type = VALUE_F32, .value.f = x };
}

static bool add_metadata(struct model_file *file, const struct header *h)
{
    const struct metadata entries[] = {
        { .key = literal("general.architecture"),
          .type = VALUE_STRING,
          .value.text = literal("llama") },
        whole("llama.block_count", h->layers),
        whole("llama.context_length", h->context),
        whole("llama.embedding_length", h->width),
        whole("llama.feed_forward_length", h->feed_forward),
        whole("llama.attention.head_count", h->heads),
        whole("llama.attention.head_count_kv", h->kv_heads),
        real("llama.attention.layer_norm_rms_epsilon", (double)1e-5f),
        whole("llama.rope.dimension_count", h->width / h->heads),
        real("llama.rope.freq_base", 10000),
        whole("llama.vocab_size", h->vocabulary),
    };
    size_t count = sizeof entries / sizeof entries[0];
    file->metadata = arena_array(&file->arena, count, sizeof entries[0]);
    if (!file->metadata)
        return false;
    memcpy(file->metadata, entries, sizeof entries);
    file->metadata_count = count;
    return true;
}

enum error_code llama2c_parse(struct model_file *file, struct byte_reader *in,
                              struct error *err)
{
    struct header h;
    bool has_rotations;
    if (!read_header(in, &h))
        return refuse(in, err);
    if (check_size(&h, in->file_size, &has_rotations, err) != OK)
        return err->code;
    if (!add_metadata(file, &h) || !add_tensors(file, &h, has_rotations))
        return error_memory(err, "tensor descriptions",
                            (double)h.layers * PARTS * sizeof *file->tensors);
    if (model_file_index_metadata(file, err) != OK)
        return err->code;
    return model_file_index_tensors(file, err);
}
