/* See nir_input.h. */
#include "experiments/nir_input.h"

#include "base/random.h"
#include "sim/spike_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SPIKES = 1 << 26, BLOCK = 4096 };
static const double default_rate_hz = 100;
/* Of a step: times in files are multiples of it, rounded. */
static const double forgiven = 1e-6;

struct input_spike {
    uint64_t step;
    uint32_t unit, neuron;
    int32_t value;
};

struct nir_input {
    struct nir_run *run;
    struct input_spike *spike; /* of the file, by step */
    size_t spikes, next;
    uint64_t file_steps;
    gsl_rng *generator;
    uint64_t seed;
    double chance; /* of a spike in a step */
    bool is_spikes;
    char text[200];
};

static void set_constant(struct nir_input *input, double value)
{
    for (size_t i = 0; i < nir_run_units(input->run); i++) {
        double *to = nir_run_input(input->run, i);
        for (size_t k = 0; to && k < nir_run_unit(input->run, i).size; k++)
            to[k] = value;
    }
}

/* ---- spikes of a file ---- */

/* The Input of a population's name, or the only one; -1: none. */
static int64_t find_unit(const struct nir_run *run, const struct spike_source *source,
                         uint32_t population)
{
    int64_t only = -1;
    size_t inputs = 0;
    for (size_t i = 0; i < nir_run_units(run); i++) {
        const struct nir_unit_info unit = nir_run_unit(run, i);
        if (!unit.is_input)
            continue;
        if (strcmp(unit.name, source->population[population].name) == 0)
            return (int64_t)i;
        only = (int64_t)i;
        inputs++;
    }
    return inputs == 1 && source->populations == 1 ? only : -1;
}

/* Sizes that text seems to have are guesses, so it is spikes that are checked. */
static enum error_code find_units(const struct nir_run *run,
                                  const struct spike_source *source, int64_t *unit,
                                  struct error *err)
{
    bool has_any = false;
    for (uint32_t i = 0; i < source->populations; i++) {
        unit[i] = find_unit(run, source, i);
        has_any |= unit[i] >= 0;
    }
    if (has_any || source->populations == 0)
        return OK;
    return error_set(
        err, ERR_FORMAT,
        "none of its %u populations ('%s', ...) is named as an input of the "
        "graph",
        source->populations, source->population[0].name);
}

static int compare_spikes(const void *a, const void *b)
{
    const struct input_spike *left = a, *right = b;
    return (left->step > right->step) - (left->step < right->step);
}

static enum error_code read_spikes(struct nir_input *input, struct spike_source *source,
                                   const int64_t *unit, double dt_ms, struct error *err)
{
    struct source_spike block[BLOCK];
    for (size_t count = 1; count > 0;) {
        if (spike_source_read(source, block, BLOCK, &count, err) != OK)
            return err->code;
        for (size_t i = 0; i < count && input->spikes < source->spikes; i++) {
            const struct source_spike *spike = &block[i];
            if (unit[spike->population] < 0)
                continue;
            const struct nir_unit_info info =
                nir_run_unit(input->run, (size_t)unit[spike->population]);
            if (spike->neuron >= info.size)
                return error_set(err, ERR_FORMAT,
                                 "neuron %llu of population '%s': input '%s' has %zu",
                                 (unsigned long long)spike->neuron,
                                 source->population[spike->population].name, info.name,
                                 info.size);
            const double step = floor(spike->time_ms / dt_ms + forgiven);
            if (step > UINT32_MAX)
                return error_set(err, ERR_FORMAT, "a spike at %g ms is %g steps away",
                                 spike->time_ms, step);
            input->spike[input->spikes++] =
                (struct input_spike){ (uint64_t)step, (uint32_t)unit[spike->population],
                                      (uint32_t)spike->neuron, spike->value };
        }
    }
    qsort(input->spike, input->spikes, sizeof *input->spike, compare_spikes);
    return OK;
}

static enum error_code read_file(struct nir_input *input, const char *path,
                                 double dt_ms, struct error *err)
{
    struct spike_source source = { 0 };
    int64_t *unit = NULL;
    if (spike_source_open(&source, path, err) != OK)
        return error_wrap(err, "--input");
    const double bytes = (double)source.spikes * sizeof *input->spike;
    if (source.spikes > MOST_SPIKES)
        error_set(err, ERR_ARGUMENT, "%llu spikes: at most %d fit, %.3g GB",
                  (unsigned long long)source.spikes, MOST_SPIKES, bytes / 1e9);
    else if (!(unit = calloc(source.populations + 1, sizeof *unit)) ||
             !(input->spike = calloc(source.spikes + 1, sizeof *input->spike)))
        error_memory(err, "spikes", bytes);
    else if (find_units(input->run, &source, unit, err) == OK &&
             read_spikes(input, &source, unit, dt_ms, err) == OK) {
        const double steps = ceil(source.end_ms / dt_ms - forgiven);
        input->file_steps = steps < UINT32_MAX ? (uint64_t)steps : UINT32_MAX;
        if (input->spikes > 0 &&
            input->spike[input->spikes - 1].step >= input->file_steps)
            input->file_steps = input->spike[input->spikes - 1].step + 1;
        snprintf(input->text, sizeof input->text, "input: %zu spikes of %.100s (%s)",
                 input->spikes, path, source.format);
    }
    free(unit);
    spike_source_close(&source);
    return err->code == OK ? OK : error_wrap(err, "--input %s", path);
}

/* Several spikes of a neuron in one step are added. */
static void fill_from_file(struct nir_input *input, uint64_t step)
{
    const double worth = nir_run_worth(input->run);
    set_constant(input, 0);
    for (; input->next < input->spikes && input->spike[input->next].step == step;
         input->next++) {
        const struct input_spike *spike = &input->spike[input->next];
        nir_run_input(input->run, spike->unit)[spike->neuron] += spike->value * worth;
    }
}

static enum error_code read_options(struct nir_input *input,
                                    const struct options *options, double dt_ms,
                                    struct error *err)
{
    double value = 0, rate = default_rate_hz;
    bool has_rate = option_is_given(options, "input-rate");
    bool has_value = option_is_given(options, "input-value");
    const char *path = option_text(options, "input");
    if (has_rate + has_value + (path != NULL) > 1)
        return error_set(err, ERR_ARGUMENT,
                         "expected one of --input, --input-rate and --input-value");
    if (path) {
        input->is_spikes = true;
        return read_file(input, path, dt_ms, err);
    }
    if (has_value) {
        if (option_number(options, "input-value", -1e12, 1e12, &value, err) != OK)
            return err->code;
        snprintf(input->text, sizeof input->text, "input: the constant %g", value);
        set_constant(input, value);
        return OK;
    }
    if (has_rate && option_number(options, "input-rate", 0, 1e9, &rate, err) != OK)
        return err->code;
    input->is_spikes = true;
    input->chance = -expm1(-rate * dt_ms / 1000);
    snprintf(input->text, sizeof input->text,
             "input: Poisson spikes of %g Hz to every input, %.4g a step", rate,
             input->chance);
    return option_whole(options, "seed", 0, UINT64_MAX, &input->seed, err);
}

enum error_code nir_input_open(struct nir_input **input, const struct options *options,
                               struct nir_run *run, double dt_ms, struct error *err)
{
    struct nir_input *made = calloc(1, sizeof *made);
    *input = NULL;
    err->code = OK;
    if (!made || !(made->generator = gsl_rng_alloc(random_gsl_type)))
        error_memory(err, "the input", sizeof *made);
    else {
        made->run = run;
        read_options(made, options, dt_ms, err);
    }
    if (err->code == OK)
        *input = made;
    else
        nir_input_close(made);
    return err->code;
}

/* At most one spike a neuron and step: the chance that a Poisson process has any. */
enum error_code nir_input_step(struct nir_input *input, uint64_t step,
                               struct error *err)
{
    err->code = OK;
    if (input->spike) {
        fill_from_file(input, step);
        return OK;
    }
    for (size_t i = 0; input->is_spikes && i < nir_run_units(input->run); i++) {
        double *to = nir_run_input(input->run, i);
        for (size_t k = 0; to && k < nir_run_unit(input->run, i).size; k++) {
            const struct random_place place = { .population = (uint32_t)i,
                                                .neuron = (uint32_t)k,
                                                .step = (uint32_t)step };
            random_set(input->generator, input->seed, &place);
            to[k] = gsl_rng_uniform(input->generator) < input->chance
                        ? nir_run_worth(input->run)
                        : 0;
        }
    }
    return err->code;
}

uint64_t nir_input_steps(const struct nir_input *input)
{
    return input->file_steps;
}

bool nir_input_is_spikes(const struct nir_input *input)
{
    return input->is_spikes;
}

const char *nir_input_text(const struct nir_input *input)
{
    return input->text;
}

void nir_input_close(struct nir_input *input)
{
    if (!input)
        return;
    if (input->generator)
        gsl_rng_free(input->generator);
    free(input->spike);
    free(input);
}
