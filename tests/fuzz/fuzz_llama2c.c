/* The llama2.c header from hostile bytes. Its numbers must give the file's size
 * exactly, which chance never finds, so the size comes from the input too: eight bytes
 * behind the header, or the size that the header's numbers ask for. */
#include "lm/block_format.h"
#include "lm/model_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { HEADER_BYTES = 28, MOST_LAYERS = 8 };

/* In 64 bits and without a check: a size that wraps is as good as any. */
static uint64_t wanted_size(const int32_t n[7], bool has_rotations)
{
    uint64_t width = (uint64_t)n[0], feed_forward = (uint64_t)n[1];
    uint64_t layers = (uint64_t)n[2], heads = (uint64_t)n[3], kv_heads = (uint64_t)n[4];
    uint64_t head = heads ? width / heads : 0;
    bool is_tied = n[5] > 0;
    uint64_t vocabulary = is_tied ? (uint64_t)n[5] : 0 - (uint64_t)n[5];
    uint64_t layer = 2 * width + 2 * width * width + 2 * width * head * kv_heads +
                     3 * width * feed_forward;
    uint64_t floats = vocabulary * width * (is_tied ? 1 : 2) + layers * layer + width;
    return HEADER_BYTES + 4 * (floats + (has_rotations ? (uint64_t)n[6] * head : 0));
}

static void check(const struct model_file *file)
{
    uint64_t end = HEADER_BYTES;
    for (size_t i = 0; i < file->tensor_count; i++) {
        const struct tensor *tensor = &file->tensors[i];
        uint64_t rows = tensor->extent[1] * tensor->extent[2] * tensor->extent[3];
        if (tensor->offset < end || tensor->bytes != 4 * tensor->extent[0] * rows ||
            model_file_find_tensor(file, tensor->name.bytes) != tensor)
            abort();
        end = tensor->offset + tensor->bytes;
    }
    if (end > file->size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct model_file file;
    struct error err;
    int32_t numbers[7];
    uint64_t file_size = size;
    if (size >= 4 && memcmp(bytes, "GGUF", 4) == 0)
        return 0;
    if (size > HEADER_BYTES) {
        memcpy(numbers, bytes, sizeof numbers);
        /* More layers are right too, and slow. */
        if (numbers[2] > MOST_LAYERS)
            return 0;
        if (bytes[HEADER_BYTES] < 2)
            file_size = wanted_size(numbers, bytes[HEADER_BYTES] == 1);
        else if (size >= HEADER_BYTES + sizeof file_size)
            memcpy(&file_size, bytes + HEADER_BYTES, sizeof file_size);
        size = HEADER_BYTES;
    }
    if (model_file_parse(&file, bytes, size, file_size, &err) == OK)
        check(&file);
    model_file_close(&file);
    return 0;
}
