/* A recording as one HTML page that plays it without this program, without a network:
 * `lucciola-view RUN.h5 --html FILE`. The page's text, style and script are files of
 * data/page/; what it plays is packed by page_trains.h. */
#ifndef VIZ_PAGE_H
#define VIZ_PAGE_H

#include "viz/scene.h"
#include "viz/stack.h"

/* So that a phone can hold it: neurons times tokens, and bytes of the page. */
enum { PAGE_MAX_WINDOWS = 24 << 20, PAGE_MAX_BYTES = 16 << 20 };

struct page_settings {
    uint64_t first_token, tokens; /* tokens 0: to the end */
    const struct stack *stack;    /* populations to show */
    const char *language;         /* "en", "it"; NULL: the reader's */
};

struct page_size {
    uint64_t bytes, spikes, tokens;
};

/* Appears whole or not at all. */
enum error_code page_write(const struct scene *scene,
                           const struct page_settings *settings, const char *path,
                           struct page_size *size, struct error *err);

#endif
