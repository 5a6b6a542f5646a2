/* Reads what vocabulary files say: metadata of a GGUF file, and the llama2.c format.
 * What they say is judged in vocabulary.c and by the kinds of tokenizer. */
#include "lm/tokenizer_kind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An array of the file, of `wanted` elements unless that is 0. Absent: *entry is
 * NULL. */
static enum error_code find_array(const struct model_file *file, const char *key,
                                  enum value_type type, size_t wanted,
                                  const struct metadata **entry, struct error *err)
{
    *entry = model_file_find(file, key);
    if (!*entry)
        return OK;
    if ((*entry)->type != VALUE_ARRAY)
        return error_set(err, ERR_FORMAT, "%s is a %s, expected an array of %s", key,
                         value_type_name((*entry)->type), value_type_name(type));
    if ((*entry)->element_type != type)
        return error_set(err, ERR_FORMAT, "%s is an array of %s, expected %s", key,
                         value_type_name((*entry)->element_type),
                         value_type_name(type));
    if (wanted > 0 && (*entry)->count != wanted)
        return error_set(err, ERR_FORMAT,
                         "%s has %zu elements, expected %zu, as many as tokens", key,
                         (*entry)->count, wanted);
    return OK;
}

static enum error_code read_arrays(struct vocabulary_source *source,
                                   const struct model_file *file, struct error *err)
{
    const struct metadata *tokens, *types, *scores, *merges;
    if (find_array(file, "tokenizer.ggml.tokens", VALUE_STRING, 0, &tokens, err) != OK)
        return err->code;
    if (!tokens)
        return error_set(err, ERR_FORMAT, "the file has no tokenizer.ggml.tokens");
    source->token = tokens->array.text;
    source->tokens = tokens->count;
    if (find_array(file, "tokenizer.ggml.token_type", VALUE_I32, tokens->count, &types,
                   err) != OK ||
        find_array(file, "tokenizer.ggml.scores", VALUE_F32, tokens->count, &scores,
                   err) != OK ||
        find_array(file, "tokenizer.ggml.merges", VALUE_STRING, 0, &merges, err) != OK)
        return err->code;
    source->type = types ? types->array.i : NULL;
    source->score = scores ? scores->array.f : NULL;
    source->merge = merges ? merges->array.text : NULL;
    source->merges = merges ? merges->count : 0;
    return OK;
}

static enum error_code read_id(const struct model_file *file, const char *key,
                               int64_t *id, struct error *err)
{
    uint32_t value = 0;
    if (!model_file_find(file, key))
        return OK;
    if (model_file_u32(file, key, &value, err) != OK)
        return err->code;
    *id = value;
    return OK;
}

static enum error_code read_flag(const struct model_file *file, const char *key,
                                 int *flag, struct error *err)
{
    bool value = false;
    if (!model_file_find(file, key))
        return OK;
    if (model_file_bool(file, key, &value, err) != OK)
        return err->code;
    *flag = value;
    return OK;
}

enum error_code tokenizer_create(struct tokenizer **tokenizer,
                                 const struct model_file *file, struct error *err)
{
    struct vocabulary_source source = vocabulary_source_empty;
    struct text model = { NULL, 0 }, pre = { NULL, 0 };
    *tokenizer = NULL;
    if (model_file_text(file, "tokenizer.ggml.model", &model, err) != OK ||
        model_file_text(file, "tokenizer.ggml.pre", &pre, err) != OK)
        return err->code;
    if (!model.bytes)
        return error_set(err, ERR_FORMAT, "the file has no tokenizer.ggml.model");
    source.model = model.bytes;
    source.pre = pre.length > 0 ? pre.bytes : NULL;

    if (read_arrays(&source, file, err) != OK ||
        read_id(file, "tokenizer.ggml.bos_token_id", &source.bos, err) != OK ||
        read_id(file, "tokenizer.ggml.eos_token_id", &source.eos, err) != OK ||
        read_id(file, "tokenizer.ggml.eot_token_id", &source.eot, err) != OK ||
        read_id(file, "tokenizer.ggml.eom_token_id", &source.eom, err) != OK ||
        read_id(file, "tokenizer.ggml.unknown_token_id", &source.unknown, err) != OK ||
        read_flag(file, "tokenizer.ggml.add_bos_token", &source.add_bos, err) != OK ||
        read_flag(file, "tokenizer.ggml.add_eos_token", &source.add_eos, err) != OK ||
        read_flag(file, "tokenizer.ggml.add_space_prefix", &source.add_space, err) !=
            OK)
        return err->code;
    return tokenizer_build(tokenizer, &source, err);
}

/* The format has no limit; no tokenizer has words near this. */
enum { LLAMA2C_LONGEST = 1 << 16 };

/* Tables of one llama2.c file while it is read. */
struct llama2c {
    struct text *token;
    double *score;
    int64_t *type;
    char *pool; /* bytes of all tokens, a NUL behind each */
    size_t used;
};

static bool read_bytes(FILE *in, void *bytes, size_t length)
{
    return fread(bytes, 1, length, in) == length;
}

static enum error_code read_llama2c_token(struct llama2c *table, size_t id, FILE *in,
                                          size_t size, struct error *err)
{
    struct {
        float score;
        int32_t length;
    } head;
    if (!read_bytes(in, &head, sizeof head))
        return error_set(err, ERR_FORMAT, "the file ends at token %zu", id);
    if (head.length < 0 || head.length > LLAMA2C_LONGEST ||
        (size_t)head.length > size - table->used)
        return error_set(err, ERR_FORMAT, "token %zu claims %d bytes", id, head.length);
    char *bytes = table->pool + table->used;
    if (!read_bytes(in, bytes, (size_t)head.length))
        return error_set(err, ERR_FORMAT, "the file ends in token %zu", id);
    bytes[head.length] = '\0';
    table->used += (size_t)head.length + 1;
    table->token[id] = (struct text){ bytes, (size_t)head.length };
    table->score[id] = (double)head.score;

    /* The format has no types: SentencePiece puts unknown, BOS and EOS first and the
     * byte tokens behind them. */
    bool is_byte =
        id >= 3 && id < 3 + 256 && head.length == 6 && memcmp(bytes, "<0x", 3) == 0;
    table->type[id] = id == 0   ? TOKEN_UNKNOWN
                      : id < 3  ? TOKEN_CONTROL
                      : is_byte ? TOKEN_BYTE
                                : TOKEN_NORMAL;
    return OK;
}

static enum error_code read_llama2c(struct llama2c *table, uint32_t vocabulary,
                                    FILE *in, size_t size, struct error *err)
{
    int32_t longest;
    table->token = calloc(vocabulary, sizeof *table->token);
    table->score = calloc(vocabulary, sizeof *table->score);
    table->type = calloc(vocabulary, sizeof *table->type);
    table->pool = malloc(size + 1);
    if (!table->token || !table->score || !table->type || !table->pool)
        return error_memory(err, "a vocabulary",
                            (double)vocabulary * 40 + (double)size);
    if (!read_bytes(in, &longest, sizeof longest))
        return error_set(err, ERR_FORMAT, "the file is too short for a header");
    for (size_t id = 0; id < vocabulary; id++)
        if (read_llama2c_token(table, id, in, size, err) != OK)
            return err->code;
    if (fgetc(in) != EOF)
        return error_set(err, ERR_FORMAT, "the file goes on behind %u tokens",
                         vocabulary);
    return OK;
}

enum error_code tokenizer_create_llama2c(struct tokenizer **tokenizer, const char *path,
                                         uint32_t vocabulary, struct error *err)
{
    struct vocabulary_source source = vocabulary_source_empty;
    struct llama2c table = { 0 };
    *tokenizer = NULL;
    FILE *in = fopen(path, "rb");
    err->code = OK;
    if (!in || fseek(in, 0, SEEK_END) != 0) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    long size = ftell(in);
    rewind(in);
    /* A token takes 8 bytes at least, and its NUL in memory is less than that. */
    if (size < 4 || vocabulary == 0 || vocabulary > (unsigned long)size / 8) {
        error_set(err, ERR_FORMAT, "%s: %ld bytes cannot hold %u tokens", path, size,
                  vocabulary);
        goto out;
    }
    source.model = "llama2.c";
    source.tokens = vocabulary;
    if (read_llama2c(&table, vocabulary, in, (size_t)size, err) == OK) {
        source.token = table.token;
        source.score = table.score;
        source.type = table.type;
        tokenizer_build(tokenizer, &source, err);
    }
    if (err->code != OK)
        error_wrap(err, "%s", path);
out:
    if (in)
        fclose(in);
    free(table.token);
    free(table.score);
    free(table.type);
    free(table.pool);
    return err->code;
}
