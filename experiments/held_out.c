/* See held_out.h. */
#include "experiments/held_out.h"

#include "experiments/measuring.h"

#include <math.h>
#include <stdlib.h>

/* Takes the losses if the row is the first. */
static void put_row(struct held_out *held_out, const char *name, json_t *row,
                    struct scoring_result *result)
{
    const size_t count = scoring_per_chunk(held_out->text) * held_out->text->chunks;
    json_object_set_new(row, "setting", json_string(name));
    if (held_out->first) {
        struct score paired = score_of_difference(result->loss, held_out->first, count);
        json_object_set_new(row, "to_first", json_number(exp(paired.mean)));
        json_object_set_new(row, "to_first_error",
                            json_number(exp(paired.mean) * paired.error));
    } else {
        held_out->first = result->loss;
        result->loss = NULL;
    }
    json_array_append(held_out->rows, row);
}

/* The session as it is set, or with another projector. */
static enum error_code judge(struct held_out *held_out, const char *name,
                             struct projector *projector, struct error *err)
{
    struct scoring_result result = { 0 };
    struct measuring measuring = {
        .session = held_out->session,
        .text = held_out->text,
        .projector = projector,
        .compares = true,
        .record = "counters",
        .command = "tune",
    };
    json_t *row = json_object();
    if (measure_setting(&measuring, row, &result, err) == OK) {
        if (projector) {
            const struct silencer *silencer = held_out->silencer;
            json_object_set_new(row, "silent_share",
                                json_number(silencer_silent_share(silencer)));
            json_object_set_new(row, "fetched_share",
                                json_number(silencer_fetched_share(silencer)));
        }
        put_row(held_out, name, row, &result);
    }
    scoring_result_release(&result);
    json_decref(row);
    return err->code;
}

enum error_code held_out_spike(struct held_out *held_out, const char *name,
                               const struct threshold_rule *rule, struct error *err)
{
    held_out->session->precision = PRECISION_SPIKING;
    if (session_set_thresholds(held_out->session, rule, err) != OK)
        return err->code;
    return judge(held_out, name, NULL, err);
}

enum error_code held_out_silence(struct held_out *held_out, const char *name,
                                 const double *dead_zone, struct error *err)
{
    if (!held_out->silencer && silencer_create(&held_out->silencer, held_out->session,
                                               held_out->text->window, err) != OK)
        return err->code;
    held_out->session->precision = PRECISION_FLOAT;
    silencer_set(held_out->silencer, dead_zone);
    judge(held_out, name, silencer_projector(held_out->silencer), err);
    silencer_set(held_out->silencer, NULL);
    held_out->session->precision = PRECISION_SPIKING;
    return err->code;
}

enum error_code held_out_int8(struct held_out *held_out, const char *name,
                              struct error *err)
{
    held_out->session->precision = PRECISION_INT8;
    judge(held_out, name, NULL, err);
    held_out->session->precision = PRECISION_SPIKING;
    return err->code;
}

void held_out_release(struct held_out *held_out)
{
    silencer_free(held_out->silencer);
    free(held_out->first);
    json_decref(held_out->rows);
    *held_out = (struct held_out){ 0 };
}
