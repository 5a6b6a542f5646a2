/* Affine and Linear: y = W x + b. The weights lie by input, so that an input that is 0
 * costs nothing and an active one is a run of additions; every output is the bias and
 * then the products in rising order of input, whoever works it out. */
#include "sim/nir_unit.h"

#include <string.h>

enum { WEIGHT, BIAS };
/* Outputs a thread takes at a time, and from how many products threads are worth it. */
enum { BLOCK = 256, PARALLEL_FROM = 1 << 17 };

static enum error_code prepare(struct nir_unit *unit, struct arena *arena,
                               const struct nir_settings *settings, struct error *err)
{
    (void)settings;
    const double *weight = nir_param(unit->node, NIR_WEIGHT)->value; /* (out, in) */
    const size_t in = unit->size_in, out = unit->size;
    double *turned = arena_array(arena, in * out, sizeof *turned); /* (in, out) */
    unit->column[WEIGHT] = turned;
    unit->column[BIAS] = nir_unit_spread(arena, unit->node, NIR_BIAS, out, 0);
    unit->active = arena_array(arena, in, sizeof *unit->active);
    if (!turned || !unit->column[BIAS] || !unit->active)
        return error_memory(err, unit->name, (double)in * (double)out * sizeof *turned);
    for (size_t i = 0; i < out; i++)
        for (size_t k = 0; k < in; k++)
            turned[k * out + i] = weight[i * in + k];
    return OK;
}

static void add_rows(struct nir_unit *unit, size_t active, size_t first, size_t end)
{
    const size_t out = unit->size;
    memcpy(unit->out + first, unit->column[BIAS] + first,
           (end - first) * sizeof *unit->out);
    for (size_t k = 0; k < active; k++) {
        const size_t input = unit->active[k];
        const double x = unit->in[input], *row = unit->column[WEIGHT] + input * out;
        for (size_t i = first; i < end; i++)
            unit->out[i] += x * row[i];
    }
}

static void step(struct nir_unit *unit)
{
    const size_t active = nir_unit_active(unit), out = unit->size;
    const size_t blocks = (out + BLOCK - 1) / BLOCK;
    unit->additions += (uint64_t)active * out;
#pragma omp parallel for num_threads(unit->threads)                                    \
    schedule(static) if (blocks > 1 && active * out >= PARALLEL_FROM)
    for (size_t block = 0; block < blocks; block++) {
        const size_t first = block * BLOCK;
        add_rows(unit, active, first, first + BLOCK < out ? first + BLOCK : out);
    }
}

const struct nir_operation nir_matrix_operation = { .prepare = prepare, .step = step };
