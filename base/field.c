/* See field.h. */
#include "base/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t field_count(const struct field *table)
{
    size_t count = 0;
    while (table[count].name)
        count++;
    return count;
}

int field_find(const struct field *table, const char *name)
{
    for (int i = 0; table[i].name; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    return -1;
}

enum error_code field_parse(const struct field *field, const char *text, double *value,
                            struct error *err)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || *end != '\0')
        return error_set(err, ERR_ARGUMENT, "%s: expected a number, found '%s'",
                         field->name, text);
    if (!isfinite(number) || number < field->minimum || number > field->maximum)
        return error_set(err, ERR_ARGUMENT, "%s: expected %g to %g%s%s, found '%s'",
                         field->name, field->minimum, field->maximum,
                         field->unit[0] ? " " : "", field->unit, text);
    *value = number;
    return OK;
}

void field_defaults(const struct field *table, double *values)
{
    for (size_t i = 0; table[i].name; i++)
        values[i] = table[i].initial;
}

enum error_code field_assign(const struct field *table, const char *text,
                             double *values, struct error *err)
{
    char item[128];
    while (text && *text) {
        size_t length = strcspn(text, ",");
        if (length >= sizeof item)
            return error_set(err, ERR_ARGUMENT, "parameter text '%.40s...' is too long",
                             text);
        memcpy(item, text, length);
        item[length] = '\0';
        text += length + (text[length] == ',');

        char *equals = strchr(item, '=');
        if (!equals)
            return error_set(err, ERR_ARGUMENT, "expected name=value, found '%s'",
                             item);
        *equals = '\0';
        int index = field_find(table, item);
        if (index < 0)
            return error_set(err, ERR_ARGUMENT, "no parameter '%s'", item);
        if (field_parse(&table[index], equals + 1, &values[index], err) != OK)
            return err->code;
    }
    return OK;
}
