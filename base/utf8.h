/* Strict UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length of the character at the front of `length` > 0 bytes; 0 when they are not
 * UTF-8. Stores its code point unless `point` is NULL. */
size_t utf8_read(const char *bytes, size_t length, uint32_t *point);

#endif
