/* A table of results: printed in columns, or as JSON where --json asks for it. */
#ifndef EXPERIMENTS_TABLE_H
#define EXPERIMENTS_TABLE_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>

struct column {
    const char *name;    /* key in JSON */
    const char *heading; /* NULL: not printed in columns */
    int width;           /* negative: to the left */
    int digits;          /* behind the point; -1: text or whole number */
    bool is_percent;     /* printed times 100 */
};

/* rows: a JSON array of objects. Missing or null values print as "-". */
void table_print(const struct column *columns, const json_t *rows);
/* As CSV: a column for every key that a row has. */
void table_print_csv(const json_t *rows);
/* A finite number, else null. */
json_t *json_number(double value);
/* Prints the object with a newline and drops it; NULL (no memory) is an error. */
enum error_code json_print(json_t *object, struct error *err);

#endif
