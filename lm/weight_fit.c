/* See weight_fit.h. Inside, a grid is unit * (scale * c + centre) with c = q - 8 in
 * [-8, 7]. */
#include "lm/weight_fit.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LOWEST = -8, HIGHEST = 7, SPAN = HIGHEST - LOWEST, LANES = 16, STEPS = 2 };

struct grid {
    float error; /* squared */
    int32_t scale, centre;
    int8_t c[FIT_MOST];
};

struct fitting {
    const struct kernel *kernel;
    const struct fit_limits *limits;
    const float *values;
    size_t count;
    float unit;
};

struct range {
    float lowest, highest;
};

static struct range range_of(const float *values, size_t count)
{
    struct range range = { values[0], values[0] };
    for (size_t i = 1; i < count; i++) {
        range.lowest = values[i] < range.lowest ? values[i] : range.lowest;
        range.highest = values[i] > range.highest ? values[i] : range.highest;
    }
    return range;
}

/* Of a symmetric grid one end reaches a step further: the largest goes there. */
float weight_fit_unit(const float *values, size_t count, size_t group,
                      const struct fit_limits *limits)
{
    float widest = 0;
    for (size_t first = 0; first < count; first += group) {
        size_t left = count - first;
        struct range r = range_of(values + first, left < group ? left : group);
        float reach = fmaxf(r.highest, -r.lowest);
        widest = fmaxf(widest, limits->has_minimum ? fmaxf(reach, r.highest - r.lowest)
                                                   : reach);
    }
    int steps = limits->has_minimum ? SPAN : -LOWEST;
    float unit = widest / (float)(steps * limits->most);
    return unit < FLT_MIN ? 0 : unit;
}

static float add_lanes(const float lane[LANES])
{
    float sum = 0;
    for (size_t l = 0; l < LANES; l++)
        sum += lane[l];
    return sum;
}

/* By lanes, so that it vectorises. */
static float squared_error(const struct fitting *f, const int8_t *c, float scale,
                           float centre)
{
    float lane[LANES] = { 0 };
    size_t whole = f->count / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++) {
            float off = f->values[i + l] - (scale * (float)c[i + l] + centre);
            lane[l] += off * off;
        }
    for (size_t i = whole; i < f->count; i++) {
        float off = f->values[i] - (scale * (float)c[i] + centre);
        lane[i - whole] += off * off;
    }
    return add_lanes(lane);
}

/* The nearest whole number of units within [lowest, highest]. */
static int32_t whole_units(const struct fitting *f, float value, int32_t lowest,
                           int32_t highest)
{
    float units = rintf(value / f->unit);
    if (!(units > (float)lowest))
        return lowest;
    return units < (float)highest ? (int32_t)units : highest;
}

/* The grid in whole units, kept if it is the best so far. */
static void try_grid(const struct fitting *f, float scale, float centre,
                     struct grid *best)
{
    struct grid grid;
    float shifted[FIT_MOST];
    const int32_t most = f->limits->most, reach = SPAN * most;
    grid.scale = whole_units(f, scale, 1, most);
    grid.centre = f->limits->has_minimum
                      ? whole_units(f, centre, -reach - LOWEST * grid.scale,
                                    reach - HIGHEST * grid.scale)
                      : 0;
    scale = f->unit * (float)grid.scale;
    centre = f->unit * (float)grid.centre;
    for (size_t i = 0; i < f->count; i++)
        shifted[i] = f->values[i] - centre;
    f->kernel->quantise(grid.c, shifted, scale, -LOWEST, f->count);
    for (size_t i = 0; i < f->count; i++)
        grid.c[i] = (int8_t)(grid.c[i] > HIGHEST ? HIGHEST : grid.c[i]);
    grid.error = squared_error(f, grid.c, scale, centre);
    if (grid.error < best->error)
        *best = grid;
}

/* Least squares for the c of the best grid, as long as that helps. */
static void refine(const struct fitting *f, struct grid *best)
{
    const bool has_minimum = f->limits->has_minimum;
    for (int step = 0; step < STEPS; step++) {
        float before = best->error, n = (float)f->count;
        float c = 0, cc = 0, w = 0, wc = 0;
        for (size_t i = 0; i < f->count; i++) {
            float whole = best->c[i];
            c += whole;
            cc += whole * whole;
            w += f->values[i];
            wc += f->values[i] * whole;
        }
        float spread = has_minimum ? n * cc - c * c : cc;
        if (!(spread > 0))
            return;
        float scale = (has_minimum ? n * wc - c * w : wc) / spread;
        try_grid(f, scale, has_minimum ? (w - scale * c) / n : 0, best);
        if (!(best->error < before))
            return;
    }
}

/* One value for all: what is left where they are alike, or too small for a scale. */
static void start_flat(const struct fitting *f, struct grid *best)
{
    const int32_t reach = SPAN * f->limits->most;
    *best = (struct grid){ .scale = 0 };
    if (f->limits->has_minimum)
        best->centre = whole_units(f, f->values[0], -reach, reach);
    best->error = squared_error(f, best->c, 0, f->unit * (float)best->centre);
}

static void search(const struct fitting *f, struct range range, struct grid *best)
{
    /* What rounding to whole units leaves of weights that lie on a grid. */
    float rounding = 2 * f->unit, exact = (float)f->count * rounding * rounding;
    /* Share of the whole range that the grid spans: the more weights, the more it pays
     * to cut the largest. */
    static const float share[] = { 1.0f, 0.95f, 0.9f, 0.85f, 0.8f, 1.06f, 0.75f };
    for (size_t i = 0; i < sizeof share / sizeof share[0]; i++) {
        if (f->limits->has_minimum) {
            float scale = share[i] * (range.highest - range.lowest) / SPAN;
            float middle = range.lowest + 0.5f * (range.highest - range.lowest);
            /* Of the whole range the end itself, which may be on a grid. */
            float centre = share[i] == 1.0f ? range.lowest - LOWEST * scale
                                            : middle + 0.5f * scale;
            try_grid(f, scale, centre, best);
        } else {
            try_grid(f, share[i] * range.lowest / LOWEST, 0, best);
        }
        if (best->error <= exact)
            return;
    }
    refine(f, best);
}

void weight_fit(struct weight_fit *fit, const struct kernel *kernel,
                const float *values, size_t count, float unit,
                const struct fit_limits *limits)
{
    float turned[FIT_MOST];
    struct range range = range_of(values, count);
    struct grid best = { .scale = 0 };
    bool is_turned = !limits->has_minimum && range.highest > -range.lowest;
    for (size_t i = 0; i < count; i++)
        turned[i] = is_turned ? -values[i] : values[i];
    if (is_turned)
        range.lowest = -range.highest;
    if (unit > 0) {
        const struct fitting fitting = { kernel, limits, turned, count, unit };
        start_flat(&fitting, &best);
        search(&fitting, range, &best);
    }
    fit->scale = (int8_t)(is_turned ? -best.scale : best.scale);
    fit->centre = (int16_t)best.centre;
    for (size_t i = 0; i < count; i++)
        fit->whole[i] = (int8_t)(best.c[i] - LOWEST);
}
