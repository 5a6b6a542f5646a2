/* Vocabularies out of files: what a GGUF file may say wrongly, llama2.c files, chat
 * templates, and the published cases of real vocabularies. */
#include "lm/tokenizer.h"
#include "tests/model_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void parse(struct model_file *file, struct gguf_builder *builder)
{
    struct error err = { 0 };
    size_t size;
    uint8_t *bytes = gguf_builder_bytes(builder, &size);
    gguf_builder_release(builder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL_FATAL(model_file_parse(file, bytes, size, size, &err), OK);
    free(bytes);
}

static void metadata_become_a_tokenizer(void)
{
    struct tiny_vocabulary tiny;
    struct gguf_builder b;
    struct model_file file;
    struct tokenizer *t;
    struct error err = { 0 };
    tiny_vocabulary_sentencepiece(&tiny);
    gguf_builder_init(&b);
    model_builder_vocabulary(&b, &tiny, "");
    gguf_builder_u32(&b, "tokenizer.ggml.bos_token_id", SP_O);
    gguf_builder_u32(&b, "tokenizer.ggml.eot_token_id", SP_H);
    gguf_builder_bool(&b, "tokenizer.ggml.add_bos_token", false);
    gguf_builder_bool(&b, "tokenizer.ggml.add_space_prefix", false);
    parse(&file, &b);
    CU_ASSERT_EQUAL_FATAL(tokenizer_create(&t, &file, &err), OK);
    model_file_close(&file);
    CU_ASSERT_STRING_EQUAL(tokenizer_kind(t), "llama");
    CU_ASSERT_EQUAL(tokenizer_bos(t), SP_O);
    CU_ASSERT(!tokenizer_adds_bos(t) && !tokenizer_adds_space(t));
    CU_ASSERT(tokenizer_is_end(t, SP_H) && tokenizer_is_end(t, 2));
    struct token_list list = { 0 };
    CU_ASSERT_EQUAL(tokenizer_encode(t, "hello", 5, true, false, &list, &err), OK);
    CU_ASSERT(list.count == 2 && list.id[0] == SP_HELL && list.id[1] == SP_O);
    token_list_release(&list);
    tokenizer_free(t);
}

/* Types may be absent, and the pre-tokenizer too. */
static void absent_metadata_have_defaults(void)
{
    static const char *const less[] = { "token_type", "scores", "pre" };
    static const char *const kind[] = { "gpt2, gpt-2", "gpt2, gpt-2", "gpt2, default" };
    for (int i = 0; i < 3; i++) {
        struct tiny_vocabulary tiny;
        struct gguf_builder b;
        struct model_file file;
        struct tokenizer *t;
        struct error err = { 0 };
        tiny_vocabulary_bpe(&tiny);
        gguf_builder_init(&b);
        model_builder_vocabulary(&b, &tiny, less[i]);
        parse(&file, &b);
        CU_ASSERT_EQUAL_FATAL(tokenizer_create(&t, &file, &err), OK);
        CU_ASSERT_STRING_EQUAL(tokenizer_kind(t), kind[i]);
        tokenizer_free(t);
        model_file_close(&file);
    }
}

struct broken {
    const char *expected, *less; /* part of the error; key left out */
    const char *key;             /* put in instead, unless NULL */
    enum value_type type;        /* of it, or of its elements */
    size_t count;                /* elements; 0: no array */
};

static const struct broken cases[] = {
    { "no tokenizer.ggml.model", "model", NULL, 0, 0 },
    { "tokenizer.ggml.model", "model", "tokenizer.ggml.model", VALUE_U32, 0 },
    { "tokenizer.ggml.pre", "pre", "tokenizer.ggml.pre", VALUE_U32, 0 },
    { "no tokenizer.ggml.tokens", "tokens", NULL, 0, 0 },
    { "expected an array of string", "tokens", "tokenizer.ggml.tokens", VALUE_U32, 0 },
    { "array of i32, expected string", "tokens", "tokenizer.ggml.tokens", VALUE_I32,
      BPE_TOKENS },
    { "has 264 elements, expected 265", "token_type", "tokenizer.ggml.token_type",
      VALUE_I32, BPE_TOKENS - 1 },
    { "has 266 elements, expected 265", "token_type", "tokenizer.ggml.token_type",
      VALUE_I32, BPE_TOKENS + 1 },
    { "array of f32, expected i32", "token_type", "tokenizer.ggml.token_type",
      VALUE_F32, BPE_TOKENS },
    { "has 1 elements, expected 265", "scores", "tokenizer.ggml.scores", VALUE_F32, 1 },
    { "array of i32, expected f32", "scores", "tokenizer.ggml.scores", VALUE_I32,
      BPE_TOKENS },
    { "no merges", "merges", NULL, 0, 0 },
    { "array of u8, expected string", "merges", "tokenizer.ggml.merges", VALUE_U8, 5 },
    { "tokenizer.ggml.bos_token_id", "", "tokenizer.ggml.bos_token_id", VALUE_F32, 0 },
    { "UNK is token 265", "", "tokenizer.ggml.unknown_token_id", VALUE_U32, 0 },
    { "tokenizer.ggml.add_bos_token", "", "tokenizer.ggml.add_bos_token", VALUE_U32,
      0 },
};

static void broken_metadata_are_refused(void)
{
    /* Plain values are 265, the number of tokens; elements are 0. */
    static const uint8_t zeros[4 * TINY_TOKENS],
        number[4] = { BPE_TOKENS & 255, 1, 0, 0 };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct broken *c = &cases[i];
        struct tiny_vocabulary tiny;
        struct gguf_builder b;
        struct model_file file;
        struct tokenizer *t;
        struct error err = { 0 };
        tiny_vocabulary_bpe(&tiny);
        gguf_builder_init(&b);
        model_builder_vocabulary(&b, &tiny, c->less);
        if (c->key && c->count > 0)
            gguf_builder_array(&b, c->key, c->type, c->count, zeros,
                               (c->type == VALUE_U8 ? 1 : 4) * c->count);
        else if (c->key)
            gguf_builder_value(&b, c->key, c->type, number, 4);
        parse(&file, &b);
        CU_ASSERT_NOT_EQUAL(tokenizer_create(&t, &file, &err), OK);
        CU_ASSERT_PTR_NULL(t);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, c->expected));
        if (!strstr(err.text, c->expected))
            printf("    %s: %s\n", c->expected, err.text);
        model_file_close(&file);
    }
}

/* Writes a llama2.c vocabulary of the tiny tokens, with one length replaced. */
static void write_llama2c(const char *path, const struct tiny_vocabulary *tiny,
                          int spoilt, int32_t length)
{
    FILE *out = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    int32_t longest = TINY_TEXT;
    fwrite(&longest, sizeof longest, 1, out);
    for (int id = 0; id < (int)tiny->source.tokens; id++) {
        float score = (float)tiny->score[id];
        int32_t bytes = (int32_t)tiny->token[id].length;
        fwrite(&score, sizeof score, 1, out);
        fwrite(id == spoilt ? &length : &bytes, sizeof bytes, 1, out);
        fwrite(tiny->written[id], 1, (size_t)bytes, out);
    }
    CU_ASSERT_EQUAL(fclose(out), 0);
}

static void llama2c_files_are_read_and_checked(void)
{
    struct tiny_vocabulary tiny;
    const char *path = temporary_path("tokenizer.bin");
    struct tokenizer *t;
    struct error err = { 0 };
    struct token_list list = { 0 };
    tiny_vocabulary_sentencepiece(&tiny);
    tiny_vocabulary_token(&tiny, SP_SPACE, " ", TOKEN_NORMAL, -20);
    tiny_vocabulary_token(&tiny, SP_SPACE_HELL, " hell", TOKEN_NORMAL, -4);
    tiny_vocabulary_token(&tiny, SP_SPACES, "  ", TOKEN_NORMAL, -5);
    write_llama2c(path, &tiny, -1, 0);
    CU_ASSERT_EQUAL_FATAL(tokenizer_create_llama2c(&t, path, SP_TOKENS, &err), OK);
    CU_ASSERT_EQUAL(tokenizer_encode(t, "hello\xC3", 6, true, false, &list, &err), OK);
    CU_ASSERT(list.count == 4 && list.id[0] == 1 && list.id[1] == SP_SPACE_HELL &&
              list.id[2] == SP_O && list.id[3] == 3 + 0xC3);
    CU_ASSERT(tokenizer_is_end(t, 2) && tokenizer_adds_space(t));
    CU_ASSERT_STRING_EQUAL(tokenizer_kind(t), "llama2.c");
    token_list_release(&list);
    tokenizer_free(t);

    static const uint32_t sizes[] = { 0, SP_TOKENS - 1, SP_TOKENS + 1, UINT32_MAX };
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(tokenizer_create_llama2c(&t, path, sizes[i], &err), ERR_FORMAT);
    unlink(path);
    CU_ASSERT_EQUAL(tokenizer_create_llama2c(&t, path, SP_TOKENS, &err), ERR_IO);

    static const int32_t lengths[] = { -1, INT32_MIN, 0, 100000, INT32_MAX };
    for (int i = 0; i < 5; i++) {
        write_llama2c(path, &tiny, SP_HELL, lengths[i]);
        CU_ASSERT_EQUAL(tokenizer_create_llama2c(&t, path, SP_TOKENS, &err),
                        ERR_FORMAT);
        CU_ASSERT_PTR_NULL(t);
    }
}

/* The template wrapped around " hi "; NULL when it is refused. */
static char *wrap(const char *template, struct error *err)
{
    struct gguf_builder b;
    struct model_file file;
    char *wrapped;
    gguf_builder_init(&b);
    if (template)
        gguf_builder_text(&b, "tokenizer.chat_template", template);
    parse(&file, &b);
    chat_wrap(&file, " hi ", &wrapped, err);
    model_file_close(&file);
    return wrapped;
}

static void check_chat(const char *template, const char *expected)
{
    struct error err = { 0 };
    char *wrapped = wrap(template, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wrapped);
    CU_ASSERT_STRING_EQUAL(wrapped, expected);
    free(wrapped);
}

static void prompts_are_wrapped_as_templates_say(void)
{
    static const char loop[] =
        "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + "
        "'<|im_end|>' + '\n'}}{% endfor %}";
    static const char turn[] =
        "<|im_start|>user\n hi <|im_end|>\n<|im_start|>assistant\n";
    char text[1000], expected[1000];
    check_chat(loop, turn);

    snprintf(text, sizeof text,
             "{%% if not system %%}{{ '<|im_start|>system\nBe brief."
             "<|im_end|>\n' }}{%% endif %%}%s",
             loop);
    snprintf(expected, sizeof expected, "<|im_start|>system\nBe brief.<|im_end|>\n%s",
             turn);
    check_chat(text, expected);

    /* The first system turn is the caller's, the second the default, with escapes. */
    snprintf(text, sizeof text,
             "{{- '<|im_start|>system\\n' + m['content'] + "
             "'<|im_end|>\\n' }}{{- \"<|im_start|>system\\nIt\\'s \\\"me\\\".\\nOk."
             "<|im_end|>\\n\" }}%s",
             loop);
    snprintf(expected, sizeof expected,
             "<|im_start|>system\nIt's \"me\".\nOk.<|im_end|>\n%s", turn);
    check_chat(text, expected);

    check_chat("{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' }}",
               "<|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>"
               "<|start_header_id|>assistant<|end_header_id|>\n\n");
    check_chat("{{ '<start_of_turn>' + role + '\n' + m['content'] | trim }}",
               "<start_of_turn>user\nhi<end_of_turn>\n<start_of_turn>model\n");
}

static void other_templates_are_refused(void)
{
    struct error err = { 0 };
    CU_ASSERT_PTR_NULL(wrap("[INST] {{ prompt }}\n\033[31m", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "\"[INST] {{ prompt }}??[31m\""));
    CU_ASSERT_PTR_NULL(wrap("<|im_start|>user<|im_sep|>", &err));
    CU_ASSERT_PTR_NULL(wrap("", &err));
    CU_ASSERT_PTR_NULL(wrap(NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no chat template"));
}

/* The whole file, NUL behind; NULL when it is not there. */
static char *read_case(const char *name, size_t *length)
{
    const char *path = test_case_path(name);
    FILE *in = path ? fopen(path, "rb") : NULL;
    if (!in)
        return NULL;
    CU_ASSERT_EQUAL(fseek(in, 0, SEEK_END), 0);
    *length = (size_t)ftell(in);
    rewind(in);
    char *bytes = malloc(*length + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL(fread(bytes, 1, *length, in), *length);
    bytes[*length] = '\0';
    fclose(in);
    return bytes;
}

static struct tokenizer *open_case(const char *name)
{
    struct model_file file;
    struct error err = { 0 };
    struct tokenizer *t = NULL;
    const char *path = test_case_path(name);
    if (!path)
        return NULL;
    CU_ASSERT_EQUAL_FATAL(model_file_open(&file, path, &err), OK);
    CU_ASSERT_EQUAL(tokenizer_create(&t, &file, &err), OK);
    model_file_close(&file);
    return t;
}

/* Compares the ids of one case with a line of numbers; *line moves behind it. */
static bool matches(const struct tokenizer *t, const char *text, size_t length,
                    char **line)
{
    struct token_list list = { 0 };
    struct error err = { 0 };
    bool same = tokenizer_encode(t, text, length, false, false, &list, &err) == OK;
    char *end = strchr(*line, '\n');
    size_t count = 0;
    for (char *at = *line, *behind; same; at = behind, count++) {
        while (*at == ' ')
            at++;
        if (*at == '\n' || *at == '\0')
            break;
        long id = strtol(at, &behind, 10);
        same = behind > at && count < list.count && list.id[count] == id;
    }
    same = same && count == list.count;
    *line = end ? end + 1 : *line + strlen(*line);
    token_list_release(&list);
    return same;
}

static void published_cases_pass(void)
{
    static const char *const names[] = { "ggml-vocab-gpt-2.gguf",
                                         "ggml-vocab-llama-spm.gguf" };
    static const char mark[] = "\n__ggml_vocab_test__\n";
    for (int i = 0; i < 2; i++) {
        char name[64];
        size_t length, cases_seen = 0;
        struct tokenizer *t = open_case(names[i]);
        snprintf(name, sizeof name, "%s.inp", names[i]);
        char *input = read_case(name, &length);
        snprintf(name, sizeof name, "%s.out", names[i]);
        char *output = read_case(name, &length), *line = output;
        for (char *at = input; t && input && output && at; cases_seen++) {
            char *end = strstr(at, mark);
            if (!end)
                break; /* behind the last mark stands nothing */
            CU_ASSERT(matches(t, at, (size_t)(end - at), &line));
            at = end + strlen(mark);
        }
        CU_ASSERT(!t || cases_seen == 46);
        free(input);
        free(output);
        tokenizer_free(t);
    }
}

static void long_texts_survive(void)
{
    static const char *const vocabularies[] = { "ggml-vocab-gpt-2.gguf",
                                                "ggml-vocab-llama-spm.gguf" };
    static const char *const texts[] = { "wikitext2-test-raw.txt",
                                         "tinyshakespeare.txt" };
    /* As llama.cpp counted them, in 2026. */
    static const size_t counts[2][2] = { { 303606, 338025 }, { 350181, 368633 } };
    for (int v = 0; v < 2; v++) {
        struct tokenizer *t = open_case(vocabularies[v]);
        for (int i = 0; t && i < 2; i++) {
            size_t length, at = 0;
            struct token_list list = { 0 };
            struct error err = { 0 };
            char *text = read_case(texts[i], &length);
            if (!text)
                continue;
            CU_ASSERT_EQUAL(tokenizer_encode(t, text, length, 0, 0, &list, &err), OK);
            CU_ASSERT_EQUAL(list.count, counts[v][i]);
            bool same = true;
            for (size_t n = 0; n < list.count && same; n++) {
                struct text piece = tokenizer_decode(t, list.id[n], true);
                size_t skip = n == 0 && tokenizer_adds_space(t);
                piece.length -= skip;
                same = piece.length <= length - at &&
                       memcmp(text + at, piece.bytes + skip, piece.length) == 0;
                at += piece.length;
            }
            CU_ASSERT(same && at == length);
            token_list_release(&list);
            free(text);
        }
        tokenizer_free(t);
    }
}

/* Against the greedy loop of llama2.c, which looks at every pair for every merge. */
static void stories_are_tokenised_as_by_llama2c(void)
{
    static const int32_t expected[] = { 1, 403, 407, 261, 378 };
    const char *path = test_case_path("tok512.bin");
    struct tokenizer *t;
    struct token_list list = { 0 };
    struct error err = { 0 };
    if (!path)
        return;
    CU_ASSERT_EQUAL_FATAL(tokenizer_create_llama2c(&t, path, 512, &err), OK);
    CU_ASSERT_EQUAL(tokenizer_encode(t, "Once upon a time", 16, true, 0, &list, &err),
                    OK);
    CU_ASSERT_EQUAL_FATAL(list.count, 5);
    CU_ASSERT_EQUAL(memcmp(list.id, expected, sizeof expected), 0);
    token_list_release(&list);
    tokenizer_free(t);
}

CU_TestInfo tokenizer_file_tests[] = {
    { "metadata become a tokenizer", metadata_become_a_tokenizer },
    { "absent metadata have defaults", absent_metadata_have_defaults },
    { "broken metadata are refused", broken_metadata_are_refused },
    { "llama2.c files are read and checked", llama2c_files_are_read_and_checked },
    { "prompts are wrapped as templates say", prompts_are_wrapped_as_templates_say },
    { "other templates are refused", other_templates_are_refused },
    { "published cases pass", published_cases_pass },
    { "long texts survive", long_texts_survive },
    { "stories are tokenised as by llama2.c", stories_are_tokenised_as_by_llama2c },
    CU_TEST_INFO_NULL,
};
