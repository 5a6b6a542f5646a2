/* Bytes that gather until a page is written: numbers of 7 bits a byte, least first
 * (LEB128), which a page reads back after inflating. A failed allocation sticks. */
#ifndef VIZ_PAGE_BYTES_H
#define VIZ_PAGE_BYTES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_bytes { /* zero-initialise */
    uint8_t *byte;
    size_t length, room;
    bool is_short; /* of memory: what was added last is missing */
};

void page_bytes_release(struct page_bytes *bytes);
void page_bytes_put(struct page_bytes *bytes, uint8_t byte);
void page_bytes_add(struct page_bytes *bytes, const void *from, size_t length);
void page_bytes_number(struct page_bytes *bytes, uint64_t number);
/* 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
void page_bytes_signed(struct page_bytes *bytes, int64_t number);
/* Adds `from` deflated without header (RFC 1951), in base64 (RFC 4648). */
enum error_code page_bytes_pack(struct page_bytes *bytes, const struct page_bytes *from,
                                struct error *err);

#endif
