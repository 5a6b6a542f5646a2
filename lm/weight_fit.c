/* See weight_fit.h. Inside, a grid is scale * c + centre with c = q - 8 in [-8, 7]. */
#include "lm/weight_fit.h"

#include "lm/block_format.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LOWEST = -8, HIGHEST = 7, LANES = 16, STEPS = 2, LARGEST = 65504 };

struct grid {
    float error; /* squared */
    uint16_t scale, minimum;
    int8_t c[FIT_MOST];
};

struct fitting {
    const struct kernel *kernel;
    const float *values;
    size_t count;
    bool has_minimum;
};

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

/* The grid as 16-bit floats hold it, kept if it is the best so far. */
static void try_grid(const struct fitting *f, float scale, float centre,
                     struct grid *best)
{
    struct grid grid;
    float shifted[FIT_MOST];
    grid.scale = float_to_half(scale);
    grid.minimum = f->has_minimum ? float_to_half(centre + LOWEST * scale) : 0;
    scale = half_to_float(grid.scale);
    float minimum = half_to_float(grid.minimum);
    centre = f->has_minimum ? minimum - LOWEST * scale : 0;
    if (!(scale > 0) || !isfinite(scale) || !isfinite(minimum))
        return;
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
        float spread = f->has_minimum ? n * cc - c * c : cc;
        if (!(spread > 0))
            return;
        float scale = (f->has_minimum ? n * wc - c * w : wc) / spread;
        try_grid(f, scale, f->has_minimum ? (w - scale * c) / n : 0, best);
        if (!(best->error < before))
            return;
    }
}

/* One value for all: what is left where they are alike, or too small for a scale. */
static void start_flat(const struct fitting *f, struct grid *best)
{
    *best = (struct grid){ .minimum = 0 };
    if (f->has_minimum)
        best->minimum = float_to_half(f->values[0]);
    memset(best->c, f->has_minimum ? LOWEST : 0, f->count);
    best->error = squared_error(f, best->c, 0, half_to_float(best->minimum));
}

static void search(const struct fitting *f, float lowest, float highest,
                   struct grid *best)
{
    /* What rounding leaves of weights that were decoded from such a grid. */
    float rounding = 1e-6f * fmaxf(-lowest, highest);
    float exact = (float)f->count * rounding * rounding;
    /* Share of the whole range that the grid spans: the more weights, the more it pays
     * to cut the largest. */
    static const float share[] = { 1.0f, 0.95f, 0.9f, 0.85f, 0.8f, 1.06f, 0.75f };
    for (size_t i = 0; i < sizeof share / sizeof share[0]; i++) {
        if (f->has_minimum) {
            float scale = share[i] * (highest - lowest) / (HIGHEST - LOWEST);
            float middle = lowest + 0.5f * (highest - lowest);
            /* Of the whole range the end itself, which may be on a grid. */
            float centre =
                share[i] == 1.0f ? lowest - LOWEST * scale : middle + 0.5f * scale;
            try_grid(f, scale, centre, best);
        } else {
            try_grid(f, share[i] * lowest / LOWEST, 0, best);
        }
        if (best->error <= exact)
            return;
    }
    refine(f, best);
}

bool weight_fit(struct weight_fit *fit, const struct kernel *kernel,
                const float *values, size_t count, bool has_minimum)
{
    float lowest = values[0], highest = values[0], turned[FIT_MOST];
    for (size_t i = 1; i < count; i++) {
        lowest = values[i] < lowest ? values[i] : lowest;
        highest = values[i] > highest ? values[i] : highest;
    }
    /* A symmetric grid reaches one step further down: the largest goes there. */
    bool is_turned = !has_minimum && highest > -lowest;
    for (size_t i = 0; i < count; i++)
        turned[i] = is_turned ? -values[i] : values[i];
    if (is_turned)
        lowest = -highest;

    const struct fitting fitting = { kernel, turned, count, has_minimum };
    struct grid best;
    if (!(lowest > -LARGEST && highest < LARGEST))
        return false;
    start_flat(&fitting, &best);
    if (best.error > 0)
        search(&fitting, lowest, highest, &best);
    fit->scale = is_turned ? best.scale ^ 0x8000 : best.scale;
    fit->minimum = best.minimum;
    for (size_t i = 0; i < count; i++)
        fit->whole[i] = (int8_t)(best.c[i] - LOWEST);
    return true;
}
