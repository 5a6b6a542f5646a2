/* A plug-in declares its numbers as a table of fields. Help, the checking of
 * configurations, the attributes of a recording and the lists of parameters all come
 * from the table. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/error.h"

#include <stddef.h>

struct field {
    const char *name; /* NULL ends a table */
    const char *unit; /* "" for a pure number */
    const char *meaning;
    double initial;          /* the default */
    double minimum, maximum; /* both allowed */
};

size_t field_count(const struct field *table);
/* Index of a name, or -1. */
int field_find(const struct field *table, const char *name);
/* Reads a number and checks its range; NaN and infinities are refused. */
enum error_code field_parse(const struct field *field, const char *text, double *value,
                            struct error *err);
/* values[i] = table[i].initial for every field. */
void field_defaults(const struct field *table, double *values);
/* Applies "name=value,name=value" to values; NULL and "" change nothing. */
enum error_code field_assign(const struct field *table, const char *text,
                             double *values, struct error *err);

#endif
