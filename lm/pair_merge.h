/* Merging neighbours, best pair first: the loop that byte-level BPE and SentencePiece
 * share. A word of n symbols costs n log n. */
#ifndef LM_PAIR_MERGE_H
#define LM_PAIR_MERGE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
    uint32_t start, length;  /* bytes of the word; 0: merged into one on its left */
    int32_t id;              /* token, or TOKEN_NONE */
    uint32_t previous, next; /* symbol_none at the ends */
};

static const uint32_t symbol_none = UINT32_MAX;

struct merge_candidate {
    uint32_t rank, left, right, length;
};

/* Zero-initialise; one per encode call, so its memory serves every word of a text. */
struct pair_merge {
    struct symbol *symbol;
    struct merge_candidate *heap;
    size_t count, capacity, heap_count, heap_capacity;
};

/* The token that two neighbours join to, and its rank (lowest first, leftmost on a
 * tie). */
struct pair_rule {
    const void *self;
    bool (*join)(const void *self, const char *word, const struct symbol *left,
                 const struct symbol *right, int32_t *id, uint32_t *rank);
};

void pair_merge_begin(struct pair_merge *merge);
/* Adds the next symbol of the word, `length` bytes. */
enum error_code pair_merge_add(struct pair_merge *merge, uint32_t length, int32_t id,
                               struct error *err);
/* Afterwards symbol[0], its next and so on are the word's tokens. */
enum error_code pair_merge_run(struct pair_merge *merge, const char *word,
                               const struct pair_rule *rule, struct error *err);
void pair_merge_release(struct pair_merge *merge);

#endif
