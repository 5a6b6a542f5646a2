/* What a page tells beside the spikes: the run, its populations and tokens, energies. */
#ifndef VIZ_PAGE_HEAD_H
#define VIZ_PAGE_HEAD_H

#include "viz/page_bytes.h"
#include "viz/scene.h"

struct page_choice {
    const struct scene *scene;
    uint64_t first, tokens;
    uint32_t *population; /* indices */
    uint32_t populations;
    const char *language; /* NULL: the reader's */
};

/* The element "head", JSON. */
enum error_code page_head_add(struct page_bytes *data, const struct page_choice *choice,
                              uint64_t spikes, struct error *err);
/* By token and population: steps, silent channels. Nothing of a recording without. */
void page_head_counters(struct page_bytes *bytes, const struct page_choice *choice);
/* The tokens' bytes, one behind another. */
void page_head_text(struct page_bytes *bytes, const struct page_choice *choice);

#endif
