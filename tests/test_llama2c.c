/* The llama2.c checkpoint: sizes that are taken and refused, and where tensors lie. */
#include "lm/block_format.h"
#include "lm/model_file.h"
#include "tests/gguf_builder.h"
#include "tests/suites.h"

#include <stdlib.h>
#include <string.h>

/* A checkpoint of zeros: header, then `floats` numbers. */
static enum error_code parse_zeros(struct model_file *file, const int32_t header[7],
                                   size_t floats, size_t extra, struct error *err)
{
    struct byte_buffer buffer = { 0 };
    for (int i = 0; i < 7; i++)
        byte_buffer_number(&buffer, (uint32_t)header[i], 4);
    enum error_code code =
        model_file_parse(file, buffer.bytes, buffer.size,
                         buffer.size + floats * sizeof(float) + extra, err);
    byte_buffer_release(&buffer);
    return code;
}

/* Width 8, feed-forward 12, 3 layers, 4 heads of 2, 2 of keys, vocabulary 10, context
 * 5. */
enum {
    LAYERS = 3,
    EMBEDDING = 10 * 8,
    NORM = 8,
    SQUARE = 8 * 8,
    KEYS = 4 * 8,
    WIDE = 12 * 8,
    TIED = EMBEDDING + LAYERS * (2 * NORM + 2 * SQUARE + 2 * KEYS + 3 * WIDE) + NORM,
    ROTATIONS = 5 * 2,
};
static const int32_t tied[7] = { 8, 12, LAYERS, 4, 2, 10, 5 };
static const int32_t untied[7] = { 8, 12, LAYERS, 4, 2, -10, 5 };

static void check_tensor(const struct model_file *file, const char *name,
                         uint64_t inputs, uint64_t outputs, size_t floats_before)
{
    const struct tensor *tensor = model_file_find_tensor(file, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tensor);
    CU_ASSERT_EQUAL(tensor->extent[0], inputs);
    CU_ASSERT_EQUAL(tensor->extent[1], outputs ? outputs : 1);
    CU_ASSERT_EQUAL(tensor->dims, outputs ? 2 : 1);
    CU_ASSERT_EQUAL(tensor->bytes, 4 * inputs * (outputs ? outputs : 1));
    CU_ASSERT_EQUAL(tensor->offset, 28 + 4 * floats_before);
}

static void check_layers(const struct model_file *file)
{
    size_t at = EMBEDDING;
    check_tensor(file, "token_embd.weight", 8, 10, 0);
    check_tensor(file, "blk.1.attn_norm.weight", 8, 0, at + NORM);
    at += LAYERS * NORM;
    check_tensor(file, "blk.2.attn_q.weight", 8, 8, at + 2 * SQUARE);
    at += LAYERS * SQUARE;
    check_tensor(file, "blk.1.attn_k.weight", 8, 4, at + KEYS);
    at += LAYERS * KEYS;
    check_tensor(file, "blk.0.attn_v.weight", 8, 4, at);
    at += LAYERS * KEYS;
    check_tensor(file, "blk.0.attn_output.weight", 8, 8, at);
    at += LAYERS * SQUARE;
    check_tensor(file, "blk.2.ffn_norm.weight", 8, 0, at + 2 * NORM);
    at += LAYERS * NORM;
    check_tensor(file, "blk.1.ffn_gate.weight", 8, 12, at + WIDE);
    at += LAYERS * WIDE;
    check_tensor(file, "blk.1.ffn_down.weight", 12, 8, at + WIDE);
    at += LAYERS * WIDE;
    check_tensor(file, "blk.2.ffn_up.weight", 8, 12, at + 2 * WIDE);
    at += LAYERS * WIDE;
    check_tensor(file, "output_norm.weight", 8, 0, at);
}

static void tensors_lie_where_the_order_puts_them(void)
{
    struct model_file file;
    struct error err = { 0 };
    for (int has_rotations = 0; has_rotations < 2; has_rotations++) {
        size_t floats = TIED + (has_rotations ? ROTATIONS : 0);
        CU_ASSERT_FATAL(parse_zeros(&file, tied, floats, 0, &err) == OK);
        check_layers(&file);
        CU_ASSERT_EQUAL(file.tensor_count, 3 * 9 + 2);
        CU_ASSERT_PTR_NULL(model_file_find_tensor(&file, "output.weight"));
        model_file_close(&file);

        CU_ASSERT_FATAL(parse_zeros(&file, untied, floats + EMBEDDING, 0, &err) == OK);
        check_layers(&file);
        check_tensor(&file, "output.weight", 8, 10, floats);
        model_file_close(&file);
    }
}

static void the_header_becomes_metadata_of_a_llama(void)
{
    static const struct {
        const char *key;
        uint32_t value;
    } whole[] = {
        { "llama.block_count", 3 },          { "llama.context_length", 5 },
        { "llama.embedding_length", 8 },     { "llama.feed_forward_length", 12 },
        { "llama.attention.head_count", 4 }, { "llama.attention.head_count_kv", 2 },
        { "llama.rope.dimension_count", 2 }, { "llama.vocab_size", 10 },
    };
    struct model_file file;
    struct error err = { 0 };
    struct text text = { "", 0 };
    double epsilon = 0, base = 0;
    CU_ASSERT_FATAL(parse_zeros(&file, untied, TIED + EMBEDDING, 0, &err) == OK);
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        uint32_t value = 0;
        CU_ASSERT_EQUAL(model_file_u32(&file, whole[i].key, &value, &err), OK);
        CU_ASSERT_EQUAL(value, whole[i].value);
    }
    CU_ASSERT(model_file_text(&file, "general.architecture", &text, &err) == OK);
    CU_ASSERT_STRING_EQUAL(text.bytes, "llama");
    model_file_float(&file, "llama.attention.layer_norm_rms_epsilon", &epsilon, &err);
    model_file_float(&file, "llama.rope.freq_base", &base, &err);
    CU_ASSERT(epsilon == (double)1e-5f && base == 10000);
    model_file_close(&file);
}

static void only_the_exact_sizes_are_taken(void)
{
    struct model_file file;
    struct error err = { 0 };
    for (size_t floats = 0; floats < TIED + 2 * EMBEDDING; floats++)
        for (size_t extra = 0; extra < sizeof(float); extra++) {
            bool is_size = extra == 0 && (floats == TIED || floats == TIED + ROTATIONS);
            enum error_code code = parse_zeros(&file, tied, floats, extra, &err);
            CU_ASSERT_EQUAL(code, is_size ? OK : ERR_FORMAT);
            model_file_close(&file);
        }
    CU_ASSERT_EQUAL(parse_zeros(&file, tied, TIED - 1, 0, &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "layers 3, heads 4, KV heads 2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "bytes expected, found"));
}

/* Each with the size that a plain product of the numbers would give, wrapped or not. */
static void impossible_headers_are_refused(void)
{
    static const int32_t most = INT32_MAX;
    static const int32_t headers[][7] = {
        { 0, 12, 3, 4, 2, 10, 5 },
        { 8, 0, 3, 4, 2, 10, 5 },
        { 8, 12, 0, 4, 2, 10, 5 },
        { 8, 12, 3, 0, 2, 10, 5 },
        { 8, 12, 3, 4, 0, 10, 5 },
        { 8, 12, 3, 4, 2, 0, 5 },
        { 8, 12, 3, 4, 2, 10, 0 },
        { -8, 12, 3, 4, 2, 10, 5 },
        { 8, 12, 3, 3, 1, 10, 5 }, /* width is no multiple of the heads */
        { 8, 12, 3, 4, 3, 10, 5 }, /* heads are no multiple of the KV heads */
        { 8, 12, 3, 2, 4, 10, 5 }, /* more KV heads than heads */
        { 8, 12, 3, 8, 8, 10, 5 }, /* heads of one component cannot turn */
        { 8, 12, 3, 4, 2, INT32_MIN, 5 },
        { most - 1, most, most, 1, 1, most, most },
        { most - 1, most, most, 1, 1, -most, most },
        { 1 << 30, 1 << 30, 1 << 30, 1 << 29, 1 << 29, 1 << 30, 1 << 30 },
    };
    struct model_file file;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        for (size_t floats = 0; floats <= 4 * TIED; floats += TIED)
            CU_ASSERT_EQUAL(parse_zeros(&file, headers[i], floats, 0, &err),
                            ERR_FORMAT);
}

static void the_story_model_opens(void)
{
    struct model_file file;
    struct error err = { 0 };
    float values[64];
    const char *path = test_case_path("stories260K.bin");
    if (!path)
        return;
    CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
    CU_ASSERT_EQUAL(file.tensor_count, 5 * 9 + 2);
    const struct tensor *norm = model_file_find_tensor(&file, "output_norm.weight");
    CU_ASSERT_PTR_NOT_NULL_FATAL(norm);
    CU_ASSERT(model_file_decode_rows(&file, norm, 0, 1, values, &err) == OK);
    for (int i = 0; i < 64; i++) /* a trained norm's factors: none is wild */
        CU_ASSERT(values[i] > 0.1f && values[i] < 20);
    model_file_close(&file);
}

CU_TestInfo llama2c_tests[] = {
    { "tensors lie where the order puts them", tensors_lie_where_the_order_puts_them },
    { "the header becomes metadata of a llama",
      the_header_becomes_metadata_of_a_llama },
    { "only the exact sizes are taken", only_the_exact_sizes_are_taken },
    { "impossible headers are refused", impossible_headers_are_refused },
    { "the story model opens", the_story_model_opens },
    CU_TEST_INFO_NULL,
};
