/* See claim_measurement.h. */
#include "experiments/claim_measurement.h"

#include "experiments/table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char file_format[] = "lucciola-claims-1";

const struct claim_quantity_info claim_quantity_info[CLAIM_QUANTITIES] = {
    [MEASURED_K] = { "k", "", "threshold V = mean|x| / k", false },
    [MEASURED_PERPLEXITY] = { "perplexity", "", "perplexity, spiking", false },
    [MEASURED_RATIO] = { "ratio", "x", "perplexity, spiking / float", false },
    [MEASURED_RATIO_ERROR] = { "ratio_error", "x", "its standard error", false },
    [MEASURED_INT8_RATIO] = { "int8_ratio", "x", "perplexity, INT8 / float", false },
    [MEASURED_INT8_RATIO_ERROR] = { "int8_ratio_error", "x", "its standard error",
                                    false },
    [MEASURED_SILENT_SHARE] = { "silent_share", "share", "silent share of channels",
                                false },
    [MEASURED_SMALL_SHARE] = { "small_share", "share", "counts of at most 7", false },
    [MEASURED_SPIKES_PER_CHANNEL] = { "spikes_per_channel", "", "spikes per channel",
                                      false },
    [MEASURED_SLOT_SPARSITY_3] = { "slot_sparsity_3", "share",
                                   "slot sparsity, three steps a channel", false },
    [MEASURED_SOP] = { "sop", "", "synaptic operations per token", false },
    [MEASURED_DENSE_OPS] = { "dense_ops", "",
                             "multiply-accumulates per token of the same sites",
                             false },
    [MEASURED_EVENT_SHARE] = { "event_driven_share", "share", "event-driven share",
                               false },
    [MEASURED_WEIGHTS_INT8] = { "weight_bytes_int8", "B",
                                "weights fetched per token, INT8", false },
    [MEASURED_WEIGHTS_ROW] = { "weight_bytes_row", "B",
                               "weights fetched, once per active channel", false },
    [MEASURED_WEIGHTS_SPIKE] = { "weight_bytes_spike", "B",
                                 "weights fetched, once per spike", false },
    [MEASURED_JOULES_SPIKING] = { "joules_spiking", "J",
                                  "measured energy per token, spiking", true },
    [MEASURED_JOULES_INT8] = { "joules_int8", "J", "measured energy per token, INT8",
                               true },
};

const char *const claim_prices_name[CLAIM_PRICES] = {
    [PRICES_REPORT] = "spikingbrain-report",
    [PRICES_32_BIT] = "horowitz-45nm",
};

static const char *const variant_key[VARIANTS] = { "spiking_nj", "int8_nj", "fp16_nj" };

/* Texts of a measurement and where they lie. */
static const struct {
    const char *name;
    size_t offset, room;
} texts[] = {
    { "model", offsetof(struct claim_measurement, model), 96 },
    { "text", offsetof(struct claim_measurement, text), 96 },
    { "date", offsetof(struct claim_measurement, date), 32 },
    { "command", offsetof(struct claim_measurement, command), 400 },
    { "version", offsetof(struct claim_measurement, version), 80 },
    { "cpu", offsetof(struct claim_measurement, cpu), 80 },
    { "how", offsetof(struct claim_measurement, how), 160 },
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

const struct claim_setting *claim_judged(const struct claim_measurement *measurement)
{
    for (unsigned s = 0; s < measurement->settings; s++)
        if (measurement->setting[s].quantity[MEASURED_K] == 3)
            return &measurement->setting[s];
    return measurement->settings ? measurement->setting : NULL;
}

double claim_saving(const struct claim_setting *setting, enum claim_prices prices,
                    enum boundary boundary, enum variant other)
{
    const double *nj = setting->nj[prices][boundary];
    return nj[other] > 0 ? 1 - nj[VARIANT_SPIKING] / nj[other] : (double)NAN;
}

static json_t *setting_to_json(const struct claim_setting *setting)
{
    json_t *row = json_object(), *energy = json_object();
    for (int q = 0; q < CLAIM_QUANTITIES; q++)
        json_object_set_new(row, claim_quantity_info[q].name,
                            json_number(setting->quantity[q]));
    for (int p = 0; p < CLAIM_PRICES; p++) {
        json_t *rows = json_array();
        for (int b = 0; b < BOUNDARIES; b++) {
            json_t *one = json_pack("{s:s}", "boundary", boundary_name[b]);
            for (int v = 0; v < VARIANTS; v++)
                json_object_set_new(one, variant_key[v],
                                    json_number(setting->nj[p][b][v]));
            json_array_append_new(rows, one);
        }
        json_object_set_new(energy, claim_prices_name[p], rows);
    }
    json_object_set_new(row, "energy_per_token", energy);
    return row;
}

json_t *claim_measurement_to_json(const struct claim_measurement *measurement)
{
    json_t *object = json_object(), *settings = json_array();
    for (int t = 0; t < TEXTS; t++)
        json_object_set_new(object, texts[t].name,
                            json_string((const char *)measurement + texts[t].offset));
    json_object_set_new(object, "windows", json_integer(measurement->windows));
    json_object_set_new(object, "window_tokens",
                        json_integer(measurement->window_tokens));
    for (unsigned s = 0; s < measurement->settings; s++)
        json_array_append_new(settings, setting_to_json(&measurement->setting[s]));
    json_object_set_new(object, "settings", settings);
    if (measurement->tasks)
        json_object_set_new(object, "hellaswag",
                            json_pack("{s:i, s:f, s:o, s:f, s:f, s:o}", "tasks",
                                      (int)measurement->tasks, "float_accuracy",
                                      measurement->float_accuracy, "int8_accuracy",
                                      json_number(measurement->int8_accuracy),
                                      "accuracy", measurement->accuracy,
                                      "difference_error", measurement->accuracy_error,
                                      "int8_difference_error",
                                      json_number(measurement->int8_accuracy_error)));
    return object;
}

static enum error_code read_number(const json_t *object, const char *name,
                                   bool may_miss, double *value, struct error *err)
{
    const json_t *found = json_object_get(object, name);
    *value = (double)NAN;
    if (json_is_number(found))
        *value = json_number_value(found);
    else if (!may_miss || (found && !json_is_null(found)))
        return error_set(err, ERR_FORMAT, "'%s': expected a number, found %s", name,
                         found ? "something else" : "nothing");
    return OK;
}

static enum error_code read_count(const json_t *object, const char *name,
                                  unsigned *value, struct error *err)
{
    double number;
    if (read_number(object, name, false, &number, err) != OK)
        return err->code;
    if (!(number >= 1 && number <= 1e9))
        return error_set(err, ERR_FORMAT, "'%s': expected 1 to 1e9, found %g", name,
                         number);
    *value = (unsigned)number;
    return OK;
}

static enum error_code read_setting(const json_t *row, struct claim_setting *setting,
                                    struct error *err)
{
    const json_t *energy = json_object_get(row, "energy_per_token");
    for (int q = 0; q < CLAIM_QUANTITIES; q++)
        if (read_number(row, claim_quantity_info[q].name,
                        claim_quantity_info[q].is_optional, &setting->quantity[q],
                        err) != OK)
            return err->code;
    for (int p = 0; p < CLAIM_PRICES; p++) {
        const json_t *rows = json_object_get(energy, claim_prices_name[p]);
        if (json_array_size(rows) != BOUNDARIES)
            return error_set(err, ERR_FORMAT,
                             "energy by '%s': expected %d boundaries, found %zu",
                             claim_prices_name[p], BOUNDARIES, json_array_size(rows));
        for (int b = 0; b < BOUNDARIES; b++)
            for (int v = 0; v < VARIANTS; v++)
                if (read_number(json_array_get(rows, (size_t)b), variant_key[v], true,
                                &setting->nj[p][b][v], err) != OK)
                    return err->code;
    }
    return OK;
}

static enum error_code read_hellaswag(const json_t *object,
                                      struct claim_measurement *measurement,
                                      struct error *err)
{
    if (!object)
        return OK;
    if (read_count(object, "tasks", &measurement->tasks, err) != OK ||
        read_number(object, "float_accuracy", false, &measurement->float_accuracy,
                    err) != OK ||
        read_number(object, "accuracy", false, &measurement->accuracy, err) != OK ||
        read_number(object, "difference_error", false, &measurement->accuracy_error,
                    err) != OK ||
        read_number(object, "int8_accuracy", true, &measurement->int8_accuracy, err) !=
            OK ||
        read_number(object, "int8_difference_error", true,
                    &measurement->int8_accuracy_error, err) != OK)
        return error_wrap(err, "hellaswag");
    return OK;
}

static enum error_code read_measurement(const json_t *object,
                                        struct claim_measurement *measurement,
                                        struct error *err)
{
    for (int t = 0; t < TEXTS; t++) {
        const char *text = json_string_value(json_object_get(object, texts[t].name));
        if (!text)
            return error_set(err, ERR_FORMAT, "'%s': expected a text, found none",
                             texts[t].name);
        snprintf((char *)measurement + texts[t].offset, texts[t].room, "%s", text);
    }
    const json_t *rows = json_object_get(object, "settings");
    size_t settings = json_array_size(rows);
    if (settings < 1 || settings > CLAIM_SETTINGS)
        return error_set(err, ERR_FORMAT, "'settings': expected 1 to %d, found %zu",
                         CLAIM_SETTINGS, settings);
    if (read_count(object, "windows", &measurement->windows, err) != OK ||
        read_count(object, "window_tokens", &measurement->window_tokens, err) != OK ||
        read_hellaswag(json_object_get(object, "hellaswag"), measurement, err) != OK)
        return err->code;
    for (size_t s = 0; s < settings; s++)
        if (read_setting(json_array_get(rows, s), &measurement->setting[s], err) != OK)
            return error_wrap(err, "setting %zu", s + 1);
    measurement->settings = (unsigned)settings;
    return OK;
}

static enum error_code make_room(struct claim_measurements *measurements,
                                 struct error *err)
{
    measurements->count = 0;
    measurements->at = calloc(CLAIM_MEASUREMENTS, sizeof *measurements->at);
    if (!measurements->at)
        return error_memory(err, "measurements",
                            (double)CLAIM_MEASUREMENTS * sizeof *measurements->at);
    return OK;
}

enum error_code claim_measurements_parse(struct claim_measurements *measurements,
                                         const char *bytes, size_t size,
                                         struct error *err)
{
    json_error_t where;
    if (make_room(measurements, err) != OK)
        return err->code;
    json_t *root = json_loadb(bytes, size, 0, &where);
    const json_t *list = json_object_get(root, "measurements");
    const char *format = json_string_value(json_object_get(root, "format"));
    err->code = OK;
    if (!root)
        error_set(err, ERR_FORMAT, "line %d: %s", where.line, where.text);
    else if (!format || strcmp(format, file_format) != 0)
        error_set(err, ERR_FORMAT, "expected format '%s', found '%.40s'", file_format,
                  format ? format : "none");
    else if (!json_is_array(list) || json_array_size(list) > CLAIM_MEASUREMENTS)
        error_set(err, ERR_FORMAT, "expected a list of at most %d measurements",
                  CLAIM_MEASUREMENTS);
    for (size_t i = 0; err->code == OK && i < json_array_size(list); i++)
        if (read_measurement(json_array_get(list, i), &measurements->at[i], err) == OK)
            measurements->count++;
        else
            error_wrap(err, "measurement %zu", i + 1);
    json_decref(root);
    return err->code;
}

enum error_code claim_measurements_open(struct claim_measurements *measurements,
                                        const char *path, bool may_miss,
                                        struct error *err)
{
    enum { ROOM = 1 << 20 };
    *measurements = (struct claim_measurements){ 0 };
    FILE *file = fopen(path, "rb");
    if (!file && errno == ENOENT && may_miss)
        return make_room(measurements, err);
    if (!file)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    char *bytes = malloc(ROOM);
    size_t size = bytes ? fread(bytes, 1, ROOM, file) : 0;
    err->code = OK;
    if (!bytes)
        error_memory(err, path, ROOM);
    else if (ferror(file))
        error_set(err, ERR_IO, "%s: cannot be read", path);
    else if (size == ROOM)
        error_set(err, ERR_FORMAT, "%s: over %d bytes of results", path, ROOM);
    else if (claim_measurements_parse(measurements, bytes, size, err) != OK)
        error_wrap(err, "%s", path);
    fclose(file);
    free(bytes);
    return err->code;
}

void claim_measurements_release(struct claim_measurements *measurements)
{
    free(measurements->at);
    *measurements = (struct claim_measurements){ 0 };
}

enum error_code claim_measurements_put(struct claim_measurements *measurements,
                                       const struct claim_measurement *measurement,
                                       struct error *err)
{
    unsigned at = 0;
    while (at < measurements->count &&
           (strcmp(measurements->at[at].model, measurement->model) != 0 ||
            strcmp(measurements->at[at].text, measurement->text) != 0))
        at++;
    if (at == CLAIM_MEASUREMENTS)
        return error_set(err, ERR_ARGUMENT, "more than %d measurements",
                         CLAIM_MEASUREMENTS);
    if (at == measurements->count)
        measurements->count++;
    memmove(&measurements->at[1], &measurements->at[0], at * sizeof *measurements->at);
    measurements->at[0] = *measurement;
    return OK;
}

enum error_code claim_measurements_store(const struct claim_measurements *measurements,
                                         const char *path, struct error *err)
{
    char beside[1200];
    json_t *list = json_array();
    for (unsigned i = 0; i < measurements->count; i++)
        json_array_append_new(list, claim_measurement_to_json(&measurements->at[i]));
    json_t *root = json_pack("{s:s, s:o}", "format", file_format, "measurements", list);
    snprintf(beside, sizeof beside, "%s.partial", path);
    err->code = OK;
    if (!root)
        error_memory(err, "results", 0);
    else if (json_dump_file(root, beside, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) !=
                 0 ||
             rename(beside, path) != 0) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        remove(beside);
    }
    json_decref(root);
    return err->code;
}
