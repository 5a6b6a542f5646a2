/* Text that grows, as SVG is written: formatted pieces, text of any bytes made fit for
 * XML 1.0, and base64. */
#ifndef VIZ_SVG_TEXT_H
#define VIZ_SVG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise. */
struct svg_text {
    char *text; /* (length), malloc'ed */
    size_t length, room;
    bool is_short; /* there was no memory: what follows is missing */
};

void svg_text_release(struct svg_text *svg);
void svg_text_add(struct svg_text *svg, const char *bytes, size_t length);
/* At most 512 bytes a call. */
void svg_text_format(struct svg_text *svg, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Marks and what XML has no place for are replaced, the latter by an empty square. */
void svg_text_escape(struct svg_text *svg, const char *bytes, size_t length);
void svg_text_base64(struct svg_text *svg, const unsigned char *bytes, size_t length);

#endif
