/* See nir_recorder.h. */
#include "sim/nir_recorder.h"

#include "sim/spike_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_SLICE = 100 };

struct nir_recorder {
    const struct nir_run *run;
    struct recording_writer *writer;
    bool has_failed;
    uint32_t populations, slice_steps, slice, steps;
    size_t *unit;        /* (populations) */
    uint64_t *additions; /* (units), up to the last slice */
    struct population_info *population;
    struct site_counters *site;
    struct spike_list list;
};

static void release(struct nir_recorder *recorder)
{
    spike_list_free(&recorder->list);
    free(recorder->unit);
    free(recorder->additions);
    free(recorder->population);
    free(recorder->site);
    free(recorder);
}

/* What is recorded: nodes that fire themselves, not those that pass spikes on. */
static bool is_recorded(const struct nir_unit_info *unit, bool inputs)
{
    const struct nir_type *type = nir_type_find(unit->type);
    return (unit->is_input && inputs) || type->is_spiking;
}

/* Names that are too long for the table end in their number, which tells them apart. */
static void name_population(struct population_info *info, const char *name,
                            uint32_t number)
{
    if (strlen(name) < sizeof info->name)
        snprintf(info->name, sizeof info->name, "%s", name);
    else
        snprintf(info->name, sizeof info->name, "%.20s~%u", name, number);
}

static void add_population(struct nir_recorder *recorder, size_t unit,
                           uint64_t *first_node)
{
    const struct nir_unit_info info = nir_run_unit(recorder->run, unit);
    const uint32_t number = recorder->populations++;
    struct population_info *population = &recorder->population[number];
    *population = (struct population_info){ .layer = -1,
                                            .first_node = *first_node,
                                            .size = info.size };
    name_population(population, info.name, number);
    snprintf(population->role, sizeof population->role, "%s",
             info.is_input ? "generator" : "neurons");
    if (!info.is_input)
        snprintf(population->neuron, sizeof population->neuron, "nir:%s", info.type);
    snprintf(population->parameters, sizeof population->parameters, "shape=%.140s",
             nir_shape_text(&info.shape).text);
    *first_node += info.size;
    recorder->unit[number] = unit;
}

static enum error_code allocate(struct nir_recorder *recorder, size_t units,
                                struct error *err)
{
    recorder->unit = calloc(units + 1, sizeof *recorder->unit);
    recorder->additions = calloc(units + 1, sizeof *recorder->additions);
    recorder->population = calloc(units + 1, sizeof *recorder->population);
    recorder->site = calloc(units + 1, sizeof *recorder->site);
    if (recorder->unit && recorder->additions && recorder->population && recorder->site)
        return OK;
    return error_memory(err, "a recorder",
                        (double)units * sizeof *recorder->population);
}

enum error_code nir_recorder_create(struct nir_recorder **recorder,
                                    const struct nir_run *run,
                                    const struct nir_recorder_settings *settings,
                                    struct error *err)
{
    struct nir_recorder *made = calloc(1, sizeof *made);
    uint64_t neurons = 0;
    *recorder = NULL;
    err->code = OK;
    if (!made)
        return error_memory(err, "a recorder", sizeof *made);
    made->run = run;
    made->slice_steps = settings->slice_steps ? settings->slice_steps : DEFAULT_SLICE;
    if (allocate(made, nir_run_units(run), err) != OK)
        goto out;
    for (size_t i = 0; i < nir_run_units(run); i++) {
        const struct nir_unit_info unit = nir_run_unit(run, i);
        if (is_recorded(&unit, settings->inputs_are_spikes))
            add_population(made, i, &neurons);
    }
    if (made->populations == 0) {
        error_set(err, ERR_ARGUMENT, "nothing to record: no node of the graph fires");
        goto out;
    }
    const struct recording_plan plan = {
        .info = settings->info,
        .population = made->population,
        .populations = made->populations,
        .neurons = neurons,
        .spikes = true,
    };
    recording_create(&made->writer, settings->path, &plan, err);
out:
    if (err->code == OK)
        *recorder = made;
    else
        release(made);
    return err->code;
}

static void count_additions(struct nir_recorder *recorder)
{
    for (size_t i = 0; i < nir_run_units(recorder->run); i++) {
        const struct nir_unit_info unit = nir_run_unit(recorder->run, i);
        for (uint32_t p = 0; p < recorder->populations; p++)
            if (recorder->unit[p] == unit.driver)
                recorder->site[p].n[COUNT_SOP] +=
                    unit.additions - recorder->additions[i];
        recorder->additions[i] = unit.additions;
    }
    for (uint32_t p = 0; p < recorder->populations; p++) {
        recorder->site[p].n[COUNT_STEPS] = recorder->steps;
        if (recorder->population[p].neuron[0])
            recorder->site[p].n[COUNT_UPDATES] =
                recorder->steps * recorder->population[p].size;
    }
}

static enum error_code append_slice(struct nir_recorder *recorder, struct error *err)
{
    const int32_t id = (int32_t)recorder->slice;
    const unsigned char kind = TOKEN_GENERATED;
    const uint32_t sequence = 0, position = recorder->slice, steps = recorder->steps;
    const double unknown = (double)NAN;
    const uint64_t length = recorder->list.length, no_text = 0;
    const struct host_cost host = { .cache_bytes = 0 };
    count_additions(recorder);
    const struct token_batch batch = {
        .tokens = 1,
        .id = &id,
        .kind = &kind,
        .sequence = &sequence,
        .position = &position,
        .steps = &steps,
        .log_probability = &unknown,
        .text = "",
        .text_length = &no_text,
        .site = recorder->site,
        .host = &host,
        .spike = recorder->list.at,
        .spike_length = &length,
    };
    recorder->has_failed = recording_append(recorder->writer, &batch, err) != OK;
    recorder->slice++;
    recorder->steps = 0;
    recorder->list.length = 0;
    memset(recorder->site, 0, recorder->populations * sizeof *recorder->site);
    return err->code;
}

enum error_code nir_recorder_step(struct nir_recorder *recorder, struct error *err)
{
    for (uint32_t p = 0; p < recorder->populations; p++) {
        const struct nir_unit_info unit =
            nir_run_unit(recorder->run, recorder->unit[p]);
        for (size_t i = 0; i < unit.size; i++) {
            if (unit.out[i] == 0)
                continue;
            recorder->site[p].n[COUNT_SPIKES]++;
            if (spike_list_add(&recorder->list,
                               (struct recorded_spike){
                                   recorder->population[p].first_node + i,
                                   recorder->steps, 1 },
                               err) != OK)
                return err->code;
        }
    }
    recorder->steps++;
    return recorder->steps == recorder->slice_steps ? append_slice(recorder, err) : OK;
}

enum error_code nir_recorder_close(struct nir_recorder *recorder,
                                   enum recording_state state, struct error *err)
{
    struct error failure = { OK, "" };
    err->code = OK;
    if (!recorder)
        return OK;
    if (!recorder->has_failed && recorder->steps > 0 &&
        append_slice(recorder, &failure) != OK)
        state = RECORDING_FAILED;
    recording_close(recorder->writer, state, "", err);
    release(recorder);
    if (failure.code != OK)
        *err = failure;
    return err->code;
}
