/* See nir_input.h. */
#include "experiments/nir_input.h"

#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double default_rate_hz = 100;

struct nir_input {
    struct nir_run *run;
    gsl_rng *generator;
    uint64_t seed;
    double chance; /* of a spike in a step */
    bool is_spikes;
    char text[200];
};

static enum error_code set_constant(struct nir_input *input, double value)
{
    for (size_t i = 0; i < nir_run_units(input->run); i++) {
        double *to = nir_run_input(input->run, i);
        for (size_t k = 0; to && k < nir_run_unit(input->run, i).size; k++)
            to[k] = value;
    }
    return OK;
}

static enum error_code read_options(struct nir_input *input,
                                    const struct options *options, double dt_ms,
                                    struct error *err)
{
    double value = 0, rate = default_rate_hz;
    bool has_rate = option_is_given(options, "input-rate");
    if (option_is_given(options, "input-value")) {
        if (has_rate)
            return error_set(err, ERR_ARGUMENT,
                             "expected one of --input-rate and --input-value");
        if (option_number(options, "input-value", -1e12, 1e12, &value, err) != OK)
            return err->code;
        snprintf(input->text, sizeof input->text, "input: the constant %g", value);
        return set_constant(input, value);
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
    if (input && input->generator)
        gsl_rng_free(input->generator);
    free(input);
}
