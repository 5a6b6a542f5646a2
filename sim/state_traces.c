/* See state_traces.h. */
#include "sim/state_traces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples of one trace and row. */
struct samples {
    float *value; /* (steps, nodes) */
    size_t steps, room;
};

struct state_traces {
    struct trace_info info[TRACE_CHOICES];
    uint32_t population[TRACE_CHOICES];
    unsigned variable[TRACE_CHOICES];
    size_t first[TRACE_CHOICES]; /* neuron within its population */
    uint32_t traces;
    size_t rows;
    struct samples *samples; /* (traces, rows) */
};

static enum error_code find(struct state_traces *traces, uint32_t trace,
                            const struct trace_choice *choice,
                            const struct population_table *table,
                            const struct neuron_model *neuron, double dt_ms,
                            struct error *err)
{
    uint32_t p = 0;
    while (p < table->populations &&
           strcmp(table->population[p].name, choice->population) != 0)
        p++;
    if (p == table->populations)
        return error_set(err, ERR_ARGUMENT,
                         "trace %s.%s: no site of that name spikes (L07.ffn_down, ...)",
                         choice->population, choice->variable);
    int variable = field_find(neuron->state_vars, choice->variable);
    if (variable < 0)
        return error_set(err, ERR_ARGUMENT, "trace %s.%s: neuron %s has no such state",
                         choice->population, choice->variable, neuron->name);
    traces->population[trace] = p;
    traces->variable[trace] = (unsigned)variable;
    traces->first[trace] = (size_t)choice->first;
    return trace_choose(&traces->info[trace], choice, neuron->state_vars[variable].unit,
                        table->population[p].first_node, table->population[p].size,
                        dt_ms, err);
}

enum error_code state_traces_create(struct state_traces **traces,
                                    const struct trace_selection *selection,
                                    const struct population_table *table,
                                    const struct neuron_model *neuron, double dt_ms,
                                    size_t rows, struct error *err)
{
    struct state_traces *made = calloc(1, sizeof *made);
    *traces = NULL;
    if (!made)
        return error_memory(err, "traces", sizeof *made);
    made->rows = rows;
    made->samples = calloc(selection->choices * rows + 1, sizeof *made->samples);
    if (!made->samples)
        error_memory(err, "traces", (double)rows * sizeof *made->samples);
    for (; made->samples && made->traces < selection->choices; made->traces++)
        if (find(made, made->traces, &selection->choice[made->traces], table, neuron,
                 dt_ms, err) != OK)
            break;
    if (!made->samples || made->traces < selection->choices) {
        state_traces_free(made);
        return err->code;
    }
    *traces = made;
    return OK;
}

void state_traces_free(struct state_traces *traces)
{
    if (!traces)
        return;
    for (uint32_t trace = 0; trace < traces->traces; trace++)
        free((void *)traces->info[trace].node);
    for (size_t i = 0; traces->samples && i < traces->traces * traces->rows; i++)
        free(traces->samples[i].value);
    free(traces->samples);
    free(traces);
}

const struct trace_info *state_traces_info(const struct state_traces *traces,
                                           uint32_t *count)
{
    *count = traces->traces;
    return traces->info;
}

void state_traces_begin(struct state_traces *traces)
{
    for (size_t i = 0; i < traces->traces * traces->rows; i++)
        traces->samples[i].steps = 0;
}

static enum error_code samples_reserve(struct samples *samples, size_t steps,
                                       size_t nodes, struct error *err)
{
    if (steps <= samples->room)
        return OK;
    size_t room = 2 * steps;
    float *more = realloc(samples->value, room * nodes * sizeof *more);
    if (!more)
        return error_memory(err, "a trace", (double)room * (double)nodes);
    samples->value = more;
    samples->room = room;
    return OK;
}

enum error_code state_traces_take(struct state_traces *traces, uint32_t population,
                                  size_t row, const struct population *state,
                                  struct error *err)
{
    for (uint32_t trace = 0; trace < traces->traces; trace++) {
        if (traces->population[trace] != population)
            continue;
        struct samples *samples = &traces->samples[trace * traces->rows + row];
        const size_t nodes = traces->info[trace].nodes;
        if (samples_reserve(samples, samples->steps + 1, nodes, err) != OK)
            return err->code;
        const double *value =
            state->state[traces->variable[trace]] + traces->first[trace];
        for (size_t i = 0; i < nodes; i++)
            samples->value[samples->steps * nodes + i] = (float)value[i];
        samples->steps++;
    }
    return OK;
}

enum error_code state_traces_write(struct state_traces *traces, size_t row,
                                   uint32_t window, struct recording_writer *writer,
                                   struct error *err)
{
    for (uint32_t trace = 0; trace < traces->traces; trace++) {
        struct samples *samples = &traces->samples[trace * traces->rows + row];
        const size_t nodes = traces->info[trace].nodes;
        if (samples_reserve(samples, window, nodes, err) != OK)
            return err->code;
        for (; samples->steps < window; samples->steps++)
            for (size_t i = 0; i < nodes; i++)
                samples->value[samples->steps * nodes + i] =
                    samples->steps ? samples->value[(samples->steps - 1) * nodes + i]
                                   : (float)NAN;
        if (window &&
            recording_append_trace(writer, trace, samples->value, window, err) != OK)
            return err->code;
    }
    return OK;
}
