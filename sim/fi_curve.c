/* See fi_curve.h: the curve between its points, both ways. */
#include "sim/fi_curve.h"

#include "base/arena.h"

#include <gsl/gsl_interp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fi_curve {
    struct arena arena;
    struct fi_point *point;
    double *drive, *rate; /* (points) */
    size_t points;
    size_t first, rising; /* the part that can be inverted */
    gsl_interp *forward, *inverse;
};

void fi_curve_free(struct fi_curve *curve)
{
    if (!curve)
        return;
    if (curve->forward)
        gsl_interp_free(curve->forward);
    if (curve->inverse)
        gsl_interp_free(curve->inverse);
    arena_free(&curve->arena);
    free(curve);
}

/* Steffen's method needs three points, a line two. */
static gsl_interp *interpolate(const double *x, const double *y, size_t points)
{
    gsl_interp *interp =
        gsl_interp_alloc(points > 2 ? gsl_interp_steffen : gsl_interp_linear, points);
    if (interp && gsl_interp_init(interp, x, y, points) == 0)
        return interp;
    if (interp)
        gsl_interp_free(interp);
    return NULL;
}

static void find_rising(struct fi_curve *curve)
{
    size_t first = 0;
    while (first < curve->points && !(curve->rate[first] > 0))
        first++;
    curve->first = first;
    curve->rising = first < curve->points;
    while (first + curve->rising < curve->points &&
           curve->rate[first + curve->rising] > curve->rate[first + curve->rising - 1])
        curve->rising++;
}

static enum error_code check_drives(const struct fi_settings *settings,
                                    const double *drive, size_t points,
                                    struct error *err)
{
    for (size_t i = 0; i < points; i++)
        if (!isfinite(drive[i]) || (i > 0 && !(drive[i] > drive[i - 1])))
            return error_set(err, ERR_ARGUMENT,
                             "%s: f-I curve: expected rising drives, found %g at %zu",
                             settings->model->name, drive[i], i);
    return OK;
}

enum error_code fi_curve_create(struct fi_curve **curve,
                                const struct fi_settings *settings, const double *drive,
                                size_t points, struct error *err)
{
    *curve = NULL;
    if (check_drives(settings, drive, points, err) != OK)
        return err->code;
    struct fi_curve *made = calloc(1, sizeof *made);
    if (!made)
        return error_memory(err, "f-I curve", sizeof *made);
    made->points = points;
    made->point = arena_array(&made->arena, points, sizeof *made->point);
    made->drive = arena_array(&made->arena, points, sizeof *made->drive);
    made->rate = arena_array(&made->arena, points, sizeof *made->rate);
    if (!made->point || !made->drive || !made->rate) {
        error_memory(err, "f-I curve", (double)points * sizeof *made->point);
        goto failed;
    }
    for (size_t i = 0; i < points; i++)
        made->point[i].drive = made->drive[i] = drive[i];
    if (fi_measure(settings, made->point, points, err) != OK)
        goto failed;
    for (size_t i = 0; i < points; i++)
        made->rate[i] = made->point[i].steady_hz;
    find_rising(made);
    if (made->rising < 2) {
        error_set(
            err, ERR_ARGUMENT,
            "%s: f-I curve: expected two rising rates from %g to %g %s, found %zu",
            settings->model->name, points ? drive[0] : 0,
            points ? drive[points - 1] : 0, fi_input(settings)->unit, made->rising);
        goto failed;
    }
    made->forward = interpolate(made->drive, made->rate, points);
    made->inverse =
        interpolate(made->rate + made->first, made->drive + made->first, made->rising);
    if (!made->forward || !made->inverse) {
        error_memory(err, "interpolation", (double)points);
        goto failed;
    }
    *curve = made;
    return OK;
failed:
    fi_curve_free(made);
    return err->code;
}

const struct fi_point *fi_curve_points(const struct fi_curve *curve, size_t *points)
{
    *points = curve->points;
    return curve->point;
}

static double within(double x, double lowest, double highest)
{
    return fmin(fmax(x, lowest), highest);
}

double fi_curve_rate(const struct fi_curve *curve, double drive)
{
    double x = within(drive, curve->drive[0], curve->drive[curve->points - 1]);
    return gsl_interp_eval(curve->forward, curve->drive, curve->rate, x, NULL);
}

double fi_curve_drive(const struct fi_curve *curve, double rate_hz)
{
    double lowest, highest;
    fi_curve_span(curve, &lowest, &highest);
    return gsl_interp_eval(curve->inverse, curve->rate + curve->first,
                           curve->drive + curve->first,
                           within(rate_hz, lowest, highest), NULL);
}

void fi_curve_span(const struct fi_curve *curve, double *lowest_hz, double *highest_hz)
{
    *lowest_hz = curve->rate[curve->first];
    *highest_hz = curve->rate[curve->first + curve->rising - 1];
}
