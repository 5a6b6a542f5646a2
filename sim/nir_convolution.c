/* Conv1d, Conv2d and the two poolings over (channels, height, width), Conv1d with a
 * height of 1. Convolution goes from each input that is not 0 to the outputs whose
 * windows hold it; threads own channels of the output. */
#include "sim/nir_unit.h"

enum { WEIGHT, BIAS };
enum { PARALLEL_FROM = 1 << 12 }; /* active inputs times channels */

static enum error_code prepare(struct nir_unit *unit, struct arena *arena,
                               const struct nir_settings *settings, struct error *err)
{
    (void)settings;
    if (nir_windows(unit->node, unit->window, err) != OK)
        return err->code;
    const size_t channels = unit->node->out.size[0];
    unit->groups = (size_t)nir_param_dimension(unit->node, NIR_GROUPS, 0, 1);
    unit->column[BIAS] = nir_unit_spread(arena, unit->node, NIR_BIAS, channels, 0);
    unit->active = arena_array(arena, unit->size_in, sizeof *unit->active);
    if (!unit->column[BIAS] || !unit->active)
        return error_memory(err, unit->name,
                            (double)unit->size_in * sizeof *unit->active);
    return OK;
}

/* Where the element at `at` is kernel element k of the window of an output; false: of
 * none. */
static bool window_output(const struct nir_window *window, size_t at, size_t k,
                          size_t *out)
{
    const size_t shifted = at + window->before, reach = k * window->dilation;
    if (shifted < reach || (shifted - reach) % window->stride != 0)
        return false;
    *out = (shifted - reach) / window->stride;
    return *out < window->out;
}

/* What one input adds to one channel of the output; returns how many additions. */
static size_t spread_input(const struct nir_unit *unit, const double *kernel,
                           const size_t at[NIR_SPATIAL], double x, double *plane)
{
    const struct nir_window *rows = &unit->window[0], *columns = &unit->window[1];
    size_t additions = 0;
    for (size_t i = 0; i < rows->kernel; i++) {
        size_t row, column;
        if (!window_output(rows, at[0], i, &row))
            continue;
        for (size_t k = 0; k < columns->kernel; k++) {
            if (!window_output(columns, at[1], k, &column))
                continue;
            plane[row * columns->out + column] += x * kernel[i * columns->kernel + k];
            additions++;
        }
    }
    return additions;
}

static size_t fill_channel(const struct nir_unit *unit, size_t channel, size_t active)
{
    const struct nir_window *window = unit->window;
    const size_t plane_in = window[0].in * window[1].in;
    const size_t plane_out = window[0].out * window[1].out;
    const size_t kernel = window[0].kernel * window[1].kernel;
    const size_t inputs = unit->size_in / plane_in / unit->groups; /* of a group */
    const size_t group = channel / (unit->node->out.size[0] / unit->groups);
    const double *weight =
        nir_param(unit->node, NIR_WEIGHT)->value + channel * inputs * kernel;
    double *plane = unit->out + channel * plane_out;
    size_t additions = 0;
    for (size_t i = 0; i < plane_out; i++)
        plane[i] = unit->column[BIAS][channel];
    for (size_t i = 0; i < active; i++) {
        const size_t index = unit->active[i], from = index / plane_in;
        if (from / inputs != group)
            continue;
        const size_t at[NIR_SPATIAL] = { index % plane_in / window[1].in,
                                         index % window[1].in };
        additions += spread_input(unit, weight + from % inputs * kernel, at,
                                  unit->in[index], plane);
    }
    return additions;
}

static void step(struct nir_unit *unit)
{
    const size_t active = nir_unit_active(unit), channels = unit->node->out.size[0];
    uint64_t additions = 0;
#pragma omp parallel for num_threads(unit->threads) schedule(static) \
    reduction(+ : additions) if (active * channels >= PARALLEL_FROM)
    for (size_t channel = 0; channel < channels; channel++)
        additions += fill_channel(unit, channel, active);
    unit->additions += additions;
}

const struct nir_operation nir_convolution_operation = { .prepare = prepare,
                                                         .step = step };

/* ---- pooling: padding counts as zeros, also in the average ---- */

static enum error_code prepare_pool(struct nir_unit *unit, struct arena *arena,
                                    const struct nir_settings *settings,
                                    struct error *err)
{
    (void)arena;
    (void)settings;
    return nir_windows(unit->node, unit->window, err);
}

static double pool(const struct nir_window *window, const double *plane, size_t row,
                   size_t column)
{
    double sum = 0;
    for (size_t i = 0; i < window[0].kernel; i++)
        for (size_t k = 0; k < window[1].kernel; k++) {
            const size_t y = row * window[0].stride + i,
                         x = column * window[1].stride + k;
            if (y >= window[0].before && y - window[0].before < window[0].in &&
                x >= window[1].before && x - window[1].before < window[1].in)
                sum +=
                    plane[(y - window[0].before) * window[1].in + x - window[1].before];
        }
    return sum;
}

static void step_pool(struct nir_unit *unit)
{
    const struct nir_window *window = unit->window;
    const size_t plane_in = window[0].in * window[1].in;
    const size_t plane_out = window[0].out * window[1].out;
    const bool is_average = unit->node->type == &nir_types[NIR_AVG_POOL_2D];
    const double share =
        is_average ? 1 / (double)(window[0].kernel * window[1].kernel) : 1;
    for (size_t i = 0; i < unit->size; i++)
        unit->out[i] = share * pool(window, unit->in + i / plane_out * plane_in,
                                    i % plane_out / window[1].out, i % window[1].out);
}

const struct nir_operation nir_pool_operation = { .prepare = prepare_pool,
                                                  .step = step_pool };
