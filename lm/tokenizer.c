/* See tokenizer.h: special tokens are split off here, the stretches between them go to
 * the kind of tokenizer. */
#include "lm/model_format.h"
#include "lm/tokenizer_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tokenizer_kind *const kinds[] = {
    &bpe_tokenizer,
    &sentencepiece_tokenizer,
    &llama2c_tokenizer,
};

bool token_list_add(struct token_list *list, int32_t id)
{
    if (list->count == list->capacity) {
        size_t wanted = list->capacity ? 2 * list->capacity : 64;
        int32_t *larger = wanted > SIZE_MAX / sizeof *larger
                              ? NULL
                              : realloc(list->id, wanted * sizeof *larger);
        if (!larger)
            return false;
        list->id = larger;
        list->capacity = wanted;
    }
    list->id[list->count++] = id;
    return true;
}

void token_list_release(struct token_list *list)
{
    free(list->id);
    *list = (struct token_list){ 0 };
}

static int compare_text(const struct text *a, const struct text *b)
{
    size_t common = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->bytes, b->bytes, common);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

struct named {
    const struct text *written;
    int32_t id;
};

static int by_written(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    return compare_text(a->written, b->written);
}

static bool is_special(const struct token *token)
{
    return token->written.length > 0 &&
           (token->type == TOKEN_CONTROL || token->type == TOKEN_UNKNOWN ||
            token->type == TOKEN_USER);
}

/* Sorts the special tokens by what is written, so that a prefix is a range of them. */
static enum error_code sort_specials(struct tokenizer *tokenizer, struct error *err)
{
    struct vocabulary *vocabulary = &tokenizer->vocabulary;
    for (uint32_t id = 0; id < vocabulary->count; id++)
        tokenizer->specials += is_special(&vocabulary->token[id]);
    size_t count = tokenizer->specials, found = 0;
    struct named *named = malloc((count + 1) * sizeof *named);
    tokenizer->special =
        arena_array(&vocabulary->arena, count, sizeof *tokenizer->special);
    err->code = OK;
    if (!named || !tokenizer->special) {
        error_memory(err, "special tokens", (double)count * sizeof *named);
        goto out;
    }
    for (uint32_t id = 0; id < vocabulary->count; id++) {
        const struct token *token = &vocabulary->token[id];
        if (is_special(token)) {
            named[found++] = (struct named){ &token->written, (int32_t)id };
            tokenizer->special_starts[(unsigned char)token->written.bytes[0]] = true;
        }
    }
    qsort(named, count, sizeof *named, by_written);
    for (size_t i = 0; i < count; i++) {
        tokenizer->special[i] = named[i].id;
        if (i > 0 && compare_text(named[i - 1].written, named[i].written) == 0) {
            error_set(err, ERR_FORMAT, "tokens %d and %d are both \"%s\"",
                      named[i - 1].id, named[i].id, printable(*named[i].written).text);
            goto out;
        }
    }
out:
    free(named);
    return err->code;
}

static bool declared(int flag, bool otherwise)
{
    return flag < 0 ? otherwise : flag != 0;
}

static enum error_code init(struct tokenizer *tokenizer,
                            const struct vocabulary_source *source, struct error *err)
{
    const struct tokenizer_kind *kind = tokenizer->kind;
    struct vocabulary *vocabulary = &tokenizer->vocabulary;
    struct vocabulary_source filled = *source;
    int64_t tokens = (int64_t)source->tokens;
    if (filled.bos == TOKEN_NONE && kind->bos < tokens)
        filled.bos = kind->bos;
    if (filled.eos == TOKEN_NONE && kind->eos < tokens)
        filled.eos = kind->eos;
    if (filled.unknown == TOKEN_NONE)
        filled.unknown = kind->unknown;

    tokenizer->adds_bos = kind->adds_bos;
    if (vocabulary_init(vocabulary, &filled, kind->read, err) != OK ||
        sort_specials(tokenizer, err) != OK ||
        kind->prepare(tokenizer, &filled, err) != OK)
        return err->code;
    tokenizer->adds_space = declared(source->add_space, kind->adds_space);
    tokenizer->adds_bos =
        declared(source->add_bos, tokenizer->adds_bos && vocabulary->bos != TOKEN_NONE);
    tokenizer->adds_eos = declared(source->add_eos, false);
    if (tokenizer->adds_bos && vocabulary->bos == TOKEN_NONE)
        return error_set(err, ERR_FORMAT, "the model adds BOS but names no BOS token");
    if (tokenizer->adds_eos && vocabulary->eos == TOKEN_NONE)
        return error_set(err, ERR_FORMAT, "the model adds EOS but names no EOS token");

    const char *pre = source->pre ? source->pre : "default";
    snprintf(tokenizer->name, sizeof tokenizer->name, "%s%s%s", kind->model,
             tokenizer->pre ? ", " : "", tokenizer->pre ? pre : "");
    return OK;
}

enum error_code tokenizer_build(struct tokenizer **tokenizer,
                                const struct vocabulary_source *source,
                                struct error *err)
{
    *tokenizer = NULL;
    struct tokenizer *made = calloc(1, sizeof *made);
    if (!made)
        return error_memory(err, "a tokenizer", sizeof *made);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i]->model, source->model) == 0)
            made->kind = kinds[i];
    if (!made->kind) {
        error_set(
            err, ERR_FORMAT,
            "tokenizer \"%s\" is not supported, only gpt2 (byte-level "
            "BPE) and llama (SentencePiece BPE)",
            printable((struct text){ source->model, strlen(source->model) }).text);
        free(made);
        return err->code;
    }
    if (init(made, source, err) != OK) {
        tokenizer_free(made);
        return err->code;
    }
    *tokenizer = made;
    return OK;
}

void tokenizer_free(struct tokenizer *tokenizer)
{
    if (!tokenizer)
        return;
    if (tokenizer->kind->release)
        tokenizer->kind->release(tokenizer);
    vocabulary_release(&tokenizer->vocabulary);
    free(tokenizer);
}

/* First of special[low, high) whose byte at `depth` is at least `byte`; all are longer
 * than depth and agree before it. */
static uint32_t lower_bound(const struct tokenizer *tokenizer, uint32_t low,
                            uint32_t high, size_t depth, int byte)
{
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct token *token =
            &tokenizer->vocabulary.token[tokenizer->special[middle]];
        if ((unsigned char)token->written.bytes[depth] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Length of the longest special token at the front of the text, 0: none. */
static size_t match_special(const struct tokenizer *tokenizer, const char *text,
                            size_t length, bool parse_special, int32_t *id)
{
    uint32_t low = 0, high = tokenizer->specials;
    size_t longest = 0;
    if (!tokenizer->special_starts[(unsigned char)text[0]])
        return 0;
    for (size_t depth = 0; low < high; depth++) {
        const struct token *token =
            &tokenizer->vocabulary.token[tokenizer->special[low]];
        if (token->written.length == depth) {
            if (parse_special || token->type == TOKEN_USER) {
                longest = depth;
                *id = tokenizer->special[low];
            }
            low++;
        }
        if (depth == length)
            break;
        int byte = (unsigned char)text[depth];
        low = lower_bound(tokenizer, low, high, depth, byte);
        high = lower_bound(tokenizer, low, high, depth, byte + 1);
    }
    return longest;
}

static enum error_code add(struct token_list *list, int32_t id, struct error *err)
{
    if (!token_list_add(list, id))
        return error_memory(err, "tokens", (double)list->count * 2 * sizeof *list->id);
    return OK;
}

enum error_code tokenizer_add_word(const struct tokenizer *tokenizer, const char *word,
                                   const struct pair_merge *merge,
                                   struct token_list *list, struct error *err)
{
    const struct vocabulary *vocabulary = &tokenizer->vocabulary;
    for (uint32_t i = 0; i < merge->count; i = merge->symbol[i].next) {
        const struct symbol *symbol = &merge->symbol[i];
        if (symbol->id != TOKEN_NONE) {
            if (add(list, symbol->id, err) != OK)
                return err->code;
            continue;
        }
        for (uint32_t j = 0; j < symbol->length; j++) {
            int32_t id = vocabulary->byte[(unsigned char)word[symbol->start + j]];
            if (id == TOKEN_NONE)
                list->lost++;
            if (id == TOKEN_NONE && j == 0 && tokenizer->kind->unknown != TOKEN_NONE)
                id = vocabulary->unknown;
            if (id != TOKEN_NONE && add(list, id, err) != OK)
                return err->code;
        }
    }
    return OK;
}

static enum error_code encode(const struct tokenizer *tokenizer, const char *text,
                              size_t length, bool parse_special,
                              struct pair_merge *merge, struct token_list *list,
                              struct error *err)
{
    bool follows_special = true;
    for (size_t done = 0, at = 0; done < length;) {
        int32_t id = TOKEN_NONE;
        size_t special = 0;
        while (at < length &&
               (special = match_special(tokenizer, text + at, length - at,
                                        parse_special, &id)) == 0)
            at++;
        if (at > done) {
            if (tokenizer->kind->encode(tokenizer, text + done, at - done,
                                        follows_special, merge, list, err) != OK)
                return err->code;
            follows_special = false;
        }
        if (special > 0) {
            if (add(list, id, err) != OK)
                return err->code;
            follows_special = true;
        }
        done = at += special;
    }
    return OK;
}

enum error_code tokenizer_encode(const struct tokenizer *tokenizer, const char *text,
                                 size_t length, bool add_special, bool parse_special,
                                 struct token_list *list, struct error *err)
{
    const struct vocabulary *vocabulary = &tokenizer->vocabulary;
    size_t count = list->count, lost = list->lost;
    struct pair_merge merge = { 0 };
    bool bos = add_special && tokenizer->adds_bos;
    bool eos = add_special && tokenizer->adds_eos;
    err->code = OK;
    if ((bos && add(list, vocabulary->bos, err) != OK) ||
        encode(tokenizer, text, length, parse_special, &merge, list, err) != OK ||
        (eos && add(list, vocabulary->eos, err) != OK)) {
        list->count = count;
        list->lost = lost;
    }
    pair_merge_release(&merge);
    return err->code;
}

struct text tokenizer_decode(const struct tokenizer *tokenizer, int32_t id,
                             bool special)
{
    static const struct text nothing = { "", 0 };
    const struct vocabulary *vocabulary = &tokenizer->vocabulary;
    if (id < 0 || (uint32_t)id >= vocabulary->count)
        return nothing;
    const struct token *token = &vocabulary->token[id];
    bool is_hidden = token->type == TOKEN_CONTROL || token->type == TOKEN_UNKNOWN;
    return is_hidden && !special ? nothing : token->bytes;
}

bool tokenizer_adds_space(const struct tokenizer *tokenizer)
{
    return tokenizer->adds_space;
}

uint32_t tokenizer_size(const struct tokenizer *tokenizer)
{
    return tokenizer->vocabulary.count;
}

const char *tokenizer_kind(const struct tokenizer *tokenizer)
{
    return tokenizer->name;
}

int32_t tokenizer_bos(const struct tokenizer *tokenizer)
{
    return tokenizer->vocabulary.bos;
}

bool tokenizer_adds_bos(const struct tokenizer *tokenizer)
{
    return tokenizer->adds_bos;
}

bool tokenizer_is_end(const struct tokenizer *tokenizer, int32_t id)
{
    return id >= 0 && (uint32_t)id < tokenizer->vocabulary.count &&
           tokenizer->vocabulary.token[id].is_end;
}
