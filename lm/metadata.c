/* Typed access to the metadata of a model file. */
#include "lm/model_format.h"

#include <inttypes.h>
#include <math.h>

const char *value_type_name(enum value_type type)
{
    static const char *const names[] = {
        [VALUE_U8] = "u8",       [VALUE_I8] = "i8",     [VALUE_U16] = "u16",
        [VALUE_I16] = "i16",     [VALUE_U32] = "u32",   [VALUE_I32] = "i32",
        [VALUE_F32] = "f32",     [VALUE_BOOL] = "bool", [VALUE_STRING] = "string",
        [VALUE_ARRAY] = "array", [VALUE_U64] = "u64",   [VALUE_I64] = "i64",
        [VALUE_F64] = "f64",
    };
    return names[type];
}

static enum error_code wrong_type(const struct metadata *entry, const char *expected,
                                  struct error *err)
{
    return error_set(err, ERR_FORMAT, "key %s: expected %s, found %s",
                     printable(entry->key).text, expected,
                     value_type_name(entry->type));
}

enum error_code model_file_u32(const struct model_file *file, const char *key,
                               uint32_t *value, struct error *err)
{
    const struct metadata *entry = model_file_find(file, key);
    if (!entry)
        return OK;
    switch (entry->type) {
    case VALUE_U8:
    case VALUE_U16:
    case VALUE_U32:
    case VALUE_U64:
        if (entry->value.u > UINT32_MAX)
            return error_set(err, ERR_FORMAT,
                             "key %s: expected at most %" PRIu32 ", found %" PRIu64,
                             key, UINT32_MAX, entry->value.u);
        *value = (uint32_t)entry->value.u;
        return OK;
    case VALUE_I8:
    case VALUE_I16:
    case VALUE_I32:
    case VALUE_I64:
        if (entry->value.i < 0 || entry->value.i > UINT32_MAX)
            return error_set(err, ERR_FORMAT,
                             "key %s: expected 0 to %" PRIu32 ", found %" PRId64, key,
                             UINT32_MAX, entry->value.i);
        *value = (uint32_t)entry->value.i;
        return OK;
    default: return wrong_type(entry, "a whole number", err);
    }
}

enum error_code model_file_float(const struct model_file *file, const char *key,
                                 double *value, struct error *err)
{
    const struct metadata *entry = model_file_find(file, key);
    if (!entry)
        return OK;
    if (entry->type != VALUE_F32 && entry->type != VALUE_F64)
        return wrong_type(entry, "f32 or f64", err);
    if (!isfinite(entry->value.f))
        return error_set(err, ERR_FORMAT, "key %s: expected a finite number, found %g",
                         key, entry->value.f);
    *value = entry->value.f;
    return OK;
}

enum error_code model_file_bool(const struct model_file *file, const char *key,
                                bool *value, struct error *err)
{
    const struct metadata *entry = model_file_find(file, key);
    if (!entry)
        return OK;
    if (entry->type != VALUE_BOOL)
        return wrong_type(entry, "bool", err);
    *value = entry->value.u != 0;
    return OK;
}

enum error_code model_file_text(const struct model_file *file, const char *key,
                                struct text *value, struct error *err)
{
    const struct metadata *entry = model_file_find(file, key);
    if (!entry)
        return OK;
    if (entry->type != VALUE_STRING)
        return wrong_type(entry, "string", err);
    *value = entry->value.text;
    return OK;
}
