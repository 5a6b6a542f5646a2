/* Cutting a text into the words within which byte-level BPE merges. A pre-tokenizer
 * is a list of regular expressions, applied one after another: each cuts the pieces
 * that the one before left into its matches and what lies between them. */
#ifndef LM_PRE_TOKENIZER_H
#define LM_PRE_TOKENIZER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct pre_tokenizer;

/* By the name a model gives in tokenizer.ggml.pre; NULL: the default. An unknown
 * name is refused: other words would be other tokens than the model was trained on. */
enum error_code pre_tokenizer_create(struct pre_tokenizer **pre, const char *name,
                                     struct error *err);
void pre_tokenizer_free(struct pre_tokenizer *pre);

/* A word that is a token is taken whole, whatever the merges say. */
bool pre_tokenizer_takes_whole_words(const struct pre_tokenizer *pre);
/* Models with this pre-tokenizer put BOS in front unless they declare otherwise. */
bool pre_tokenizer_adds_bos(const struct pre_tokenizer *pre);

struct word_sink {
    void *self;
    enum error_code (*word)(void *self, const char *bytes, size_t length,
                            struct error *err);
};

/* Calls the sink with every word, in order; together they are the text. Runs of bytes
 * that are not UTF-8 are words of their own. Stops at the sink's first error. */
enum error_code pre_tokenizer_split(const struct pre_tokenizer *pre, const char *text,
                                    size_t length, const struct word_sink *sink,
                                    struct error *err);

/* The i-th name there is, NULL behind the last. */
const char *pre_tokenizer_name(size_t i);

#endif
