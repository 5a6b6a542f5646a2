/* See findings.h. */
#include "experiments/findings.h"

#include <math.h>
#include <stdio.h>

static const struct column columns[] = {
    { "what", "measured", -34, -1, false },
    { "value", "value", 10, -1, false },
    { "unit", "unit", -7, -1, false },
    { "range", "expected", -20, -1, false },
    { "verdict", "", -5, -1, false },
    { "source", "by", -1, -1, false },
    { 0 },
};

bool findings_init(struct findings *findings, bool is_published)
{
    *findings = (struct findings){ .is_published = is_published, .rows = json_array() };
    return findings->rows != NULL;
}

void findings_release(struct findings *findings)
{
    json_decref(findings->rows);
    for (unsigned i = 0; i < findings->tables; i++)
        json_decref(findings->table[i].rows);
    *findings = (struct findings){ 0 };
}

static json_t *add(struct findings *findings, const char *what, const char *unit,
                   double measured)
{
    char value[32];
    snprintf(value, sizeof value, "%.5g", measured);
    json_t *row = json_pack("{s:s, s:s, s:s, s:o}", "what", what, "value", value,
                            "unit", unit, "measured", json_number(measured));
    json_array_append_new(findings->rows, row);
    return row;
}

static void set_range(json_t *row, const char *range, double lowest, double highest,
                      const char *source)
{
    json_object_set_new(row, "range", json_string(range));
    json_object_set_new(row, "lowest", json_number(lowest));
    json_object_set_new(row, "highest", json_number(highest));
    json_object_set_new(row, "source", json_string(source));
}

static void judge(struct findings *findings, json_t *row, double measured,
                  double lowest, double highest)
{
    bool is_met = measured >= lowest && measured <= highest; /* a NaN is not */
    json_object_set_new(row, "verdict", json_string(is_met ? "pass" : "MISS"));
    findings->expected++;
    findings->missed += !is_met;
}

void findings_measure(struct findings *findings, const char *what, const char *unit,
                      double measured)
{
    add(findings, what, unit, measured);
}

void findings_theory(struct findings *findings, const char *what, const char *unit,
                     double measured, double expected, double tolerance,
                     const char *source)
{
    char range[48];
    json_t *row = add(findings, what, unit, measured);
    snprintf(range, sizeof range, tolerance > 0 ? "%.5g +- %.2g" : "%.5g", expected,
             tolerance);
    set_range(row, range, expected - tolerance, expected + tolerance, source);
    json_object_set_new(row, "expected", json_number(expected));
    judge(findings, row, measured, expected - tolerance, expected + tolerance);
}

void findings_expect(struct findings *findings, const char *what, const char *unit,
                     double measured, double expected, double tolerance,
                     const char *source)
{
    if (findings->is_published)
        findings_theory(findings, what, unit, measured, expected, tolerance, source);
    else
        findings_measure(findings, what, unit, measured);
}

void findings_band(struct findings *findings, const char *what, const char *unit,
                   double measured, double lowest, double highest, const char *source)
{
    char range[48];
    json_t *row = add(findings, what, unit, measured);
    if (!findings->is_published)
        return;
    if (isinf(highest))
        snprintf(range, sizeof range, "%.4g or more", lowest);
    else if (isinf(lowest))
        snprintf(range, sizeof range, "%.4g or less", highest);
    else
        snprintf(range, sizeof range, "%.4g to %.4g", lowest, highest);
    set_range(row, range, lowest, highest, source);
    judge(findings, row, measured, lowest, highest);
}

void findings_compare(struct findings *findings, const char *what, const char *unit,
                      double measured, double expected, const char *source)
{
    char range[48];
    json_t *row = add(findings, what, unit, measured);
    snprintf(range, sizeof range, "(%.5g)", expected);
    json_object_set_new(row, "range", json_string(range));
    json_object_set_new(row, "expected", json_number(expected));
    json_object_set_new(row, "source", json_string(source));
}

json_t *findings_table(struct findings *findings, const char *key, const char *title,
                       const struct column *table_columns)
{
    json_t *rows = json_array();
    if (findings->tables == FINDINGS_TABLES)
        return rows;
    findings->table[findings->tables].key = key;
    findings->table[findings->tables].title = title;
    findings->table[findings->tables].columns = table_columns;
    findings->table[findings->tables++].rows = rows;
    return rows;
}

void findings_print(const struct findings *findings)
{
    for (unsigned i = 0; i < findings->tables; i++) {
        printf("\n%s\n", findings->table[i].title);
        table_print(findings->table[i].columns, findings->table[i].rows);
    }
    if (json_array_size(findings->rows) == 0)
        return;
    putchar('\n');
    table_print(columns, findings->rows);
}

void findings_to_json(const struct findings *findings, json_t *object)
{
    json_object_set(object, "findings", findings->rows);
    json_object_set_new(object, "expectations", json_integer(findings->expected));
    json_object_set_new(object, "missed", json_integer(findings->missed));
    for (unsigned i = 0; i < findings->tables; i++)
        json_object_set(object, findings->table[i].key, findings->table[i].rows);
}

enum error_code findings_judge(const struct findings *findings, struct error *err)
{
    if (findings->missed == 0)
        return OK;
    return error_set(err, ERR_FORMAT, "%u of %u expectations missed", findings->missed,
                     findings->expected);
}
