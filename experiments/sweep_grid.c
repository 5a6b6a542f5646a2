/* See sweep_grid.h. */
#include "experiments/sweep_grid.h"

#include "encoders/encoder.h"
#include "neurons/neuron_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum axis_kind { AXIS_NUMBER, AXIS_TEXT, AXIS_PLUGIN, AXIS_LIST };

static const struct {
    const char *name;
    enum axis_kind kind;
} axis_info[SWEEP_AXES] = {
    { "neuron", AXIS_PLUGIN },    { "encoder", AXIS_PLUGIN },
    { "spike", AXIS_LIST },       { "head", AXIS_TEXT },
    { "engine", AXIS_TEXT },      { "threshold", AXIS_NUMBER },
    { "clamp", AXIS_TEXT },       { "threshold-group", AXIS_NUMBER },
    { "window", AXIS_NUMBER },    { "dt", AXIS_NUMBER },
    { "dead-zone", AXIS_NUMBER }, { "k", AXIS_NUMBER },
};

/* Length of the first value of a list; a piece that assigns without naming a plug-in
 * belongs to the plug-in before it. */
static size_t value_length(const char *text, enum axis_kind kind)
{
    size_t length = strcspn(text, ",");
    while (kind == AXIS_PLUGIN && text[length] == ',') {
        const char *piece = text + length + 1;
        if (piece[strcspn(piece, ":=,")] != '=')
            break;
        length += 1 + strcspn(piece, ",");
    }
    return length;
}

/* One value in its one form, malloc'ed; NULL: not a value of the kind. A number may be
 * left to the program: "auto". */
static char *canonical(enum axis_kind kind, const char *text, size_t length)
{
    char number[32], *end = NULL;
    char *value = length > 0 ? strndup(text, length) : NULL;
    for (char *c = value; kind == AXIS_LIST && c && *c; c++)
        *c = *c == '+' ? ',' : *c;
    if (!value || kind != AXIS_NUMBER || strcmp(value, "auto") == 0)
        return value;
    double x = strtod(value, &end);
    bool is_number = end != value && *end == '\0' && isfinite(x);
    free(value);
    snprintf(number, sizeof number, "%.12g", x);
    return is_number ? strdup(number) : NULL;
}

static enum error_code add_value(struct sweep_axis *axis, enum axis_kind kind,
                                 const char *text, size_t length, struct error *err)
{
    char *value = canonical(kind, text, length);
    if (!value)
        return error_set(err, ERR_ARGUMENT,
                         "--%s: expected %s with commas between, found '%.80s'",
                         axis->name, kind == AXIS_NUMBER ? "numbers" : "values", text);
    if (axis->values == SWEEP_VALUES)
        error_set(err, ERR_ARGUMENT, "--%s: more than %d values", axis->name,
                  SWEEP_VALUES);
    for (unsigned v = 0; v < axis->values && err->code == OK; v++)
        if (strcmp(axis->value[v], value) == 0)
            error_set(err, ERR_ARGUMENT, "--%s: '%.80s' is listed twice", axis->name,
                      value);
    if (err->code != OK) {
        free(value);
        return err->code;
    }
    axis->value[axis->values++] = value;
    return OK;
}

/* The n-th plug-in of the axis, or NULL. */
static const char *plugin_name(const struct sweep_axis *axis, unsigned n)
{
    if (strcmp(axis->name, "neuron") == 0)
        return neuron_models[n] ? neuron_models[n]->name : NULL;
    return encoders[n] ? encoders[n]->name : NULL;
}

static enum error_code read_axis(struct sweep_axis *axis, enum axis_kind kind,
                                 const char *text, struct error *err)
{
    if (kind == AXIS_PLUGIN && strcmp(text, "all") == 0) {
        const char *name;
        for (unsigned n = 0; (name = plugin_name(axis, n)); n++)
            if (add_value(axis, kind, name, strlen(name), err) != OK)
                return err->code;
        return OK;
    }
    for (const char *at = text; at;) {
        size_t length = value_length(at, kind);
        if (add_value(axis, kind, at, length, err) != OK)
            return err->code;
        at = at[length] ? at + length + 1 : NULL;
    }
    return OK;
}

enum error_code sweep_grid_read(struct sweep_grid *grid, const struct options *options,
                                struct error *err)
{
    *grid = (struct sweep_grid){ .points = 1 };
    err->code = OK;
    for (int a = 0; a < SWEEP_AXES; a++) {
        struct sweep_axis *axis = &grid->axis[a];
        axis->name = axis_info[a].name;
        if (read_axis(axis, axis_info[a].kind, option_text(options, axis->name), err) !=
            OK)
            return err->code;
        if (axis->values > SWEEP_POINTS_MAX / grid->points)
            return error_set(err, ERR_ARGUMENT, "a grid of more than %d points",
                             SWEEP_POINTS_MAX);
        grid->points *= axis->values ? axis->values : 1;
    }
    return OK;
}

void sweep_grid_release(struct sweep_grid *grid)
{
    for (int a = 0; a < SWEEP_AXES; a++)
        for (unsigned v = 0; v < grid->axis[a].values; v++)
            free(grid->axis[a].value[v]);
    *grid = (struct sweep_grid){ 0 };
}

/* The value of every axis; NULL: not set. */
static void values_of(const struct sweep_grid *grid, uint32_t point,
                      const char *value[SWEEP_AXES])
{
    for (int a = SWEEP_AXES - 1; a >= 0; a--) {
        const struct sweep_axis *axis = &grid->axis[a];
        value[a] = axis->values ? axis->value[point % axis->values] : NULL;
        point /= axis->values ? axis->values : 1;
    }
}

void sweep_grid_set(const struct sweep_grid *grid, uint32_t point,
                    struct options *options)
{
    const char *value[SWEEP_AXES];
    values_of(grid, point, value);
    for (int a = 0; a < SWEEP_AXES; a++)
        options_set(options, grid->axis[a].name, value[a]);
}

json_t *sweep_grid_point(const struct sweep_grid *grid, uint32_t point)
{
    const char *value[SWEEP_AXES];
    json_t *object = json_object();
    values_of(grid, point, value);
    for (int a = 0; a < SWEEP_AXES; a++)
        if (value[a])
            json_object_set_new(object, grid->axis[a].name, json_string(value[a]));
    return object;
}

json_t *sweep_grid_axes(const struct sweep_grid *grid)
{
    json_t *object = json_object();
    for (int a = 0; a < SWEEP_AXES; a++) {
        json_t *list = json_array();
        for (unsigned v = 0; v < grid->axis[a].values; v++)
            json_array_append_new(list, json_string(grid->axis[a].value[v]));
        json_object_set_new(object, grid->axis[a].name, list);
    }
    return object;
}

bool sweep_grid_varies(const struct sweep_grid *grid, const char *name)
{
    for (int a = 0; a < SWEEP_AXES; a++)
        if (strcmp(grid->axis[a].name, name) == 0)
            return grid->axis[a].values > 1;
    return false;
}

static const char *value_in(const json_t *point, const char *name)
{
    const char *text = json_string_value(json_object_get(point, name));
    return text ? text : "";
}

void sweep_grid_label(const struct sweep_grid *grid, const json_t *point, char *text,
                      size_t room)
{
    const char *threshold = value_in(point, "threshold");
    size_t used = 0;
    snprintf(text, room, "%s, %s, %s %s", value_in(point, "neuron"),
             value_in(point, "encoder"), *threshold ? "V" : "k",
             *threshold ? threshold : value_in(point, "k"));
    for (int a = 0; a < SWEEP_AXES; a++) {
        const char *name = grid->axis[a].name;
        bool is_said = strcmp(name, "neuron") == 0 || strcmp(name, "encoder") == 0 ||
                       strcmp(name, *threshold ? "threshold" : "k") == 0;
        used = strlen(text);
        if (!is_said && grid->axis[a].values > 1)
            snprintf(text + used, room - used, ", %s %s", name, value_in(point, name));
    }
}
