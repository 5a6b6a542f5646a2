/* Where each pre-tokenizer cuts. */
#include "lm/pre_tokenizer.h"
#include "base/utf8.h"
#include "tests/suites.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
    char text[400]; /* words with '|' between them */
    size_t bytes, count;
};

static enum error_code note_word(void *self, const char *bytes, size_t length,
                                 struct error *err)
{
    (void)err;
    struct words *words = self;
    size_t used = strlen(words->text);
    snprintf(words->text + used, sizeof words->text - used, "%s%.*s", used ? "|" : "",
             (int)length, bytes);
    words->bytes += length;
    words->count++;
    return OK;
}

static void check_words(const char *name, const char *text, const char *expected)
{
    struct error err = { 0 };
    struct pre_tokenizer *pre;
    struct words words = { "", 0, 0 };
    const struct word_sink sink = { &words, note_word };
    CU_ASSERT_EQUAL_FATAL(pre_tokenizer_create(&pre, name, &err), OK);
    CU_ASSERT_EQUAL(pre_tokenizer_split(pre, text, strlen(text), &sink, &err), OK);
    CU_ASSERT_STRING_EQUAL(words.text, expected);
    if (strcmp(words.text, expected) != 0)
        printf("    %s: %s\n", name ? name : "(none)", words.text);
    pre_tokenizer_free(pre);
}

static void words_are_cut_as_the_models_were_trained(void)
{
    static const char text[] = "We've 12345 caf\xC3\xA9s,  I'LL!\n\n go\t7 ";
    check_words("gpt-2", text,
                "We|'ve| 12345| caf\xC3\xA9s|,| | I|'|LL|!|\n\n| go|\t|7| ");
    check_words("smollm", text,
                "We|'ve| |1|2|3|4|5| caf\xC3\xA9s|,| | I|'|LL|!|\n\n| go|\t|7| ");
    check_words("qwen2", text,
                "We|'ve| |1|2|3|4|5| caf\xC3\xA9s|,| | I|'LL|!\n\n| go|\t|7| ");
    check_words("llama-bpe", text,
                "We|'ve| |123|45| caf\xC3\xA9s|,| | I|'LL|!\n\n| go|\t|7| ");
    check_words("falcon", text,
                "We|'|ve| |123|45| caf\xC3\xA9s|,| | I|'|LL|!|\n\n| go|\t|7| ");
    check_words("default", text,
                "We|'|ve| |123|45| caf\xC3\xA9s|,| | I|'|LL|!|\n\n| go|\t|7| ");
    check_words(NULL, text,
                "We|'|ve| |123|45| caf\xC3\xA9s|,| | I|'|LL|!|\n\n| go|\t|7| ");
    check_words("deepseek-v3", text,
                "We|'ve| |123|45| caf\xC3\xA9s|,| | I|'LL|!\n\n| go|\t|7| ");
    /* The symbols of this one include the ASCII letters. */
    check_words("deepseek-llm", text,
                "We|'|ve| |12345| caf|\xC3\xA9|s|,| | I|'|LL|!|\n|\n| go|\t|7| ");
    check_words("deepseek-coder", text,
                "We|'|ve| |1|2|3|4|5| caf\xC3\xA9s|,| | I|'|LL|!|\n|\n| go|\t|7| ");
}

/* (?i) would take the long s for an s, and \s of PCRE2 takes U+180E for white space. */
static void traps_of_pcre2_are_avoided(void)
{
    check_words("qwen2", "it'\xC5\xBFo", "it|'\xC5\xBFo");
    check_words("gpt-2",
                "a \xE1\xA0\x8E"
                "b",
                "a| \xE1\xA0\x8E|b");
    check_words("gpt-2", "a\xC2\x85 b", "a|\xC2\x85| b");
    check_words("qwen2", "a\xE3\x80\x80\n b", "a|\xE3\x80\x80\n| b");
}

static void scripts_are_cut_by_deepseek(void)
{
    check_words("deepseek-v3",
                "\xE6\xBC\xA2\xE5\xAD\x97"
                "abc\xE3\x81\x8B",
                "\xE6\xBC\xA2\xE5\xAD\x97|abc|\xE3\x81\x8B");
    check_words("deepseek-llm",
                "\xE6\xBC\xA2\xE5\xAD\x97"
                "abc",
                "\xE6\xBC\xA2\xE5\xAD\x97|abc");
}

static void bytes_that_are_not_utf8_stand_apart(void)
{
    check_words("gpt-2", "ab\xFF\xC0 cd\xE2\x96", "ab|\xFF\xC0| cd|\xE2\x96");
    check_words("gpt-2", "\xED\xA0\x80", "\xED\xA0\x80");
}

static void unknown_names_are_refused(void)
{
    struct error err = { 0 };
    struct pre_tokenizer *pre;
    CU_ASSERT_EQUAL(pre_tokenizer_create(&pre, "martian", &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "\"martian\""));
    CU_ASSERT_PTR_NULL(pre);
}

/* For every name: words of random bytes are the text again, and long runs of anything
 * take linear time (a quadratic one would hang here). */
static void words_together_are_the_text(void)
{
    enum { SIZE = 200000 };
    static const char *const filler[] = {
        " ",        "\n",           "a",    "7", "!", "'", "\t", " \n", "\x01",
        "\xC3\xA9", "\xE6\xBC\xA2", "\xFF", "a'"
    };
    char *text = malloc(SIZE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t n = 0; pre_tokenizer_name(n); n++) {
        struct error err = { 0 };
        struct pre_tokenizer *pre;
        CU_ASSERT_EQUAL_FATAL(pre_tokenizer_create(&pre, pre_tokenizer_name(n), &err),
                              OK);
        for (size_t f = 0; f <= sizeof filler / sizeof filler[0]; f++) {
            bool is_random = f == sizeof filler / sizeof filler[0];
            uint32_t state = 12345;
            for (size_t i = 0; i < SIZE; i++) {
                state = state * 1664525u + 1013904223u;
                text[i] =
                    is_random ? (char)(state >> 24) : filler[f][i % strlen(filler[f])];
            }
            text[SIZE - 1] = 'b';
            struct words words = { "", 0, 0 };
            const struct word_sink sink = { &words, note_word };
            CU_ASSERT_EQUAL(pre_tokenizer_split(pre, text, SIZE, &sink, &err), OK);
            CU_ASSERT_EQUAL(words.bytes, SIZE);
        }
        pre_tokenizer_free(pre);
    }
    free(text);
}

static void utf8_is_strict(void)
{
    uint32_t point;
    CU_ASSERT_EQUAL(utf8_read("\xF4\x8F\xBF\xBF", 4, &point), 4);
    CU_ASSERT_EQUAL(point, 0x10FFFF);
    CU_ASSERT_EQUAL(utf8_read("\xE2\x96\x81x", 4, &point), 3);
    CU_ASSERT_EQUAL(point, 0x2581);
    static const char *const bad[] = { "\x80",
                                       "\xC3",
                                       "\xC1\x81",
                                       "\xE0\x9F\xBF",
                                       "\xED\xA0\x80",
                                       "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80",
                                       "\xF8\x88\x80\x80\x80" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(utf8_read(bad[i], strlen(bad[i]), NULL), 0);
}

CU_TestInfo pre_tokenizer_tests[] = {
    { "words are cut as the models were trained",
      words_are_cut_as_the_models_were_trained },
    { "traps of PCRE2 are avoided", traps_of_pcre2_are_avoided },
    { "scripts are cut by deepseek", scripts_are_cut_by_deepseek },
    { "bytes that are not UTF-8 stand apart", bytes_that_are_not_utf8_stand_apart },
    { "unknown names are refused", unknown_names_are_refused },
    { "words together are the text", words_together_are_the_text },
    { "UTF-8 is strict", utf8_is_strict },
    CU_TEST_INFO_NULL,
};
