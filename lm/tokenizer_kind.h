/* A way of cutting text into tokens. tokenizer.c knows the kinds only through this
 * struct; lm/tokenizer_bpe.c and lm/tokenizer_sentencepiece.c hold one each. Private to
 * the tokenizer's files and their tests. */
#ifndef LM_TOKENIZER_KIND_H
#define LM_TOKENIZER_KIND_H

#include "lm/pair_merge.h"
#include "lm/tokenizer.h"
#include "lm/vocabulary.h"

struct tokenizer_kind {
    const char *model; /* as in tokenizer.ggml.model */
    token_reader *read;
    bool marks_spaces;         /* writes a space as U+2581 */
    bool adds_bos, adds_space; /* unless the file declares otherwise */
    int32_t bos, eos, unknown; /* likewise; TOKEN_NONE: none */
    /* What encode needs besides the vocabulary; NULL: nothing. */
    enum error_code (*prepare)(struct tokenizer *tokenizer,
                               const struct vocabulary_source *source,
                               struct error *err);
    /* Appends the ids of a stretch without special tokens. `follows_special`: it starts
     * the text or stands behind a special token. */
    enum error_code (*encode)(const struct tokenizer *tokenizer, const char *text,
                              size_t length, bool follows_special,
                              struct pair_merge *merge, struct token_list *list,
                              struct error *err);
    void (*release)(struct tokenizer *tokenizer);
};

extern const struct tokenizer_kind bpe_tokenizer, sentencepiece_tokenizer,
    llama2c_tokenizer;

struct pre_tokenizer;
struct merge_table;

struct tokenizer {
    const struct tokenizer_kind *kind;
    struct vocabulary vocabulary;
    char name[96]; /* kind and pre-tokenizer */
    bool adds_bos, adds_eos, adds_space;
    int32_t *special; /* (specials) tokens found in raw text, by what is written */
    uint32_t specials;
    bool special_starts[256];   /* first bytes of those */
    struct pre_tokenizer *pre;  /* byte-level BPE */
    struct merge_table *merges; /* byte-level BPE */
    bool cuts_at_spaces;        /* SentencePiece: see prepare() there */
};

/* Checks a vocabulary and builds a tokenizer of it; the source may go afterwards. */
enum error_code tokenizer_build(struct tokenizer **tokenizer,
                                const struct vocabulary_source *source,
                                struct error *err);
/* Appends the ids of a merged word; symbols that are no token go byte by byte. */
enum error_code tokenizer_add_word(const struct tokenizer *tokenizer, const char *word,
                                   const struct pair_merge *merge,
                                   struct token_list *list, struct error *err);

#endif
