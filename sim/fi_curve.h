/* How fast a neuron fires at a constant drive: its f-I curve, the rheobase (the smallest
 * drive that makes it fire) and the inverse of the curve.
 *
 * Every drive of a curve is one neuron of one population, so a curve costs one run. The
 * drive is in the unit of the input it goes into: a current lasts the step, a jump comes
 * once a step. Neurons start at rest and the drive begins with the first step. */
#ifndef SIM_FI_CURVE_H
#define SIM_FI_CURVE_H

#include "base/error.h"
#include "neurons/neuron_model.h"

#include <stddef.h>
#include <stdint.h>

struct fi_settings {
    const struct neuron_model *model;
    const double *param; /* one value per model->params entry; NULL: the defaults */
    const char *input;   /* of model->inputs; NULL: model->drive */
    double dt_ms;
    double window_ms; /* how long a drive is held */
    double settle_ms; /* spikes before this are left out of the steady rate */
    double level;     /* for models that follow levels; 0: the model's own threshold */
};

struct fi_point {
    double drive;
    uint64_t spikes; /* in the window */
    double rate_hz;  /* spikes / window */
    double
        steady_hz; /* of the intervals that begin after settle_ms; 0: there is none, or
                       * the last half of what follows settle_ms is silent */
    double first_ms, last_ms; /* ends of the steps that fired; NaN: none */
};

/* The input that the drive goes into, or NULL: the model has none of that name. */
const struct field *fi_input(const struct fi_settings *settings);

/* Fills in all but `drive`, which the caller sets. A state that leaves the finite numbers
 * is an error that names the drive. */
enum error_code fi_measure(const struct fi_settings *settings, struct fi_point *point,
                           size_t points, struct error *err);

enum fi_onset {
    FI_FIRES,  /* at least one spike in the window */
    FI_REPEATS /* steady_hz above 0: repetitive firing */
};

/* Smallest drive with that onset, to a relative 1e-9, by doubling and GSL's bisection (a
 * count of spikes has no slope to follow). Below 0 for a model that fires without drive.
 * The window bounds what can be seen: a model whose interval grows as 1 / sqrt(drive -
 * rheobase) has a true rheobase below the measured one. Error: no drive up to the
 * input's maximum does it. */
enum error_code fi_rheobase(const struct fi_settings *settings, enum fi_onset onset,
                            double *rheobase, struct error *err);
/* A drive above the rheobase whose steady rate reaches rate_hz, or else the drive of the
 * highest rate found while doubling the distance to the rheobase. */
enum error_code fi_drive_for(const struct fi_settings *settings, double rheobase,
                             double rate_hz, double *drive, struct error *err);

/* A measured curve; its inverse covers the part from the last silent drive on in which
 * the steady rate rises strictly. Interpolated with GSL's Steffen method, which keeps
 * monotone data monotone; the two directions agree at the measured points. */
struct fi_curve;

/* drive (points), rising. Needs two rates above 0 that rise. */
enum error_code fi_curve_create(struct fi_curve **curve,
                                const struct fi_settings *settings, const double *drive,
                                size_t points, struct error *err);
void fi_curve_free(struct fi_curve *curve); /* NULL is allowed */
const struct fi_point *fi_curve_points(const struct fi_curve *curve, size_t *points);
/* Steady rate; drives outside the measured range count as its ends. */
double fi_curve_rate(const struct fi_curve *curve, double drive);
/* The drive of a rate; rates outside of what can be inverted count as its ends. */
double fi_curve_drive(const struct fi_curve *curve, double rate_hz);
/* The rates that can be inverted. */
void fi_curve_span(const struct fi_curve *curve, double *lowest_hz, double *highest_hz);

#endif
