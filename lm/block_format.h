/* How the elements of a tensor are packed: one row of the table per GGML type. */
#ifndef LM_BLOCK_FORMAT_H
#define LM_BLOCK_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_format {
    const char *name;         /* "Q4_1" */
    uint32_t id;              /* GGML's number */
    uint32_t elements, bytes; /* of one block */
    /* Decodes whole blocks to float; false when a scale (of a plain number: the number
     * itself) is not finite. NULL: known by name, not supported. */
    bool (*decode)(const uint8_t *blocks, size_t block_count, float *values);
};

/* NULL when the number means nothing (or a type GGML removed). */
const struct block_format *block_format_find(uint32_t id);

float half_to_float(uint16_t bits);
uint16_t float_to_half(float value); /* nearest even, overflow to infinity */

#endif
