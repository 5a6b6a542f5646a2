/* The tokens of a vocabulary and the map from bytes to them: what both kinds of
 * tokenizer share. Private to the tokenizer's files and their tests. */
#ifndef LM_VOCABULARY_H
#define LM_VOCABULARY_H

#include "base/arena.h"
#include "base/error.h"
#include "lm/tokenizer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers as in tokenizer.ggml.token_type. */
enum token_type {
    TOKEN_NORMAL = 1,
    TOKEN_UNKNOWN,
    TOKEN_CONTROL,
    TOKEN_USER,
    TOKEN_UNUSED,
    TOKEN_BYTE
};

/* What a vocabulary file says, whatever its format; nothing in it is believed yet. */
struct vocabulary_source {
    const char *model;        /* "gpt2", "llama" or "llama2.c" */
    const char *pre;          /* name of the pre-tokenizer, or NULL */
    const struct text *token; /* (tokens) */
    const int64_t *type;      /* (tokens), or NULL: normal, or byte by their form */
    const double *score;      /* (tokens), or NULL */
    const struct text *merge; /* (merges) "left right" */
    size_t tokens, merges;
    int64_t bos, eos, eot, eom, unknown; /* TOKEN_NONE: not declared */
    int add_bos, add_eos, add_space;     /* 0, 1, or -1: not declared */
};

/* No declarations at all: where a reader starts. */
extern const struct vocabulary_source vocabulary_source_empty;

struct token {
    struct text written; /* as in the file: how special tokens are recognised */
    struct text bytes;   /* what it stands for in a text */
    uint32_t rank;       /* 0 for the highest score; equal for equal scores */
    enum token_type type;
    bool is_end; /* generation stops at it */
};

struct vocabulary {
    struct arena arena;
    struct token *token; /* (count) */
    uint32_t count;
    size_t longest;    /* bytes of the longest token that text can become */
    uint32_t *slot;    /* hash of `bytes` of those: id + 1; 0: free */
    size_t slots;      /* a power of two */
    int32_t byte[256]; /* token of a single byte, or TOKEN_NONE */
    int32_t bos, eos, unknown;
};

/* Turns a token as written into the bytes it stands for (never more than were written);
 * false: it stands for itself and no text becomes it by merging. */
typedef bool token_reader(const struct text *written, enum token_type type, char *bytes,
                          size_t *length);

/* Copies and checks tokens and special ids. Control, unknown and byte tokens are
 * left out of the map: text alone never becomes one. Release also after a failure. */
enum error_code vocabulary_init(struct vocabulary *vocabulary,
                                const struct vocabulary_source *source,
                                token_reader *read, struct error *err);
void vocabulary_release(struct vocabulary *vocabulary);
/* The token that stands for these bytes, or TOKEN_NONE. */
int32_t vocabulary_find(const struct vocabulary *vocabulary, const char *bytes,
                        size_t length);

#endif
