/* See gguf_builder.h. */
#include "tests/gguf_builder.h"
#include "lm/block_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { F32 = 0, Q8_0 = 8, Q8_0_ELEMENTS = 32 };

void byte_buffer_add(struct byte_buffer *buffer, const void *bytes, size_t size)
{
    if (size > buffer->capacity - buffer->size) {
        size_t capacity = 2 * (buffer->size + size) + 64;
        uint8_t *larger = realloc(buffer->bytes, capacity);
        buffer->failed |= larger == NULL;
        if (!larger)
            return;
        buffer->bytes = larger;
        buffer->capacity = capacity;
    }
    if (size > 0)
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void byte_buffer_number(struct byte_buffer *buffer, uint64_t value, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    byte_buffer_add(buffer, bytes, width);
}

void byte_buffer_release(struct byte_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct byte_buffer){ 0 };
}

static void add_text(struct byte_buffer *buffer, const char *text)
{
    byte_buffer_number(buffer, strlen(text), 8);
    byte_buffer_add(buffer, text, strlen(text));
}

static void pad(struct byte_buffer *buffer, size_t size, uint32_t alignment)
{
    while (size++ % alignment != 0)
        byte_buffer_number(buffer, 0, 1);
}

void gguf_builder_init(struct gguf_builder *builder)
{
    *builder = (struct gguf_builder){ .version = 3, .alignment = 32 };
}

void gguf_builder_release(struct gguf_builder *builder)
{
    byte_buffer_release(&builder->metadata);
    byte_buffer_release(&builder->infos);
    byte_buffer_release(&builder->data);
}

void gguf_builder_value(struct gguf_builder *builder, const char *key,
                        enum value_type type, const void *value, size_t size)
{
    builder->metadata_count++;
    add_text(&builder->metadata, key);
    byte_buffer_number(&builder->metadata, type, 4);
    byte_buffer_add(&builder->metadata, value, size);
}

void gguf_builder_u32(struct gguf_builder *builder, const char *key, uint32_t value)
{
    gguf_builder_value(builder, key, VALUE_U32, &value, sizeof value);
}

void gguf_builder_float(struct gguf_builder *builder, const char *key, float value)
{
    gguf_builder_value(builder, key, VALUE_F32, &value, sizeof value);
}

void gguf_builder_bool(struct gguf_builder *builder, const char *key, bool value)
{
    gguf_builder_value(builder, key, VALUE_BOOL, &value, 1);
}

void gguf_builder_text(struct gguf_builder *builder, const char *key, const char *value)
{
    gguf_builder_value(builder, key, VALUE_STRING, NULL, 0);
    add_text(&builder->metadata, value);
}

void gguf_builder_array(struct gguf_builder *builder, const char *key,
                        enum value_type type, size_t count, const void *elements,
                        size_t size)
{
    gguf_builder_value(builder, key, VALUE_ARRAY, NULL, 0);
    byte_buffer_number(&builder->metadata, type, 4);
    byte_buffer_number(&builder->metadata, count, 8);
    byte_buffer_add(&builder->metadata, elements, size);
}

void gguf_builder_texts(struct gguf_builder *builder, const char *key, size_t count,
                        const char *const *texts)
{
    gguf_builder_array(builder, key, VALUE_STRING, count, NULL, 0);
    for (size_t i = 0; i < count; i++)
        add_text(&builder->metadata, texts[i]);
}

void gguf_builder_tensor(struct gguf_builder *builder, const char *name, uint32_t type,
                         unsigned dims, const uint64_t *extent, const void *bytes,
                         size_t size)
{
    pad(&builder->data, builder->data.size, builder->alignment);
    builder->tensor_count++;
    add_text(&builder->infos, name);
    byte_buffer_number(&builder->infos, dims, 4);
    for (unsigned i = 0; i < dims; i++)
        byte_buffer_number(&builder->infos, extent[i], 8);
    byte_buffer_number(&builder->infos, type, 4);
    byte_buffer_number(&builder->infos, builder->data.size, 8);
    byte_buffer_add(&builder->data, bytes, size);
}

void gguf_builder_f32(struct gguf_builder *builder, const char *name, uint64_t columns,
                      uint64_t rows, const float *values)
{
    size_t count = (size_t)(columns * (rows ? rows : 1));
    gguf_builder_tensor(builder, name, F32, rows ? 2 : 1, (uint64_t[]){ columns, rows },
                        values, count * sizeof *values);
}

void gguf_builder_q8_0(struct gguf_builder *builder, const char *name, uint64_t columns,
                       uint64_t rows, const float *values)
{
    struct byte_buffer blocks = { 0 };
    size_t count = (size_t)(columns * (rows ? rows : 1));
    for (size_t first = 0; first < count; first += Q8_0_ELEMENTS) {
        float largest = 0;
        for (size_t i = first; i < first + Q8_0_ELEMENTS; i++)
            largest = fmaxf(largest, fabsf(values[i]));
        uint16_t scale = float_to_half(largest / 127);
        float d = half_to_float(scale);
        byte_buffer_number(&blocks, scale, 2);
        for (size_t i = first; i < first + Q8_0_ELEMENTS; i++) {
            float q = d > 0 ? roundf(values[i] / d) : 0;
            int whole = (int)fmaxf(-127, fminf(127, q));
            byte_buffer_number(&blocks, (uint64_t)(int64_t)whole, 1);
        }
    }
    builder->data.failed |= blocks.failed;
    gguf_builder_tensor(builder, name, Q8_0, rows ? 2 : 1,
                        (uint64_t[]){ columns, rows }, blocks.bytes, blocks.size);
    byte_buffer_release(&blocks);
}

void gguf_builder_random(struct gguf_builder *builder, const char *name,
                         uint64_t columns, uint64_t rows, float mean, float spread,
                         uint64_t seed)
{
    size_t count = (size_t)(columns * (rows ? rows : 1));
    float *values = malloc(count * sizeof *values);
    builder->data.failed |= values == NULL;
    if (!values)
        return;
    uint64_t state = seed;
    for (const char *c = name; *c; c++)
        state = state * 1099511628211u + (unsigned char)*c;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        float unit = (float)(state >> 40) / (float)(1 << 23) - 1; /* in [-1, 1) */
        values[i] = mean + spread * unit;
    }
    gguf_builder_f32(builder, name, columns, rows, values);
    free(values);
}

uint8_t *gguf_builder_bytes(const struct gguf_builder *builder, size_t *size)
{
    struct byte_buffer file = { 0 };
    byte_buffer_add(&file, "GGUF", 4);
    byte_buffer_number(&file, builder->version, 4);
    byte_buffer_number(&file, builder->tensor_count, 8);
    byte_buffer_number(&file, builder->metadata_count, 8);
    byte_buffer_add(&file, builder->metadata.bytes, builder->metadata.size);
    byte_buffer_add(&file, builder->infos.bytes, builder->infos.size);
    if (builder->tensor_count > 0)
        pad(&file, file.size, builder->alignment);
    byte_buffer_add(&file, builder->data.bytes, builder->data.size);
    if (file.failed || builder->metadata.failed || builder->infos.failed ||
        builder->data.failed)
        byte_buffer_release(&file);
    *size = file.size;
    return file.bytes;
}

bool gguf_builder_write(const struct gguf_builder *builder, const char *path)
{
    size_t size;
    uint8_t *bytes = gguf_builder_bytes(builder, &size);
    FILE *file = bytes ? fopen(path, "wb") : NULL;
    bool is_good = file && fwrite(bytes, 1, size, file) == size;
    if (file)
        is_good &= fclose(file) == 0;
    free(bytes);
    return is_good;
}
