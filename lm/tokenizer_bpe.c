/* Byte-level BPE (Radford et al. 2019): a word is its bytes; the neighbours whose
 * merge was learnt first join first, leftmost on a tie. Vocabularies write bytes as
 * printable stand-ins; here they are turned into bytes once, at load, and text is
 * never mapped. */
#include "lm/model_format.h"
#include "lm/pre_tokenizer.h"
#include "lm/tokenizer_kind.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Hash from a pair of tokens to what they join to; a free slot joins to TOKEN_NONE. */
struct merge_slot {
    uint64_t pair;
    uint32_t rank;
    int32_t joined;
};

struct merge_table {
    size_t slots; /* a power of two */
    struct merge_slot slot[];
};

/* Printable Latin-1 stands for itself; the 68 other bytes are written U+0100 on. */
static int byte_of_point(uint32_t point)
{
    if ((point >= 33 && point <= 126) || (point >= 161 && point <= 255 && point != 173))
        return (int)point;
    if (point < 256 || point >= 256 + 68)
        return -1;
    uint32_t nth = point - 256;
    return nth <= 32 ? (int)nth : nth < 67 ? (int)nth - 33 + 127 : 173;
}

static bool read_written(const struct text *written, char *bytes, size_t *length)
{
    *length = 0;
    for (size_t at = 0; at < written->length;) {
        uint32_t point;
        size_t size = utf8_read(written->bytes + at, written->length - at, &point);
        int byte = size > 0 ? byte_of_point(point) : -1;
        if (byte < 0)
            return false;
        bytes[(*length)++] = (char)byte;
        at += size;
    }
    return true;
}

/* User-defined tokens are written raw: one that reads otherwise stays out of the
 * map. */
static bool read(const struct text *written, enum token_type type, char *bytes,
                 size_t *length)
{
    return read_written(written, bytes, length) &&
           (type != TOKEN_USER || (*length == written->length &&
                                   memcmp(bytes, written->bytes, *length) == 0));
}

static uint64_t pair_of(int32_t left, int32_t right)
{
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

/* The slot of a pair, or the free one where it would go. */
static const struct merge_slot *find_slot(const struct merge_table *merges,
                                          uint64_t pair)
{
    uint64_t mixed = (pair ^ pair >> 32) * 0x9E3779B97F4A7C15u;
    for (size_t i = (size_t)(mixed >> 32);; i++) {
        const struct merge_slot *slot = &merges->slot[i & (merges->slots - 1)];
        if (slot->pair == pair || slot->joined == TOKEN_NONE)
            return slot;
    }
}

/* The token that bytes [first, end) of a merge name. */
static int32_t find_part(const struct vocabulary *vocabulary, const struct text *merge,
                         size_t first, size_t end, char *scratch)
{
    struct text part = { merge->bytes + first, end - first };
    size_t length;
    return read_written(&part, scratch, &length)
               ? vocabulary_find(vocabulary, scratch, length)
               : TOKEN_NONE;
}

static enum error_code read_merge(struct tokenizer *tokenizer, const struct text *merge,
                                  size_t rank, char *scratch, struct error *err)
{
    const struct vocabulary *vocabulary = &tokenizer->vocabulary;
    const char *space = memchr(merge->bytes, ' ', merge->length);
    size_t cut = space ? (size_t)(space - merge->bytes) : 0;
    if (!space || cut == 0 || cut + 1 == merge->length)
        return error_set(err, ERR_FORMAT, "merge %zu is \"%s\", expected two tokens",
                         rank, printable(*merge).text);

    int32_t left = find_part(vocabulary, merge, 0, cut, scratch);
    int32_t right = find_part(vocabulary, merge, cut + 1, merge->length, scratch);
    int32_t joined = TOKEN_NONE;
    if (left != TOKEN_NONE && right != TOKEN_NONE) {
        const struct text *a = &vocabulary->token[left].bytes;
        const struct text *b = &vocabulary->token[right].bytes;
        memcpy(scratch, a->bytes, a->length);
        memcpy(scratch + a->length, b->bytes, b->length);
        joined = vocabulary_find(vocabulary, scratch, a->length + b->length);
    }
    if (joined == TOKEN_NONE)
        return error_set(err, ERR_FORMAT, "merge %zu, \"%s\": %s is not a token", rank,
                         printable(*merge).text,
                         left == TOKEN_NONE    ? "the left part"
                         : right == TOKEN_NONE ? "the right part"
                                               : "the join");

    /* Of a pair that comes twice the earlier counts. */
    struct merge_slot *slot =
        (struct merge_slot *)find_slot(tokenizer->merges, pair_of(left, right));
    if (slot->joined == TOKEN_NONE)
        *slot = (struct merge_slot){ pair_of(left, right), (uint32_t)rank, joined };
    return OK;
}

static enum error_code read_merges(struct tokenizer *tokenizer,
                                   const struct vocabulary_source *source,
                                   struct error *err)
{
    size_t slots = 16, longest = 0;
    if (source->merges > UINT32_MAX / 4)
        return error_set(err, ERR_FORMAT, "%zu merges are too many", source->merges);
    while (slots < 2 * source->merges)
        slots *= 2;
    for (size_t rank = 0; rank < source->merges; rank++)
        if (source->merge[rank].length > longest)
            longest = source->merge[rank].length;

    size_t bytes = sizeof *tokenizer->merges + slots * sizeof(struct merge_slot);
    char *scratch = malloc(longest + 1);
    tokenizer->merges = malloc(bytes);
    err->code = OK;
    if (!scratch || !tokenizer->merges) {
        error_memory(err, "merges", (double)bytes);
        goto out;
    }
    tokenizer->merges->slots = slots;
    for (size_t i = 0; i < slots; i++)
        tokenizer->merges->slot[i] = (struct merge_slot){ UINT64_MAX, 0, TOKEN_NONE };
    for (size_t rank = 0; rank < source->merges; rank++)
        if (read_merge(tokenizer, &source->merge[rank], rank, scratch, err) != OK)
            break;
out:
    free(scratch);
    return err->code;
}

static enum error_code prepare(struct tokenizer *tokenizer,
                               const struct vocabulary_source *source,
                               struct error *err)
{
    if (!source->merge)
        return error_set(err, ERR_FORMAT, "the vocabulary has no merges");
    if (pre_tokenizer_create(&tokenizer->pre, source->pre, err) != OK)
        return err->code;
    if (pre_tokenizer_adds_bos(tokenizer->pre))
        tokenizer->adds_bos = true;
    return read_merges(tokenizer, source, err);
}

static bool join(const void *self, const char *word, const struct symbol *left,
                 const struct symbol *right, int32_t *id, uint32_t *rank)
{
    (void)word;
    if (left->id == TOKEN_NONE || right->id == TOKEN_NONE)
        return false;
    const struct tokenizer *tokenizer = self;
    const struct merge_slot *slot =
        find_slot(tokenizer->merges, pair_of(left->id, right->id));
    *id = slot->joined;
    *rank = slot->rank;
    return slot->joined != TOKEN_NONE;
}

struct words {
    const struct tokenizer *tokenizer;
    struct pair_merge *merge;
    struct token_list *list;
};

static enum error_code add_word(void *self, const char *bytes, size_t length,
                                struct error *err)
{
    const struct words *words = self;
    const struct tokenizer *tokenizer = words->tokenizer;
    const struct vocabulary *vocabulary = &tokenizer->vocabulary;
    const struct pair_rule rule = { tokenizer, join };

    pair_merge_begin(words->merge);
    if (length > UINT32_MAX - 1)
        return error_set(err, ERR_ARGUMENT, "a word of %zu bytes is too long", length);
    int32_t whole = pre_tokenizer_takes_whole_words(tokenizer->pre)
                        ? vocabulary_find(vocabulary, bytes, length)
                        : TOKEN_NONE;
    if (whole != TOKEN_NONE) {
        if (pair_merge_add(words->merge, (uint32_t)length, whole, err) != OK)
            return err->code;
    } else {
        for (size_t i = 0; i < length; i++)
            if (pair_merge_add(words->merge, 1,
                               vocabulary->byte[(unsigned char)bytes[i]], err) != OK)
                return err->code;
        if (pair_merge_run(words->merge, bytes, &rule, err) != OK)
            return err->code;
    }
    return tokenizer_add_word(tokenizer, bytes, words->merge, words->list, err);
}

static enum error_code encode(const struct tokenizer *tokenizer, const char *text,
                              size_t length, bool follows_special,
                              struct pair_merge *merge, struct token_list *list,
                              struct error *err)
{
    (void)follows_special;
    struct words words = { tokenizer, merge, list };
    const struct word_sink sink = { &words, add_word };
    return pre_tokenizer_split(tokenizer->pre, text, length, &sink, err);
}

static void release(struct tokenizer *tokenizer)
{
    pre_tokenizer_free(tokenizer->pre);
    free(tokenizer->merges);
}

const struct tokenizer_kind bpe_tokenizer = {
    .model = "gpt2",
    .read = read,
    .bos = TOKEN_NONE,
    .eos = TOKEN_NONE,
    .unknown = TOKEN_NONE,
    .prepare = prepare,
    .encode = encode,
    .release = release,
};
