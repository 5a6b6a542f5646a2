/* SentencePiece BPE (Kudo and Richardson 2018): the text is one word, spaces and
 * all; the neighbours whose join is the token of highest score join first, leftmost
 * on a tie; what is no token in the end goes byte by byte. Vocabularies write a
 * space as U+2581; here it is a space in the tokens and in the text, so a U+2581 of
 * the text becomes one. */
#include "lm/tokenizer_kind.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static const char mark[] = "\xE2\x96\x81";
enum { MARK = sizeof mark - 1 };

/* Marks become spaces, in place; returns what length is left. */
static size_t unmark(char *text, size_t length)
{
    size_t written = 0;
    for (size_t at = 0; at < length;) {
        bool is_mark = length - at >= MARK && memcmp(text + at, mark, MARK) == 0;
        text[written++] = is_mark ? ' ' : text[at];
        at += is_mark ? MARK : 1;
    }
    return written;
}

/* A token written with a plain space is only found as a special token. */
static bool read(const struct text *written, enum token_type type, char *bytes,
                 size_t *length)
{
    (void)type;
    memcpy(bytes, written->bytes, written->length);
    *length = unmark(bytes, written->length);
    return !memchr(written->bytes, ' ', written->length);
}

static bool read_llama2c(const struct text *written, enum token_type type, char *bytes,
                         size_t *length)
{
    (void)type;
    memcpy(bytes, written->bytes, written->length);
    *length = written->length;
    return true;
}

/* If no token has a space behind another character, nothing can merge across that
 * boundary, and each word may be merged by itself: the same tokens, in less memory. */
static enum error_code prepare(struct tokenizer *tokenizer,
                               const struct vocabulary_source *source,
                               struct error *err)
{
    if (!source->score)
        return error_set(err, ERR_FORMAT, "the vocabulary has no scores");
    const struct vocabulary *vocabulary = &tokenizer->vocabulary;
    tokenizer->cuts_at_spaces = true;
    for (uint32_t id = 0; id < vocabulary->count; id++) {
        const struct text *bytes = &vocabulary->token[id].bytes;
        if (vocabulary_find(vocabulary, bytes->bytes, bytes->length) != (int32_t)id)
            continue;
        for (size_t i = 1; i < bytes->length; i++)
            if (bytes->bytes[i] == ' ' && bytes->bytes[i - 1] != ' ')
                tokenizer->cuts_at_spaces = false;
    }
    return OK;
}

static bool join(const void *self, const char *word, const struct symbol *left,
                 const struct symbol *right, int32_t *id, uint32_t *rank)
{
    const struct vocabulary *vocabulary = self;
    *id = vocabulary_find(vocabulary, word + left->start,
                          (size_t)left->length + right->length);
    if (*id == TOKEN_NONE)
        return false;
    *rank = vocabulary->token[*id].rank;
    return true;
}

static enum error_code add_word(const struct tokenizer *tokenizer, const char *word,
                                size_t length, struct pair_merge *merge,
                                struct token_list *list, struct error *err)
{
    const struct pair_rule rule = { &tokenizer->vocabulary, join };
    pair_merge_begin(merge);
    for (size_t at = 0; at < length;) {
        size_t size = utf8_read(word + at, length - at, NULL);
        if (size == 0)
            size = 1;
        int32_t id = vocabulary_find(&tokenizer->vocabulary, word + at, size);
        if (pair_merge_add(merge, (uint32_t)size, id, err) != OK)
            return err->code;
        at += size;
    }
    if (pair_merge_run(merge, word, &rule, err) != OK)
        return err->code;
    return tokenizer_add_word(tokenizer, word, merge, list, err);
}

/* Bytes up to the next place where words may be parted. */
static size_t word_length(const struct tokenizer *tokenizer, const char *text,
                          size_t length)
{
    if (tokenizer->cuts_at_spaces)
        for (size_t i = 1; i < length; i++)
            if (text[i] == ' ' && text[i - 1] != ' ')
                return i;
    return length;
}

static enum error_code encode(const struct tokenizer *tokenizer, const char *text,
                              size_t length, bool follows_special,
                              struct pair_merge *merge, struct token_list *list,
                              struct error *err)
{
    if (length > UINT32_MAX - 2)
        return error_set(err, ERR_ARGUMENT, "a text of %zu bytes is too long", length);
    char *plain = malloc(length + 1);
    if (!plain)
        return error_memory(err, "a text", (double)length);
    size_t count = tokenizer->adds_space && follows_special;
    plain[0] = ' ';
    memcpy(plain + count, text, length);
    count += tokenizer->kind->marks_spaces ? unmark(plain + count, length) : length;

    err->code = OK;
    for (size_t at = 0; at < count && err->code == OK;) {
        size_t size = word_length(tokenizer, plain + at, count - at);
        add_word(tokenizer, plain + at, size, merge, list, err);
        at += size;
    }
    free(plain);
    return err->code;
}

const struct tokenizer_kind sentencepiece_tokenizer = {
    .model = "llama",
    .read = read,
    .marks_spaces = true,
    .adds_bos = true,
    .adds_space = true,
    .bos = 1,
    .eos = 2,
    .unknown = 0,
    .prepare = prepare,
    .encode = encode,
};

const struct tokenizer_kind llama2c_tokenizer = {
    .model = "llama2.c",
    .read = read_llama2c,
    .adds_bos = true,
    .adds_space = true,
    .bos = 1,
    .eos = 2,
    .unknown = 0,
    .prepare = prepare,
    .encode = encode,
};
