/* Tokens of small vocabularies known by heart, hostile vocabularies, and the published
 * cases of two real ones. */
#include "lm/tokenizer.h"
#include "lm/tokenizer_kind.h"
#include "tests/suites.h"
#include "tests/tiny_vocabulary.h"

#include <math.h>
#include <stdlib.h>

static struct tokenizer *build(const struct vocabulary_source *source)
{
    struct error err = { 0 };
    struct tokenizer *tokenizer;
    if (tokenizer_build(&tokenizer, source, &err) != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tokenizer);
    return tokenizer;
}

/* flags: 1 adds what the model adds, 2 parses special tokens. */
static void check_ids(const struct tokenizer *tokenizer, const char *text, int flags,
                      const int32_t *expected, size_t count)
{
    struct error err = { 0 };
    struct token_list list = { 0 };
    CU_ASSERT_EQUAL(tokenizer_encode(tokenizer, text, strlen(text), flags & 1,
                                     flags & 2, &list, &err),
                    OK);
    CU_ASSERT_EQUAL(list.count, count);
    bool same = list.count == count;
    for (size_t i = 0; i < count && same; i++)
        same = list.id[i] == expected[i];
    CU_ASSERT(same);
    if (!same) {
        printf("    \"%s\":", text);
        for (size_t i = 0; i < list.count; i++)
            printf(" %d", list.id[i]);
        putchar('\n');
    }
    token_list_release(&list);
}

enum { ADD = 1, PARSE = 2 };

static void check_list(const struct tokenizer *tokenizer, const char *text, int flags,
                       const int32_t *expected)
{
    size_t count = 0;
    while (expected[count] != TOKEN_NONE)
        count++;
    check_ids(tokenizer, text, flags, expected, count);
}

/* Decodes what was encoded and compares; a first space that the tokenizer added
 * goes. */
static bool survives(const struct tokenizer *tokenizer, const char *text, size_t length,
                     size_t *tokens)
{
    struct error err = { 0 };
    struct token_list list = { 0 };
    bool same =
        tokenizer_encode(tokenizer, text, length, false, false, &list, &err) == OK;
    size_t at = 0, skip = tokenizer_adds_space(tokenizer) && list.count > 0;
    for (size_t i = 0; i < list.count && same; i++) {
        struct text piece = tokenizer_decode(tokenizer, list.id[i], true);
        piece.bytes += skip;
        piece.length -= skip;
        skip = 0;
        same = piece.length <= length - at &&
               memcmp(text + at, piece.bytes, piece.length) == 0;
        at += piece.length;
    }
    if (tokens)
        *tokens = list.count;
    same = same && at == length && list.lost == 0;
    token_list_release(&list);
    return same;
}

static void byte_level_merges_lowest_rank_first(void)
{
    struct tiny_vocabulary tiny;
    tiny_vocabulary_bpe(&tiny);
    struct tokenizer *t = build(&tiny.source);
    check_list(t, "hello world", 0,
               (int32_t[]){ BPE_HELL, 'o', BPE_SPACE_W, BPE_OR, 'l', 'd', TOKEN_NONE });
    check_list(t, "lll", 0, (int32_t[]){ BPE_LL, 'l', TOKEN_NONE });
    check_list(t, "\xFF\xC3\xA9", 0, (int32_t[]){ 0xFF, 0xC3, 0xA9, TOKEN_NONE });
    check_list(t, "", 0, (int32_t[]){ TOKEN_NONE });
    CU_ASSERT_STRING_EQUAL(tokenizer_kind(t), "gpt2, gpt-2");
    CU_ASSERT_EQUAL(tokenizer_size(t), BPE_TOKENS);
    CU_ASSERT_EQUAL(tokenizer_bos(t), TOKEN_NONE);
    CU_ASSERT(!tokenizer_adds_bos(t) && !tokenizer_adds_space(t));
    tokenizer_free(t);
}

/* "ehell" merges to e, hell; as a whole word it may be taken without any merge. */
static void llama3_takes_words_whole(void)
{
    struct tiny_vocabulary tiny;
    tiny_vocabulary_bpe(&tiny);
    tiny_vocabulary_token(&tiny, BPE_OR, "ehell", TOKEN_NORMAL, 0);
    tiny.source.merges--;
    struct tokenizer *t = build(&tiny.source);
    check_list(t, "ehell", 0, (int32_t[]){ 'e', BPE_HELL, TOKEN_NONE });
    tokenizer_free(t);
    tiny.source.pre = "llama-bpe";
    tiny.source.bos = BPE_START;
    t = build(&tiny.source);
    check_list(t, "ehell", ADD, (int32_t[]){ BPE_START, BPE_OR, TOKEN_NONE });
    tokenizer_free(t);
}

static void special_tokens_are_split_off_longest_first(void)
{
    struct tiny_vocabulary tiny;
    tiny_vocabulary_bpe(&tiny);
    tiny.source.eos = BPE_START;
    tiny.source.add_eos = 1;
    struct tokenizer *t = build(&tiny.source);
    check_list(t, "<|im_start|>user<|im_start|>us<|im_end|>", PARSE,
               (int32_t[]){ BPE_START_TURN, BPE_START, 'u', 's', BPE_END, TOKEN_NONE });
    check_list(t, "h<|im_", PARSE,
               (int32_t[]){ 'h', '<', '|', 'i', 'm', '_', TOKEN_NONE });
    check_list(t, "<|im_end|>", ADD,
               (int32_t[]){ '<', '|', 'i', 'm', '_', 'e', 'n', 'd', '|', '>', BPE_START,
                            TOKEN_NONE });
    check_list(t, "e[two  gaps]e", 0, (int32_t[]){ 'e', BPE_USER, 'e', TOKEN_NONE });

    CU_ASSERT_EQUAL(tokenizer_decode(t, BPE_START, false).length, 0);
    CU_ASSERT_STRING_EQUAL(tokenizer_decode(t, BPE_START, true).bytes, "<|im_start|>");
    CU_ASSERT_STRING_EQUAL(tokenizer_decode(t, BPE_USER, false).bytes, "[two  gaps]");
    CU_ASSERT_STRING_EQUAL(tokenizer_decode(t, BPE_SPACE_W, false).bytes, " w");
    CU_ASSERT_EQUAL(tokenizer_decode(t, -1, true).length, 0);
    CU_ASSERT_EQUAL(tokenizer_decode(t, BPE_TOKENS, true).length, 0);
    CU_ASSERT(tokenizer_is_end(t, BPE_START)); /* declared as EOS */
    CU_ASSERT(tokenizer_is_end(t, BPE_END));   /* known by its name */
    CU_ASSERT(!tokenizer_is_end(t, BPE_USER) && !tokenizer_is_end(t, -1));
    tokenizer_free(t);
}

static void sentencepiece_merges_highest_score_first(void)
{
    struct tiny_vocabulary tiny;
    tiny_vocabulary_sentencepiece(&tiny);
    struct tokenizer *t = build(&tiny.source);
    check_list(t, "hello", 0, (int32_t[]){ SP_SPACE_HELL, SP_O, TOKEN_NONE });
    check_list(t, "hello", ADD, (int32_t[]){ 1, SP_SPACE_HELL, SP_O, TOKEN_NONE });
    check_list(t, "lll", 0, (int32_t[]){ SP_SPACE, SP_LL, SP_L, TOKEN_NONE });
    check_list(t, "  ", 0, (int32_t[]){ SP_SPACES, SP_SPACE, TOKEN_NONE });
    check_list(t, "\xC3\xA9\xC3\xA8", 0,
               (int32_t[]){ SP_SPACE, SP_EACUTE, 3 + 0xC3, 3 + 0xA8, TOKEN_NONE });
    check_list(t, "</s>o", PARSE, (int32_t[]){ 2, SP_SPACE, SP_O, TOKEN_NONE });
    check_list(t, "<0x41>", 0,
               (int32_t[]){ SP_SPACE, 3 + '<', 3 + '0', 3 + 'x', 3 + '4', 3 + '1',
                            3 + '>', TOKEN_NONE });
    check_list(t, "", ADD, (int32_t[]){ 1, TOKEN_NONE });
    CU_ASSERT(tokenizer_adds_space(t) && tokenizer_adds_bos(t));
    CU_ASSERT(tokenizer_is_end(t, 2));
    CU_ASSERT_STRING_EQUAL(tokenizer_decode(t, SP_SPACE_HELL, false).bytes, " hell");
    CU_ASSERT_STRING_EQUAL(tokenizer_decode(t, 3 + 'A', false).bytes, "A");
    tokenizer_free(t);

    tiny.source.add_space = 0;
    tiny.source.add_bos = 0;
    t = build(&tiny.source);
    check_list(t, "hello", ADD, (int32_t[]){ SP_HELL, SP_O, TOKEN_NONE });
    tokenizer_free(t);
}

/* Words are merged apart only where no token spans a space: the same ids either way. */
static void cutting_at_spaces_changes_nothing(void)
{
    struct tiny_vocabulary tiny;
    tiny_vocabulary_sentencepiece(&tiny);
    struct tokenizer *t = build(&tiny.source);
    CU_ASSERT(t->cuts_at_spaces);
    struct token_list apart = { 0 }, whole = { 0 };
    struct error err = { 0 };
    static const char text[] = "hell  hello lll   hel o\nh  e ";
    CU_ASSERT_EQUAL(tokenizer_encode(t, text, strlen(text), 0, 0, &apart, &err), OK);
    t->cuts_at_spaces = false;
    CU_ASSERT_EQUAL(tokenizer_encode(t, text, strlen(text), 0, 0, &whole, &err), OK);
    CU_ASSERT_EQUAL_FATAL(apart.count, whole.count);
    CU_ASSERT_EQUAL(memcmp(apart.id, whole.id, whole.count * sizeof *whole.id), 0);
    token_list_release(&apart);
    token_list_release(&whole);
    tokenizer_free(t);

    tiny_vocabulary_token(&tiny, SP_EACUTE, "o\xE2\x96\x81h", TOKEN_NORMAL, -1);
    t = build(&tiny.source);
    CU_ASSERT(!t->cuts_at_spaces);
    tokenizer_free(t);
}

static void bytes_without_a_token_are_counted(void)
{
    struct tiny_vocabulary tiny;
    struct token_list list = { 0 };
    struct error err = { 0 };
    tiny_vocabulary_bpe(&tiny);
    tiny_vocabulary_token(&tiny, 'q', "qq", TOKEN_NORMAL, 0);
    struct tokenizer *t = build(&tiny.source);
    CU_ASSERT_EQUAL(tokenizer_encode(t, "aqa", 3, false, false, &list, &err), OK);
    CU_ASSERT(list.count == 2 && list.id[1] == 'a' && list.lost == 1);
    tokenizer_free(t);

    tiny_vocabulary_sentencepiece(&tiny);
    tiny_vocabulary_token(&tiny, 3 + 0xA8, "other", TOKEN_NORMAL, -30);
    tiny_vocabulary_token(&tiny, 3 + 0xC3, "more", TOKEN_NORMAL, -30);
    t = build(&tiny.source);
    list.count = list.lost = 0;
    CU_ASSERT_EQUAL(tokenizer_encode(t, "\xC3\xA8", 2, false, false, &list, &err), OK);
    CU_ASSERT(list.count == 2 && list.id[1] == 0 && list.lost == 2);
    tokenizer_free(t);
    token_list_release(&list);
}

static void random_bytes_survive(void)
{
    enum { SIZE = 100000 };
    struct tiny_vocabulary tiny;
    char *text = malloc(SIZE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (int kind = 0; kind < 2; kind++) {
        kind ? tiny_vocabulary_sentencepiece(&tiny) : tiny_vocabulary_bpe(&tiny);
        struct tokenizer *t = build(&tiny.source);
        uint32_t state = 7;
        for (int round = 0; round < 3; round++) {
            /* All bytes; mostly letters of the vocabulary; pieces of UTF-8. */
            static const char *const some[] = { "hello wor \xFF",
                                                "\xC3\xA9\xE2\x96h \xF0" };
            for (size_t i = 0; i < SIZE; i++) {
                state = state * 1664525u + 1013904223u;
                unsigned draw = state >> 16;
                text[i] = round == 0 ? (char)draw
                                     : some[round - 1][draw % strlen(some[round - 1])];
            }
            CU_ASSERT(survives(t, text, SIZE, NULL));
        }
        tokenizer_free(t);
    }
    free(text);
}

/* A quadratic merge loop would take hours here. */
static void a_word_of_a_megabyte_takes_linear_time(void)
{
    enum { SIZE = 1 << 20 };
    struct tiny_vocabulary tiny;
    char *text = malloc(SIZE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "helllehl"[i * i % 8];
    for (int kind = 0; kind < 2; kind++) {
        kind ? tiny_vocabulary_sentencepiece(&tiny) : tiny_vocabulary_bpe(&tiny);
        struct tokenizer *t = build(&tiny.source);
        CU_ASSERT(survives(t, text, SIZE, NULL));
        tokenizer_free(t);
    }
    free(text);
}

struct hostile {
    const char *expected; /* in the error */
    void (*spoil)(struct tiny_vocabulary *tiny);
};

static void no_tokens(struct tiny_vocabulary *v)
{
    v->source.tokens = 0;
}
static void odd_model(struct tiny_vocabulary *v)
{
    v->source.model = "bert";
}
static void odd_pre(struct tiny_vocabulary *v)
{
    v->source.pre = "martian";
}
static void no_merges(struct tiny_vocabulary *v)
{
    v->source.merge = NULL;
}
static void no_scores(struct tiny_vocabulary *v)
{
    v->source.score = NULL;
}
static void nan_score(struct tiny_vocabulary *v)
{
    v->score[9] = (double)NAN;
}
static void type_zero(struct tiny_vocabulary *v)
{
    v->type[9] = 0;
}
static void type_seven(struct tiny_vocabulary *v)
{
    v->type[9] = 7;
}
static void bos_behind(struct tiny_vocabulary *v)
{
    v->source.bos = 5000;
}
static void eos_behind(struct tiny_vocabulary *v)
{
    v->source.eos = UINT32_MAX;
}
static void unknown_behind(struct tiny_vocabulary *v)
{
    v->source.unknown = 5000;
}
static void eot_behind(struct tiny_vocabulary *v)
{
    v->source.eot = 5000;
}
static void bos_missing(struct tiny_vocabulary *v)
{
    v->source.add_bos = 1;
}
static void eos_missing(struct tiny_vocabulary *v)
{
    v->source.add_eos = 1;
}

static void set_merge(struct tiny_vocabulary *v, const char *text)
{
    v->merge[2] = (struct text){ text, strlen(text) };
}

static void merge_left(struct tiny_vocabulary *v)
{
    set_merge(v, "zz h");
}
static void merge_right(struct tiny_vocabulary *v)
{
    set_merge(v, "h zz");
}
static void merge_join(struct tiny_vocabulary *v)
{
    set_merge(v, "z z");
}
static void merge_one(struct tiny_vocabulary *v)
{
    set_merge(v, "he");
}
static void merge_front(struct tiny_vocabulary *v)
{
    set_merge(v, " he");
}
static void merge_back(struct tiny_vocabulary *v)
{
    set_merge(v, "he ");
}
static void merge_three(struct tiny_vocabulary *v)
{
    set_merge(v, "h e l");
}
static void merge_empty(struct tiny_vocabulary *v)
{
    set_merge(v, "");
}
static void merge_control(struct tiny_vocabulary *v)
{
    set_merge(v, "<|im_start| >");
}

static void duplicate(struct tiny_vocabulary *v)
{
    tiny_vocabulary_token(v, 'z', "y", TOKEN_NORMAL, 0);
}

static void duplicate_special(struct tiny_vocabulary *v)
{
    tiny_vocabulary_token(v, BPE_START, "<|im_end|>", TOKEN_CONTROL, 0);
}

static void set_byte(struct tiny_vocabulary *v, const char *written)
{
    tiny_vocabulary_token(v, 70, written, TOKEN_BYTE, 0);
}

static void byte_short(struct tiny_vocabulary *v)
{
    set_byte(v, "<0x4>");
}
static void byte_long(struct tiny_vocabulary *v)
{
    set_byte(v, "<0x041>");
}
static void byte_digits(struct tiny_vocabulary *v)
{
    set_byte(v, "<0x4G>");
}
static void byte_sign(struct tiny_vocabulary *v)
{
    set_byte(v, "<0x-1>");
}
static void byte_open(struct tiny_vocabulary *v)
{
    set_byte(v, "<0x41 ");
}
static void byte_empty(struct tiny_vocabulary *v)
{
    set_byte(v, "");
}
static void byte_twice(struct tiny_vocabulary *v)
{
    set_byte(v, "<0x0a>");
}

static void check_refused(const struct hostile *cases, size_t count,
                          void (*make)(struct tiny_vocabulary *))
{
    for (size_t i = 0; i < count; i++) {
        struct tiny_vocabulary tiny;
        struct error err = { 0 };
        struct tokenizer *tokenizer;
        make(&tiny);
        cases[i].spoil(&tiny);
        CU_ASSERT_EQUAL(tokenizer_build(&tokenizer, &tiny.source, &err), ERR_FORMAT);
        CU_ASSERT_PTR_NULL(tokenizer);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].expected));
        if (!strstr(err.text, cases[i].expected))
            printf("    %s: %s\n", cases[i].expected, err.text);
        tokenizer_free(tokenizer);
    }
}

static void hostile_vocabularies_are_refused(void)
{
    static const struct hostile bpe[] = {
        { "0 tokens", no_tokens },
        { "\"bert\"", odd_model },
        { "\"martian\"", odd_pre },
        { "no merges", no_merges },
        { "score of token 9", nan_score },
        { "type 0", type_zero },
        { "type 7", type_seven },
        { "BOS is token", bos_behind },
        { "EOS is token", eos_behind },
        { "UNK is token", unknown_behind },
        { "EOT is token", eot_behind },
        { "names no BOS", bos_missing },
        { "names no EOS", eos_missing },
        { "the left part is not a token", merge_left },
        { "the right part is not a token", merge_right },
        { "the join is not a token", merge_join },
        { "the left part is not a token", merge_control },
        { "expected two tokens", merge_one },
        { "expected two tokens", merge_front },
        { "expected two tokens", merge_back },
        { "expected two tokens", merge_empty },
        { "the right part is not a token", merge_three },
        { "tokens 121 and 122 are both", duplicate },
        { "are both \"<|im_end|>\"", duplicate_special },
        { "byte token 70 is", byte_short },
    };
    static const struct hostile sentencepiece[] = {
        { "no scores", no_scores },
        { "score of token 9", nan_score },
        { "byte token 70 is", byte_short },
        { "byte token 70 is", byte_long },
        { "byte token 70 is", byte_digits },
        { "byte token 70 is", byte_sign },
        { "byte token 70 is", byte_open },
        { "byte token 70 is", byte_empty },
        { "both stand for byte 0x0A", byte_twice },
        { "BOS is token", bos_behind },
    };
    check_refused(bpe, sizeof bpe / sizeof bpe[0], tiny_vocabulary_bpe);
    check_refused(sentencepiece, sizeof sentencepiece / sizeof sentencepiece[0],
                  tiny_vocabulary_sentencepiece);
}

/* Empty tokens, tokens that are no stand-ins for bytes, a repeated merge: harmless. */
static void odd_vocabularies_are_accepted(void)
{
    struct tiny_vocabulary tiny;
    tiny_vocabulary_bpe(&tiny);
    tiny_vocabulary_token(&tiny, BPE_START, "", TOKEN_CONTROL, 0);
    tiny_vocabulary_token(&tiny, BPE_START_TURN, "raw \xE6\xBC\xA2", TOKEN_NORMAL, 0);
    tiny_vocabulary_token(&tiny, BPE_USER, "", TOKEN_NORMAL, 0);
    set_merge(&tiny, "h e");
    struct tokenizer *t = build(&tiny.source);
    check_list(t, "hell", PARSE, (int32_t[]){ BPE_HE, BPE_LL, TOKEN_NONE });
    CU_ASSERT_STRING_EQUAL(tokenizer_decode(t, BPE_START_TURN, false).bytes,
                           "raw \xE6\xBC\xA2");
    tokenizer_free(t);
}

CU_TestInfo tokenizer_tests[] = {
    { "byte-level merges lowest rank first", byte_level_merges_lowest_rank_first },
    { "llama 3 takes words whole", llama3_takes_words_whole },
    { "special tokens are split off longest first",
      special_tokens_are_split_off_longest_first },
    { "SentencePiece merges highest score first",
      sentencepiece_merges_highest_score_first },
    { "cutting at spaces changes nothing", cutting_at_spaces_changes_nothing },
    { "bytes without a token are counted", bytes_without_a_token_are_counted },
    { "random bytes survive", random_bytes_survive },
    { "a word of a megabyte takes linear time",
      a_word_of_a_megabyte_takes_linear_time },
    { "hostile vocabularies are refused", hostile_vocabularies_are_refused },
    { "odd vocabularies are accepted", odd_vocabularies_are_accepted },
    CU_TEST_INFO_NULL,
};
