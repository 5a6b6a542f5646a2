/* See arena.h. Small requests share blocks of 64 KB; a large one has its own. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, SHARED_BLOCK = 1 << 16 };

struct arena_block {
    alignas(ALIGNMENT) struct arena_block *previous;
    size_t capacity, used; /* bytes behind this header */
};

static struct arena_block *block_create(struct arena_block *previous, size_t capacity)
{
    if (capacity > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block =
        aligned_alloc(ALIGNMENT, sizeof(struct arena_block) + capacity);
    if (block)
        *block = (struct arena_block){ .previous = previous, .capacity = capacity };
    return block;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size)
        return NULL;
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes == 0)
        bytes = ALIGNMENT;

    struct arena_block *block = arena->last;
    if (!block || bytes > block->capacity - block->used) {
        size_t capacity = bytes > SHARED_BLOCK / 4 ? bytes : SHARED_BLOCK;
        block = block_create(arena->last, capacity);
        if (!block)
            return NULL;
        /* A large block goes below the shared one, which keeps filling. */
        if (capacity == bytes && arena->last) {
            block->previous = arena->last->previous;
            arena->last->previous = block;
        } else {
            arena->last = block;
        }
    }
    void *memory = (char *)(block + 1) + block->used;
    block->used += bytes;
    arena->bytes += bytes;
    return memset(memory, 0, bytes);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? arena_array(arena, length + 1, 1) : NULL;
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

void arena_free(struct arena *arena)
{
    for (struct arena_block *block = arena->last; block;) {
        struct arena_block *previous = block->previous;
        free(block);
        block = previous;
    }
    *arena = (struct arena){ 0 };
}
