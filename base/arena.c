/* See arena.h. Small requests share blocks of 64 KB; a large one has its own, in huge
 * pages where the system grants them: rows of weights are fetched here and there, and
 * with pages of 4 KB every other row would cost a walk through the page tables too. */
#define _DEFAULT_SOURCE /* madvise() */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ALIGNMENT = 64, SHARED_BLOCK = 1 << 16, HUGE_BLOCK = 1 << 18 };

struct arena_block {
    alignas(ALIGNMENT) struct arena_block *previous;
    size_t capacity, used; /* bytes behind this header */
};

/* A hint: nothing depends on it. */
static void ask_for_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t first = ((uintptr_t)memory + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)memory + bytes) / page * page;
    if (end > first)
        madvise((char *)memory + (first - (uintptr_t)memory), end - first,
                MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

static struct arena_block *block_create(struct arena_block *previous, size_t capacity)
{
    if (capacity > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block =
        aligned_alloc(ALIGNMENT, sizeof(struct arena_block) + capacity);
    if (block && capacity >= HUGE_BLOCK)
        ask_for_huge_pages(block, sizeof(struct arena_block) + capacity);
    if (block)
        *block = (struct arena_block){ .previous = previous, .capacity = capacity };
    return block;
}

void arena_reserve(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX - ALIGNMENT)
        return;
    size_t capacity = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct arena_block *block = block_create(arena->last, capacity);
    if (block)
        arena->last = block;
}

/* Of count things of size bytes; 0: no such number. */
static size_t rounded_bytes(size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size)
        return 0;
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return bytes ? bytes : ALIGNMENT;
}

void *arena_room(struct arena *arena, size_t count, size_t size)
{
    const size_t bytes = rounded_bytes(count, size);
    if (bytes == 0)
        return NULL;
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
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_room(arena, count, size);
    return memory ? memset(memory, 0, rounded_bytes(count, size)) : NULL;
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
