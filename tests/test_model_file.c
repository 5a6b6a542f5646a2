/* Model files: what is read, and what is refused. The broken files are one good file
 * with one number changed; notes/formats.md has the list of checks they go through. */
#include "lm/block_format.h"
#include "lm/model_file.h"
#include "tests/gguf_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[] = { "a", "bc", "" };

/* Metadata of every shape, and three tensors behind one another. */
static void add_sample(struct gguf_builder *b)
{
    static const float values[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    float ramp[64];
    for (int i = 0; i < 64; i++)
        ramp[i] = (float)(i - 20) / 4;
    gguf_builder_init(b);
    gguf_builder_u32(b, "general.alignment", 32);
    gguf_builder_bool(b, "flag", true);
    gguf_builder_text(b, "name", "abc");
    gguf_builder_array(b, "list", VALUE_I16, 3, (int16_t[]){ -2, 0, 300 }, 6);
    gguf_builder_array(b, "bits", VALUE_BOOL, 2, "\1\0", 2);
    gguf_builder_texts(b, "words", 3, words);
    gguf_builder_value(b, "twin1", VALUE_U8, "\377", 1);
    gguf_builder_value(b, "twin2", VALUE_I8, "\377", 1);
    gguf_builder_f32(b, "plain1", 4, 2, values);
    gguf_builder_f32(b, "plain2", 4, 2, values);
    gguf_builder_q8_0(b, "quant1", 32, 2, ramp);
}

static uint8_t *sample_bytes(size_t *size)
{
    struct gguf_builder b;
    add_sample(&b);
    uint8_t *bytes = gguf_builder_bytes(&b, size);
    gguf_builder_release(&b);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    return bytes;
}

/* Parses a copy in its own allocation, so that the sanitizer sees a read behind it. */
static enum error_code parse_copy(struct model_file *file, const uint8_t *bytes,
                                  size_t size, uint64_t file_size, struct error *err)
{
    uint8_t *copy = malloc(size + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    uint8_t *end = copy + 1; /* misaligned, too */
    memcpy(end, bytes, size);
    enum error_code code = model_file_parse(file, end, size, file_size, err);
    free(copy);
    return code;
}

/* A file of these bytes; its name stays until the next call. */
static const char *file_of(const uint8_t *bytes, size_t size)
{
    const char *path = temporary_path("model");
    FILE *out = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, size, out), size);
    CU_ASSERT_EQUAL(fclose(out), 0);
    return path;
}

static bool text_is(struct text text, const char *expected)
{
    return text.length == strlen(expected) && strcmp(text.bytes, expected) == 0;
}

static void metadata_is_found_and_widened(void)
{
    struct model_file file;
    struct error err = { 0 };
    size_t size;
    uint8_t *bytes = sample_bytes(&size);
    CU_ASSERT_FATAL(parse_copy(&file, bytes, size, size, &err) == OK);
    CU_ASSERT_EQUAL(file.metadata_count, 8);
    CU_ASSERT(text_is(file.metadata[2].key, "name"));

    const struct metadata *list = model_file_find(&file, "list");
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT(list->type == VALUE_ARRAY && list->element_type == VALUE_I16);
    CU_ASSERT(list->count == 3 && list->array.i[0] == -2 && list->array.i[2] == 300);
    const struct metadata *bits = model_file_find(&file, "bits");
    CU_ASSERT(bits && bits->count == 2 && bits->array.u[0] == 1 && !bits->array.u[1]);
    const struct metadata *texts = model_file_find(&file, "words");
    CU_ASSERT_PTR_NOT_NULL_FATAL(texts);
    for (int i = 0; i < 3; i++)
        CU_ASSERT(text_is(texts->array.text[i], words[i]));
    CU_ASSERT_EQUAL(model_file_find(&file, "twin1")->value.u, 255);
    CU_ASSERT_EQUAL(model_file_find(&file, "twin2")->value.i, -1);
    CU_ASSERT_PTR_NULL(model_file_find(&file, "twin"));
    CU_ASSERT_PTR_NULL(model_file_find(&file, ""));
    CU_ASSERT_PTR_NULL(model_file_find_tensor(&file, "name"));
    model_file_close(&file);
    free(bytes);
}

static void numbers_of_every_type_are_read(void)
{
    static const double big = 1e300;
    static const float third = 1 / 3.0f;
    struct gguf_builder b;
    struct model_file file;
    struct error err = { 0 };
    size_t size;
    gguf_builder_init(&b);
    gguf_builder_value(&b, "u16", VALUE_U16, "\1\200", 2);
    gguf_builder_value(&b, "i16", VALUE_I16, "\1\200", 2);
    gguf_builder_value(&b, "i32", VALUE_I32, "\0\0\0\200", 4);
    gguf_builder_value(&b, "u64", VALUE_U64, "\377\377\377\377\377\377\377\377", 8);
    gguf_builder_value(&b, "i64", VALUE_I64, "\377\377\377\377\377\377\377\377", 8);
    gguf_builder_value(&b, "f64", VALUE_F64, &big, 8);
    gguf_builder_float(&b, "f32", third);
    gguf_builder_array(&b, "floats", VALUE_F32, 1, &third, 4);
    gguf_builder_array(&b, "none", VALUE_U64, 0, NULL, 0);
    b.version = 2;
    uint8_t *bytes = gguf_builder_bytes(&b, &size);
    CU_ASSERT_FATAL(parse_copy(&file, bytes, size, size, &err) == OK);
    CU_ASSERT_EQUAL(model_file_find(&file, "u16")->value.u, 0x8001);
    CU_ASSERT_EQUAL(model_file_find(&file, "i16")->value.i, 0x8001 - 0x10000);
    CU_ASSERT_EQUAL(model_file_find(&file, "i32")->value.i, INT32_MIN);
    CU_ASSERT_EQUAL(model_file_find(&file, "u64")->value.u, UINT64_MAX);
    CU_ASSERT_EQUAL(model_file_find(&file, "i64")->value.i, -1);
    CU_ASSERT_EQUAL(model_file_find(&file, "f64")->value.f, 1e300);
    CU_ASSERT_EQUAL(model_file_find(&file, "f32")->value.f, (double)third);
    CU_ASSERT_EQUAL(model_file_find(&file, "floats")->array.f[0], (double)third);
    CU_ASSERT_EQUAL(model_file_find(&file, "none")->count, 0);
    model_file_close(&file);
    gguf_builder_release(&b);
    free(bytes);
}

static void typed_access_checks_the_type(void)
{
    struct gguf_builder b;
    struct model_file file;
    struct error err = { 0 };
    size_t size;
    gguf_builder_init(&b);
    gguf_builder_u32(&b, "whole", 7);
    gguf_builder_value(&b, "negative", VALUE_I8, "\377", 1);
    gguf_builder_value(&b, "large", VALUE_U64, "\0\0\0\0\1\0\0\0", 8);
    gguf_builder_float(&b, "real", 0.5f);
    gguf_builder_float(&b, "nan", NAN);
    gguf_builder_bool(&b, "yes", true);
    gguf_builder_text(&b, "text", "words");
    uint8_t *bytes = gguf_builder_bytes(&b, &size);
    CU_ASSERT_FATAL(parse_copy(&file, bytes, size, size, &err) == OK);

    uint32_t whole = 1;
    double real = 2;
    bool yes = false;
    struct text text = { "", 0 };
    CU_ASSERT(model_file_u32(&file, "absent", &whole, &err) == OK && whole == 1);
    CU_ASSERT(model_file_u32(&file, "whole", &whole, &err) == OK && whole == 7);
    CU_ASSERT_EQUAL(model_file_u32(&file, "negative", &whole, &err), ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "key negative: expected 0 to 4294967295, found -1");
    CU_ASSERT_EQUAL(model_file_u32(&file, "large", &whole, &err), ERR_FORMAT);
    CU_ASSERT_EQUAL(model_file_u32(&file, "real", &whole, &err), ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(err.text, "key real: expected a whole number, found f32");
    CU_ASSERT(model_file_float(&file, "real", &real, &err) == OK && real == 0.5);
    CU_ASSERT_EQUAL(model_file_float(&file, "nan", &real, &err), ERR_FORMAT);
    CU_ASSERT_EQUAL(model_file_float(&file, "whole", &real, &err), ERR_FORMAT);
    CU_ASSERT(model_file_bool(&file, "yes", &yes, &err) == OK && yes);
    CU_ASSERT_EQUAL(model_file_bool(&file, "text", &yes, &err), ERR_FORMAT);
    CU_ASSERT(model_file_text(&file, "text", &text, &err) == OK);
    CU_ASSERT(text_is(text, "words"));
    CU_ASSERT_EQUAL(model_file_text(&file, "yes", &text, &err), ERR_FORMAT);
    CU_ASSERT(whole == 7 && real == 0.5);
    model_file_close(&file);
    gguf_builder_release(&b);
    free(bytes);
}

/* One number of the sample file changed: `width` bytes, `delta` behind the place where
 * the text `anchor` stands. */
struct broken {
    const char *anchor;
    int delta;
    size_t width;
    uint64_t value;
    const char *message; /* stands somewhere in the error */
};

static const uint64_t huge = (uint64_t)1 << 62;

static const struct broken broken[] = {
    { "GGUF", 0, 1, 'g', "unknown format" },
    { "GGUF", 4, 4, 0, "GGUF version 0, expected 2 or 3" },
    { "GGUF", 4, 4, 1, "GGUF version 1" },
    { "GGUF", 4, 4, 4, "GGUF version 4" },
    { "GGUF", 4, 4, 0x03000000, "big-endian" },
    /* 1: lengths whose sum with the position wraps */
    { "flag", -8, 8, UINT64_MAX - 30, "a key of 18446744073709551585 bytes" },
    { "name", 4 + 4, 8, UINT64_MAX - 30, "key name: a string" },
    /* 2: counts */
    { "GGUF", 8, 8, (uint64_t)1 << 59, "tensor descriptions" },
    { "GGUF", 16, 8, UINT64_MAX / 8, "metadata entries" },
    { "GGUF", 16, 8, 40, "metadata entries" },
    /* 3: strings and arrays */
    { "flag", -8, 8, 100000, "a key of 100000 bytes" },
    { "name", 4 + 4, 8, 100000, "a string of 100000 bytes" },
    { "list", 4 + 8, 8, huge, "key list: 4611686018427387904 array elements" },
    { "words", 5 + 8, 8, huge, "key words" },
    { "words", 5 + 16, 8, huge, "key words: file ends inside an array of strings" },
    /* 4: value types */
    { "flag", 4, 4, 13, "key flag: value type 13" },
    { "flag", 4 + 4, 1, 2, "key flag: bool is 2" },
    { "list", 4 + 4, 4, VALUE_ARRAY, "key list: array of arrays" },
    { "list", 4 + 4, 4, 99, "key list: value type 99" },
    { "bits", 4 + 17, 1, 255, "key bits: bool is 255" },
    /* 5: names */
    { "flag", -8, 8, 0, "metadata entry 2 of 8: key is empty" },
    { "twin2", 4, 1, '1', "key twin1 comes twice" },
    { "plain1", -8, 8, 0, "tensor 1 of 3: name is empty" },
    { "plain2", 5, 1, '1', "tensor plain1 comes twice" },
    /* 6: alignment */
    { "general.alignment", 17 + 4, 4, 0, "general.alignment: 0, expected" },
    { "general.alignment", 17 + 4, 4, 4, "general.alignment: 4, expected" },
    { "general.alignment", 17 + 4, 4, 48, "general.alignment: 48, expected" },
    { "general.alignment", 17 + 4, 4, 1 << 21, "general.alignment: 2097152" },
    { "general.alignment", 17, 4, VALUE_I32, "type i32, expected u32" },
    /* 7: dimensions */
    { "plain1", 6, 4, 0, "tensor plain1: 0 dimensions" },
    { "plain1", 6, 4, 5, "tensor plain1: 5 dimensions" },
    { "plain1", 10, 8, 0, "tensor plain1: dimension 1 is 0" },
    { "plain1", 18, 8, 0, "tensor plain1: dimension 2 is 0" },
    { "plain1", 10, 8, huge, "tensor plain1: 4611686018427387904 x 2" },
    { "plain1", 18, 8, huge, "tensor plain1: 4 x 4611686018427387904" },
    { "plain1", 18, 8, 1000, "are more than the file's" },
    /* 8: types */
    { "plain1", 26, 4, 4, "tensor plain1: type 4 is unknown" },
    { "quant1", 10, 8, 33,
      "tensor quant1: rows of 33 elements, but Q8_0 has blocks of 32" },
    { "plain1", 26, 4, 28, "overlap" },
    /* 9: places */
    { "plain2", 30, 8, 33, "tensor plain2: offset 33 is not a multiple" },
    { "plain2", 30, 8, 1 << 20, "tensor plain2: 32 bytes at offset 1048576" },
    { "plain2", 30, 8, UINT64_MAX - 31, "tensor plain2: 32 bytes at offset" },
    { "plain2", 30, 8, 0, "overlap" },
    { "quant1", 30, 8, 32, "tensors plain2 (32 bytes" },
};

static size_t find_anchor(const uint8_t *bytes, size_t size, const char *anchor)
{
    for (size_t at = 0; at + strlen(anchor) <= size; at++)
        if (memcmp(bytes + at, anchor, strlen(anchor)) == 0)
            return at;
    CU_FAIL_FATAL("no such anchor");
    return 0;
}

static void broken_files_are_refused_with_a_reason(void)
{
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        const struct broken *change = &broken[i];
        struct model_file file;
        struct error err = { 0 };
        size_t size;
        uint8_t *bytes = sample_bytes(&size);
        size_t at =
            (size_t)((long)find_anchor(bytes, size, change->anchor) + change->delta);
        for (size_t k = 0; k < change->width; k++)
            bytes[at + k] = (uint8_t)(change->value >> (8 * k));

        enum error_code code = parse_copy(&file, bytes, size, size, &err);
        bool is_named = strstr(err.text, change->message) != NULL;
        CU_ASSERT_EQUAL(code, ERR_FORMAT);
        CU_ASSERT(is_named);
        if (!is_named)
            printf("\n    %s + %d: expected '%s', found '%s'\n", change->anchor,
                   change->delta, change->message, err.text);
        CU_ASSERT_EQUAL(file.arena.bytes, 0);
        model_file_close(&file);
        free(bytes);
    }
}

/* A file that ends early, and a front that does, at every byte. */
static void files_cut_anywhere_are_refused(void)
{
    struct model_file file;
    struct error err = { 0 };
    size_t size, fronts = 0;
    uint8_t *bytes = sample_bytes(&size);
    for (size_t cut = 0; cut < size; cut++) {
        CU_ASSERT_EQUAL(parse_copy(&file, bytes, cut, cut, &err), ERR_FORMAT);
        CU_ASSERT(strlen(err.text) > 20);
        if (parse_copy(&file, bytes, cut, size, &err) == OK)
            fronts++;
        else
            CU_ASSERT(cut < 4 || strstr(err.text, "do not hold all metadata") != NULL);
        model_file_close(&file);
    }
    /* The front alone is enough from the first byte of padding on. */
    CU_ASSERT(fronts >= 32 + 32 + 68);
    CU_ASSERT(fronts < 32 + 32 + 68 + 32);
    free(bytes);
}

/* Nothing to compare with: the sanitizers watch. */
static void files_with_any_byte_changed_do_no_harm(void)
{
    static const uint8_t change[] = { 0x01, 0x80, 0xff };
    struct model_file file;
    struct error err = { 0 };
    size_t size;
    uint8_t *bytes = sample_bytes(&size);
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; i < sizeof change; i++) {
            bytes[at] ^= change[i];
            if (parse_copy(&file, bytes, size, size, &err) == OK)
                model_file_close(&file);
            else
                CU_ASSERT(strlen(err.text) > 10);
            bytes[at] ^= change[i];
        }
    free(bytes);
}

/* Control bytes of a hostile name would be obeyed by a terminal. */
static void errors_show_names_without_control_bytes(void)
{
    struct gguf_builder b;
    struct model_file file;
    struct error err = { 0 };
    size_t size;
    gguf_builder_init(&b);
    gguf_builder_value(&b, "\033[2J\n", VALUE_BOOL, "\2", 1);
    uint8_t *bytes = gguf_builder_bytes(&b, &size);
    CU_ASSERT_EQUAL(parse_copy(&file, bytes, size, size, &err), ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(err.text, "key ?[2J?: bool is 2, expected 0 or 1");
    gguf_builder_release(&b);
    free(bytes);
}

static void tensors_are_read_and_decoded_by_row(void)
{
    struct model_file file;
    struct error err = { 0 };
    float values[64];
    uint8_t raw[68];
    size_t size;
    uint8_t *bytes = sample_bytes(&size);
    const char *path = file_of(bytes, size);
    CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
    CU_ASSERT_STRING_EQUAL(file.path, path);
    CU_ASSERT(file.size == size && file.modified > 1500000000);

    const struct tensor *plain = model_file_find_tensor(&file, "plain2");
    const struct tensor *quant = model_file_find_tensor(&file, "quant1");
    CU_ASSERT_FATAL(plain != NULL && quant != NULL);
    CU_ASSERT(plain->dims == 2 && plain->extent[0] == 4 && plain->extent[1] == 2);
    CU_ASSERT(plain->extent[2] == 1 && plain->extent[3] == 1 && plain->bytes == 32);
    CU_ASSERT(model_file_decode_rows(&file, plain, 1, 1, values, &err) == OK);
    CU_ASSERT(values[0] == 5 && values[3] == 8);
    CU_ASSERT(model_file_decode_rows(&file, quant, 0, 2, values, &err) == OK);
    /* Half a step of 43/4/127, and that scale's rounding. */
    for (int i = 0; i < 64; i++)
        CU_ASSERT_DOUBLE_EQUAL((double)values[i], (i - 20) / 4.0, 0.043 + 0.005);
    CU_ASSERT(model_file_read_rows(&file, quant, 0, 2, raw, &err) == OK);
    CU_ASSERT(memcmp(raw, bytes + size - 68, 68) == 0);
    CU_ASSERT(model_file_decode_rows(&file, plain, 2, 0, values, &err) == OK);
    CU_ASSERT_EQUAL(model_file_decode_rows(&file, plain, 1, 2, values, &err),
                    ERR_ARGUMENT);
    CU_ASSERT_EQUAL(model_file_read_rows(&file, plain, UINT64_MAX, 2, raw, &err),
                    ERR_ARGUMENT);
    model_file_close(&file);
    unlink(path);

    CU_ASSERT_FATAL(parse_copy(&file, bytes, size, size, &err) == OK);
    plain = model_file_find_tensor(&file, "plain2");
    CU_ASSERT_EQUAL(model_file_decode_rows(&file, plain, 0, 1, values, &err),
                    ERR_ARGUMENT);
    model_file_close(&file);
    free(bytes);
}

static void data_that_cannot_be_decoded_is_refused(void)
{
    static const uint8_t infinite[34] = { 0x00, 0x7c };
    static const uint8_t zeros[74] = { 0 };
    struct gguf_builder b;
    struct model_file file;
    struct error err = { 0 };
    float values[256];
    size_t size;
    gguf_builder_init(&b);
    gguf_builder_tensor(&b, "infinite", 8, 1, (uint64_t[]){ 32 }, infinite, 34);
    gguf_builder_tensor(&b, "strange", 17, 1, (uint64_t[]){ 256 }, zeros, 74);
    uint8_t *bytes = gguf_builder_bytes(&b, &size);
    const char *path = file_of(bytes, size);
    CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
    const struct tensor *tensor = model_file_find_tensor(&file, "infinite");
    CU_ASSERT_EQUAL(model_file_decode_rows(&file, tensor, 0, 1, values, &err),
                    ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "tensor infinite: Q8_0"));
    tensor = model_file_find_tensor(&file, "strange");
    CU_ASSERT_EQUAL(model_file_decode_rows(&file, tensor, 0, 1, values, &err),
                    ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.text, "tensor strange: is IQ2_XS, which is not supported"));

    /* A file that shrinks while it is open gives an error, not a signal. */
    CU_ASSERT_FATAL(truncate(path, (off_t)(size - 74 - 30 - 14)) == 0);
    tensor = model_file_find_tensor(&file, "infinite");
    CU_ASSERT_EQUAL(model_file_decode_rows(&file, tensor, 0, 1, values, &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "the file has shrunk"));
    char hex[65];
    CU_ASSERT_EQUAL(model_file_sha256(&file, hex, &err), ERR_IO);
    model_file_close(&file);
    unlink(path);
    gguf_builder_release(&b);
    free(bytes);
}

static void things_that_are_no_model_files_are_refused(void)
{
    struct model_file file;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(model_file_open(&file, "no/such/file", &err), ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "no/such/file: No such file or directory");
    CU_ASSERT_EQUAL(model_file_open(&file, ".", &err), ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, ".: not a regular file");

    const char *path = file_of((const uint8_t *)"", 0);
    CU_ASSERT_EQUAL(model_file_open(&file, path, &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "unknown format of 0 bytes"));
    unlink(path);
    CU_ASSERT_FATAL(mkfifo(path, 0600) == 0); /* opening must not wait for a writer */
    CU_ASSERT_EQUAL(model_file_open(&file, path, &err), ERR_IO);
    unlink(path);
    CU_ASSERT_EQUAL(parse_copy(&file, (const uint8_t *)"<html>", 6, 6, &err),
                    ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "beginning 3c 68 74 6d"));
}

static void an_empty_gguf_opens_and_has_its_digest(void)
{
    struct gguf_builder b;
    struct model_file file;
    struct error err = { 0 };
    char hex[65];
    size_t size;
    gguf_builder_init(&b);
    uint8_t *bytes = gguf_builder_bytes(&b, &size);
    const char *path = file_of(bytes, size);
    CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
    CU_ASSERT(file.metadata_count == 0 && file.tensor_count == 0);
    CU_ASSERT_PTR_NULL(model_file_find(&file, "general.architecture"));
    CU_ASSERT_PTR_NULL(model_file_find_tensor(&file, "token_embd.weight"));
    CU_ASSERT(model_file_sha256(&file, hex, &err) == OK);
    CU_ASSERT_STRING_EQUAL(/* of these 24 bytes, by sha256sum */
                           hex, "a4e5e156ddec27e286f75328784d7106b60a4eb1d246e950a001a3"
                                "f944fbda99");
    model_file_close(&file);
    unlink(path);
    free(bytes);
}

/* The front is read in growing pieces; this one needs two. */
static void metadata_beyond_the_first_piece_is_read(void)
{
    struct gguf_builder b;
    struct model_file file;
    struct error err = { 0 };
    size_t size, count = 300000;
    float value = 0;
    float *floats = calloc(count, sizeof *floats);
    CU_ASSERT_PTR_NOT_NULL_FATAL(floats);
    floats[count - 1] = 9;
    gguf_builder_init(&b);
    gguf_builder_array(&b, "long", VALUE_F32, count, floats, count * sizeof *floats);
    gguf_builder_f32(&b, "last", 1, 0, &floats[count - 1]);
    uint8_t *bytes = gguf_builder_bytes(&b, &size);
    const char *path = file_of(bytes, size);
    CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
    CU_ASSERT_EQUAL(model_file_find(&file, "long")->array.f[count - 1], 9);
    const struct tensor *last = model_file_find_tensor(&file, "last");
    CU_ASSERT(model_file_decode_rows(&file, last, 0, 1, &value, &err) == OK &&
              value == 9);
    model_file_close(&file);
    unlink(path);
    gguf_builder_release(&b);
    free(bytes);
    free(floats);
}

static void vocabularies_of_known_models_open(void)
{
    static const struct {
        const char *name;
        size_t tokens;
        const char *last;
    } known[] = {
        { "ggml-vocab-gpt-2.gguf", 50257, "<|endoftext|>" },
        { "ggml-vocab-llama-spm.gguf", 32000, "\xe7\xbb\x99" },
    };
    for (size_t i = 0; i < 2; i++) {
        struct model_file file;
        struct error err = { 0 };
        const char *path = test_case_path(known[i].name);
        if (!path)
            continue;
        CU_ASSERT_FATAL(model_file_open(&file, path, &err) == OK);
        const struct metadata *tokens = model_file_find(&file, "tokenizer.ggml.tokens");
        CU_ASSERT_PTR_NOT_NULL_FATAL(tokens);
        CU_ASSERT_EQUAL(tokens->count, known[i].tokens);
        CU_ASSERT(text_is(tokens->array.text[tokens->count - 1], known[i].last));
        CU_ASSERT_EQUAL(file.tensor_count, 0);
        model_file_close(&file);
    }
}

CU_TestInfo model_file_tests[] = {
    { "metadata is found and widened", metadata_is_found_and_widened },
    { "numbers of every type are read", numbers_of_every_type_are_read },
    { "typed access checks the type", typed_access_checks_the_type },
    { "broken files are refused with a reason",
      broken_files_are_refused_with_a_reason },
    { "files cut anywhere are refused", files_cut_anywhere_are_refused },
    { "files with any byte changed do no harm",
      files_with_any_byte_changed_do_no_harm },
    { "errors show names without control bytes",
      errors_show_names_without_control_bytes },
    { "tensors are read and decoded by row", tensors_are_read_and_decoded_by_row },
    { "data that cannot be decoded is refused",
      data_that_cannot_be_decoded_is_refused },
    { "things that are no model files are refused",
      things_that_are_no_model_files_are_refused },
    { "an empty GGUF opens and has its digest",
      an_empty_gguf_opens_and_has_its_digest },
    { "metadata beyond the first piece is read",
      metadata_beyond_the_first_piece_is_read },
    { "vocabularies of known models open", vocabularies_of_known_models_open },
    CU_TEST_INFO_NULL,
};
