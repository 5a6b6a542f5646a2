/* What writer and reader of packed weights share: numbers of notes/formats.md. */
#ifndef LM_PACKED_LAYOUT_H
#define LM_PACKED_LAYOUT_H

#include <stdint.h>

/* The last digit is the version: another one for another layout of the file or of
 * matrices in memory, and for weights that are made otherwise. */
static const char packed_magic[] = "LUCPACK1";

enum {
    PACKED_MAGIC = 8,
    PACKED_SHA256 = 64, /* hex digits */
    PACKED_FIXED = 160, /* bytes before the table of sites */
    PACKED_ROW = 32,    /* of that table */
    PACKED_SUM = 8,     /* behind it */
    PACKED_PAGE = 4096, /* data begin at multiples of it */
};

static inline uint64_t packed_page_end(uint64_t offset)
{
    return (offset + PACKED_PAGE - 1) / PACKED_PAGE * PACKED_PAGE;
}

#endif
