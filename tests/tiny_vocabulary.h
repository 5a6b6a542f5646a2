/* Vocabularies small enough to know by heart, for tests and the fuzzer. In the
 * byte-level one a byte's token is its number; in the SentencePiece one, 3 more. */
#ifndef TESTS_TINY_VOCABULARY_H
#define TESTS_TINY_VOCABULARY_H

#include "lm/vocabulary.h"

#include <stdio.h>
#include <string.h>

enum { TINY_TOKENS = 300, TINY_TEXT = 24 };

/* Behind the 256 bytes of the byte-level vocabulary. */
enum {
    BPE_HE = 256,
    BPE_LL,
    BPE_HELL,
    BPE_SPACE_W,
    BPE_OR,
    BPE_USER,
    BPE_START,
    BPE_START_TURN,
    BPE_END,
    BPE_TOKENS
};

/* Behind <unk>, <s>, </s> and the 256 bytes of the SentencePiece vocabulary. */
enum {
    SP_SPACE = 3 + 256,
    SP_H,
    SP_E,
    SP_L,
    SP_O,
    SP_HE,
    SP_LL,
    SP_HELL,
    SP_SPACE_HELL,
    SP_SPACES,
    SP_EACUTE,
    SP_TOKENS
};

struct tiny_vocabulary {
    char written[TINY_TOKENS][TINY_TEXT];
    struct text token[TINY_TOKENS];
    int64_t type[TINY_TOKENS];
    double score[TINY_TOKENS];
    struct text merge[8];
    struct vocabulary_source source;
};

static inline void tiny_vocabulary_token(struct tiny_vocabulary *tiny, int id,
                                         const char *written, enum token_type type,
                                         double score)
{
    snprintf(tiny->written[id], TINY_TEXT, "%s", written);
    tiny->token[id] = (struct text){ tiny->written[id], strlen(tiny->written[id]) };
    tiny->type[id] = type;
    tiny->score[id] = score;
}

static inline void tiny_vocabulary_start(struct tiny_vocabulary *tiny,
                                         const char *model, size_t tokens)
{
    tiny->source = vocabulary_source_empty;
    tiny->source.model = model;
    tiny->source.tokens = tokens;
    tiny->source.token = tiny->token;
    tiny->source.type = tiny->type;
    tiny->source.score = tiny->score;
}

static inline void tiny_vocabulary_bpe(struct tiny_vocabulary *tiny)
{
    static const char *const merges[] = { "h e", "l l", "he ll", "\xC4\xA0 w", "o r" };
    tiny_vocabulary_start(tiny, "gpt2", BPE_TOKENS);
    int next = 256;
    for (int byte = 0; byte < 256; byte++) {
        bool printable = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
        int point = printable ? byte : next++;
        char written[3] = { (char)(0xC0 | point >> 6), (char)(0x80 | (point & 63)),
                            '\0' };
        char ascii[2] = { (char)point, '\0' };
        tiny_vocabulary_token(tiny, byte, point < 128 ? ascii : written, TOKEN_NORMAL,
                              0);
    }
    tiny_vocabulary_token(tiny, BPE_HE, "he", TOKEN_NORMAL, 0);
    tiny_vocabulary_token(tiny, BPE_LL, "ll", TOKEN_NORMAL, 0);
    tiny_vocabulary_token(tiny, BPE_HELL, "hell", TOKEN_NORMAL, 0);
    tiny_vocabulary_token(tiny, BPE_SPACE_W, "\xC4\xA0w", TOKEN_NORMAL, 0);
    tiny_vocabulary_token(tiny, BPE_OR, "or", TOKEN_NORMAL, 0);
    tiny_vocabulary_token(tiny, BPE_USER, "[two  gaps]", TOKEN_USER, 0);
    tiny_vocabulary_token(tiny, BPE_START, "<|im_start|>", TOKEN_CONTROL, 0);
    tiny_vocabulary_token(tiny, BPE_START_TURN, "<|im_start|>user", TOKEN_CONTROL, 0);
    tiny_vocabulary_token(tiny, BPE_END, "<|im_end|>", TOKEN_NORMAL, 0);
    for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++)
        tiny->merge[i] = (struct text){ merges[i], strlen(merges[i]) };
    tiny->source.merge = tiny->merge;
    tiny->source.merges = sizeof merges / sizeof merges[0];
    tiny->source.pre = "gpt-2";
}

static inline void tiny_vocabulary_sentencepiece(struct tiny_vocabulary *tiny)
{
    tiny_vocabulary_start(tiny, "llama", SP_TOKENS);
    tiny_vocabulary_token(tiny, 0, "<unk>", TOKEN_UNKNOWN, 0);
    tiny_vocabulary_token(tiny, 1, "<s>", TOKEN_CONTROL, 0);
    tiny_vocabulary_token(tiny, 2, "</s>", TOKEN_CONTROL, 0);
    for (int byte = 0; byte < 256; byte++) {
        char written[TINY_TEXT];
        snprintf(written, sizeof written, "<0x%02X>", (unsigned)byte);
        tiny_vocabulary_token(tiny, 3 + byte, written, TOKEN_BYTE, 0);
    }
    tiny_vocabulary_token(tiny, SP_SPACE, "\xE2\x96\x81", TOKEN_NORMAL, -20);
    tiny_vocabulary_token(tiny, SP_H, "h", TOKEN_NORMAL, -21);
    tiny_vocabulary_token(tiny, SP_E, "e", TOKEN_NORMAL, -22);
    tiny_vocabulary_token(tiny, SP_L, "l", TOKEN_NORMAL, -23);
    tiny_vocabulary_token(tiny, SP_O, "o", TOKEN_NORMAL, -24);
    tiny_vocabulary_token(tiny, SP_HE, "he", TOKEN_NORMAL, -1);
    tiny_vocabulary_token(tiny, SP_LL, "ll", TOKEN_NORMAL, -2);
    tiny_vocabulary_token(tiny, SP_HELL, "hell", TOKEN_NORMAL, -3);
    tiny_vocabulary_token(tiny, SP_SPACE_HELL, "\xE2\x96\x81hell", TOKEN_NORMAL, -4);
    tiny_vocabulary_token(tiny, SP_SPACES, "\xE2\x96\x81\xE2\x96\x81", TOKEN_NORMAL,
                          -5);
    tiny_vocabulary_token(tiny, SP_EACUTE, "\xC3\xA9", TOKEN_NORMAL, -25);
}

#endif
