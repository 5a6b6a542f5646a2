/* See fi_curve.h: where firing begins. */
#include "sim/fi_curve.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>

struct search {
    const struct fi_settings *settings;
    enum fi_onset onset;
    struct error *err;
};

/* 1: fires as asked at this drive, -1: does not, 0: failed. */
static int try_drive(const struct search *search, double drive)
{
    struct fi_point point = { .drive = drive };
    if (fi_measure(search->settings, &point, 1, search->err) != OK)
        return 0;
    bool is_firing = search->onset == FI_FIRES ? point.spikes > 0 : point.steady_hz > 0;
    return is_firing ? 1 : -1;
}

/* Doubles a drive of that sign until it answers `wanted`; *from is the last that did
 * not. */
static enum error_code walk(const struct search *search, double sign, int wanted,
                            double *from, double *to)
{
    const struct field *input = fi_input(search->settings);
    const double end = sign > 0 ? input->maximum : -input->minimum;
    static const double smallest = 1.0 / 1048576;
    for (double size = smallest; size <= end; size *= 2) {
        int answer = try_drive(search, sign * size);
        if (answer == 0)
            return error_wrap(search->err, "rheobase");
        *to = sign * size;
        if (answer == wanted)
            return OK;
        *from = *to;
    }
    return error_set(search->err, ERR_ARGUMENT,
                     "%s: rheobase: found none from 0 to %g %s with dt %g ms and a "
                     "window of %g ms",
                     search->settings->model->name, sign * end, input->unit,
                     search->settings->dt_ms, search->settings->window_ms);
}

static double function(double drive, void *context)
{
    int answer = try_drive(context, drive);
    return answer == 0 ? (double)NAN : answer;
}

static enum error_code bisect(struct search *search, double low, double high,
                              double *rheobase)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_bisection);
    if (!solver)
        return error_memory(search->err, "root finder", 0);
    gsl_function f = { .function = function, .params = search };
    int status = gsl_root_fsolver_set(solver, &f, low, high);
    while (status == GSL_SUCCESS) {
        status = gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                   gsl_root_fsolver_x_upper(solver), 0,
                                   1e-9) == GSL_SUCCESS)
            break;
    }
    /* The upper end is the side that fires. */
    *rheobase = gsl_root_fsolver_x_upper(solver);
    gsl_root_fsolver_free(solver);
    if (status == GSL_SUCCESS)
        return OK;
    if (search->err->code == OK)
        error_set(search->err, ERR_ARGUMENT, "%s", gsl_strerror(status));
    return error_wrap(search->err, "rheobase");
}

enum error_code fi_rheobase(const struct fi_settings *settings, enum fi_onset onset,
                            double *rheobase, struct error *err)
{
    struct search search = { settings, onset, err };
    double low = 0, high = 0;
    err->code = OK;
    int at_zero = try_drive(&search, 0);
    if (at_zero == 0)
        return err->code;
    if (at_zero < 0 && walk(&search, 1, 1, &low, &high) != OK)
        return err->code;
    if (at_zero > 0 && walk(&search, -1, -1, &high, &low) != OK)
        return err->code;
    return bisect(&search, low, high, rheobase);
}

enum error_code fi_drive_for(const struct fi_settings *settings, double rheobase,
                             double rate_hz, double *drive, struct error *err)
{
    const struct field *input = fi_input(settings);
    double best = -1, distance = fmax(fabs(rheobase), 1e-3) / 64;
    for (int doubling = 0; doubling < 24; doubling++, distance *= 2) {
        struct fi_point point = { .drive = rheobase + distance };
        if (!input || point.drive > input->maximum)
            break;
        /* A drive too strong for the step ends the search, not the work. */
        struct error too_strong = { 0 };
        if (fi_measure(settings, &point, 1, &too_strong) != OK)
            break;
        if (point.steady_hz > best) {
            best = point.steady_hz;
            *drive = point.drive;
        }
        if (point.steady_hz >= rate_hz)
            break;
        /* Past the summit: the membrane no longer comes back between spikes. */
        if (best > 0 && point.steady_hz < 0.5 * best)
            break;
    }
    if (best > 0)
        return OK;
    return error_set(err, ERR_ARGUMENT, "%s: does not fire repeatedly above %g %s",
                     settings->model->name, rheobase, input ? input->unit : "");
}
