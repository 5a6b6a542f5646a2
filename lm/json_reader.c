/* See json_reader.h. */
#include "lm/json_reader.h"

#include "lm/model_format.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *kind_of(const json_t *value)
{
    static const char *const name[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",
        [JSON_STRING] = "a text",    [JSON_INTEGER] = "a whole number",
        [JSON_REAL] = "a fraction",  [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return name[json_typeof(value)];
}

static const json_t *value_of(const struct json_reader *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    return json_is_null(value) ? NULL : value;
}

static void unexpected(const struct json_reader *in, const char *key,
                       const char *expected, const json_t *found)
{
    if (in->err->code == OK)
        error_set(in->err, ERR_FORMAT, "%s%s: expected %s, found %s", in->within, key,
                  expected, kind_of(found));
}

static void missing(const struct json_reader *in, const char *key)
{
    if (in->err->code == OK)
        error_set(in->err, ERR_FORMAT, "%s%s is missing", in->within, key);
}

bool json_reader_has(const struct json_reader *in, const char *key)
{
    return value_of(in, key) != NULL;
}

uint32_t json_reader_whole(const struct json_reader *in, const char *key,
                           int64_t initial)
{
    const json_t *value = value_of(in, key);
    if (!value && initial == JSON_NEEDED)
        missing(in, key);
    if (!value)
        return initial == JSON_NEEDED ? 1 : (uint32_t)initial;
    json_int_t whole = json_integer_value(value);
    if (!json_is_integer(value)) {
        unexpected(in, key, "a whole number", value);
    } else if (whole < (initial == JSON_NEEDED) || whole > UINT32_MAX) {
        if (in->err->code == OK)
            error_set(in->err, ERR_FORMAT, "%s%s: expected %d to %u, found %lld",
                      in->within, key, initial == JSON_NEEDED, UINT32_MAX,
                      (long long)whole);
    } else {
        return (uint32_t)whole;
    }
    return 1;
}

double json_reader_number(const struct json_reader *in, const char *key, double initial)
{
    const json_t *value = value_of(in, key);
    if (!value)
        return initial;
    double number = json_number_value(value);
    if (!json_is_number(value))
        unexpected(in, key, "a number", value);
    else if (number >= 0 && isfinite(number))
        return number;
    else if (in->err->code == OK)
        error_set(in->err, ERR_FORMAT, "%s%s: expected at least 0, found %g",
                  in->within, key, number);
    return initial;
}

bool json_reader_flag(const struct json_reader *in, const char *key, bool initial)
{
    const json_t *value = value_of(in, key);
    if (value && !json_is_boolean(value))
        unexpected(in, key, "true or false", value);
    return value ? json_is_true(value) : initial;
}

const char *json_reader_text(const struct json_reader *in, const char *key,
                             const char *initial)
{
    const json_t *value = value_of(in, key);
    if (value && !json_is_string(value))
        unexpected(in, key, "a text", value);
    return json_is_string(value) ? json_string_value(value) : initial;
}

struct json_reader json_reader_within(const struct json_reader *in, const char *key,
                                      const char *within)
{
    const json_t *value = value_of(in, key);
    if (value && !json_is_object(value))
        unexpected(in, key, "an object", value);
    return (struct json_reader){ json_is_object(value) ? value : NULL, within,
                                 in->err };
}

static const json_t *list_of(const struct json_reader *in, const char *key)
{
    const json_t *list = value_of(in, key);
    if (!list)
        missing(in, key);
    else if (!json_is_array(list))
        unexpected(in, key, "a list", list);
    return json_is_array(list) ? list : NULL;
}

void json_reader_marks(const struct json_reader *in, const char *key, bool *flag,
                       uint32_t count)
{
    const json_t *list = list_of(in, key), *value;
    for (size_t i = 0; (value = json_array_get(list, i)); i++) {
        json_int_t whole = json_integer_value(value);
        if (json_is_integer(value) && whole >= 0 && whole < count)
            flag[whole] = true;
        else if (!json_is_integer(value))
            unexpected(in, key, "whole numbers", value);
        else if (in->err->code == OK)
            error_set(in->err, ERR_FORMAT, "%s%s: expected 0 to %u, found %lld",
                      in->within, key, count - 1, (long long)whole);
    }
}

void json_reader_words(const struct json_reader *in, const char *key, const char *word,
                       const char *other, bool *flag, uint32_t count)
{
    const json_t *list = list_of(in, key);
    if (list && json_array_size(list) != count && in->err->code == OK)
        error_set(in->err, ERR_FORMAT, "%s%s: expected %u entries, found %zu",
                  in->within, key, count, json_array_size(list));
    for (uint32_t i = 0; i < count && in->err->code == OK; i++) {
        const json_t *value = json_array_get(list, i);
        const char *text = json_string_value(value);
        if (!text)
            unexpected(in, key, "texts", value);
        else if (strcmp(text, word) != 0 && strcmp(text, other) != 0)
            error_set(in->err, ERR_FORMAT, "%s%s: expected %s or %s, found '%s'",
                      in->within, key, word, other,
                      printable((struct text){ text, json_string_length(value) }).text);
        else
            flag[i] = strcmp(text, word) == 0;
    }
}
