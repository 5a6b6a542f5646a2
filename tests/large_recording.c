/* See large_recording.h. */
#include "tests/large_recording.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { KINDS = 6, SLICE = 10 };

struct large {
    struct population_info population[LARGE_POPULATIONS];
    int populations;
    double rate; /* mean spikes of a neuron and step */
    gsl_rng *random;
    struct recorded_spike *spike;
    size_t spikes, room;
    uint64_t of_population[LARGE_POPULATIONS];
};

static void lay_out(struct large *large, const struct large_plan *plan)
{
    static const struct {
        const char *name;
        double share;
    } parts[KINDS] = { { "thalamus", 0.1 }, { "exc_a", 0.45 },  { "exc_b", 0.25 },
                       { "inh_a", 0.15 },   { "inh_b", 0.049 }, { "pacers", 0 } };
    uint64_t first = 0;
    large->populations = plan->populations ? (int)plan->populations : KINDS;
    for (int p = 0; p < large->populations; p++) {
        struct population_info *info = &large->population[p];
        double share =
            plan->populations ? 1.0 / plan->populations : parts[p % KINDS].share;
        uint64_t size = (uint64_t)(share * plan->neurons);
        info->first_node = first;
        info->size = p + 1 == large->populations ? plan->neurons - first
                     : size                      ? size
                                                 : 1;
        info->layer = -1;
        first += info->size;
        snprintf(info->role, sizeof info->role, "%s", parts[p % KINDS].name);
        snprintf(info->name, sizeof info->name, "%s%d", parts[p % KINDS].name,
                 p / KINDS);
        snprintf(info->neuron, sizeof info->neuron, "lif");
    }
    large->rate = (double)plan->events / plan->neurons / plan->steps;
}

static double rate_of(const struct large *large, int population, double time)
{
    double swing = 1 + 0.9 * sin(time * (40 + 17 * population));
    if (population % KINDS == 2 && time > 2 && time < 4)
        return 0;
    return fmin(0.9, large->rate * swing);
}

/* Gaps between the neurons that fire at a step are geometric. */
static bool add_step(struct large *large, uint32_t step, int population, double rate)
{
    const struct population_info *info = &large->population[population];
    if (rate <= 0)
        return true;
    double over = 1 / log1p(-rate);
    double neuron = floor(log(gsl_rng_uniform_pos(large->random)) * over);
    for (; neuron < (double)info->size;
         neuron += 1 + floor(log(gsl_rng_uniform_pos(large->random)) * over)) {
        if (large->spikes == large->room) {
            size_t room = large->room ? 2 * large->room : 4096;
            struct recorded_spike *spike = realloc(large->spike, room * sizeof *spike);
            if (!spike)
                return false;
            large->spike = spike;
            large->room = room;
        }
        large->spike[large->spikes++] = (struct recorded_spike){
            info->first_node + (uint64_t)neuron, step,
            population % KINDS == 3 || population % KINDS == 4 ? -1 : 1
        };
        large->of_population[population]++;
    }
    return true;
}

static enum error_code append_slice(struct large *large,
                                    struct recording_writer *writer, uint32_t token,
                                    const struct large_plan *plan, struct error *err)
{
    struct site_counters site[LARGE_POPULATIONS] = { 0 };
    const struct host_cost host = { 0 };
    const double known = 0;
    large->spikes = 0;
    for (int p = 0; p < large->populations; p++)
        large->of_population[p] = 0;
    for (uint32_t step = 0; step < SLICE; step++) {
        double time = 6.28 * ((double)token * SLICE + step) / plan->steps;
        for (int p = 0; p < large->populations; p++)
            if (!add_step(large, step, p, rate_of(large, p, time)))
                return error_memory(err, "the spikes of a slice", 0);
    }
    for (int p = 0; p < large->populations; p++) {
        site[p].n[COUNT_STEPS] = SLICE;
        site[p].n[COUNT_SPIKES] = large->of_population[p];
        site[p].n[COUNT_UPDATES] = SLICE * large->population[p].size;
    }
    const struct token_batch batch = { .tokens = 1,
                                       .id = &(int32_t){ 0 },
                                       .kind = (const unsigned char[]){ 0 },
                                       .sequence = &(uint32_t){ 0 },
                                       .position = &token,
                                       .steps = &(uint32_t){ SLICE },
                                       .log_probability = &known,
                                       .text = "",
                                       .text_length = &(uint64_t){ 0 },
                                       .site = site,
                                       .host = &host,
                                       .spike = large->spike,
                                       .spike_length = &(uint64_t){ large->spikes } };
    return recording_append(writer, &batch, err);
}

enum error_code large_recording_write(const char *path, const struct large_plan *plan,
                                      struct error *err)
{
    static char command[] = "large_recording_write", config[] = "";
    struct large large = { .random = gsl_rng_alloc(gsl_rng_taus2) };
    struct recording_writer *writer = NULL;
    if (!large.random)
        return error_memory(err, "random numbers", 0);
    gsl_rng_set(large.random, plan->seed);
    lay_out(&large, plan);
    const struct recording_plan recording = {
        .info = { .model = "large",
                  .command = command,
                  .config = config,
                  .sequences = 1,
                  .dt_ms = 1 },
        .population = large.population,
        .populations = (uint32_t)large.populations,
        .neurons = plan->neurons,
        .spikes = true,
    };
    if (recording_create(&writer, path, &recording, err) == OK) {
        for (uint32_t token = 0; token < plan->steps / SLICE && err->code == OK;
             token++)
            append_slice(&large, writer, token, plan, err);
        struct error closing = { 0 };
        if (recording_close(writer, RECORDING_FINISHED, "", &closing) != OK &&
            err->code == OK)
            *err = closing;
    }
    free(large.spike);
    gsl_rng_free(large.random);
    return err->code;
}
