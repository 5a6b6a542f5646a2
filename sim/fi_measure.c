/* See fi_curve.h: running a model at constant drives. */
#include "base/arena.h"
#include "neurons/population.h"
#include "sim/fi_curve.h"

#include <math.h>

struct trial {
    struct population population;
    const double *input[NEURON_MAX_INPUTS];
    struct spike *fired;
    uint64_t *steady;      /* (count) spikes from settle_ms on */
    double *first, *final; /* (count) of those, ends of their steps in ms */
};

const struct field *fi_input(const struct fi_settings *settings)
{
    const struct neuron_model *model = settings->model;
    if (!settings->input)
        return &model->inputs[model->drive];
    int port = field_find(model->inputs, settings->input);
    return port < 0 ? NULL : &model->inputs[port];
}

static enum error_code check(const struct fi_settings *settings, struct error *err)
{
    if (!fi_input(settings))
        return error_set(err, ERR_ARGUMENT, "%s: no input '%s'", settings->model->name,
                         settings->input);
    bool is_good = settings->dt_ms > 0 && settings->window_ms >= settings->dt_ms &&
                   settings->settle_ms >= 0 &&
                   settings->settle_ms < settings->window_ms &&
                   settings->window_ms / settings->dt_ms < 1e9;
    if (is_good)
        return OK;
    return error_set(
        err, ERR_ARGUMENT,
        "%s: expected 0 < dt <= window and settle < window, found dt %g ms, "
        "window %g ms, settle %g ms",
        settings->model->name, settings->dt_ms, settings->window_ms,
        settings->settle_ms);
}

static bool allocate(struct trial *trial, struct arena *arena,
                     const struct fi_settings *settings, const struct fi_point *point,
                     size_t points)
{
    const struct neuron_model *model = settings->model;
    const struct field *driven = fi_input(settings);
    double initial[NEURON_MAX_PARAMS];
    field_defaults(model->params, initial);
    if (!population_init(&trial->population, arena, model, points, settings->dt_ms,
                         settings->param ? settings->param : initial))
        return false;
    for (size_t port = 0; model->inputs[port].name; port++) {
        double *column = arena_array(arena, points, sizeof *column);
        if (!column)
            return false;
        for (size_t i = 0; &model->inputs[port] == driven && i < points; i++)
            column[i] = point[i].drive;
        trial->input[port] = column;
    }
    if (settings->level > 0) {
        double *level = arena_array(arena, points, sizeof *level);
        if (!level)
            return false;
        for (size_t i = 0; i < points; i++)
            level[i] = settings->level;
        trial->population.level = level;
    }
    trial->fired = arena_array(arena, points, sizeof *trial->fired);
    trial->steady = arena_array(arena, points, sizeof *trial->steady);
    trial->first = arena_array(arena, points, sizeof *trial->first);
    trial->final = arena_array(arena, points, sizeof *trial->final);
    return trial->fired && trial->steady && trial->first && trial->final;
}

static void run(struct trial *trial, const struct fi_settings *settings,
                struct fi_point *point)
{
    uint64_t steps = (uint64_t)llround(settings->window_ms / settings->dt_ms);
    for (uint64_t step = 0; step < steps; step++) {
        size_t spikes =
            settings->model->step(&trial->population, trial->input, trial->fired);
        double now = (double)(step + 1) * settings->dt_ms;
        for (size_t i = 0; i < spikes; i++) {
            size_t neuron = trial->fired[i].neuron;
            struct fi_point *p = &point[neuron];
            if (p->spikes++ == 0)
                p->first_ms = now;
            p->last_ms = now;
            if (now <= settings->settle_ms)
                continue;
            if (trial->steady[neuron]++ == 0)
                trial->first[neuron] = now;
            trial->final[neuron] = now;
        }
    }
}

static enum error_code check_state(const struct trial *trial,
                                   const struct fi_settings *settings,
                                   const struct fi_point *point, struct error *err)
{
    const struct neuron_model *model = settings->model;
    for (size_t i = 0; model->state_vars[i].name; i++)
        for (size_t neuron = 0; neuron < trial->population.count; neuron++)
            if (!isfinite(trial->population.state[i][neuron]))
                return error_set(err, ERR_ARGUMENT,
                                 "%s: %s is not finite after a drive of %g %s: the "
                                 "step of %g ms is too long for it",
                                 model->name, model->state_vars[i].name,
                                 point[neuron].drive, fi_input(settings)->unit,
                                 trial->population.dt_ms);
    return OK;
}

enum error_code fi_measure(const struct fi_settings *settings, struct fi_point *point,
                           size_t points, struct error *err)
{
    struct arena arena = { 0 };
    struct trial trial = { 0 };
    if (check(settings, err) != OK)
        return err->code;
    if (!allocate(&trial, &arena, settings, point, points)) {
        error_memory(err, "neurons of an f-I curve", (double)points);
        goto out;
    }
    if (population_check(&trial.population, settings->model, err) != OK)
        goto out;
    for (size_t i = 0; i < points; i++)
        point[i] = (struct fi_point){ .drive = point[i].drive,
                                      .first_ms = (double)NAN,
                                      .last_ms = (double)NAN };
    population_prepare(&trial.population, settings->model);
    run(&trial, settings, point);
    if (check_state(&trial, settings, point, err) != OK)
        goto out;
    double half = 0.5 * (settings->settle_ms + settings->window_ms);
    for (size_t i = 0; i < points; i++) {
        point[i].rate_hz = 1000.0 * (double)point[i].spikes / settings->window_ms;
        if (trial.steady[i] > 1 && trial.final[i] > half)
            point[i].steady_hz = 1000.0 * (double)(trial.steady[i] - 1) /
                                 (trial.final[i] - trial.first[i]);
    }
    err->code = OK;
out:
    arena_free(&arena);
    return err->code;
}
