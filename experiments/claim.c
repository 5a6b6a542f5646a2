/* See claim.h. */
#include "experiments/claim.h"

#include "experiments/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const verdict_words[VERDICTS] = {
    [VERDICT_REPRODUCED] = "reproduced", [VERDICT_PARTLY] = "partly",
    [VERDICT_NOT] = "not reproduced",    [VERDICT_UNTESTABLE] = "not testable here",
    [VERDICT_OPINION] = "opinion",
};

const char *const energy_scope[CLAIM_SCOPES] = {
    [SCOPE_ADDITIONS] = "additions only",
    [SCOPE_WEIGHTS] = "with weight fetches",
    [SCOPE_TOKEN] = "whole token",
    [SCOPE_JOULES] = "measured joules",
};

/* Points of a share that a measurement on another model may differ by. */
static const double share_slack = 0.02;
const double ratio_slack = 0.1;

double case_input(struct claim_case *c, enum claim_fact_id id)
{
    const struct claim_fact *fact = &claim_facts[id];
    size_t index;
    const json_t *row;
    json_array_foreach(c->inputs, index, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), fact->name) == 0)
            return fact->value;
    }
    json_array_append_new(c->inputs,
                          json_pack("{s:s, s:s, s:f, s:s, s:s}", "name", fact->name,
                                    "what", fact->meaning, "value", fact->value, "unit",
                                    fact->unit, "source", fact->source));
    return fact->value;
}

static json_t *computed_row(const char *what, double value, const char *unit)
{
    json_t *row = json_pack("{s:s, s:s}", "what", what, "unit", unit);
    json_object_set_new(row, "value", json_number(value));
    return row;
}

double case_computed(struct claim_case *c, const char *what, double value,
                     const char *unit)
{
    json_array_append_new(c->computed, computed_row(what, value, unit));
    return value;
}

double case_against(struct claim_case *c, const char *what, double value,
                    enum claim_fact_id printed, double tolerance)
{
    const struct claim_fact *fact = &claim_facts[printed];
    double expected = case_input(c, printed);
    json_t *row = computed_row(what, value, fact->unit);
    json_object_set_new(row, "printed", json_real(expected));
    json_object_set_new(row, "agrees",
                        json_boolean(fabs(value - expected) <= tolerance));
    json_array_append_new(c->computed, row);
    return value;
}

void case_measured(struct claim_case *c, const char *what, double value,
                   const char *unit, double error)
{
    if (!c->setting)
        return;
    json_t *row = computed_row(what, value, unit);
    if (isfinite(error))
        json_object_set_new(row, "error", json_real(error));
    json_array_append_new(c->measured, row);
}

void case_quantity(struct claim_case *c, enum claim_quantity quantity)
{
    const struct claim_quantity_info *info = &claim_quantity_info[quantity];
    double error = (double)NAN;
    if (!c->setting)
        return;
    if (quantity == MEASURED_RATIO || quantity == MEASURED_INT8_RATIO)
        error = c->setting->quantity[quantity + 1];
    case_measured(c, info->meaning, c->setting->quantity[quantity], info->unit, error);
}

void case_verdict(struct claim_case *c, int scope, enum verdict verdict,
                  const char *reason, ...)
{
    char text[400];
    va_list list;
    va_start(list, reason);
    vsnprintf(text, sizeof text, reason, list);
    va_end(list);
    json_array_append_new(c->verdicts,
                          json_pack("{s:s, s:s, s:s}", "scope", c->claim->scope[scope],
                                    "verdict", verdict_words[verdict], "reason", text));
}

void case_turns(struct claim_case *c, const char *when, double value, double now,
                const char *unit)
{
    json_t *row = json_pack("{s:s, s:s}", "when", when, "unit", unit);
    json_object_set_new(row, "value", json_number(value));
    json_object_set_new(row, "now", json_number(now));
    json_array_append_new(c->turns, row);
}

double share_to_reproduce(double claimed)
{
    return claimed - share_slack;
}

enum verdict verdict_of_share(double found, double claimed)
{
    if (!isfinite(found))
        return VERDICT_UNTESTABLE;
    if (found >= share_to_reproduce(claimed))
        return VERDICT_REPRODUCED;
    return found >= claimed / 2 ? VERDICT_PARTLY : VERDICT_NOT;
}

enum verdict verdict_of_both(enum verdict one, enum verdict other)
{
    return one == other ? one : VERDICT_PARTLY;
}

enum verdict verdict_of_ratio(double found, double claimed)
{
    if (!isfinite(found))
        return VERDICT_UNTESTABLE;
    double apart = fabs(log(found / claimed));
    if (apart <= log(1 + ratio_slack))
        return VERDICT_REPRODUCED;
    return apart <= log(2) ? VERDICT_PARTLY : VERDICT_NOT;
}

/* Four digits that matter, large numbers by thousands as they are said. */
static void plain_number(double value, char *text, size_t room)
{
    static const struct {
        double from;
        const char *word;
    } scale[] = { { 1e12, " trillion" }, { 1e9, " billion" }, { 1e6, " million" } };
    for (size_t i = 0; i < sizeof scale / sizeof scale[0]; i++)
        if (fabs(value) >= scale[i].from) {
            snprintf(text, room, "%.4g%s", value / scale[i].from, scale[i].word);
            return;
        }
    if (fabs(value) >= 1e4)
        snprintf(text, room, "%.0f", value);
    else
        snprintf(text, room, "%.4g", value);
}

const char *claim_number(double value, const char *unit, char text[CLAIM_NUMBER_ROOM])
{
    char number[32];
    if (!isfinite(value)) {
        snprintf(text, CLAIM_NUMBER_ROOM, "-");
    } else if (strcmp(unit, "share") == 0) {
        snprintf(text, CLAIM_NUMBER_ROOM, "%.4g %%", 100 * value);
    } else {
        plain_number(value, number, sizeof number);
        bool joined = strcmp(unit, "x") == 0 || unit[0] == '\0';
        snprintf(text, CLAIM_NUMBER_ROOM, "%s%s%.12s", number, joined ? "" : " ", unit);
    }
    return text;
}

const char *claim_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}
