/* What an experiment measured, beside what was expected of it: rows with a verdict, and
 * tables without. Printed in columns or as JSON. */
#ifndef EXPERIMENTS_FINDINGS_H
#define EXPERIMENTS_FINDINGS_H

#include "experiments/table.h"

enum { FINDINGS_TABLES = 4 };

struct findings {
    bool is_published; /* settings are those that published outcomes hold for */
    json_t *rows;      /* of what was measured */
    struct {
        const char *key, *title;
        const struct column *columns;
        json_t *rows;
    } table[FINDINGS_TABLES];
    unsigned tables, expected, missed;
};

/* False: no memory. */
bool findings_init(struct findings *findings, bool is_published);
void findings_release(struct findings *findings);

/* A measurement that nothing is expected of. */
void findings_measure(struct findings *findings, const char *what, const char *unit,
                      double measured);
/* Published: expected within tolerance, or within lowest .. highest; without verdict
 * where the settings are not the published ones. */
void findings_expect(struct findings *findings, const char *what, const char *unit,
                     double measured, double expected, double tolerance,
                     const char *source);
void findings_band(struct findings *findings, const char *what, const char *unit,
                   double measured, double lowest, double highest, const char *source);
/* Computed from the settings in use: always with a verdict. */
void findings_theory(struct findings *findings, const char *what, const char *unit,
                     double measured, double expected, double tolerance,
                     const char *source);
/* A theory's value where the theory does not hold: printed, never judged. */
void findings_compare(struct findings *findings, const char *what, const char *unit,
                      double measured, double expected, const char *source);

/* An array for rows of a further table; columns and texts outlive the findings. */
json_t *findings_table(struct findings *findings, const char *key, const char *title,
                       const struct column *columns);

void findings_print(const struct findings *findings);
/* Adds "findings", "missed" and the tables by their keys to a JSON object. */
void findings_to_json(const struct findings *findings, json_t *object);
/* An error that counts what was missed, or OK. */
enum error_code findings_judge(const struct findings *findings, struct error *err);

#endif
