/* Makes GGUF files for tests: a vocabulary, a small random model of any architecture,
 * or a file that is wrong in one place. Add metadata and tensors in any order, then
 * write. A failed allocation is remembered and shows when the file is asked for. */
#ifndef TESTS_GGUF_BUILDER_H
#define TESTS_GGUF_BUILDER_H

#include "lm/model_file.h"

struct byte_buffer {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed;
};
void byte_buffer_add(struct byte_buffer *buffer, const void *bytes, size_t size);
void byte_buffer_number(struct byte_buffer *buffer, uint64_t value, size_t width);
void byte_buffer_release(struct byte_buffer *buffer);

struct gguf_builder {
    uint32_t version, alignment; /* 3 and 32, free to change before tensors */
    uint64_t metadata_count, tensor_count;
    struct byte_buffer metadata, infos, data;
};

void gguf_builder_init(struct gguf_builder *builder);
void gguf_builder_release(struct gguf_builder *builder);

/* One value of `size` raw bytes. */
void gguf_builder_value(struct gguf_builder *builder, const char *key,
                        enum value_type type, const void *value, size_t size);
void gguf_builder_u32(struct gguf_builder *builder, const char *key, uint32_t value);
void gguf_builder_float(struct gguf_builder *builder, const char *key, float value);
void gguf_builder_bool(struct gguf_builder *builder, const char *key, bool value);
void gguf_builder_text(struct gguf_builder *builder, const char *key,
                       const char *value);
/* `count` elements in `size` raw bytes. */
void gguf_builder_array(struct gguf_builder *builder, const char *key,
                        enum value_type type, size_t count, const void *elements,
                        size_t size);
void gguf_builder_texts(struct gguf_builder *builder, const char *key, size_t count,
                        const char *const *texts);

/* A tensor with its bytes as they shall stand in the file; extent[0] is fastest. */
void gguf_builder_tensor(struct gguf_builder *builder, const char *name, uint32_t type,
                         unsigned dims, const uint64_t *extent, const void *bytes,
                         size_t size);
/* (rows, columns) float32; rows 0: one dimension. */
void gguf_builder_f32(struct gguf_builder *builder, const char *name, uint64_t columns,
                      uint64_t rows, const float *values);
/* The same stored as Q8_0: columns a multiple of 32. */
void gguf_builder_q8_0(struct gguf_builder *builder, const char *name, uint64_t columns,
                       uint64_t rows, const float *values);
/* Float32 of mean `mean`, uniform within +-spread, a function of seed and name
 * alone. */
void gguf_builder_random(struct gguf_builder *builder, const char *name,
                         uint64_t columns, uint64_t rows, float mean, float spread,
                         uint64_t seed);

/* The whole file in one malloc'ed piece, or NULL. */
uint8_t *gguf_builder_bytes(const struct gguf_builder *builder, size_t *size);
bool gguf_builder_write(const struct gguf_builder *builder, const char *path);

#endif
