/* Memory of one lifetime (a model, a run), freed at once. Every block is aligned to
 * 64 bytes, so that it can hold anything a vector kernel reads, and zeroed. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero-initialise: `struct arena arena = { 0 };`. */
struct arena {
    struct arena_block *last;
    size_t bytes; /* handed out so far */
};

/* What is asked for next, up to so many bytes, will lie side by side. A hint; memory that
 * is never asked for is never touched. */
void arena_reserve(struct arena *arena, size_t bytes);
/* Room for count elements of size bytes each; NULL when the product does not fit in
 * size_t or there is no memory. A count of 0 gives a valid pointer. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* The same, but not zeroed: for what is filled at once, by whatever thread. */
void *arena_room(struct arena *arena, size_t count, size_t size);
/* A copy of `length` bytes of text, with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t length);
void arena_free(struct arena *arena);

#endif
