/* What the parsers of model files share with model_file.c. Everybody else includes
 * model_file.h. */
#ifndef LM_MODEL_FORMAT_H
#define LM_MODEL_FORMAT_H

#include "lm/byte_reader.h"
#include "lm/model_file.h"

/* Each fills metadata and tensors of a zeroed file and indexes them; memory comes from
 * the file's arena, which the caller frees when they fail. */
enum error_code gguf_parse(struct model_file *file, struct byte_reader *in,
                           struct error *err);
/* Has no magic, so it is asked last and its error speaks for every format. */
enum error_code llama2c_parse(struct model_file *file, struct byte_reader *in,
                              struct error *err);

/* Makes model_file_find work; refuses a key that comes twice. */
enum error_code model_file_index_metadata(struct model_file *file, struct error *err);
/* Makes model_file_find_tensor work; refuses a name that comes twice and tensors that
 * share bytes. */
enum error_code model_file_index_tensors(struct model_file *file, struct error *err);

/* Exactly `size` bytes; a file that ends before is an error. */
enum error_code model_file_read_at(int descriptor, uint64_t offset, void *bytes,
                                   size_t size, struct error *err);

/* Text of a file as an error may print it: short, and no byte that a terminal obeys. */
struct printable {
    char text[72];
};
struct printable printable(struct text text);

#endif
