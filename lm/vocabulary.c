/* See vocabulary.h. Two tokens with the same bytes are refused: which of them a text
 * became would depend on the reader, and no working model file has them. */
#include "lm/vocabulary.h"

#include "lm/model_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct vocabulary_source vocabulary_source_empty = {
    .bos = TOKEN_NONE,
    .eos = TOKEN_NONE,
    .eot = TOKEN_NONE,
    .eom = TOKEN_NONE,
    .unknown = TOKEN_NONE,
    .add_bos = -1,
    .add_eos = -1,
    .add_space = -1,
};

/* Ends of a turn or of a text that files may fail to declare, or declare as normal. */
static const char *const end_names[] = {
    "<|im_end|>",      "<|eot_id|>",    "<|eom_id|>",
    "<|end_of_text|>", "<|endoftext|>", "<|end|>",
    "<end_of_turn>",   "<EOT>",         "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
};

static bool is_end_name(const struct text *text)
{
    for (size_t i = 0; i < sizeof end_names / sizeof end_names[0]; i++)
        if (text->length == strlen(end_names[i]) &&
            memcmp(text->bytes, end_names[i], text->length) == 0)
            return true;
    return false;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* The value of "<0xNN>", or -1 for any other text. */
static int byte_value(const struct text *text)
{
    if (text->length != 6 || memcmp(text->bytes, "<0x", 3) != 0 ||
        text->bytes[5] != '>')
        return -1;
    int high = hex_digit(text->bytes[3]), low = hex_digit(text->bytes[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static size_t hash(const char *bytes, size_t length)
{
    uint64_t value = 0xCBF29CE484222325u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        value = (value ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    return (size_t)(value ^ value >> 32);
}

/* The slot of these bytes, or the free one where they would go. */
static uint32_t *find_slot(const struct vocabulary *vocabulary, const char *bytes,
                           size_t length)
{
    for (size_t i = hash(bytes, length);; i++) {
        uint32_t *slot = &vocabulary->slot[i & (vocabulary->slots - 1)];
        if (*slot == 0)
            return slot;
        const struct text *found = &vocabulary->token[*slot - 1].bytes;
        if (found->length == length && memcmp(found->bytes, bytes, length) == 0)
            return slot;
    }
}

int32_t vocabulary_find(const struct vocabulary *vocabulary, const char *bytes,
                        size_t length)
{
    if (length == 0 || length > vocabulary->longest)
        return TOKEN_NONE;
    return (int32_t)*find_slot(vocabulary, bytes, length) - 1;
}

static enum error_code insert(struct vocabulary *vocabulary, uint32_t id,
                              struct error *err)
{
    const struct token *token = &vocabulary->token[id];
    uint32_t *slot = find_slot(vocabulary, token->bytes.bytes, token->bytes.length);
    if (*slot != 0)
        return error_set(err, ERR_FORMAT, "tokens %u and %u are both \"%s\"", *slot - 1,
                         id, printable(token->written).text);
    *slot = id + 1;
    if (token->bytes.length > vocabulary->longest)
        vocabulary->longest = token->bytes.length;
    return OK;
}

static enum error_code read_type(const struct vocabulary_source *source, size_t id,
                                 enum token_type *type, struct error *err)
{
    int64_t number = TOKEN_NORMAL;
    if (source->type)
        number = source->type[id];
    else if (byte_value(&source->token[id]) >= 0)
        number = TOKEN_BYTE;
    if (number < TOKEN_NORMAL || number > TOKEN_BYTE)
        return error_set(err, ERR_FORMAT, "token %zu has type %lld, expected 1 to 6",
                         id, (long long)number);
    if (number == TOKEN_BYTE && byte_value(&source->token[id]) < 0)
        return error_set(err, ERR_FORMAT,
                         "byte token %zu is \"%s\", expected \"<0xNN>\" with two hex "
                         "digits",
                         id, printable(source->token[id]).text);
    *type = (enum token_type)number;
    return OK;
}

/* Fills one token; its two texts go to *pool. */
static enum error_code read_token(struct vocabulary *vocabulary,
                                  const struct vocabulary_source *source, uint32_t id,
                                  token_reader *read, char **pool, struct error *err)
{
    struct token *token = &vocabulary->token[id];
    const struct text *written = &source->token[id];
    if (read_type(source, id, &token->type, err) != OK)
        return err->code;
    token->is_end = is_end_name(written);
    if (token->is_end)
        token->type = TOKEN_CONTROL;

    token->written = token->bytes = (struct text){ *pool, written->length };
    memcpy(*pool, written->bytes, written->length);
    *pool += written->length + 1;

    if (token->type == TOKEN_BYTE) {
        int value = byte_value(written);
        **pool = (char)value;
        token->bytes = (struct text){ *pool, 1 };
        *pool += 2;
        if (vocabulary->byte[value] != TOKEN_NONE)
            return error_set(err, ERR_FORMAT,
                             "tokens %d and %u both stand for byte 0x%02X",
                             vocabulary->byte[value], id, (unsigned)value);
        vocabulary->byte[value] = (int32_t)id;
    } else if (token->type != TOKEN_CONTROL && token->type != TOKEN_UNKNOWN) {
        size_t length = 0;
        if (!read(written, token->type, *pool, &length) || length == 0)
            return OK;
        token->bytes = (struct text){ *pool, length };
        (*pool)[length] = '\0';
        *pool += length + 1;
        return insert(vocabulary, id, err);
    }
    return OK;
}

static enum error_code read_tokens(struct vocabulary *vocabulary,
                                   const struct vocabulary_source *source,
                                   token_reader *read, struct error *err)
{
    size_t bytes = 0, slots = 16;
    for (size_t id = 0; id < source->tokens; id++) {
        if (source->token[id].length > SIZE_MAX / 4 - bytes)
            return error_set(err, ERR_FORMAT, "token %zu is too long", id);
        bytes += source->token[id].length + 2;
    }
    while (slots < 2 * source->tokens)
        slots *= 2;

    vocabulary->count = (uint32_t)source->tokens;
    vocabulary->slots = slots;
    vocabulary->token =
        arena_array(&vocabulary->arena, source->tokens, sizeof *vocabulary->token);
    vocabulary->slot = arena_array(&vocabulary->arena, slots, sizeof *vocabulary->slot);
    char *pool = arena_array(&vocabulary->arena, bytes, 2);
    if (!vocabulary->token || !vocabulary->slot || !pool)
        return error_memory(err, "the vocabulary", (double)bytes * 2);
    for (uint32_t id = 0; id < vocabulary->count; id++)
        if (read_token(vocabulary, source, id, read, &pool, err) != OK)
            return err->code;

    for (int value = 0; value < 256; value++) {
        char byte = (char)value;
        if (vocabulary->byte[value] == TOKEN_NONE)
            vocabulary->byte[value] = vocabulary_find(vocabulary, &byte, 1);
    }
    return OK;
}

struct scored {
    double score;
    uint32_t id;
};

static int by_score(const void *left, const void *right)
{
    const struct scored *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

/* Scores become ranks, so that one merge loop serves both kinds of tokenizer. */
static enum error_code rank_tokens(struct vocabulary *vocabulary,
                                   const struct vocabulary_source *source,
                                   struct error *err)
{
    struct scored *scored = source->tokens > SIZE_MAX / sizeof *scored
                                ? NULL
                                : malloc(source->tokens * sizeof *scored);
    if (!scored)
        return error_memory(err, "scores", (double)source->tokens * sizeof *scored);
    err->code = OK;
    for (uint32_t id = 0; id < vocabulary->count; id++) {
        scored[id] = (struct scored){ source->score[id], id };
        if (!isfinite(source->score[id])) {
            error_set(err, ERR_FORMAT, "the score of token %u is not finite", id);
            goto out;
        }
    }
    qsort(scored, vocabulary->count, sizeof *scored, by_score);
    uint32_t rank = 0;
    for (uint32_t i = 0; i < vocabulary->count; i++) {
        if (i > 0 && scored[i].score != scored[i - 1].score)
            rank++;
        vocabulary->token[scored[i].id].rank = rank;
    }
out:
    free(scored);
    return err->code;
}

static enum error_code read_special(const struct vocabulary *vocabulary,
                                    const char *name, int64_t id, int32_t *special,
                                    struct error *err)
{
    *special = TOKEN_NONE;
    if (id == TOKEN_NONE)
        return OK;
    if (id < 0 || id >= vocabulary->count)
        return error_set(err, ERR_FORMAT,
                         "%s is token %lld, the vocabulary has %u tokens", name,
                         (long long)id, vocabulary->count);
    *special = (int32_t)id;
    return OK;
}

enum error_code vocabulary_init(struct vocabulary *vocabulary,
                                const struct vocabulary_source *source,
                                token_reader *read, struct error *err)
{
    *vocabulary = (struct vocabulary){ 0 };
    for (int value = 0; value < 256; value++)
        vocabulary->byte[value] = TOKEN_NONE;
    if (source->tokens == 0 || source->tokens > INT32_MAX - 1)
        return error_set(err, ERR_FORMAT, "a vocabulary of %zu tokens", source->tokens);

    int32_t eot, eom;
    if (read_tokens(vocabulary, source, read, err) != OK ||
        (source->score && rank_tokens(vocabulary, source, err) != OK) ||
        read_special(vocabulary, "BOS", source->bos, &vocabulary->bos, err) != OK ||
        read_special(vocabulary, "EOS", source->eos, &vocabulary->eos, err) != OK ||
        read_special(vocabulary, "EOT", source->eot, &eot, err) != OK ||
        read_special(vocabulary, "EOM", source->eom, &eom, err) != OK ||
        read_special(vocabulary, "UNK", source->unknown, &vocabulary->unknown, err) !=
            OK)
        return err->code;

    const int32_t end[] = { vocabulary->eos, eot, eom };
    for (size_t i = 0; i < sizeof end / sizeof end[0]; i++)
        if (end[i] != TOKEN_NONE)
            vocabulary->token[end[i]].is_end = true;
    return OK;
}

void vocabulary_release(struct vocabulary *vocabulary)
{
    arena_free(&vocabulary->arena);
    *vocabulary = (struct vocabulary){ 0 };
}
