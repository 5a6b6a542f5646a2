/* Text to token ids and back: byte-level BPE (gpt2) with the pre-tokenizer the model
 * names, and SentencePiece BPE (llama). The vocabulary comes from a GGUF file or from a
 * llama2.c tokenizer file. */
#ifndef LM_TOKENIZER_H
#define LM_TOKENIZER_H

#include "base/error.h"
#include "lm/model_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tokenizer;

enum { TOKEN_NONE = -1 };

struct token_list { /* zero-initialise; token_list_release when done */
    int32_t *id;
    size_t count, capacity;
    size_t lost; /* bytes for which the vocabulary has no token */
};
bool token_list_add(struct token_list *list, int32_t id);
void token_list_release(struct token_list *list);

/* From the file's metadata (also of a file without tensors). The file may be closed
 * afterwards. */
enum error_code tokenizer_create(struct tokenizer **tokenizer,
                                 const struct model_file *file, struct error *err);
/* From a llama2.c tokenizer file (i32 longest; per token f32 score, i32 length,
 * bytes). */
enum error_code tokenizer_create_llama2c(struct tokenizer **tokenizer, const char *path,
                                         uint32_t vocabulary, struct error *err);
void tokenizer_free(struct tokenizer *tokenizer);

/* Appends the ids of `length` bytes of text. add_special: what the model adds (BOS,
 * EOS, by its flags). parse_special: control tokens written in the text become their
 * ids. Any bytes are accepted; bytes that are not UTF-8 survive a round trip. Bytes
 * that the vocabulary cannot express are left out (SentencePiece: become its unknown
 * token) and counted in list->lost. After a failure the list is what it was. */
enum error_code tokenizer_encode(const struct tokenizer *tokenizer, const char *text,
                                 size_t length, bool add_special, bool parse_special,
                                 struct token_list *list, struct error *err);

/* Bytes of one token, valid as long as the tokenizer; control tokens give an empty text
 * unless `special`. A SentencePiece token's leading mark is a space. */
struct text tokenizer_decode(const struct tokenizer *tokenizer, int32_t id,
                             bool special);
/* SentencePiece adds a space in front of a text; true if the decoder of a whole text
 * should drop it again. */
bool tokenizer_adds_space(const struct tokenizer *tokenizer);

uint32_t tokenizer_size(const struct tokenizer *tokenizer);
const char *tokenizer_kind(const struct tokenizer *tokenizer); /* "gpt2, smollm" */
int32_t tokenizer_bos(const struct tokenizer *tokenizer);      /* or TOKEN_NONE */
bool tokenizer_adds_bos(const struct tokenizer *tokenizer);
bool tokenizer_is_end(const struct tokenizer *tokenizer, int32_t id); /* EOS, EOT ... */

/* --chat: the prompt as one user turn in the template that the model declares, when
 * that is ChatML, Llama 3 or Gemma; refuses others, quoting their beginning. *wrapped
 * is malloc'ed. The template's default system turn is included where it has one. */
enum error_code chat_wrap(const struct model_file *file, const char *prompt,
                          char **wrapped, struct error *err);

#endif
