/* See table.h. */
#include "experiments/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_cell(const struct column *column, const json_t *value)
{
    char text[64] = "-";
    int width = column->width < 0 ? -column->width : column->width;
    if (json_is_string(value))
        snprintf(text, sizeof text, "%s", json_string_value(value));
    else if (json_is_integer(value) && column->digits < 0)
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    else if (json_is_number(value))
        snprintf(text, sizeof text, "%.*f%s", column->digits < 0 ? 0 : column->digits,
                 json_number_value(value) * (column->is_percent ? 100 : 1),
                 column->is_percent ? " %" : "");
    printf(column->width < 0 ? "%-*s" : "%*s", width, text);
}

void table_print(const struct column *columns, const json_t *rows)
{
    for (const struct column *c = columns; c->name; c++)
        if (c->heading)
            printf(c->width < 0 ? "%s%-*s" : "%s%*s", c == columns ? "" : " ",
                   c->width < 0 ? -c->width : c->width, c->heading);
    putchar('\n');
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        for (const struct column *c = columns; c->name; c++) {
            if (!c->heading)
                continue;
            if (c != columns)
                putchar(' ');
            print_cell(c, json_object_get(row, c->name));
        }
        putchar('\n');
    }
}

static void print_csv_text(const char *text)
{
    if (!strpbrk(text, ",\"\n")) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++)
        printf(*text == '"' ? "\"\"" : "%c", *text);
    putchar('"');
}

static void print_csv_value(const json_t *value)
{
    if (json_is_string(value))
        print_csv_text(json_string_value(value));
    else if (json_is_integer(value))
        printf("%lld", (long long)json_integer_value(value));
    else if (json_is_number(value))
        printf("%.10g", json_number_value(value));
}

void table_print_csv(const json_t *rows)
{
    json_t *row, *unused, *columns = json_object();
    const char *name;
    size_t index;
    json_array_foreach(rows, index, row)
        json_object_foreach(row, name, unused) if (!json_object_get(columns, name))
            json_object_set_new(columns, name, json_true());
    bool is_first = true;
    json_object_foreach(columns, name, unused)
    {
        fputs(is_first ? "" : ",", stdout);
        print_csv_text(name);
        is_first = false;
    }
    putchar('\n');
    json_array_foreach(rows, index, row)
    {
        is_first = true;
        json_object_foreach(columns, name, unused)
        {
            fputs(is_first ? "" : ",", stdout);
            print_csv_value(json_object_get(row, name));
            is_first = false;
        }
        putchar('\n');
    }
    json_decref(columns);
}

json_t *json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

enum error_code json_print(json_t *object, struct error *err)
{
    if (!object)
        return error_memory(err, "JSON", 0);
    int failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(object);
    return failed ? error_set(err, ERR_IO, "JSON cannot be written") : OK;
}
