/* See pair_merge.h. Symbols form a chain; a binary heap holds the pairs that may join.
 * A candidate whose symbols have changed since is dropped when it comes up. */
#include "lm/pair_merge.h"

#include <stdlib.h>

void pair_merge_begin(struct pair_merge *merge)
{
    merge->count = merge->heap_count = 0;
}

/* Room for one more element; doubles. */
static void *grow(void *array, size_t *capacity, size_t size)
{
    size_t wanted = *capacity ? 2 * *capacity : 256;
    if (wanted > SIZE_MAX / size)
        return NULL;
    void *larger = realloc(array, wanted * size);
    if (larger)
        *capacity = wanted;
    return larger;
}

enum error_code pair_merge_add(struct pair_merge *merge, uint32_t length, int32_t id,
                               struct error *err)
{
    if (merge->count == merge->capacity) {
        void *larger = grow(merge->symbol, &merge->capacity, sizeof *merge->symbol);
        if (!larger)
            return error_memory(err, "symbols of a word",
                                2.0 * (double)merge->capacity * sizeof *merge->symbol);
        merge->symbol = larger;
    }
    struct symbol *symbol = &merge->symbol[merge->count];
    *symbol = (struct symbol){
        .length = length, .id = id, .previous = symbol_none, .next = symbol_none
    };
    if (merge->count > 0) {
        symbol->previous = (uint32_t)merge->count - 1;
        symbol->start = symbol[-1].start + symbol[-1].length;
        symbol[-1].next = (uint32_t)merge->count;
    }
    merge->count++;
    return OK;
}

static bool is_before(const struct merge_candidate *a, const struct merge_candidate *b)
{
    return a->rank < b->rank || (a->rank == b->rank && a->left < b->left);
}

static bool push(struct pair_merge *merge, struct merge_candidate candidate)
{
    if (merge->heap_count == merge->heap_capacity) {
        void *larger = grow(merge->heap, &merge->heap_capacity, sizeof *merge->heap);
        if (!larger)
            return false;
        merge->heap = larger;
    }
    struct merge_candidate *heap = merge->heap;
    size_t hole = merge->heap_count++;
    for (; hole > 0 && is_before(&candidate, &heap[(hole - 1) / 2]);
         hole = (hole - 1) / 2)
        heap[hole] = heap[(hole - 1) / 2];
    heap[hole] = candidate;
    return true;
}

static struct merge_candidate pop(struct pair_merge *merge)
{
    struct merge_candidate *heap = merge->heap, first = heap[0];
    struct merge_candidate last = heap[--merge->heap_count];
    size_t hole = 0;
    for (size_t child = 1; child < merge->heap_count; child = 2 * hole + 1) {
        if (child + 1 < merge->heap_count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &last))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return first;
}

/* Offers the pair (left, right) to the heap; false: no memory. */
static bool offer(struct pair_merge *merge, const char *word,
                  const struct pair_rule *rule, uint32_t left, uint32_t right)
{
    if (left == symbol_none || right == symbol_none)
        return true;
    const struct symbol *a = &merge->symbol[left], *b = &merge->symbol[right];
    struct merge_candidate candidate = { 0, left, right, a->length + b->length };
    int32_t id;
    if (!rule->join(rule->self, word, a, b, &id, &candidate.rank))
        return true;
    return push(merge, candidate);
}

enum error_code pair_merge_run(struct pair_merge *merge, const char *word,
                               const struct pair_rule *rule, struct error *err)
{
    struct symbol *symbol = merge->symbol;
    bool has_room = true;
    for (uint32_t i = 1; i < merge->count && has_room; i++)
        has_room = offer(merge, word, rule, i - 1, i);

    while (merge->heap_count > 0 && has_room) {
        struct merge_candidate best = pop(merge);
        struct symbol *left = &symbol[best.left], *right = &symbol[best.right];
        /* Symbols only grow or vanish, so an equal sum means that neither has
         * changed. */
        if (left->length == 0 || right->length == 0 ||
            left->length + right->length != best.length)
            continue;

        rule->join(rule->self, word, left, right, &left->id, &best.rank);
        left->length = best.length;
        left->next = right->next;
        right->length = 0;
        if (left->next != symbol_none)
            symbol[left->next].previous = best.left;
        has_room = offer(merge, word, rule, left->previous, best.left) &&
                   offer(merge, word, rule, best.left, left->next);
    }
    if (!has_room)
        return error_memory(err, "pairs of a word",
                            2.0 * (double)merge->heap_capacity * sizeof *merge->heap);
    return OK;
}

void pair_merge_release(struct pair_merge *merge)
{
    free(merge->symbol);
    free(merge->heap);
    *merge = (struct pair_merge){ 0 };
}
