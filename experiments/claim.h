/* A claim is a row of a constant table: who says what, what the primary source says, and
 * a function that computes the arithmetic and the verdicts from published figures
 * (claim_facts.h) and a measurement. No figure is typed into a verdict.
 *
 * To add one: a row in one of the tables of claim_table.h, and its function. */
#ifndef EXPERIMENTS_CLAIM_H
#define EXPERIMENTS_CLAIM_H

#include "experiments/claim_facts.h"
#include "experiments/claim_measurement.h"

enum verdict {
    VERDICT_REPRODUCED,
    VERDICT_PARTLY,
    VERDICT_NOT,
    VERDICT_UNTESTABLE,
    VERDICT_OPINION,
    VERDICTS
};
extern const char *const verdict_words[VERDICTS]; /* "reproduced", "partly", ... */

enum { CLAIM_SCOPES = 5 };

/* Where energy claims are judged, in this order; other claims name their own scopes. */
enum energy_scope {
    SCOPE_ADDITIONS,
    SCOPE_WEIGHTS,
    SCOPE_TOKEN,
    SCOPE_JOULES,
    ENERGY_SCOPES
};
extern const char *const energy_scope[CLAIM_SCOPES];

/* What a judge writes into: JSON arrays, ready to print. */
struct claim_case {
    const struct claim *claim;
    const struct claim_measurement *measurement; /* NULL: there is none */
    const struct claim_setting *setting;         /* judged; NULL as above */
    json_t *inputs, *computed, *measured, *verdicts, *turns;
};

struct claim {
    const char *name;   /* stable; NULL ends a table */
    const char *family; /* "spiking language models", "DeepSeek" */
    const char *says;   /* the claim ... */
    bool is_quoted;     /* ... in the words of `who`; else a paraphrase */
    const char *who;
    const char *source;       /* the primary source's figure and how it defines it */
    const char *reason;       /* why there is nothing to compute; NULL: there is */
    const char *not_measured; /* what nobody here has measured */
    const char *turns_if;     /* what would turn a verdict that no number turns */
    const char *const *scope; /* NULL-terminated */
    void (*judge)(struct claim_case *c);
};

/* The value of a published figure; lists it among the inputs. */
double case_input(struct claim_case *c, enum claim_fact_id id);
/* Lists what was computed and returns it. unit "share": printed as per cent. */
double case_computed(struct claim_case *c, const char *what, double value,
                     const char *unit);
/* The same beside what the source printed; they agree within `tolerance`. */
double case_against(struct claim_case *c, const char *what, double value,
                    enum claim_fact_id printed, double tolerance);
/* Lists a measured quantity of the judged setting; nothing without a measurement. */
void case_quantity(struct claim_case *c, enum claim_quantity quantity);
/* error: standard error, or NaN. */
void case_measured(struct claim_case *c, const char *what, double value,
                   const char *unit, double error);
/* One for every scope of the claim. */
void case_verdict(struct claim_case *c, int scope, enum verdict verdict,
                  const char *reason, ...) __attribute__((format(printf, 4, 5)));
/* The condition under which a verdict turns: "at what" value, and where it stands
 * (now; NaN: not measured). A value that is not finite is printed as "never". */
void case_turns(struct claim_case *c, const char *when, double value, double now,
                const char *unit);

/* Of two ways of counting: the verdict they share, else partly. */
enum verdict verdict_of_both(enum verdict one, enum verdict other);
/* Reproduced: within two points of the claimed share; partly: at least half of it. */
enum verdict verdict_of_share(double found, double claimed);
/* The share at and above which verdict_of_share says reproduced. */
double share_to_reproduce(double claimed);
/* Reproduced: within ratio_slack, a tenth; partly: within a factor of two. */
extern const double ratio_slack;
enum verdict verdict_of_ratio(double found, double claimed);

/* "97.7 %", "44.2x", "1.13", "0.0339 pJ": as printed everywhere. */
enum { CLAIM_NUMBER_ROOM = 48 };
const char *claim_number(double value, const char *unit, char text[CLAIM_NUMBER_ROOM]);

/* A text of a JSON object, "" where there is none. */
const char *claim_text(const json_t *object, const char *name);

#endif
