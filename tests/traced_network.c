/* See traced_network.h. */
#include "tests/traced_network.h"

#include "sim/recording.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = TRACED_SAMPLES / TRACED_SLICES, INTERVAL = 97 };

float traced_sample(uint64_t sample, unsigned node)
{
    if (node == 2 && sample % 5 == 0)
        return NAN;
    return node == 1 && sample == TRACED_PEAK
               ? 100
               : sinf((float)(sample * (node + 1)) * 0.01f);
}

static enum error_code append_slice(struct recording_writer *writer, uint32_t slice,
                                    struct error *err)
{
    struct recorded_spike spike[STEPS / INTERVAL + 1];
    struct site_counters site = { .threshold = 0 };
    const struct host_cost host = { .cache_bytes = 0 };
    const uint32_t sequence = 0, steps = STEPS;
    const int32_t id = (int32_t)slice;
    const double unknown = (double)NAN;
    const uint64_t no_text = 0;
    uint64_t length = 0;
    for (uint32_t step = 0; step < STEPS; step += INTERVAL)
        spike[length++] = (struct recorded_spike){ step % TRACED_NODES, step, 1 };
    site.n[COUNT_STEPS] = STEPS;
    site.n[COUNT_SPIKES] = length;
    site.n[COUNT_SOP] = 2 * length;
    const struct token_batch batch = { .tokens = 1,
                                       .id = &id,
                                       .kind = (const unsigned char[]){ TOKEN_PROMPT },
                                       .sequence = &sequence,
                                       .position = &slice,
                                       .steps = &steps,
                                       .log_probability = &unknown,
                                       .text = "",
                                       .text_length = &no_text,
                                       .site = &site,
                                       .host = &host,
                                       .spike = spike,
                                       .spike_length = &length };
    return recording_append(writer, &batch, err);
}

static enum error_code append_trace(struct recording_writer *writer, struct error *err)
{
    size_t values = (size_t)TRACED_SAMPLES * TRACED_NODES;
    float *value = malloc(values * sizeof *value);
    if (!value)
        return error_memory(err, "a trace", (double)values * sizeof *value);
    for (size_t i = 0; i < values; i++)
        value[i] = traced_sample(i / TRACED_NODES, (unsigned)(i % TRACED_NODES));
    enum error_code code =
        recording_append_trace(writer, 0, value, TRACED_SAMPLES, err);
    free(value);
    return code;
}

enum error_code traced_network_write(const char *path, struct error *err)
{
    static const uint64_t node[TRACED_NODES] = { 0, 1, 2 };
    static const struct population_info population = { .name = "E",
                                                       .role = "neurons",
                                                       .layer = -1,
                                                       .size = TRACED_NODES,
                                                       .fan_out = 2,
                                                       .neuron = "lif",
                                                       .parameters =
                                                           "tau_m=10 v_threshold=1.5" };
    static const struct trace_info trace = { .name = "E.v",
                                             .population = "E",
                                             .variable = "v",
                                             .unit = "mV",
                                             .node = node,
                                             .nodes = TRACED_NODES,
                                             .interval_ms = 1 };
    const struct recording_plan plan = { .info.dt_ms = 1,
                                         .population = &population,
                                         .populations = 1,
                                         .neurons = TRACED_NODES,
                                         .spikes = true,
                                         .trace = &trace,
                                         .traces = 1 };
    struct recording_writer *writer = NULL;
    struct error ignored;
    if (recording_create(&writer, path, &plan, err) != OK)
        return err->code;
    enum error_code code = OK;
    for (uint32_t slice = 0; slice < TRACED_SLICES && code == OK; slice++)
        code = append_slice(writer, slice, err);
    if (code == OK)
        code = append_trace(writer, err);
    if (recording_close(writer, RECORDING_FINISHED, "", code == OK ? err : &ignored) !=
        OK)
        return code == OK ? err->code : code;
    return code;
}
