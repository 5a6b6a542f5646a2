/* The classical fourth-order Runge-Kutta step, inlined with its slope: for the models
 * without a closed form. Source: Kutta (1901). */
#ifndef NEURONS_RUNGE_KUTTA_H
#define NEURONS_RUNGE_KUTTA_H

enum { RUNGE_KUTTA_MAX = 2 };

typedef void slope_function(const void *constants, const double *y, double *slope);

/* y (n) from t to t + h; n <= RUNGE_KUTTA_MAX. */
static inline void runge_kutta_step(slope_function *slope, const void *constants,
                                    unsigned n, double h, double *y)
{
    double k[4][RUNGE_KUTTA_MAX], at[RUNGE_KUTTA_MAX];
    slope(constants, y, k[0]);
    for (unsigned i = 0; i < n; i++)
        at[i] = y[i] + 0.5 * h * k[0][i];
    slope(constants, at, k[1]);
    for (unsigned i = 0; i < n; i++)
        at[i] = y[i] + 0.5 * h * k[1][i];
    slope(constants, at, k[2]);
    for (unsigned i = 0; i < n; i++)
        at[i] = y[i] + h * k[2][i];
    slope(constants, at, k[3]);
    for (unsigned i = 0; i < n; i++)
        y[i] += h / 6 * (k[0][i] + 2 * (k[1][i] + k[2][i]) + k[3][i]);
}

#endif
