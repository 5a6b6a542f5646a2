/* See claim_document.h. */
#include "experiments/claim_document.h"

#include "base/version.h"
#include "experiments/table.h"

static void case_init(struct claim_case *c, const struct claim *claim,
                      const struct claim_measurement *measurement)
{
    *c = (struct claim_case){
        .claim = claim,
        .measurement = measurement,
        .setting = measurement ? claim_judged(measurement) : NULL,
        .inputs = json_array(),
        .computed = json_array(),
        .measured = json_array(),
        .verdicts = json_array(),
        .turns = json_array(),
    };
    claim->judge(c);
}

/* What the case measured, with where it comes from; drops the rest. */
static json_t *case_measurement(struct claim_case *c)
{
    const struct claim_measurement *m = c->measurement;
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:o}", "model", m->model, "text",
                  m->text, "date", m->date, "command", m->command, "windows",
                  (int)m->windows, "window_tokens", (int)m->window_tokens, "values",
                  json_incref(c->measured));
    json_object_set_new(object, "k", json_number(c->setting->quantity[MEASURED_K]));
    return object;
}

json_t *claim_to_json(const struct claim *claim,
                      const struct claim_measurements *measurements)
{
    struct claim_case first, other;
    json_t *measured = json_array(), *others = json_array();
    case_init(&first, claim, measurements->count ? &measurements->at[0] : NULL);
    if (json_array_size(first.measured) > 0)
        json_array_append_new(measured, case_measurement(&first));
    for (unsigned m = 1; m < measurements->count; m++) {
        case_init(&other, claim, &measurements->at[m]);
        if (json_array_size(other.measured) > 0) {
            json_array_append_new(measured, case_measurement(&other));
            json_array_append_new(others, json_pack("{s:s, s:O}", "model",
                                                    measurements->at[m].model,
                                                    "verdicts", other.verdicts));
        }
        json_decref(other.inputs);
        json_decref(other.computed);
        json_decref(other.measured);
        json_decref(other.verdicts);
        json_decref(other.turns);
    }
    json_decref(first.measured);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
                  "name", claim->name, "family", claim->family, "claim", claim->says,
                  "quoted", claim->is_quoted, "who", claim->who, "source",
                  claim->source, "not_measured", claim->not_measured, "inputs",
                  first.inputs, "computed", first.computed, "measured", measured,
                  "verdicts", first.verdicts, "others", others, "turns", first.turns);
    if (claim->reason)
        json_object_set_new(object, "reason", json_string(claim->reason));
    if (claim->turns_if)
        json_object_set_new(object, "turns_if", json_string(claim->turns_if));
    return object;
}

json_t *claims_document(const struct claim_measurements *measurements,
                        const struct claim *only)
{
    json_t *claims = json_array(), *list = json_array();
    for (int t = 0; claim_tables[t]; t++)
        for (const struct claim *claim = claim_tables[t]; claim->name; claim++)
            if (!only || claim == only)
                json_array_append_new(claims, claim_to_json(claim, measurements));
    for (unsigned m = 0; m < measurements->count; m++)
        json_array_append_new(list, claim_measurement_to_json(&measurements->at[m]));
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "version", version_number,
                     "commit", version_commit, "claims", claims, "measurements", list,
                     "plots", claim_plots(measurements), "k_table",
                     claim_k_table(measurements));
}
