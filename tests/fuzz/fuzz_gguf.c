/* GGUF from hostile bytes: parse, ask for everything, decode what lies in memory. */
#include "lm/block_format.h"
#include "lm/model_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { DECODED_BYTES = 1 << 12 }; /* of a tensor: more finds nothing new */

static void ask_for(const struct model_file *file, const struct metadata *entry)
{
    struct error err;
    struct text text;
    uint32_t whole;
    double real;
    bool flag;
    const char *key = entry->key.bytes;
    const struct metadata *found = model_file_find(file, key);
    if (strlen(key) == entry->key.length && found != entry)
        abort();
    model_file_u32(file, key, &whole, &err);
    model_file_float(file, key, &real, &err);
    model_file_bool(file, key, &flag, &err);
    if (model_file_text(file, key, &text, &err) == OK && found &&
        text.bytes[text.length] != '\0')
        abort();
    if (entry->type == VALUE_ARRAY && entry->element_type == VALUE_STRING)
        for (size_t i = 0; i < entry->count; i++)
            if (entry->array.text[i].bytes[entry->array.text[i].length] != '\0')
                abort();
}

static void decode(const struct tensor *tensor, const uint8_t *bytes, size_t size)
{
    const struct block_format *format = tensor->format;
    if (tensor->offset > size || tensor->bytes > size - tensor->offset)
        abort();
    size_t blocks = (size_t)tensor->bytes / format->bytes;
    if (blocks > DECODED_BYTES / format->bytes)
        blocks = DECODED_BYTES / format->bytes;
    if (!format->decode)
        return;
    /* Copies of the exact size: a step outside is seen. */
    uint8_t *copy = malloc(blocks * format->bytes);
    float *values = malloc(blocks * format->elements * sizeof *values);
    if (copy && values) {
        memcpy(copy, bytes + tensor->offset, blocks * format->bytes);
        format->decode(copy, blocks, values);
    }
    free(copy);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct model_file file;
    struct error err;
    if (model_file_parse(&file, bytes, size, size, &err) != OK)
        return 0;
    for (size_t i = 0; i < file.metadata_count; i++)
        ask_for(&file, &file.metadata[i]);
    for (size_t i = 0; i < file.tensor_count; i++) {
        const struct tensor *tensor = &file.tensors[i];
        if (strlen(tensor->name.bytes) == tensor->name.length &&
            model_file_find_tensor(&file, tensor->name.bytes) != tensor)
            abort();
        decode(tensor, bytes, size);
    }
    model_file_close(&file);
    return 0;
}
