/* See network_recorder.h. */
#include "sim/network_recorder.h"

#include "sim/network_layout.h"
#include "sim/spike_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double default_slice_ms = 10;

struct trace {
    struct trace_info info;
    const double *state; /* of the first neuron; moves with the network's columns */
    uint64_t *node;
    float *value; /* (samples of a slice + 1, nodes) */
    size_t samples;
};

struct network_recorder {
    struct network *network;
    struct recording_writer *writer; /* NULL: no file */
    bool failed, has_begun;
    uint32_t slice_steps, slice, steps; /* steps of the present slice */
    uint64_t first_step, trace_every;
    struct population_info *population;
    struct site_counters *site;
    uint64_t *spikes; /* (populations) */
    struct spike_list list;
    struct trace trace[NETWORK_MAX_TRACES];
    uint32_t traces;
};

static void release(struct network_recorder *recorder)
{
    for (uint32_t i = 0; i < recorder->traces; i++) {
        free(recorder->trace[i].node);
        free(recorder->trace[i].value);
    }
    spike_list_free(&recorder->list);
    free(recorder->population);
    free(recorder->site);
    free(recorder->spikes);
    free(recorder);
}

/* Parameters of neuron 0 that differ from the model's defaults, as far as they fit. */
static void describe_parameters(const struct group *group, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; group->model->params[i].name; i++) {
        const struct field *field = &group->model->params[i];
        double value = group->population.param[i][0];
        char part[80];
        if (value == field->initial)
            continue;
        int written = snprintf(part, sizeof part, "%s%s=%.10g", length ? "," : "",
                               field->name, value);
        if (written < 0 || (size_t)written >= size - length)
            return;
        memcpy(text + length, part, (size_t)written + 1);
        length += (size_t)written;
    }
}

static void describe(const struct group *group, struct population_info *info)
{
    *info = (struct population_info){
        .layer = -1,
        .first_node = group->first_node,
        .size = group->count,
        .fan_out = (uint64_t)rint((double)group->synapses_out / (double)group->count),
    };
    snprintf(info->name, sizeof info->name, "%s", group->name);
    snprintf(info->role, sizeof info->role, "%s",
             group->model ? "neurons" : "generator");
    snprintf(info->neuron, sizeof info->neuron, "%s",
             group->model ? group->model->name : "");
    if (group->model)
        describe_parameters(group, info->parameters, sizeof info->parameters);
}

/* Names are groups of the file: each once. */
static void name_trace(const struct network_recorder *recorder, struct trace *trace,
                       const char *population, const struct field *field)
{
    struct trace_info *info = &trace->info;
    unsigned same = 1;
    char suffix[16] = "";
    snprintf(info->population, sizeof info->population, "%s", population);
    snprintf(info->variable, sizeof info->variable, "%s", field->name);
    snprintf(info->unit, sizeof info->unit, "%s", field->unit);
    for (const struct trace *other = recorder->trace; other < trace; other++)
        same += strcmp(other->info.population, info->population) == 0 &&
                strcmp(other->info.variable, info->variable) == 0;
    if (same > 1)
        snprintf(suffix, sizeof suffix, "_%u", same);
    snprintf(info->name, sizeof info->name, "%.31s.%.16s%s", population, field->name,
             suffix);
}

static enum error_code add_trace(struct network_recorder *recorder,
                                 const struct network_trace *wanted, struct error *err)
{
    const struct network *network = recorder->network;
    struct trace *trace = &recorder->trace[recorder->traces];
    if (wanted->population >= network->groups)
        return error_set(err, ERR_ARGUMENT, "trace: population %u: there are %u",
                         wanted->population, network->groups);
    const struct group *group = &network->group[wanted->population];
    int variable = -1;
    if (group->model && wanted->variable)
        variable = field_find(group->model->state_vars, wanted->variable);
    if (variable < 0)
        return error_set(err, ERR_ARGUMENT, "trace: %s has no variable '%s'",
                         group->name, wanted->variable ? wanted->variable : "");
    size_t count = wanted->count ? wanted->count : group->count - wanted->first;
    if (wanted->first >= group->count || count > group->count - wanted->first)
        return error_set(err, ERR_ARGUMENT,
                         "trace: %zu neurons from %zu on of %s: there are %zu",
                         wanted->count, wanted->first, group->name, group->count);
    size_t samples = recorder->slice_steps / recorder->trace_every + 2;
    recorder->traces++;
    trace->state = group->population.state[variable] + wanted->first;
    trace->node = calloc(count, sizeof *trace->node);
    trace->value = calloc(samples, count * sizeof *trace->value);
    if (!trace->node || !trace->value)
        return error_memory(err, "a trace",
                            (double)samples * (double)count * sizeof *trace->value);
    for (size_t i = 0; i < count; i++)
        trace->node[i] = group->first_node + wanted->first + i;
    const struct field *field = &group->model->state_vars[variable];
    trace->info.node = trace->node;
    trace->info.nodes = count;
    trace->info.interval_ms = (double)recorder->trace_every * network->settings.dt_ms;
    name_trace(recorder, trace, group->name, field);
    return OK;
}

static enum error_code open_file(struct network_recorder *recorder,
                                 const struct network_recorder_settings *settings,
                                 struct error *err)
{
    const struct network *network = recorder->network;
    struct trace_info info[NETWORK_MAX_TRACES];
    for (uint32_t i = 0; i < settings->traces; i++) {
        if (add_trace(recorder, &settings->trace[i], err) != OK)
            return err->code;
        info[i] = recorder->trace[i].info;
    }
    struct recording_plan plan = {
        .info = settings->info,
        .population = recorder->population,
        .populations = network->groups,
        .neurons = network->nodes,
        .spikes = true,
        .trace = info,
        .traces = recorder->traces,
    };
    plan.info.dt_ms = network->settings.dt_ms;
    return recording_create(&recorder->writer, settings->path, &plan, err);
}

static enum error_code check_settings(const struct network *network,
                                      const struct network_recorder_settings *settings,
                                      struct error *err)
{
    err->code = OK;
    if (!network->is_built)
        return error_set(err, ERR_ARGUMENT,
                         "recorder: the network is to be built before");
    if (settings->traces > NETWORK_MAX_TRACES)
        return error_set(err, ERR_ARGUMENT, "recorder: %u traces: expected at most %d",
                         settings->traces, NETWORK_MAX_TRACES);
    if (!(settings->slice_ms >= 0 && settings->trace_every_ms >= 0 &&
          settings->slice_ms / network->settings.dt_ms <= 1e9 &&
          settings->trace_every_ms / network->settings.dt_ms <= 1e9))
        return error_set(err, ERR_ARGUMENT,
                         "recorder: slices of %g ms, traces every %g ms: expected 0 to "
                         "1e9 steps",
                         settings->slice_ms, settings->trace_every_ms);
    return OK;
}

static uint32_t at_least_one(uint64_t steps)
{
    return steps > 0 ? (uint32_t)steps : 1;
}

enum error_code network_recorder_create(
    struct network_recorder **recorder, struct network *network,
    const struct network_recorder_settings *settings, struct error *err)
{
    *recorder = NULL;
    if (check_settings(network, settings, err) != OK)
        return err->code;
    struct network_recorder *created = calloc(1, sizeof *created);
    if (!created)
        return error_memory(err, "a recorder", (double)sizeof *created);
    created->network = network;
    created->first_step = network->step;
    created->slice_steps = at_least_one(
        network_rounded_steps(network, settings->slice_ms > 0 ? settings->slice_ms
                                                              : default_slice_ms));
    created->trace_every =
        at_least_one(network_rounded_steps(network, settings->trace_every_ms));
    created->population = calloc(network->groups, sizeof *created->population);
    created->site = calloc(network->groups, sizeof *created->site);
    created->spikes = calloc(network->groups, sizeof *created->spikes);
    if (!created->population || !created->site || !created->spikes) {
        error_memory(err, "a recorder",
                     (double)network->groups * sizeof *created->population);
        goto out;
    }
    for (uint32_t i = 0; i < network->groups; i++)
        describe(&network->group[i], &created->population[i]);
    if (settings->path)
        open_file(created, settings, err);
out:
    if (err->code == OK)
        *recorder = created;
    else
        release(created);
    return err->code;
}

uint64_t network_recorder_spikes(const struct network_recorder *recorder,
                                 uint32_t population)
{
    return recorder->spikes[population];
}

static void sample(struct network_recorder *recorder)
{
    for (uint32_t i = 0; i < recorder->traces; i++) {
        struct trace *trace = &recorder->trace[i];
        float *value = trace->value + trace->samples++ * trace->info.nodes;
        for (size_t node = 0; node < trace->info.nodes; node++)
            value[node] = (float)trace->state[node];
    }
}

static enum error_code append_slice(struct network_recorder *recorder,
                                    struct error *err)
{
    const int32_t id = (int32_t)recorder->slice;
    const unsigned char kind = TOKEN_GENERATED;
    const uint32_t sequence = 0, position = recorder->slice, steps = recorder->steps;
    const double unknown = (double)NAN;
    const uint64_t length = recorder->list.length, no_text = 0;
    const struct host_cost host = { .cache_bytes = 0 };
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
    return recording_append(recorder->writer, &batch, err);
}

/* What the present slice holds goes to the file. */
static enum error_code commit(struct network_recorder *recorder, struct error *err)
{
    const struct network *network = recorder->network;
    err->code = OK;
    for (uint32_t i = 0; i < network->groups; i++) {
        uint64_t *n = recorder->site[i].n;
        n[COUNT_STEPS] = recorder->steps;
        if (network->group[i].model)
            n[COUNT_UPDATES] = recorder->steps * (uint64_t)network->group[i].count;
    }
    if (recorder->writer && recorder->steps > 0)
        append_slice(recorder, err);
    for (uint32_t i = 0; i < recorder->traces && err->code == OK; i++) {
        struct trace *trace = &recorder->trace[i];
        if (trace->samples > 0)
            recording_append_trace(recorder->writer, i, trace->value, trace->samples,
                                   err);
        trace->samples = 0;
    }
    recorder->failed = err->code != OK;
    recorder->slice += recorder->steps > 0;
    recorder->steps = 0;
    recorder->list.length = 0;
    memset(recorder->site, 0, network->groups * sizeof *recorder->site);
    return err->code;
}

static enum error_code take_spikes(void *context, uint64_t step, uint32_t population,
                                   const struct spike *spike, size_t spikes,
                                   struct error *err)
{
    struct network_recorder *recorder = context;
    const struct network *network = recorder->network;
    uint64_t *n = recorder->site[population].n;
    (void)step;
    recorder->spikes[population] += spikes;
    n[COUNT_SPIKES] += spikes;
    for (size_t i = 0; i < spikes; i++)
        n[COUNT_SOP] += network_fan_out(network, population, spike[i].neuron);
    for (size_t i = 0; recorder->writer && i < spikes; i++)
        if (spike_list_add(&recorder->list,
                           (struct recorded_spike){
                               network->group[population].first_node + spike[i].neuron,
                               recorder->steps, spike[i].payload },
                           err) != OK)
            return err->code;
    return OK;
}

static enum error_code take_step(void *context, uint64_t step, struct error *err)
{
    struct network_recorder *recorder = context;
    recorder->steps++;
    if ((step + 1 - recorder->first_step) % recorder->trace_every == 0)
        sample(recorder);
    return recorder->steps == recorder->slice_steps ? commit(recorder, err) : OK;
}

struct network_sink network_recorder_sink(struct network_recorder *recorder)
{
    if (!recorder->has_begun) {
        recorder->has_begun = true;
        recorder->first_step = recorder->network->step;
        sample(recorder);
    }
    return (struct network_sink){ recorder, take_spikes, take_step };
}

enum error_code network_recorder_close(struct network_recorder *recorder,
                                       enum recording_state state, struct error *err)
{
    struct error failure = { OK, "" };
    err->code = OK;
    if (!recorder->failed && commit(recorder, &failure) != OK)
        state = RECORDING_FAILED;
    if (recorder->writer)
        recording_close(recorder->writer, state, "", err);
    release(recorder);
    if (failure.code != OK)
        *err = failure;
    return err->code;
}
