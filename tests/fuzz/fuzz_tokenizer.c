/* Any bytes through encode and decode of both kinds: they come back the same. The first
 * byte chooses the kind and the pre-tokenizer. */
#include "lm/pre_tokenizer.h"
#include "lm/tokenizer_kind.h"
#include "tests/tiny_vocabulary.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A mark of SentencePiece is a space there, in the text too. */
static size_t unmark(const char *from, size_t length, char *to)
{
    size_t written = 0;
    for (size_t at = 0; at < length;) {
        bool is_mark = length - at >= 3 && memcmp(from + at, "\xE2\x96\x81", 3) == 0;
        to[written++] = is_mark ? ' ' : from[at];
        at += is_mark ? 3 : 1;
    }
    return written;
}

static void check(const struct tokenizer *tokenizer, const char *text, size_t length)
{
    struct error err = { 0 };
    struct token_list list = { 0 };
    if (tokenizer_encode(tokenizer, text, length, false, true, &list, &err) != OK)
        abort();
    size_t at = 0;
    bool space_added = tokenizer_adds_space(tokenizer);
    char *expected = malloc(length + 1);
    if (!expected)
        abort();
    if (space_added)
        length = unmark(text, length, expected);
    else
        memcpy(expected, text, length);
    for (size_t i = 0; i < list.count; i++) {
        struct text piece = tokenizer_decode(tokenizer, list.id[i], true);
        /* Behind a special token, as in front of the text, one is added. */
        bool after_special = i == 0 || list.id[i - 1] < 3;
        if (space_added && after_special && list.id[i] >= 3) {
            piece.bytes++;
            piece.length--;
        }
        if (piece.length > length - at ||
            memcmp(expected + at, piece.bytes, piece.length) != 0)
            abort();
        at += piece.length;
    }
    if (at != length || list.lost != 0)
        abort();
    free(expected);
    token_list_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tiny_vocabulary tiny;
    struct tokenizer *tokenizer;
    struct error err = { 0 };
    size_t names = 0;
    while (pre_tokenizer_name(names))
        names++;
    if (size == 0)
        return 0;

    if (data[0] & 1) {
        tiny_vocabulary_sentencepiece(&tiny);
    } else {
        tiny_vocabulary_bpe(&tiny);
        tiny.source.pre = pre_tokenizer_name((data[0] >> 1) % names);
    }
    if (tokenizer_build(&tokenizer, &tiny.source, &err) != OK)
        abort();
    check(tokenizer, (const char *)data + 1, size - 1);
    tokenizer_free(tokenizer);
    return 0;
}
