/* GGUF, versions 2 and 3 (specification: ggml, docs/gguf.md): header, metadata, tensor
 * descriptions, data. Every count is held against the bytes that are left before
 * anything is allocated for it. */
#include "lm/block_format.h"
#include "lm/model_format.h"

#include <inttypes.h>
#include <string.h>

enum {
    MIN_METADATA_BYTES = 8 + 1 + 4 + 1,       /* key of one byte, type, value */
    MIN_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8, /* name, dims, one extent, type, offset */
    DEFAULT_ALIGNMENT = 32,
    MIN_ALIGNMENT = 8,
    MAX_ALIGNMENT = 1 << 20,
};

struct parser {
    struct model_file *file;
    struct byte_reader *in;
    struct error *err;
};

static size_t value_bytes(enum value_type type)
{
    static const size_t bytes[] = {
        [VALUE_U8] = 1,     [VALUE_I8] = 1,
        [VALUE_BOOL] = 1,   [VALUE_U16] = 2,
        [VALUE_I16] = 2,    [VALUE_U32] = 4,
        [VALUE_I32] = 4,    [VALUE_F32] = 4,
        [VALUE_U64] = 8,    [VALUE_I64] = 8,
        [VALUE_F64] = 8,    [VALUE_STRING] = 8, /* at least: its length */
        [VALUE_ARRAY] = 12,                     /* at least: element type and count */
    };
    return bytes[type];
}

static enum error_code truncated(const struct parser *p, const char *what)
{
    return error_set(p->err, ERR_FORMAT,
                     "file ends inside %s: %" PRIu64 " bytes left at byte %zu", what,
                     byte_reader_left(p->in), p->in->position);
}

static enum error_code require(struct parser *p, uint64_t count, size_t each,
                               const char *what)
{
    if (byte_reader_has(p->in, count, each))
        return OK;
    return error_set(p->err, ERR_FORMAT,
                     "%" PRIu64 " %s of %zu bytes or more claimed at "
                     "byte %zu, but the file has %" PRIu64 " bytes left",
                     count, what, each, p->in->position, byte_reader_left(p->in));
}

static enum error_code read_text(struct parser *p, struct text *text, const char *what)
{
    uint64_t length;
    if (!byte_reader_u64(p->in, &length))
        return truncated(p, what);
    const uint8_t *bytes = byte_reader_take(p->in, length);
    if (!bytes)
        return error_set(p->err, ERR_FORMAT,
                         "%s of %" PRIu64 " bytes at byte %zu, but "
                         "the file has %" PRIu64 " bytes left",
                         what, length, p->in->position, byte_reader_left(p->in));
    text->length = (size_t)length;
    text->bytes = arena_text(&p->file->arena, (const char *)bytes, (size_t)length);
    return text->bytes ? OK : error_memory(p->err, what, (double)length);
}

static enum error_code read_type(struct parser *p, enum value_type *type)
{
    uint32_t number;
    if (!byte_reader_u32(p->in, &number))
        return truncated(p, "a value type");
    if (number > VALUE_F64)
        return error_set(p->err, ERR_FORMAT, "value type %" PRIu32 ", expected 0 to %d",
                         number, VALUE_F64);
    *type = (enum value_type)number;
    return OK;
}

static bool is_signed(enum value_type type)
{
    return type == VALUE_I8 || type == VALUE_I16 || type == VALUE_I32 ||
           type == VALUE_I64;
}

static bool is_real(enum value_type type)
{
    return type == VALUE_F32 || type == VALUE_F64;
}

static int64_t widen_signed(const uint8_t *at, size_t width)
{
    uint64_t sign = (uint64_t)1 << (8 * width - 1);
    uint64_t bits = (little_endian(at, width) ^ sign) - sign;
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double widen_real(const uint8_t *at, enum value_type type)
{
    uint64_t bits = little_endian(at, value_bytes(type));
    uint32_t low = (uint32_t)bits;
    float single;
    double value;
    memcpy(&single, &low, sizeof single);
    memcpy(&value, &bits, sizeof value);
    return type == VALUE_F32 ? (double)single : value;
}

static enum error_code check_bool(const struct parser *p, uint8_t byte)
{
    if (byte <= 1)
        return OK;
    return error_set(p->err, ERR_FORMAT, "bool is %u, expected 0 or 1", byte);
}

static enum error_code read_numbers(struct parser *p, struct metadata *entry)
{
    enum value_type type = entry->element_type;
    size_t width = value_bytes(type), count = entry->count;
    void *array = arena_array(&p->file->arena, count, sizeof(uint64_t));
    if (!array)
        return error_memory(p->err, "an array", (double)count * sizeof(uint64_t));

    const uint8_t *at = byte_reader_take(p->in, (uint64_t)count * width);
    if (is_real(type)) {
        double *real = array;
        for (size_t i = 0; i < count; i++)
            real[i] = widen_real(at + i * width, type);
        entry->array.f = real;
    } else if (is_signed(type)) {
        int64_t *whole = array;
        for (size_t i = 0; i < count; i++)
            whole[i] = widen_signed(at + i * width, width);
        entry->array.i = whole;
    } else {
        uint64_t *whole = array;
        for (size_t i = 0; i < count; i++) {
            whole[i] = little_endian(at + i * width, width);
            if (type == VALUE_BOOL && check_bool(p, at[i]) != OK)
                return p->err->code;
        }
        entry->array.u = whole;
    }
    return OK;
}

/* All strings of an array stand in one buffer: the arena rounds each request up to 64
 * bytes, and a vocabulary has 100,000 short ones. */
static enum error_code read_texts(struct parser *p, struct metadata *entry)
{
    struct byte_reader ahead = *p->in;
    size_t total = 0;
    for (size_t i = 0; i < entry->count; i++) {
        uint64_t length;
        if (!byte_reader_u64(&ahead, &length) || !byte_reader_take(&ahead, length)) {
            *p->in = ahead;
            return truncated(p, "an array of strings");
        }
        total += (size_t)length + 1;
    }
    struct text *texts = arena_array(&p->file->arena, entry->count, sizeof *texts);
    char *copy = arena_array(&p->file->arena, total, 1);
    if (!texts || !copy)
        return error_memory(p->err, "an array of strings", (double)total);

    for (size_t i = 0; i < entry->count; i++) {
        uint64_t length = 0;
        byte_reader_u64(p->in, &length);
        memcpy(copy, byte_reader_take(p->in, length), (size_t)length);
        texts[i] = (struct text){ copy, (size_t)length };
        copy += length + 1;
    }
    entry->array.text = texts;
    return OK;
}

static enum error_code read_array(struct parser *p, struct metadata *entry)
{
    uint64_t count;
    if (read_type(p, &entry->element_type) != OK)
        return p->err->code;
    if (entry->element_type == VALUE_ARRAY)
        return error_set(p->err, ERR_FORMAT,
                         "array of arrays, expected plain elements");
    if (!byte_reader_u64(p->in, &count))
        return truncated(p, "the length of an array");
    if (require(p, count, value_bytes(entry->element_type), "array elements") != OK)
        return p->err->code;
    entry->count = (size_t)count;
    return entry->element_type == VALUE_STRING ? read_texts(p, entry)
                                               : read_numbers(p, entry);
}

static enum error_code read_value(struct parser *p, struct metadata *entry)
{
    if (read_type(p, &entry->type) != OK)
        return p->err->code;
    if (entry->type == VALUE_ARRAY)
        return read_array(p, entry);
    if (entry->type == VALUE_STRING)
        return read_text(p, &entry->value.text, "a string");

    size_t width = value_bytes(entry->type);
    const uint8_t *at = byte_reader_take(p->in, width);
    if (!at)
        return truncated(p, "a value");
    if (is_real(entry->type))
        entry->value.f = widen_real(at, entry->type);
    else if (is_signed(entry->type))
        entry->value.i = widen_signed(at, width);
    else
        entry->value.u = little_endian(at, width);
    return entry->type == VALUE_BOOL ? check_bool(p, at[0]) : OK;
}

static enum error_code read_metadata(struct parser *p, uint64_t count)
{
    struct model_file *file = p->file;
    if (require(p, count, MIN_METADATA_BYTES, "metadata entries") != OK)
        return p->err->code;
    file->metadata = arena_array(&file->arena, (size_t)count, sizeof *file->metadata);
    if (!file->metadata)
        return error_memory(p->err, "metadata", (double)count * sizeof *file->metadata);

    for (size_t i = 0; i < count; i++) {
        struct metadata *entry = &file->metadata[i];
        if (read_text(p, &entry->key, "a key") != OK)
            return error_wrap(p->err, "metadata entry %zu of %" PRIu64, i + 1, count);
        if (entry->key.length == 0)
            return error_set(p->err, ERR_FORMAT,
                             "metadata entry %zu of %" PRIu64 ": key is empty", i + 1,
                             count);
        if (read_value(p, entry) != OK)
            return error_wrap(p->err, "key %s", printable(entry->key).text);
        file->metadata_count++;
    }
    return model_file_index_metadata(file, p->err);
}

static enum error_code read_alignment(struct parser *p, uint64_t *alignment)
{
    const struct metadata *entry = model_file_find(p->file, "general.alignment");
    *alignment = DEFAULT_ALIGNMENT;
    if (!entry)
        return OK;
    if (entry->type != VALUE_U32)
        return error_set(p->err, ERR_FORMAT, "general.alignment: type %s, expected u32",
                         value_type_name(entry->type));
    *alignment = entry->value.u;
    if (*alignment < MIN_ALIGNMENT || *alignment > MAX_ALIGNMENT ||
        (*alignment & (*alignment - 1)) != 0)
        return error_set(p->err, ERR_FORMAT,
                         "general.alignment: %" PRIu64 ", expected a "
                         "power of two from %d to %d",
                         *alignment, MIN_ALIGNMENT, MAX_ALIGNMENT);
    return OK;
}

static enum error_code read_extents(struct parser *p, struct tensor *tensor)
{
    uint32_t dims;
    if (!byte_reader_u32(p->in, &dims))
        return truncated(p, "its description");
    if (dims < 1 || dims > TENSOR_MAX_DIMS)
        return error_set(p->err, ERR_FORMAT, "%" PRIu32 " dimensions, expected 1 to %d",
                         dims, TENSOR_MAX_DIMS);
    tensor->dims = dims;
    for (unsigned i = 0; i < TENSOR_MAX_DIMS; i++) {
        tensor->extent[i] = 1;
        if (i < dims && !byte_reader_u64(p->in, &tensor->extent[i]))
            return truncated(p, "its description");
        if (tensor->extent[i] == 0)
            return error_set(p->err, ERR_FORMAT, "dimension %u is 0", i + 1);
    }
    return OK;
}

/* Sets format and bytes. A tensor larger than the file is refused here, so that later
 * products of its extents cannot wrap. */
static enum error_code read_format(struct parser *p, struct tensor *tensor)
{
    uint32_t id;
    if (!byte_reader_u32(p->in, &id))
        return truncated(p, "its description");
    const struct block_format *format = tensor->format = block_format_find(id);
    if (!format)
        return error_set(p->err, ERR_FORMAT, "type %" PRIu32 " is unknown", id);
    if (tensor->extent[0] % format->elements != 0)
        return error_set(p->err, ERR_FORMAT,
                         "rows of %" PRIu64 " elements, but %s has "
                         "blocks of %" PRIu32,
                         tensor->extent[0], format->name, format->elements);

    uint64_t file_size = p->file->size, bytes = tensor->extent[0] / format->elements;
    bool fits = bytes <= file_size / format->bytes;
    bytes *= format->bytes;
    for (unsigned i = 1; i < TENSOR_MAX_DIMS && fits; i++) {
        fits = tensor->extent[i] <= file_size / bytes;
        bytes *= tensor->extent[i];
    }
    if (!fits)
        return error_set(p->err, ERR_FORMAT,
                         "%" PRIu64 " x %" PRIu64 " x %" PRIu64 " x %" PRIu64
                         " elements of %s are more than the file's %" PRIu64 " bytes",
                         tensor->extent[0], tensor->extent[1], tensor->extent[2],
                         tensor->extent[3], format->name, file_size);
    tensor->bytes = bytes;
    return OK;
}

static enum error_code read_tensor(struct parser *p, struct tensor *tensor,
                                   uint64_t alignment)
{
    if (read_extents(p, tensor) != OK || read_format(p, tensor) != OK)
        return p->err->code;
    if (!byte_reader_u64(p->in, &tensor->offset))
        return truncated(p, "its description");
    if (tensor->offset % alignment != 0)
        return error_set(p->err, ERR_FORMAT,
                         "offset %" PRIu64 " is not a multiple of the "
                         "alignment %" PRIu64,
                         tensor->offset, alignment);
    return OK;
}

/* Turns offsets within the data into offsets within the file. */
static enum error_code place_tensors(struct parser *p, uint64_t alignment)
{
    struct model_file *file = p->file;
    uint64_t start = (p->in->position + alignment - 1) / alignment * alignment;
    uint64_t data = file->size > start ? file->size - start : 0;
    for (size_t i = 0; i < file->tensor_count; i++) {
        struct tensor *tensor = &file->tensors[i];
        if (tensor->offset > data || tensor->bytes > data - tensor->offset)
            return error_set(p->err, ERR_FORMAT,
                             "tensor %s: %" PRIu64 " bytes at offset %" PRIu64
                             " of the data, which has %" PRIu64 " bytes",
                             printable(tensor->name).text, tensor->bytes,
                             tensor->offset, data);
        tensor->offset += start;
    }
    return OK;
}

static enum error_code read_tensors(struct parser *p, uint64_t count)
{
    struct model_file *file = p->file;
    uint64_t alignment;
    if (read_alignment(p, &alignment) != OK ||
        require(p, count, MIN_TENSOR_BYTES, "tensor descriptions") != OK)
        return p->err->code;
    file->tensors = arena_array(&file->arena, (size_t)count, sizeof *file->tensors);
    if (!file->tensors)
        return error_memory(p->err, "tensor descriptions",
                            (double)count * sizeof *file->tensors);
    for (size_t i = 0; i < count; i++) {
        struct tensor *tensor = &file->tensors[i];
        if (read_text(p, &tensor->name, "a name") != OK)
            return error_wrap(p->err, "tensor %zu of %" PRIu64, i + 1, count);
        if (tensor->name.length == 0)
            return error_set(p->err, ERR_FORMAT,
                             "tensor %zu of %" PRIu64 ": name is empty", i + 1, count);
        if (read_tensor(p, tensor, alignment) != OK)
            return error_wrap(p->err, "tensor %s", printable(tensor->name).text);
        file->tensor_count++;
    }
    if (place_tensors(p, alignment) != OK)
        return p->err->code;
    return model_file_index_tensors(file, p->err);
}

enum error_code gguf_parse(struct model_file *file, struct byte_reader *in,
                           struct error *err)
{
    struct parser p = { file, in, err };
    uint32_t magic, version;
    uint64_t tensor_count, metadata_count;
    if (!byte_reader_u32(in, &magic) || !byte_reader_u32(in, &version))
        return truncated(&p, "the header");
    if (version != 0 && (version & 0xffff) == 0)
        return error_set(err, ERR_FORMAT,
                         "big-endian GGUF (version reads 0x%08" PRIx32
                         "), expected little-endian",
                         version);
    if (version < 2 || version > 3)
        return error_set(err, ERR_FORMAT, "GGUF version %" PRIu32 ", expected 2 or 3",
                         version);
    if (!byte_reader_u64(in, &tensor_count) || !byte_reader_u64(in, &metadata_count))
        return truncated(&p, "the header");
    if (read_metadata(&p, metadata_count) != OK)
        return err->code;
    return read_tensors(&p, tensor_count);
}
